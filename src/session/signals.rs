//! Signs of life and of decay that a careful facilitator would flag in a meeting.

use serde::{Deserialize, Serialize};

/// Which way a sign points.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The circle is losing what it is for.
    Decay,
    /// The circle does what it is for.
    Life,
}

/// The sixteen signs; their meanings stand in `models/signals.toml` beside their thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignalId {
    /// Complaint dominates and almost nothing follows it.
    VentingWithoutMovement,
    /// Steering is needed and does not come.
    PassiveFacilitator,
    /// Much of the time goes to chat or housekeeping.
    SocialDrift,
    /// What is brought is safe or already solved.
    SurfaceOnly,
    /// One view is amplified, hardly challenged.
    Echo,
    /// Something said in the circle went outside.
    ConfidentialityErosion,
    /// Members treat the circle as dispensable.
    OptionalTalk,
    /// Clearly fewer present than is normal here.
    AttendanceDecline,
    /// Much more time since the last meeting than the cadence allows.
    LongGap,
    /// The phase's rule is broken repeatedly and not repaired.
    RuleBreach,
    /// One voice takes far more than its share.
    Dominance,
    /// One discloses and another answers with a disclosure.
    ReciprocalVulnerability,
    /// A member acted differently outside because of the circle.
    PeerInsightUsed,
    /// Someone sees or decides something new.
    Breakthrough,
    /// A challenge is given and taken up.
    ProductiveChallenge,
    /// At least two concrete commitments by different members.
    Movement,
}

/// All signs, decay first, in the order of the contract.
pub const SIGNALS: [SignalId; 16] = [
    SignalId::VentingWithoutMovement,
    SignalId::PassiveFacilitator,
    SignalId::SocialDrift,
    SignalId::SurfaceOnly,
    SignalId::Echo,
    SignalId::ConfidentialityErosion,
    SignalId::OptionalTalk,
    SignalId::AttendanceDecline,
    SignalId::LongGap,
    SignalId::RuleBreach,
    SignalId::Dominance,
    SignalId::ReciprocalVulnerability,
    SignalId::PeerInsightUsed,
    SignalId::Breakthrough,
    SignalId::ProductiveChallenge,
    SignalId::Movement,
];

impl SignalId {
    /// Life or decay.
    #[must_use]
    pub const fn kind(self) -> Kind {
        match self {
            Self::ReciprocalVulnerability
            | Self::PeerInsightUsed
            | Self::Breakthrough
            | Self::ProductiveChallenge
            | Self::Movement => Kind::Life,
            _ => Kind::Decay,
        }
    }

    /// As files spell it: `rule_breach`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::VentingWithoutMovement => "venting_without_movement",
            Self::PassiveFacilitator => "passive_facilitator",
            Self::SocialDrift => "social_drift",
            Self::SurfaceOnly => "surface_only",
            Self::Echo => "echo",
            Self::ConfidentialityErosion => "confidentiality_erosion",
            Self::OptionalTalk => "optional_talk",
            Self::AttendanceDecline => "attendance_decline",
            Self::LongGap => "long_gap",
            Self::RuleBreach => "rule_breach",
            Self::Dominance => "dominance",
            Self::ReciprocalVulnerability => "reciprocal_vulnerability",
            Self::PeerInsightUsed => "peer_insight_used",
            Self::Breakthrough => "breakthrough",
            Self::ProductiveChallenge => "productive_challenge",
            Self::Movement => "movement",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_agree_with_serde_and_five_are_signs_of_life() {
        for s in SIGNALS {
            assert_eq!(serde_json::to_string(&s).unwrap(), format!("\"{}\"", s.name()));
        }
        assert_eq!(SIGNALS.iter().filter(|s| s.kind() == Kind::Life).count(), 5);
    }
}
