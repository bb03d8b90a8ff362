//! What members said they would do, and what came of it.

use super::{
    near,
    view::{Turn, View},
};
use crate::{
    findings::{Promise, Quote},
    session::Move,
};

/// Probability from which an utterance is listed: a list that is opened with at the next meeting must rarely be wrong.
const SURE: f64 = 0.5;

/// Least probability of a report of what came of something.
const REPORT: f64 = 0.3;

/// Least cosine similarity between a promise and the report of it.
const ALIKE: f32 = 0.3;

/// All commitments, oldest first; each with the earliest later report by the same member that speaks of the same thing.
pub(crate) fn commitments(views: &[View<'_>]) -> Vec<Promise> {
    let mut found = Vec::new();
    for (k, view) in views.iter().enumerate().filter(|(_, v)| v.voices) {
        for turn in view.turns.iter().filter(|t| t.p(Move::Commitment) >= SURE) {
            let report = views[k + 1..].iter().find_map(|later| {
                let same =
                    later.turns.iter().filter(|t| t.said.speaker == turn.said.speaker && t.p(Move::FollowUp) >= REPORT);
                let best =
                    same.max_by(|a, b| near(a.meaning, turn.meaning).total_cmp(&near(b.meaning, turn.meaning)))?;
                (near(best.meaning, turn.meaning) >= ALIKE).then(|| quote(later, best))
            });
            found.push(Promise { member: turn.said.speaker.clone(), quote: quote(view, turn), followed_up: report });
        }
    }
    found
}

/// A whole utterance as a quote.
pub(crate) fn quote(view: &View<'_>, turn: &Turn<'_>) -> Quote {
    Quote { session: view.meeting.session, i: turn.said.i, text: turn.said.text.trim().to_owned() }
}
