//! The arc of the circle: which signs were seen in which meeting.

use serde::Serialize;

use crate::findings::{Signal, State};
use crate::session::{Kind, SIGNALS, SignalId};

use super::evidence::{Column, Evidence};
use super::signs::title;

/// Signs over the meetings.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Arc {
    /// The newest twelve meetings at most, oldest first.
    pub columns: Vec<Column>,
    /// How many signs of life each of the meetings had; nothing where none could be looked for.
    pub life_counts: Vec<Option<usize>>,
    /// The same for signs of decay.
    pub decay_counts: Vec<Option<usize>>,
    /// Signs of life that were seen in any of them.
    pub life: Vec<ArcRow>,
    /// Signs of decay that were seen in any of them.
    pub decay: Vec<ArcRow>,
}

/// A sign over the meetings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ArcRow {
    /// Its plain name.
    pub title: String,
    /// One a column.
    pub cells: Vec<Cell>,
}

/// A sign in a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Cell {
    /// Seen.
    Present {
        /// 0.5..1.
        strength: f64,
    },
    /// Looked for and not seen.
    Absent,
    /// Too little to go on, or not recorded.
    CannotSay,
}

pub(super) fn of(e: &Evidence<'_>) -> Arc {
    let columns = e.columns();
    let of_kind = |kind| SIGNALS.into_iter().filter(move |s| s.kind() == kind);
    let rows = |kind| of_kind(kind).filter_map(|s| row(e, &columns, s)).collect::<Vec<_>>();
    Arc {
        life_counts: counts(e, &columns, Kind::Life),
        decay_counts: counts(e, &columns, Kind::Decay),
        life: rows(Kind::Life),
        decay: rows(Kind::Decay),
        columns,
    }
}

fn counts(e: &Evidence<'_>, columns: &[Column], kind: Kind) -> Vec<Option<usize>> {
    let meeting = |c: &Column| e.findings.meetings.iter().find(|m| m.session == c.session);
    let seen = |s: &&Signal| s.kind == kind && s.state == State::Present;
    columns.iter().map(|c| meeting(c).map(|m| m.signals.iter().filter(seen).count())).collect()
}

/// The row of a sign, if it was seen in any of the meetings.
fn row(e: &Evidence<'_>, columns: &[Column], id: SignalId) -> Option<ArcRow> {
    let cells: Vec<Cell> = columns.iter().map(|c| cell(signal(e, c.session, id))).collect();
    let seen = cells.iter().any(|c| matches!(c, Cell::Present { .. }));
    seen.then(|| ArcRow { title: title(id).to_owned(), cells })
}

fn signal<'a>(e: &Evidence<'a>, session: u32, id: SignalId) -> Option<&'a Signal> {
    e.findings.meetings.iter().find(|m| m.session == session)?.signals.iter().find(|s| s.id == id)
}

fn cell(signal: Option<&Signal>) -> Cell {
    match signal.map(|s| (s.state, s.strength)) {
        Some((State::Present, strength)) => Cell::Present { strength: strength.clamp(0.5, 1.0) },
        Some((State::Absent, _)) => Cell::Absent,
        Some((State::CannotSay, _)) | None => Cell::CannotSay,
    }
}
