//! The words of a meeting and what was made of them.

use std::collections::BTreeMap;

use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use super::{Result, Store, from_blob, to_blob};
use crate::session::{MoveScores, Utterance};

/// What the mind made of a meeting's words; kept, so that a long history is not read again each time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reading {
    /// One row an utterance.
    pub moves: Vec<MoveScores>,
    /// One unit-length vector an utterance.
    pub embeddings: Vec<Vec<f32>>,
}

impl Store {
    /// Stores the finished transcript: the pieces, and with them every voice, are gone in the same moment.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_utterances(&self, meeting: i64, utterances: &[Utterance]) -> Result<()> {
        self.atomically(|db| replace_utterances(db, meeting, utterances))
    }

    /// The words of a meeting in order.
    ///
    /// # Errors
    /// When the database fails.
    pub fn utterances(&self, meeting: i64) -> Result<Vec<Utterance>> {
        let mut query = self.db().prepare(
            "SELECT i, speaker, text, start, end, pause_before, confidence FROM utterance WHERE meeting = ?1 ORDER BY i",
        )?;
        let rows = query.query_map([meeting], |r| {
            Ok(Utterance {
                i: r.get(0)?,
                speaker: r.get(1)?,
                text: r.get(2)?,
                start: r.get(3)?,
                end: r.get(4)?,
                pause_before: r.get(5)?,
                confidence: r.get(6)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Gives voices the names of members: `from -> to`. What was read with the old names is read again.
    ///
    /// # Errors
    /// When the database fails.
    pub fn rename_speakers(&self, meeting: i64, names: &BTreeMap<String, String>) -> Result<()> {
        self.atomically(|db| {
            for (from, to) in names {
                db.execute(
                    "UPDATE utterance SET speaker = ?3 WHERE meeting = ?1 AND speaker = ?2",
                    params![meeting, from, to],
                )?;
            }
            db.execute("DELETE FROM reading WHERE meeting = ?1", [meeting])?;
            Ok(())
        })
    }

    /// Stores what the mind made of a meeting, with the hashes of what made it.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_reading(&self, meeting: i64, models: &str, reading: &Reading) -> Result<()> {
        self.db().execute(
            "INSERT INTO reading (meeting, models, scores) VALUES (?1, ?2, ?3)
             ON CONFLICT (meeting) DO UPDATE SET models = excluded.models, scores = excluded.scores",
            params![meeting, models, to_blob(reading, "reading")?],
        )?;
        Ok(())
    }

    /// What these models made of a meeting, if they did.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub fn reading(&self, meeting: i64, models: &str) -> Result<Option<Reading>> {
        let blob: Option<Vec<u8>> = self
            .db()
            .query_row("SELECT scores FROM reading WHERE meeting = ?1 AND models = ?2", params![meeting, models], |r| {
                r.get(0)
            })
            .optional()?;
        blob.map(|b| from_blob(&b, "reading")).transpose()
    }
}

/// Puts these utterances in place of all that was there, and of what was made from it.
pub(super) fn replace_utterances(db: &Connection, meeting: i64, utterances: &[Utterance]) -> Result<()> {
    for table in ["utterance", "heard", "voice", "reading"] {
        db.execute(&format!("DELETE FROM {table} WHERE meeting = ?1"), [meeting])?;
    }
    let mut insert = db.prepare(
        "INSERT INTO utterance (meeting, i, speaker, text, start, end, pause_before, confidence)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?;
    for u in utterances {
        insert.execute(params![meeting, u.i, u.speaker, u.text, u.start, u.end, u.pause_before, u.confidence])?;
    }
    Ok(())
}
