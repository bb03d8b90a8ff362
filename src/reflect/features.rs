//! The named numbers that the signs of `models/signals.toml` weigh: expected counts and shares of moves, and measures.
//!
//! Counts are sums of probabilities, so that three moves that may be insights weigh as much as one that surely is, and an
//! unsure reading gives an unsure sign rather than a wrong one.

use std::collections::BTreeMap;

use super::{
    attendance::Attendance,
    view::{Turn, View},
};
use crate::{
    findings::Measures,
    session::{Move, Rule},
};

/// How many turns later a move still counts as an answer.
const ANSWER_WITHIN: usize = 6;

/// Features by name.
pub(crate) type Features = BTreeMap<&'static str, f64>;

/// Names that [`features`] gives where everything is known; what depends on voices or the facilitator may be missing.
pub const FEATURES: [&str; 28] = [
    "venting_share",
    "social_share",
    "weight_share",
    "account_share",
    "agreement_share",
    "agreement_count",
    "challenge_count",
    "inquiry_count",
    "insight_count",
    "commitment_count",
    "disclosure_count",
    "follow_up_count",
    "leak_count",
    "minimizing_count",
    "turning_count",
    "breakthrough_peak",
    "leak_peak",
    "disclosing_members",
    "committing_members",
    "answered_disclosures",
    "taken_up_challenges",
    "advice_in_questions",
    "unrepaired_advice",
    "interruptions_in_one_voice",
    "top_share_outside_own_slot",
    "facilitator_steering",
    "empty_seats",
    "gap_over_cadence",
];

/// Computes every feature that can be known.
pub(crate) fn features(view: &View<'_>, measures: &Measures, attendance: &Attendance) -> Features {
    use Move::{
        Account, Advice, Agreement, Challenge, Commitment, Dilemma, Disclosure, FollowUp, Inquiry, Insight, Logistics,
        Minimizing, OutsideLeak, Social, Venting,
    };
    let mut f = Features::new();
    f.insert("venting_share", view.share(&[Venting]));
    f.insert("social_share", view.share(&[Social, Logistics]));
    f.insert("weight_share", view.share(&[Dilemma, Disclosure]));
    f.insert("account_share", view.share(&[Account]));
    f.insert("agreement_share", view.count(&[Agreement]) / view.turns.len().max(1) as f64);
    f.insert("agreement_count", view.count(&[Agreement]));
    f.insert("challenge_count", view.count(&[Challenge]));
    f.insert("inquiry_count", view.count(&[Inquiry]));
    f.insert("insight_count", view.count(&[Insight]));
    f.insert("commitment_count", view.count(&[Commitment]));
    f.insert("disclosure_count", view.count(&[Disclosure]));
    f.insert("follow_up_count", view.count(&[FollowUp]));
    f.insert("leak_count", view.count(&[OutsideLeak]));
    f.insert("minimizing_count", view.count(&[Minimizing]));
    f.insert("turning_count", view.count(&[Insight, Commitment]));
    f.insert("breakthrough_peak", peak(view, Insight));
    f.insert("leak_peak", peak(view, OutsideLeak));
    // Seats count singly: two empty chairs are two whatever the size of the circle.
    f.insert("empty_seats", attendance.missing);
    if let Some(gap) = attendance.gap {
        f.insert("gap_over_cadence", gap);
    }
    if view.voices {
        f.insert("disclosing_members", view.members(Disclosure));
        f.insert("committing_members", view.members(Commitment));
        f.insert("answered_disclosures", answered(view, Disclosure, |t| t.p(Disclosure)));
        f.insert(
            "taken_up_challenges",
            answered(view, Challenge, |t| t.p(Insight) + t.p(Disclosure) + t.p(Commitment)),
        );
        f.insert(
            "interruptions_in_one_voice",
            measures.numbers.get("interruptions_in_one_voice").copied().unwrap_or(0.0),
        );
        f.insert(
            "top_share_outside_own_slot",
            measures.numbers.get("top_share_outside_own_slot").copied().unwrap_or(0.0),
        );
    }
    let questions = |t: &Turn<'_>| t.rule == Some(Rule::QuestionsOnly);
    f.insert("advice_in_questions", view.turns.iter().filter(|t| questions(t)).map(|t| t.p(Advice)).sum());
    if view.facilitator {
        f.insert("unrepaired_advice", unrepaired(view, Advice));
        f.insert("facilitator_steering", steering(view));
    }
    f
}

/// The highest probability of a move in the meeting.
fn peak(view: &View<'_>, m: Move) -> f64 {
    view.turns.iter().map(|t| t.p(m)).fold(0.0, f64::max)
}

/// Expected number of moves that another speaker answers soon: `p(move) * max p(answer)` summed.
fn answered(view: &View<'_>, m: Move, answer: impl Fn(&Turn<'_>) -> f64) -> f64 {
    let near = |k: usize| {
        let after = view.turns.iter().skip(k + 1).take(ANSWER_WITHIN);
        after.filter(|t| t.speaker != view.turns[k].speaker).map(&answer).fold(0.0, f64::max).min(1.0)
    };
    view.turns.iter().enumerate().map(|(k, t)| t.p(m) * near(k)).sum()
}

/// Expected number of a move in questions-only phases after which the facilitator does not step in within two turns.
fn unrepaired(view: &View<'_>, m: Move) -> f64 {
    let repair = |k: usize| {
        let after = view.turns.iter().skip(k + 1).take(2);
        after
            .filter(|t| t.facilitator)
            .map(|t| t.p(Move::Facilitation) + t.p(Move::Challenge))
            .fold(0.0, f64::max)
            .min(1.0)
    };
    let breaches = view.turns.iter().enumerate().filter(|(_, t)| t.rule == Some(Rule::QuestionsOnly));
    breaches.map(|(k, t)| t.p(m) * (1.0 - repair(k))).sum()
}

/// The facilitator's steering: share of the words that they spend on process, questions and challenge.
fn steering(view: &View<'_>) -> f64 {
    let steer = |t: &&Turn<'_>| t.facilitator;
    let words: f64 =
        view.turns.iter().filter(steer).map(|t| t.words * (1.0 - t.p(Move::Backchannel) - t.p(Move::Logistics))).sum();
    words / view.words().max(1.0)
}
