//! What the members return to, meeting by meeting, and whether it moves.

use serde::Serialize;

use crate::findings::{Movement, Recurrence};

use super::evidence::{Column, Evidence, Quoted};
use super::words::{count, number, sentence};

/// Concerns that the table holds.
const CONCERNS: usize = 8;
/// Quotes that show a movement.
const SHOWN_BY: usize = 1;

/// What the members return to.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Recurring {
    /// The meetings of the table, oldest first.
    pub columns: Vec<Column>,
    /// Concerns of two meetings or more, the most frequent first; eight at most.
    pub concerns: Vec<Concern>,
    /// "Two more came back less often."
    pub more: Option<String>,
    /// Labels of concerns that the newest meeting spoke of for the first time.
    pub first_time: Vec<String>,
}

/// A concern over the meetings.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Concern {
    /// In the members' own words.
    pub label: String,
    /// One a column.
    pub came_up: Vec<bool>,
    /// "raised by four members"; empty where it is not known.
    pub by: String,
    /// What became of it, in words.
    pub movement: &'static str,
    /// True where something moved.
    pub moved: bool,
    /// What shows the movement, newest last.
    pub shown_by: Vec<Quoted>,
}

pub(super) fn of(e: &Evidence<'_>) -> Recurring {
    let columns = e.columns();
    let first_time = e.findings.themes.iter().filter(|t| t.sessions == [e.session]);
    let mut again: Vec<&Recurrence> = e.findings.themes.iter().filter(|t| t.sessions.len() > 1).collect();
    again.sort_by_key(|t| std::cmp::Reverse(t.sessions.len()));
    let more = again.len().saturating_sub(CONCERNS);
    Recurring {
        more: (more > 0).then(|| format!("{} more came back less often.", sentence(&number(more)))),
        first_time: first_time.map(|t| e.text(&t.label)).collect(),
        concerns: again.into_iter().take(CONCERNS).map(|t| concern(e, &columns, t)).collect(),
        columns,
    }
}

fn concern(e: &Evidence<'_>, columns: &[Column], theme: &Recurrence) -> Concern {
    let by = match theme.members {
        0 => String::new(),
        n => format!("raised by {}", count(n as usize, "member", "members")),
    };
    let shown = &theme.shown_by[theme.shown_by.len().saturating_sub(SHOWN_BY)..];
    Concern {
        label: e.text(&theme.label),
        came_up: columns.iter().map(|c| theme.sessions.contains(&c.session)).collect(),
        by,
        movement: movement(theme.movement),
        moved: theme.movement != Movement::None,
        shown_by: shown.iter().map(|q| e.quote(q)).collect(),
    }
}

/// What became of a concern, in words.
pub(super) const fn movement(m: Movement) -> &'static str {
    match m {
        Movement::None => "no movement seen",
        Movement::Some => "something moved",
        Movement::Resolved => "settled",
    }
}
