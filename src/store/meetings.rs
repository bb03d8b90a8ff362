//! Meetings: what was planned, who came, and how far Candor has got with them.

use rusqlite::{OptionalExtension, params};

use super::{Result, Store, StoreError, from_json, to_json};
use crate::session::Meeting;

/// How far a meeting has got.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MeetingState {
    /// Everyone is being asked.
    Asked,
    /// Everyone has said yes; nothing is recorded yet.
    Consented,
    /// It is not recorded; attendance and notes are kept.
    NotRecorded,
    /// Sound is coming in; found at a start, it means that the recording was interrupted.
    Recording,
    /// The sound is complete.
    Recorded,
    /// The words are there.
    Transcribed,
    /// Everything but the fact that it took place is gone.
    Erased,
}

const STATES: [(MeetingState, &str); 7] = [
    (MeetingState::Asked, "asked"),
    (MeetingState::Consented, "consented"),
    (MeetingState::NotRecorded, "not recorded"),
    (MeetingState::Recording, "recording"),
    (MeetingState::Recorded, "recorded"),
    (MeetingState::Transcribed, "transcribed"),
    (MeetingState::Erased, "erased"),
];

impl MeetingState {
    /// In words.
    #[must_use]
    pub fn name(self) -> &'static str {
        STATES.iter().find(|(s, _)| *s == self).map_or("", |(_, name)| *name)
    }
}

/// A meeting as it is stored.
#[derive(Clone, Debug)]
pub struct MeetingRow {
    /// Number in the vault; also its number in the ledger.
    pub id: i64,
    /// Without utterances.
    pub plan: Meeting,
    /// How far it has got.
    pub state: MeetingState,
    /// The facilitator's notes.
    pub notes: String,
}

impl Store {
    /// Adds a meeting and gives its number in the vault.
    ///
    /// # Errors
    /// When the session is taken or the database fails.
    pub fn add_meeting(&self, circle: i64, plan: &Meeting, state: MeetingState, notes: &str) -> Result<i64> {
        self.db().execute(
            "INSERT INTO meeting (circle, session, plan, state, notes) VALUES (?1, ?2, ?3, ?4, ?5)",
            params![circle, plan.session, to_json(&bare(plan), "meeting")?, state.name(), notes],
        )?;
        Ok(self.db().last_insert_rowid())
    }

    /// Changes a meeting's plan, its state or both.
    ///
    /// # Errors
    /// When the database fails.
    pub fn update_meeting(&self, row: &MeetingRow) -> Result<()> {
        self.db().execute(
            "UPDATE meeting SET plan = ?2, state = ?3, notes = ?4 WHERE id = ?1",
            params![row.id, to_json(&bare(&row.plan), "meeting")?, row.state.name(), row.notes],
        )?;
        Ok(())
    }

    /// All meetings of a circle in order of session, without their words.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn meetings(&self, circle: i64) -> Result<Vec<MeetingRow>> {
        let mut query =
            self.db().prepare("SELECT id, plan, state, notes FROM meeting WHERE circle = ?1 ORDER BY session")?;
        let rows = query.query_map([circle], read)?;
        rows.map(|row| parse(row?)).collect()
    }

    /// One meeting by its session.
    ///
    /// # Errors
    /// When the row cannot be read.
    pub fn meeting(&self, circle: i64, session: u32) -> Result<Option<MeetingRow>> {
        let row = self
            .db()
            .query_row(
                "SELECT id, plan, state, notes FROM meeting WHERE circle = ?1 AND session = ?2",
                params![circle, session],
                read,
            )
            .optional()?;
        row.map(parse).transpose()
    }
}

type Columns = (i64, String, String, String);

fn read(row: &rusqlite::Row<'_>) -> rusqlite::Result<Columns> {
    Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
}

fn parse((id, plan, state, notes): Columns) -> Result<MeetingRow> {
    let (state, _) = STATES.iter().find(|(_, name)| *name == state).ok_or(StoreError::Row("meeting"))?;
    Ok(MeetingRow { id, plan: from_json(&plan, "meeting")?, state: *state, notes })
}

fn bare(meeting: &Meeting) -> Meeting {
    Meeting { utterances: Vec::new(), ..meeting.clone() }
}
