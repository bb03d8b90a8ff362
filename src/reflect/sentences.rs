//! One plain sentence a sign: what was seen, never what to do about it.

use super::{features::Features, view::View};
use crate::{
    findings::State,
    session::{Move, SignalId},
};

/// The sentence for a sign in this state.
pub(crate) fn sentence(id: SignalId, state: State, view: &View<'_>, features: &Features) -> String {
    match state {
        State::CannotSay => cannot_say(id, view),
        State::Absent => absent(id).to_owned(),
        State::Present => present(id, view, features),
    }
}

fn cannot_say(id: SignalId, view: &View<'_>) -> String {
    let why = match id {
        SignalId::LongGap => "This is the first meeting that Candor knows of, so there is no gap to measure.",
        _ if view.turns.is_empty() => "Nothing that was said is known, so Candor cannot say.",
        SignalId::ConfidentialityErosion => {
            "Nothing was heard of words from the circle having gone outside, but Candor misses this too often to say that none did."
        }
        _ if !view.voices => "Voices were not told apart, so Candor cannot say.",
        _ if !view.facilitator => "It is not known which voice is the facilitator's, so Candor cannot say.",
        _ => "Too little was said to go on, so Candor cannot say.",
    };
    why.to_owned()
}

const fn absent(id: SignalId) -> &'static str {
    match id {
        SignalId::VentingWithoutMovement => "Complaint did not take over the meeting.",
        SignalId::PassiveFacilitator => "The facilitator steered where it was needed, or little steering was needed.",
        SignalId::SocialDrift => "Most of the time went to the work.",
        SignalId::SurfaceOnly => "Something of weight was brought.",
        SignalId::Echo => "The views that were voiced were not all alike.",
        SignalId::ConfidentialityErosion => "Nothing was heard of words from the circle having gone outside.",
        SignalId::OptionalTalk => "Nobody spoke of the circle as dispensable.",
        SignalId::AttendanceDecline => "About as many came as usual.",
        SignalId::LongGap => "The meeting came about when the cadence has it.",
        SignalId::RuleBreach => "The rules of the phases were kept, or repaired when broken.",
        SignalId::Dominance => "No single voice took far more than its share.",
        SignalId::ReciprocalVulnerability => "No disclosure was seen to be answered with another.",
        SignalId::PeerInsightUsed => "Nobody was heard to tell of acting differently outside because of the circle.",
        SignalId::Breakthrough => "No visible change of view was seen.",
        SignalId::ProductiveChallenge => "No challenge was seen to be given and taken up.",
        SignalId::Movement => "Fewer than two members said what they would do.",
    }
}

fn present(id: SignalId, view: &View<'_>, features: &Features) -> String {
    let f = |name: &str| features.get(name).copied().unwrap_or(0.0);
    let percent = |name: &str| format!("{:.0} %", 100.0 * f(name));
    match id {
        SignalId::VentingWithoutMovement => {
            format!(
                "About {} of the words were complaint, and hardly a decision, a new view or a curious question followed.",
                percent("venting_share")
            )
        }
        SignalId::PassiveFacilitator => {
            format!(
                "The facilitator spoke {} of the words on the process while the talk drifted, tilted or turned to complaint.",
                percent("facilitator_steering")
            )
        }
        SignalId::SocialDrift => format!(
            "Once the meeting was under way, about {} of the words were chat or housekeeping.",
            percent("social_share_inside")
        ),
        SignalId::SurfaceOnly => {
            format!(
                "What was brought was mostly settled or safe: about {} of the words laid open a dilemma or a doubt.",
                percent("weight_share")
            )
        }
        SignalId::Echo => format!(
            "About {:.0} turns amplified what had been said, against about {:.0} that tested it.",
            view.count(&[Move::Agreement]),
            view.count(&[Move::Challenge])
        ),
        SignalId::ConfidentialityErosion => {
            "Someone spoke of words from the circle having been repeated outside.".into()
        }
        SignalId::OptionalTalk => "The circle itself was spoken of as something that could be skipped or cut.".into(),
        SignalId::AttendanceDecline => {
            format!(
                "{} of {} came, {:.0} fewer than is usual here.",
                view.meeting.present.len(),
                view.meeting.roster.len(),
                f("empty_seats").max(1.0)
            )
        }
        SignalId::LongGap => {
            format!("The time since the last meeting was {:.1} times the cadence.", f("gap_over_cadence"))
        }
        SignalId::RuleBreach => "The rule of a phase was broken more than once, and mostly not brought back.".into(),
        SignalId::Dominance => {
            format!("One voice took {} of the talk outside its own slot.", percent("top_share_outside_own_slot"))
        }
        SignalId::ReciprocalVulnerability => {
            "Someone laid open something of their own, and another answered with theirs.".into()
        }
        SignalId::PeerInsightUsed => {
            "A member told of having done something differently outside after an earlier meeting.".into()
        }
        SignalId::Breakthrough => "Someone came to see or decide something that they had not seen before.".into(),
        SignalId::ProductiveChallenge => "A challenge was given, and the one who was challenged took it up.".into(),
        SignalId::Movement => format!("About {:.0} members said what they would do.", f("committing_members").max(2.0)),
    }
}
