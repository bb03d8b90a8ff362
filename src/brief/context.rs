//! What the brief needs beside the findings: who came, what was agreed, and what is erased when.

use time::Date;

use crate::session::{Meeting, Phase};

/// Everything that stands in the brief and was not found by reading.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// Whether the terms in force let the sheet name members; without it everybody is "a member".
    pub names: bool,
    /// The meetings of the circle, recorded or not.
    pub gatherings: Vec<Gathering>,
    /// The terms in force, a sentence each.
    pub terms: Vec<String>,
    /// What was erased, and what will be when, a sentence each.
    pub erased: Vec<String>,
    /// The ledger's eight words, separated by spaces.
    pub ledger: Option<String>,
    /// BCP 47 tag of the language spoken in the meetings, where it is known.
    pub language: Option<String>,
}

/// One meeting as the roll and the plan know it, without what was said.
#[derive(Clone, Debug)]
pub struct Gathering {
    /// Counts from 1.
    pub session: u32,
    /// The day.
    pub date: Date,
    /// Whose task it was to hold the room.
    pub facilitator: String,
    /// Who came, the facilitator among them.
    pub present: Vec<String>,
    /// Everybody who belongs, the facilitator among them.
    pub roster: Vec<String>,
    /// In order; empty where no plan is known.
    pub phases: Vec<Phase>,
    /// False where the meeting was kept as attendance and notes only.
    pub recorded: bool,
    /// What the facilitator wrote down.
    pub notes: Option<String>,
}

impl From<&Meeting> for Gathering {
    fn from(m: &Meeting) -> Self {
        Self {
            session: m.session,
            date: m.date,
            facilitator: m.facilitator.clone(),
            present: m.present.clone(),
            roster: m.roster.clone(),
            phases: m.phases.clone(),
            recorded: !m.utterances.is_empty(),
            notes: None,
        }
    }
}
