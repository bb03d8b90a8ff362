//! The nouns of the field: circles, meetings, utterances. Values only; no input, no output, no clock.
//!
//! Times are seconds from the start of a meeting's recording. A meeting that came as text has times estimated from the
//! number of words (see [`Meeting::estimate_times`]).

use serde::{Deserialize, Serialize};
use time::Date;

pub use moves::{MOVES, Move, MoveScores};
pub use signals::{Kind, SIGNALS, SignalId};

mod finite;
mod moves;
mod signals;

/// Words a minute of unhurried talk; used only to give text meetings a time line.
const WORDS_PER_MINUTE: f32 = 150.0;

/// A preset of cadence, size, phases, rules and thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Setting {
    /// Leaders of companies or charities; a presenter a meeting, peer inquiry.
    Organizations,
    /// Elected or appointed officials; consultancy.
    Government,
    /// Organisers; council with uninterrupted turns and silence.
    Movements,
    /// Leads of product teams; curious questions only.
    Product,
}

/// What is asked of people while a phase lasts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Nothing in particular.
    Free,
    /// One speaks, nobody interrupts.
    OneVoice,
    /// Curious questions, and the presenter's answers; no advice.
    QuestionsOnly,
    /// Discussion.
    Open,
    /// Silence is welcome.
    SilenceOk,
}

/// A part of a meeting with its rule. It covers utterances `from..=to`, or seconds `from_s..=to_s` of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Phase {
    /// As the plan calls it: "check-in", "questions".
    pub name: String,
    /// What is asked of people meanwhile.
    pub rule: Rule,
    /// Whose matter is on the table.
    #[serde(default)]
    pub presenter: Option<String>,
    /// First utterance, by index.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<u32>,
    /// Last utterance, by index, inclusive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<u32>,
    /// Start in seconds, for recordings.
    #[serde(default, deserialize_with = "finite::maybe", skip_serializing_if = "Option::is_none")]
    pub from_s: Option<f32>,
    /// End in seconds, for recordings.
    #[serde(default, deserialize_with = "finite::maybe", skip_serializing_if = "Option::is_none")]
    pub to_s: Option<f32>,
}

/// A stretch of speech by one person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Utterance {
    /// Index within the meeting, from 0, without holes.
    pub i: u32,
    /// A member's name, "voice 2" before naming, or "someone" where voices are not told apart.
    pub speaker: String,
    /// What was said, or what Whisper heard.
    pub text: String,
    /// Seconds.
    #[serde(default, deserialize_with = "finite::number")]
    pub start: f32,
    /// Seconds.
    #[serde(default, deserialize_with = "finite::number")]
    pub end: f32,
    /// Silence before it in seconds; negative where it overlaps the one before (an interruption).
    #[serde(default, deserialize_with = "finite::number")]
    pub pause_before: f32,
    /// 0..1, how sure the hearing is; 1 for text.
    #[serde(default = "sure", deserialize_with = "finite::number")]
    pub confidence: f32,
}

fn sure() -> f32 {
    1.0
}

/// A circle as the vault and the folders of `rehearse` describe it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Circle {
    /// Its name.
    #[serde(rename = "circle")]
    pub name: String,
    /// The preset it follows.
    pub setting: Setting,
    /// Days from one meeting to the next, as intended.
    pub cadence_days: u32,
    /// A sentence or two in the circle's own words.
    #[serde(default)]
    pub about: String,
    /// True for invented circles; `rehearse` takes no others.
    #[serde(default)]
    pub fiction: bool,
}

/// One gathering, as the reader sees it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Meeting {
    /// Counts from 1 within the circle.
    pub session: u32,
    /// The day.
    #[serde(with = "iso_date")]
    pub date: Date,
    /// Whose task it is to hold the room. Counted in `roster`.
    pub facilitator: String,
    /// Everybody who belongs, the facilitator too.
    pub roster: Vec<String>,
    /// Who came.
    pub present: Vec<String>,
    /// How long it was meant to last.
    pub planned_minutes: u32,
    /// In order, covering the meeting; empty where no plan is known.
    #[serde(default)]
    pub phases: Vec<Phase>,
    /// In order of their start.
    #[serde(default)]
    pub utterances: Vec<Utterance>,
    /// Whether the words were heard by Whisper rather than typed.
    #[serde(default)]
    pub from_audio: bool,
}

impl Meeting {
    /// Gives every utterance of a text meeting a start and an end, from its words and pauses.
    pub fn estimate_times(&mut self) {
        let mut clock = 0.0f32;
        for u in &mut self.utterances {
            let words = u.text.split_whitespace().count().max(1) as f32;
            u.start = (clock + u.pause_before).max(0.0);
            u.end = u.start + words * 60.0 / WORDS_PER_MINUTE;
            clock = u.end.max(clock);
        }
    }

    /// The phase that an utterance falls into, by index for text and by time for recordings.
    pub fn phase_of(&self, u: &Utterance) -> Option<&Phase> {
        let middle = (u.start + u.end) / 2.0;
        self.phases.iter().find(|p| match (p.from_s, p.to_s, p.from, p.to) {
            (Some(a), Some(b), _, _) if self.from_audio => a <= middle && middle <= b,
            (_, _, Some(a), Some(b)) if !self.from_audio => a <= u.i && u.i <= b,
            _ => false,
        })
    }

    /// Minutes from the first word to the last.
    pub fn minutes(&self) -> f32 {
        self.utterances.iter().map(|u| u.end).fold(0.0, f32::max) / 60.0
    }
}

/// `YYYY-MM-DD` in JSON.
pub mod iso_date {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};
    use time::{Date, format_description::BorrowedFormatItem, macros::format_description};

    const FORMAT: &[BorrowedFormatItem<'_>] = format_description!("[year]-[month]-[day]");

    /// Writes a date.
    ///
    /// # Errors
    /// When the serializer fails.
    pub fn serialize<S: Serializer>(date: &Date, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&to_string(*date))
    }

    /// Reads a date.
    ///
    /// # Errors
    /// When the text is not a day of the calendar.
    pub fn deserialize<'de, D: Deserializer<'de>>(d: D) -> Result<Date, D::Error> {
        let text = String::deserialize(d)?;
        parse(&text).map_err(|_| D::Error::custom("a date is written YYYY-MM-DD"))
    }

    /// Reads `YYYY-MM-DD`.
    ///
    /// # Errors
    /// When the text is not a day of the calendar.
    pub fn parse(text: &str) -> Result<Date, time::error::Parse> {
        Date::parse(text, FORMAT)
    }

    /// Writes `YYYY-MM-DD`.
    #[must_use]
    pub fn to_string(date: Date) -> String {
        date.format(FORMAT).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interruption_starts_before_the_other_ends() {
        let say = |i, text: &str, pause_before| Utterance {
            i,
            speaker: "A".into(),
            text: text.into(),
            start: 0.0,
            end: 0.0,
            pause_before,
            confidence: 1.0,
        };
        let mut m = Meeting {
            session: 1,
            date: iso_date::parse("2026-01-15").unwrap(),
            facilitator: "A".into(),
            roster: vec!["A".into()],
            present: vec!["A".into()],
            planned_minutes: 60,
            phases: vec![],
            utterances: vec![say(0, "one two three four five", 0.5), say(1, "no", -0.5)],
            from_audio: false,
        };
        m.estimate_times();
        assert!(m.utterances[1].start < m.utterances[0].end);
        assert!((m.utterances[0].end - 2.5).abs() < 1e-4);
    }
}
