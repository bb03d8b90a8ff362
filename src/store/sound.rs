//! The keys of recordings, and a transcript while it is being made.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store, from_blob, to_blob};
use crate::wire::{Heard, VoiceWindow};

/// Where a meeting's sound lies, and its locked key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpoolRow {
    /// Name within the data folder.
    pub file: String,
    /// The key, locked under the vault's.
    pub wrapped: Vec<u8>,
    /// Seconds that were acknowledged.
    pub seconds: u32,
}

impl Store {
    /// Stores a recording's key before the first second is written.
    ///
    /// # Errors
    /// When there is one already or the database fails.
    pub fn add_spool(&self, meeting: i64, spool: &SpoolRow) -> Result<()> {
        self.db().execute(
            "INSERT INTO spool (meeting, file, wrapped, seconds) VALUES (?1, ?2, ?3, ?4)",
            params![meeting, spool.file, spool.wrapped, spool.seconds],
        )?;
        Ok(())
    }

    /// A meeting's recording, if its key is still there.
    ///
    /// # Errors
    /// When the database fails.
    pub fn spool(&self, meeting: i64) -> Result<Option<SpoolRow>> {
        let row = self.db().query_row("SELECT file, wrapped, seconds FROM spool WHERE meeting = ?1", [meeting], |r| {
            Ok(SpoolRow { file: r.get(0)?, wrapped: r.get(1)?, seconds: r.get(2)? })
        });
        Ok(row.optional()?)
    }

    /// Raises the mark of what was acknowledged; it never falls.
    ///
    /// # Errors
    /// When the database fails.
    pub fn mark_spool(&self, meeting: i64, seconds: u32) -> Result<()> {
        self.db()
            .execute("UPDATE spool SET seconds = max(seconds, ?2) WHERE meeting = ?1", params![meeting, seconds])?;
        Ok(())
    }

    /// Forgets a recording's key: nobody can read the file any more.
    ///
    /// # Errors
    /// When the database fails.
    pub fn forget_spool(&self, meeting: i64) -> Result<()> {
        self.db().execute("DELETE FROM spool WHERE meeting = ?1", [meeting])?;
        Ok(())
    }

    /// Stores a finished window of a transcript, so that an interruption loses nothing of it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn add_heard(&self, meeting: i64, mut heard: Heard) -> Result<()> {
        let windows = std::mem::take(&mut heard.voices);
        self.atomically(|db| {
            let seq: i64 =
                db.query_row("SELECT coalesce(max(seq) + 1, 0) FROM heard WHERE meeting = ?1", [meeting], |r| {
                    r.get(0)
                })?;
            db.execute(
                "INSERT INTO heard (meeting, seq, piece) VALUES (?1, ?2, ?3)",
                params![meeting, seq, to_blob(&heard, "heard")?],
            )?;
            if !windows.is_empty() {
                db.execute(
                    "INSERT INTO voice (meeting, seq, windows) VALUES (?1, ?2, ?3)",
                    params![meeting, seq, to_blob(&windows, "voice")?],
                )?;
            }
            Ok(())
        })
    }

    /// The finished windows in order, with their voices where these are still needed.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn heard(&self, meeting: i64) -> Result<Vec<Heard>> {
        let mut query = self.db().prepare(
            "SELECT h.piece, v.windows FROM heard h LEFT JOIN voice v ON v.meeting = h.meeting AND v.seq = h.seq
             WHERE h.meeting = ?1 ORDER BY h.seq",
        )?;
        let rows = query.query_map([meeting], |r| Ok((r.get::<_, Vec<u8>>(0)?, r.get::<_, Option<Vec<u8>>>(1)?)))?;
        rows.map(|row| {
            let (piece, windows) = row?;
            let mut heard: Heard = from_blob(&piece, "heard")?;
            if let Some(windows) = windows {
                heard.voices = from_blob::<Vec<VoiceWindow>>(&windows, "voice")?;
            }
            Ok(heard)
        })
        .collect()
    }
}
