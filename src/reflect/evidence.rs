//! The utterances that show a sign: those that most probably make the moves it rests on, in the order of the meeting.

use super::view::{Turn, View};
use crate::session::{Move, Rule, SignalId};

/// Most utterances shown for one sign.
const MOST: usize = 5;

/// Least probability of an utterance that is shown.
const FLOOR: f64 = 0.2;

/// Utterances by index; empty for signs that rest on dates and seats alone.
pub(crate) fn evidence(id: SignalId, view: &View<'_>) -> Vec<u32> {
    use Move::{
        Account, Advice, Agreement, Challenge, Commitment, Disclosure, FollowUp, Insight, Logistics, Minimizing,
        OutsideLeak, Social, Venting,
    };
    let of = |moves: &'static [Move]| view.top(MOST, FLOOR, |t| moves.iter().map(|m| t.p(*m)).sum());
    match id {
        SignalId::VentingWithoutMovement | SignalId::PassiveFacilitator => longest(view, Venting),
        SignalId::SocialDrift => of(&[Social, Logistics]),
        SignalId::SurfaceOnly => longest(view, Account),
        SignalId::Echo => of(&[Agreement]),
        SignalId::ConfidentialityErosion => of(&[OutsideLeak]),
        SignalId::OptionalTalk => of(&[Minimizing]),
        SignalId::AttendanceDecline | SignalId::LongGap => Vec::new(),
        SignalId::RuleBreach => view.top(MOST, FLOOR, |t| breach(t, Advice)),
        SignalId::Dominance => dominating(view),
        SignalId::ReciprocalVulnerability => of(&[Disclosure]),
        SignalId::PeerInsightUsed => of(&[FollowUp]),
        SignalId::Breakthrough => of(&[Insight]),
        SignalId::ProductiveChallenge => of(&[Challenge, Insight]),
        SignalId::Movement => of(&[Commitment]),
    }
}

/// What took most of the time, not what is surest: a long complaint shows more than a short one.
fn longest(view: &View<'_>, m: Move) -> Vec<u32> {
    view.top(MOST, 1.0, |t| if t.p(m) >= FLOOR { t.p(m) * t.words } else { 0.0 })
}

/// An interruption of someone's turn, or a move that the phase does not allow.
fn breach(t: &Turn<'_>, m: Move) -> f64 {
    match t.rule {
        Some(Rule::QuestionsOnly) => t.p(m),
        Some(Rule::OneVoice) if t.said.pause_before < 0.0 && !t.facilitator => 1.0,
        _ => 0.0,
    }
}

/// The longest turns of the voice that takes most outside its own slot.
fn dominating(view: &View<'_>) -> Vec<u32> {
    let mut words = vec![0.0; view.speakers.len()];
    for t in view.turns.iter().filter(|t| !t.presenter && !t.facilitator) {
        words[t.speaker] += t.words;
    }
    let most = (0..words.len()).max_by(|a, b| words[*a].total_cmp(&words[*b]));
    view.top(MOST, 1.0, |t| if Some(t.speaker) == most && !t.presenter { t.words } else { 0.0 })
}
