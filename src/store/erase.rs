//! Erasing for good: rows, what was made from them, and the free pages that they leave.

use super::{Result, Store};

/// What was said in a meeting, and everything that was made from it.
const CONTENT: [&str; 5] = ["spool", "heard", "voice", "utterance", "reading"];

impl Store {
    /// Erases all of a meeting but the fact that it took place. The spool's file is for the caller to remove; its key is
    /// gone with this.
    ///
    /// # Errors
    /// When the database fails; nothing has changed then.
    pub fn erase_meeting(&self, circle: i64, meeting: i64) -> Result<()> {
        self.atomically(|db| {
            for table in CONTENT {
                db.execute(&format!("DELETE FROM {table} WHERE meeting = ?1"), [meeting])?;
            }
            db.execute("UPDATE meeting SET state = 'erased', notes = '' WHERE id = ?1", [meeting])?;
            super::findings::forget(db, circle)
        })?;
        self.sweep()
    }

    /// Erases what one member said in a meeting, with the sound, in which it cannot be told from the rest, and all that
    /// was made from it. What others said stays and is numbered anew.
    ///
    /// # Errors
    /// When the database fails; nothing has changed then.
    pub fn erase_words(&self, circle: i64, meeting: i64, speaker: &str) -> Result<()> {
        let mut rest = self.utterances(meeting)?;
        rest.retain(|u| u.speaker != speaker);
        for (i, u) in (0..).zip(&mut rest) {
            u.i = i;
        }
        self.atomically(|db| {
            db.execute("DELETE FROM spool WHERE meeting = ?1", [meeting])?;
            super::words::replace_utterances(db, meeting, &rest)?;
            super::findings::forget(db, circle)
        })?;
        self.sweep()
    }

    /// Erases the sound of a meeting.
    ///
    /// # Errors
    /// When the database fails.
    pub fn erase_sound(&self, meeting: i64) -> Result<()> {
        self.forget_spool(meeting)?;
        self.sweep()
    }

    /// Rewrites the file without its free pages. `secure_delete` has overwritten them already; this also takes what
    /// page splits may have left behind.
    fn sweep(&self) -> Result<()> {
        Ok(self.db().execute_batch("VACUUM")?)
    }
}
