//! What an utterance mainly does: eighteen moves, told apart by function and not by sentiment.

use serde::{Deserialize, Serialize};

/// The moves, in the fixed order that scores, weights and files use.
pub const MOVES: [Move; 18] = [
    Move::Dilemma,
    Move::Account,
    Move::Disclosure,
    Move::Venting,
    Move::Inquiry,
    Move::Advice,
    Move::Challenge,
    Move::Reflection,
    Move::Agreement,
    Move::Insight,
    Move::Commitment,
    Move::FollowUp,
    Move::Facilitation,
    Move::Social,
    Move::Logistics,
    Move::OutsideLeak,
    Move::Minimizing,
    Move::Backchannel,
];

/// What an utterance mainly does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Move {
    /// A real decision or difficulty that the speaker owns and has not resolved.
    Dilemma,
    /// Facts: what happened or how things stand; nothing exposed, nothing prescribed.
    Account,
    /// The speaker's own doubt, mistake, fear, need or cost.
    Disclosure,
    /// Complaint about others or circumstances, with no question, ownership or next step.
    Venting,
    /// A genuine open question.
    Inquiry,
    /// Tells or nudges someone what to do, leading questions included.
    Advice,
    /// Tests an assumption, disagrees, names what is avoided.
    Challenge,
    /// Paraphrases or names a feeling or pattern without steering.
    Reflection,
    /// Endorses or amplifies, adds nothing new.
    Agreement,
    /// The speaker's own view visibly shifts.
    Insight,
    /// What the speaker will do, concretely.
    Commitment,
    /// What came of an earlier commitment or of the circle's words.
    FollowUp,
    /// Runs the process.
    Facilitation,
    /// Chat unrelated to the work.
    Social,
    /// Dates, rooms, tools, housekeeping.
    Logistics,
    /// Repeats, or reports repeated, what was said in the circle to people outside.
    OutsideLeak,
    /// Treats the circle as optional or too costly.
    Minimizing,
    /// Yeah, mm, right, laughter, thanks.
    Backchannel,
}

impl Move {
    /// Position in [`MOVES`].
    #[must_use]
    pub const fn index(self) -> usize {
        self as usize
    }

    /// As files spell it: `follow_up`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dilemma => "dilemma",
            Self::Account => "account",
            Self::Disclosure => "disclosure",
            Self::Venting => "venting",
            Self::Inquiry => "inquiry",
            Self::Advice => "advice",
            Self::Challenge => "challenge",
            Self::Reflection => "reflection",
            Self::Agreement => "agreement",
            Self::Insight => "insight",
            Self::Commitment => "commitment",
            Self::FollowUp => "follow_up",
            Self::Facilitation => "facilitation",
            Self::Social => "social",
            Self::Logistics => "logistics",
            Self::OutsideLeak => "outside_leak",
            Self::Minimizing => "minimizing",
            Self::Backchannel => "backchannel",
        }
    }
}

/// A probability for every move, in the order of [`MOVES`]; sums to 1.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct MoveScores(pub [f32; MOVES.len()]);

impl MoveScores {
    /// The probability of one move.
    #[must_use]
    pub fn of(&self, m: Move) -> f32 {
        self.0[m.index()]
    }

    /// The most probable move; the earlier in [`MOVES`] where two are equal.
    #[must_use]
    pub fn best(&self) -> Move {
        let mut best = 0;
        for (k, p) in self.0.iter().enumerate() {
            if *p > self.0[best] {
                best = k;
            }
        }
        MOVES[best]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_and_names_agree_with_serde() {
        for (k, m) in MOVES.iter().enumerate() {
            assert_eq!(m.index(), k);
            assert_eq!(serde_json::to_string(m).unwrap(), format!("\"{}\"", m.name()));
        }
    }
}
