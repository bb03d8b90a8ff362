//! The exact words that people are shown before they answer, and their hash.
//!
//! One canonical text follows from the request alone, so that the words and the terms cannot say different things: the
//! ledger keeps the text that was shown, and renders it again when it is read. A change of these words is a new
//! [`VERSION`], and a new version needs a fresh yes.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use time::Date;

use super::{
    ids::{Digest, MeetingId},
    item::{Item, days},
    terms::Terms,
};
use crate::session::iso_date;

/// Counts the wordings of the notice.
pub const VERSION: u16 = 1;

/// A model that would read the meeting, named by what it does and by the hash of its file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Model {
    /// Its task in a word or two: "hear", "voices".
    pub task: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
}

/// Where the sound comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Source {
    /// The microphone, in the room.
    Room,
    /// A recording or a transcript made elsewhere, with the SHA-256 of its file.
    File(Digest),
}

/// All that the words are made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Subject<'a> {
    /// The circle's name.
    pub circle: &'a str,
    /// Which meeting.
    pub meeting: MeetingId,
    /// Its day.
    pub date: Date,
    /// Microphone or file.
    pub source: Source,
    /// Names of those in the room, or in the recording.
    pub present: &'a [&'a str],
    /// Names of those who may still come.
    pub may_come: &'a [&'a str],
    /// What is asked.
    pub terms: &'a Terms,
    /// What will read it.
    pub models: &'a [Model],
}

/// A text that was shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// [`VERSION`] at that time.
    pub version: u16,
    /// The words, lines of any length.
    pub text: String,
}

impl Notice {
    /// Writes the notice in today's words.
    #[must_use]
    pub fn render(subject: &Subject<'_>) -> Self {
        Self { version: VERSION, text: [head(subject), items(subject), tail(subject)].join("\n") }
    }

    /// SHA-256 of version and words: what a member signs.
    #[must_use]
    pub fn hash(&self) -> Digest {
        let hash = Sha256::new()
            .chain_update(b"candor consent notice\0")
            .chain_update(self.version.to_le_bytes())
            .chain_update(&self.text)
            .finalize();
        Digest(hash.into())
    }
}

fn head(s: &Subject<'_>) -> String {
    let meeting = format!("{}, meeting {}, {} {}", s.circle, s.meeting, s.date.weekday(), iso_date::to_string(s.date));
    let mut lines = vec![meeting, String::new()];
    match s.source {
        Source::Room => lines.push(format!("In the room: {}.", s.present.join(", "))),
        Source::File(hash) => {
            lines.push("A recording or a transcript of this meeting is to be brought in.".into());
            lines.push(format!("In it: {}.", s.present.join(", ")));
            lines.push(format!("The file is known by its fingerprint {hash}."));
        }
    }
    if !s.may_come.is_empty() {
        let names = s.may_come.join(", ");
        lines.push(format!("May still come: {names}. Recording then pauses until they have said yes too."));
    }
    lines.extend(
        [
            "",
            "Answer each line for yourself. Nobody is shown your answers.",
            "If anyone says no to recording, nothing is recorded. The screen does not say who said no.",
            "Where answers differ, the strictest holds for everybody. A no costs you nothing.",
            "",
        ]
        .map(String::from),
    );
    lines.join("\n")
}

fn items(s: &Subject<'_>) -> String {
    let line = |(i, item): (usize, &Item)| format!("{}. {} {}", i + 1, item.title(), item.question(s.terms, s.source));
    Item::ALL.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
}

fn tail(s: &Subject<'_>) -> String {
    let alone = if s.terms.tell_voices_apart {
        "If voices are not told apart, your words cannot be found alone: then the whole meeting is erased."
    } else {
        "Voices are not told apart, so your words cannot be found alone: the whole meeting is erased."
    };
    let models: String = s.models.iter().map(|m| format!("{} {}\n", m.task, m.sha256)).collect();
    format!(
        "\nYou can take your yes back at any time and need give no reason: for this meeting or for all, for your own \
         words or for the whole meeting. All that was made from them is erased, and the rest is worked out again \
         without them. {alone} If you take back your words, the sound of the meeting goes with them. That you said \
         yes and took it back stays in the list of consents, without anything that was said.\n\
         \n\
         What cannot be reached: pages that were printed, sent or saved elsewhere, and copies of this disk made \
         before. Candor also cannot know of another phone or recorder in the room.\n\
         \n\
         Nothing is sent anywhere. A yes is good for this meeting only; everything is erased after {}.\n\
         \n\
         For the record: words no. {VERSION}; files that will read the meeting:\n{models}",
        days(s.terms.erase_after_days),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::terms::tests::WIDE;
    use time::macros::date;

    fn subject(terms: &Terms, check: impl Fn(&Subject<'_>)) {
        let models = [Model { task: "hear".into(), sha256: Digest([7; 32]) }];
        check(&Subject {
            circle: "Harbor",
            meeting: MeetingId(3),
            date: date!(2026 - 03 - 12),
            source: Source::Room,
            present: &["Ana", "Ben"],
            may_come: &["Chi"],
            terms,
            models: &models,
        });
    }

    #[test]
    fn everything_that_binds_is_in_the_words() {
        subject(&WIDE, |s| {
            let text = Notice::render(s).text;
            let models = Digest([7; 32]).to_string();
            for needed in ["Harbor", "meeting 3", "2026-03-12", "Ana, Ben", "Chi", "30 days", "365 days", &models] {
                assert!(text.contains(needed), "{needed} is missing");
            }
        });
    }

    #[test]
    fn each_change_changes_the_hash() {
        subject(&WIDE, |s| {
            let hash = Notice::render(s).hash();
            let file = Source::File(Digest([1; 32]));
            let narrow = Terms { tell_voices_apart: false, names_in_brief: false, ..WIDE };
            let changed = [
                Subject { meeting: MeetingId(4), ..s.clone() },
                Subject { date: date!(2026 - 03 - 13), ..s.clone() },
                Subject { source: file, ..s.clone() },
                Subject { present: &["Ana"], ..s.clone() },
                Subject { may_come: &[], ..s.clone() },
                Subject { terms: &narrow, ..s.clone() },
                Subject { models: &[], ..s.clone() },
            ];
            for other in &changed {
                assert_ne!(Notice::render(other).hash(), hash);
            }
            let older = Notice { version: 0, ..Notice::render(s) };
            assert_ne!(older.hash(), hash);
        });
    }
}
