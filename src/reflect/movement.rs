//! Whether anything moved in a concern, with what shows it: an insight, a commitment, a report of what came of one.

use super::{
    commitments::quote,
    themes::Concern,
    view::{Turn, View},
};
use crate::{
    findings::{Movement, Quote},
    session::Move,
};

/// Expected moves of that kind from which something moved.
const MOVED: f64 = 1.0;

/// Probability from which a single utterance shows movement by itself.
const SHOWS: f64 = 0.45;

/// Most utterances shown.
const MOST: usize = 3;

/// Expected reports in the last meeting from which a concern may be done with. High: of four concerns that seemed done with
/// at a lower number, none was.
const DONE: f64 = 5.0;

/// What became of a concern, and the utterances that show it.
pub(crate) fn movement(concern: &Concern, views: &[View<'_>]) -> (Movement, Vec<Quote>) {
    let turns: Vec<(&View<'_>, &Turn<'_>)> =
        concern.turns.iter().flat_map(|(m, turns)| turns.iter().map(|k| (&views[*m], &views[*m].turns[*k]))).collect();
    let expected: f64 = turns.iter().map(|(_, t)| moves_on(t)).sum();
    let surest = turns.iter().map(|(_, t)| moves_on(t)).fold(0.0, f64::max);
    if expected < MOVED && surest < SHOWS {
        return (Movement::None, Vec::new());
    }
    let mut shown: Vec<&(&View<'_>, &Turn<'_>)> = turns.iter().filter(|(_, t)| moves_on(t) >= SHOWS / 2.0).collect();
    shown.sort_by(|a, b| moves_on(b.1).total_cmp(&moves_on(a.1)));
    shown.truncate(MOST);
    shown.sort_by_key(|(v, t)| (v.meeting.session, t.said.i));
    let state = if resolved(concern, views) { Movement::Resolved } else { Movement::Some };
    (state, shown.into_iter().map(|(v, t)| quote(v, t)).collect())
}

/// Probability that an utterance moves a matter on.
fn moves_on(t: &Turn<'_>) -> f64 {
    t.p(Move::Insight) + t.p(Move::Commitment) + t.p(Move::FollowUp)
}

/// In the last meeting it is reported on, and hardly anything about it is open or hurts any more.
fn resolved(concern: &Concern, views: &[View<'_>]) -> bool {
    let Some((last, turns)) = concern.turns.iter().next_back() else { return false };
    let sum = |m: Move| turns.iter().map(|k| views[*last].turns[*k].p(m)).sum::<f64>();
    let open = sum(Move::Dilemma) + sum(Move::Disclosure) + sum(Move::Venting) + sum(Move::Advice);
    concern.turns.len() > 1 && sum(Move::FollowUp) >= DONE && open < sum(Move::FollowUp)
}
