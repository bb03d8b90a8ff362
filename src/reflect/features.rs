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

/// First and last part of a meeting that arriving and leaving take, where chat and housekeeping are no drift.
const EDGES: (f64, f64) = (0.12, 0.1);

/// Names that [`features`] gives where everything is known; what depends on voices or the facilitator may be missing.
pub const FEATURES: [&str; 30] = [
    "account_share",
    "agreement_rate",
    "agreement_share",
    "answered_disclosures",
    "breakthrough_peak",
    "challenging_members",
    "commitment_count",
    "commitment_rate",
    "committing_members",
    "disclosing_members",
    "empty_seats",
    "facilitator_steering",
    "follow_up_peak",
    "follow_up_share",
    "gap_over_cadence",
    "inquiry_rate",
    "insight_share",
    "interruptions_in_one_voice",
    "leak_peak",
    "leaking_members",
    "minimizing_rate",
    "roster_seats_empty",
    "social_share_inside",
    "taken_up_challenges",
    "top_share_outside_own_slot",
    "turning_share",
    "unrepaired_advice",
    "venting_or_agreement_share",
    "venting_share",
    "weight_share",
];

/// Computes every feature that can be known.
pub(crate) fn features(view: &View<'_>, measures: &Measures, attendance: &Attendance) -> Features {
    use Move::{
        Account, Advice, Agreement, Challenge, Commitment, Dilemma, Disclosure, FollowUp, Inquiry, Insight, Logistics,
        Minimizing, OutsideLeak, Reflection, Social, Venting,
    };
    let mut f = Features::new();
    let turns = view.turns.len().max(1) as f64;
    f.insert("account_share", view.share(&[Account]));
    f.insert("agreement_share", view.share(&[Agreement]));
    f.insert("agreement_rate", view.count(&[Agreement]) / turns);
    f.insert("commitment_count", view.count(&[Commitment]));
    f.insert("commitment_rate", view.count(&[Commitment]) / turns);
    f.insert("follow_up_share", view.share(&[FollowUp]));
    f.insert("follow_up_peak", peak(view, FollowUp));
    f.insert("inquiry_rate", view.count(&[Inquiry]) / turns);
    f.insert("insight_share", view.share(&[Insight]));
    f.insert("breakthrough_peak", peak(view, Insight));
    f.insert("leak_peak", peak(view, OutsideLeak));
    f.insert("minimizing_rate", view.count(&[Minimizing]) / turns);
    f.insert("social_share_inside", inside(view, &[Social, Logistics]));
    f.insert("turning_share", view.share(&[Insight, Commitment, Challenge, Inquiry, FollowUp, Reflection]));
    f.insert("venting_share", view.share(&[Venting]));
    f.insert("venting_or_agreement_share", view.share(&[Venting, Agreement]));
    f.insert("weight_share", view.share(&[Dilemma, Disclosure]));
    f.insert("roster_seats_empty", view.meeting.roster.len().saturating_sub(view.meeting.present.len()) as f64);
    // Seats count singly: two empty chairs are two whatever the size of the circle.
    f.insert("empty_seats", attendance.missing);
    if let Some(gap) = attendance.gap {
        f.insert("gap_over_cadence", gap);
    }
    if view.voices {
        f.insert("disclosing_members", view.members(Disclosure));
        f.insert("committing_members", view.members(Commitment));
        f.insert("challenging_members", view.members(Challenge));
        f.insert("leaking_members", view.members(OutsideLeak));
        f.insert("answered_disclosures", answered(view, Disclosure, |t| t.p(Disclosure)));
        let taken_up = [Insight, Commitment, Inquiry, Reflection, Disclosure];
        f.insert("taken_up_challenges", answered(view, Challenge, |t| taken_up.iter().map(|m| t.p(*m)).sum()));
        f.insert(
            "interruptions_in_one_voice",
            measures.numbers.get("interruptions_in_one_voice").copied().unwrap_or(0.0),
        );
        f.insert(
            "top_share_outside_own_slot",
            measures.numbers.get("top_share_outside_own_slot").copied().unwrap_or(0.0),
        );
    }
    if view.facilitator {
        f.insert("unrepaired_advice", unrepaired(view, Advice));
        f.insert("facilitator_steering", steering(view));
    }
    f
}

/// Share of the words that go to some moves, arriving and leaving left out.
fn inside(view: &View<'_>, of: &[Move]) -> f64 {
    let turns = view.turns.len() as f64;
    let (from, to) = ((turns * EDGES.0) as usize, (turns * (1.0 - EDGES.1)) as usize);
    let (mut part, mut all) = (0.0, 0.0);
    for t in view.turns.get(from..to).unwrap_or(&view.turns) {
        part += t.words * of.iter().map(|m| t.p(*m)).sum::<f64>();
        all += t.words;
    }
    part / all.max(1.0)
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
