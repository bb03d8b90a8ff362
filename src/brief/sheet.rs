//! What the sheet says, as a value: every sentence, quote and number of the brief, in its order.
//!
//! Times are seconds from the start of the newest meeting, shares and strengths 0..1. Names are already as the terms
//! allow them. This is also the JSON form.

use serde::Serialize;

use crate::findings::Findings;

pub use super::arc::{Arc, ArcRow, Cell};
pub use super::commitments::{Commitments, Returned};
pub use super::evidence::{Column, Quoted};
pub use super::made::{Made, Model};
pub use super::recurring::{Concern, Recurring};
pub use super::signs::{Saying, Sign};
pub use super::talk::{Lane, PhaseSpan, Talk};

use super::context::Context;
use super::evidence::Evidence;
use super::{arc, commitments, lead, limits, made, recurring, signs, talk};

/// The brief of one meeting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sheet {
    /// The circle's name.
    pub circle: String,
    /// True for invented circles.
    pub fiction: bool,
    /// The newest meeting: "Meeting 5", or "No meeting yet".
    pub title: String,
    /// Its day: "Thursday 25 July 2024".
    pub date: String,
    /// Its day as `YYYY-MM-DD`; empty before the first.
    pub iso_date: String,
    /// BCP 47 tag of the language of quotes, where it is known.
    pub language: Option<String>,
    /// False where the newest meeting was kept as attendance and notes only.
    pub recorded: bool,
    /// Three sentences: what recurs, signs of life, signs of decay.
    pub lead: Vec<String>,
    /// Who came: "4 of 6 were present: Marta, Luca, Siobhan and Alistair."
    pub attendance: Option<String>,
    /// The facilitator's notes.
    pub notes: Option<String>,
    /// What the members return to.
    pub recurring: Recurring,
    /// Signs of life in the newest meeting, strongest first.
    pub life: Vec<Sign>,
    /// Signs of decay in the newest meeting, strongest first.
    pub decay: Vec<Sign>,
    /// Signs that were looked for and not seen, by title.
    pub not_seen: Vec<String>,
    /// Further sentences, each with its quotes.
    pub sayings: Vec<Saying>,
    /// What members said they would do.
    pub commitments: Commitments,
    /// The one question.
    pub question: Option<String>,
    /// Who spoke when and how much; absent where nothing was recorded.
    pub talk: Option<Talk>,
    /// Signs over the meetings.
    pub arc: Arc,
    /// What Candor could not tell, a sentence each.
    pub cannot_say: Vec<String>,
    /// How the sheet came about.
    pub made: Made,
}

impl Sheet {
    /// Decides what is said of the newest meeting and of the way there.
    #[must_use]
    pub fn new(findings: &Findings, context: &Context) -> Self {
        let evidence = Evidence::new(findings, context);
        let (title, date, iso_date) = evidence.heading();
        let (life, decay, not_seen) = signs::of(&evidence);
        Self {
            circle: evidence.text(&findings.circle),
            fiction: findings.fiction,
            title,
            date,
            iso_date,
            language: context.language.clone(),
            recorded: evidence.newest.is_some(),
            lead: lead::sentences(&evidence),
            attendance: lead::attendance(&evidence),
            notes: evidence.gathering.and_then(|g| g.notes.as_deref()).map(|n| evidence.text(n)),
            recurring: recurring::of(&evidence),
            life,
            decay,
            not_seen,
            sayings: signs::sayings(&evidence),
            commitments: commitments::of(&evidence),
            question: findings.question.as_deref().map(|q| evidence.text(q)),
            talk: talk::of(&evidence),
            arc: arc::of(&evidence),
            cannot_say: limits::of(&evidence),
            made: made::of(&evidence),
        }
    }
}
