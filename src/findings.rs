//! What Candor found in a circle's meetings: the value that `reflect` gives and `brief` shows.
//!
//! Every claim carries its evidence as utterance indices or measures; what has none is not said. Serialises to the
//! contract of `candor rehearse --json`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::Date;

use crate::session::{Kind, Move, SignalId, iso_date};

/// The whole reading of a circle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// Version of Candor.
    pub candor: String,
    /// True for invented circles; everything written from them says so.
    #[serde(default)]
    pub fiction: bool,
    /// The circle's name.
    pub circle: String,
    /// `role -> "name sha256"` of each model, prompt and weight file that had a part in it.
    pub models: BTreeMap<String, String>,
    /// In order of session.
    pub meetings: Vec<MeetingFindings>,
    /// Concerns over the meetings.
    pub themes: Vec<Recurrence>,
    /// Sentences about the circle, with their quotes.
    pub claims: Vec<Claim>,
    /// What members said they would do, oldest first.
    #[serde(default)]
    pub commitments: Vec<Promise>,
    /// One question that the facilitator might bring, from the curated set, chosen by rule.
    #[serde(default)]
    pub question: Option<String>,
}

/// One meeting as it was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeetingFindings {
    /// Counts from 1.
    pub session: u32,
    /// The day.
    #[serde(with = "iso_date")]
    pub date: Date,
    /// Whether Whisper heard the words.
    pub from_audio: bool,
    /// How much of it was read.
    pub coverage: Coverage,
    /// Each utterance with its moves; in a brief, of earlier meetings only those that are quoted.
    pub utterances: Vec<ReadUtterance>,
    /// What can be counted without a model.
    pub measures: Measures,
    /// One row for every sign, in the order of [`crate::session::SIGNALS`].
    pub signals: Vec<Signal>,
    /// Concerns within the meeting.
    pub themes: Vec<Theme>,
}

impl MeetingFindings {
    /// Whether any of its words were kept and read.
    #[must_use]
    pub const fn was_read(&self) -> bool {
        self.coverage.utterances_read > 0
    }
}

/// How much of a meeting was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Utterances that a model saw whole.
    pub utterances_read: u32,
    /// Utterances there are.
    pub utterances: u32,
}

/// An utterance with what it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReadUtterance {
    /// Index within the meeting.
    pub i: u32,
    /// Who.
    pub speaker: String,
    /// Seconds.
    pub start: f32,
    /// Seconds.
    pub end: f32,
    /// The words.
    pub text: String,
    /// The most probable move.
    #[serde(rename = "move")]
    pub best: Move,
    /// Probability by move.
    pub moves: BTreeMap<Move, f32>,
}

/// Counts and shares; durations in seconds, shares 0..1.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measures {
    /// Share of the spoken time by speaker.
    pub talk_share: BTreeMap<String, f64>,
    /// Everything else, by name: `questions`, `interruptions`, `longest_silence_s`, `facilitator_share`...
    #[serde(flatten)]
    pub numbers: BTreeMap<String, f64>,
}

/// Whether a sign is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Seen, with evidence.
    Present,
    /// Looked for and not seen.
    Absent,
    /// Too little to go on.
    CannotSay,
}

/// A sign of life or decay in one meeting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Signal {
    /// Which.
    pub id: SignalId,
    /// Life or decay.
    pub kind: Kind,
    /// Whether it is there.
    pub state: State,
    /// 0..1, comparable between meetings and circles; 0.5 is the threshold.
    pub strength: f64,
    /// Utterances that show it.
    pub evidence: Vec<u32>,
    /// Numbers that show it.
    pub measures: BTreeMap<String, f64>,
    /// One plain sentence; observes, never advises.
    pub sentence: String,
}

/// A concern within a meeting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Theme {
    /// The same across meetings when it recurs.
    pub id: String,
    /// Brief, in the members' own words.
    pub label: String,
    /// Where it is spoken of.
    pub utterances: Vec<u32>,
}

/// What became of a concern.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Movement {
    /// It only came back.
    None,
    /// Something moved.
    Some,
    /// It is done with.
    Resolved,
}

/// A concern over the meetings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recurrence {
    /// As in [`Theme::id`].
    pub id: String,
    /// Brief, in the members' own words.
    pub label: String,
    /// Where it came up.
    pub sessions: Vec<u32>,
    /// What became of it.
    pub movement: Movement,
    /// By how many members; never by whom.
    #[serde(default)]
    pub members: u32,
    /// The insight, commitment or follow-up that shows the movement.
    #[serde(default)]
    pub shown_by: Vec<Quote>,
}

/// Words as they were said.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quote {
    /// Meeting.
    pub session: u32,
    /// Utterance.
    pub i: u32,
    /// Verbatim, possibly a part of the utterance.
    pub text: String,
}

/// A sentence that Candor says, with what it rests on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// The sentence.
    pub text: String,
    /// At least one.
    pub quotes: Vec<Quote>,
}

/// What a member said they would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Promise {
    /// Who.
    pub member: String,
    /// Where it was said.
    pub quote: Quote,
    /// Where something came of it, once it did.
    pub followed_up: Option<Quote>,
}
