//! What an invented circle of six says in ten years of weekly meetings, and what Candor keeps of it. Words, signs and themes
//! are those of the labelled circles in `tests`, over and over, so that their lengths are those of talk.

use std::{collections::BTreeMap, fs, path::Path};

use candor::{
    findings::{Findings, MeetingFindings, Promise, Quote, ReadUtterance},
    session::{Circle, MOVES, Meeting, MoveScores, Setting, Utterance},
    store::Reading,
};
use time::{Date, Duration};

/// Weeks of ten years.
pub(crate) const MEETINGS: u32 = 520;
/// In each; a million in all.
pub(crate) const UTTERANCES: u32 = 1_923;
/// Numbers in a sentence's embedding, as MiniLM gives them.
const DIMENSIONS: usize = 384;
pub(crate) const MEMBERS: [&str; 6] = ["Ruth", "Owen", "Mina", "Tomasz", "Helle", "Priya"];
/// What half of all utterances are in talk.
const SHORT: [&str; 6] = ["Mm.", "Yes.", "Right, go on.", "I see.", "Yeah, that is true.", "What did you say then?"];

pub(crate) fn about() -> Circle {
    Circle {
        name: "Ten years".into(),
        setting: Setting::Organizations,
        cadence_days: 7,
        about: "Six who run small companies, on Tuesdays.".into(),
        fiction: true,
    }
}

/// The day of a meeting.
pub(crate) fn day(session: u32) -> Date {
    Date::from_calendar_date(2016, time::Month::January, 5).unwrap() + Duration::weeks(i64::from(session))
}

pub(crate) fn meeting(session: u32) -> Meeting {
    let names: Vec<String> = MEMBERS.iter().map(|m| (*m).to_owned()).collect();
    Meeting {
        session,
        date: day(session),
        facilitator: names[0].clone(),
        present: names.clone(),
        roster: names,
        planned_minutes: 120,
        phases: vec![],
        utterances: vec![],
        from_audio: true,
    }
}

/// Sentences that were written for the tests, and how far they have been used.
pub(crate) struct Talk {
    sentences: Vec<String>,
    next: usize,
    random: u32,
}

impl Talk {
    pub(crate) fn new(circles: &Path) -> Self {
        let mut sentences = Vec::new();
        for circle in ["anvil", "harbor", "keel", "mill", "orchard", "ridge"] {
            for n in 1..=5 {
                let text = fs::read_to_string(circles.join(circle).join(format!("s{n}.json"))).unwrap();
                let meeting: Meeting = serde_json::from_str(&text).unwrap();
                sentences.extend(meeting.utterances.into_iter().map(|u| u.text));
            }
        }
        Self { sentences, next: 0, random: 1 }
    }

    /// The words of one meeting.
    pub(crate) fn utterances(&mut self) -> Vec<Utterance> {
        let mut clock = 0.0;
        let said = |i: u32| {
            self.next += 1;
            let text = if i % 2 == 1 {
                SHORT[self.next % SHORT.len()]
            } else {
                &self.sentences[self.next % self.sentences.len()]
            };
            let start = clock + 0.4;
            clock = start + text.split_whitespace().count() as f32 * 0.4;
            Utterance {
                i,
                speaker: MEMBERS[self.next % MEMBERS.len()].into(),
                text: text.to_owned(),
                start,
                end: clock,
                pause_before: 0.4,
                confidence: 0.93,
            }
        };
        (0..UTTERANCES).map(said).collect()
    }

    /// What the models would make of them: numbers without meaning, but as many.
    pub(crate) fn reading(&mut self) -> Reading {
        let mut number = || {
            self.random ^= self.random << 13;
            self.random ^= self.random >> 17;
            self.random ^= self.random << 5;
            (self.random >> 8) as f32 / (1 << 24) as f32
        };
        Reading {
            moves: (0..UTTERANCES).map(|_| MoveScores(std::array::from_fn(|_| number() / 9.0))).collect(),
            embeddings: (0..UTTERANCES).map(|_| (0..DIMENSIONS).map(|_| number() / 10.0 - 0.05).collect()).collect(),
        }
    }
}

/// What `reflect` would have found: five labelled meetings again and again, stretched to the length of these.
pub(crate) fn findings(fixture: &str, words: &[Utterance], reading: &Reading) -> Findings {
    let mut found: Findings = serde_json::from_str(fixture).unwrap();
    let (five, themes, promises) = (
        std::mem::take(&mut found.meetings),
        std::mem::take(&mut found.themes),
        std::mem::take(&mut found.commitments),
    );
    let read: Vec<ReadUtterance> = words.iter().zip(&reading.moves).map(|(u, moves)| read(u, moves)).collect();
    for session in 1..=MEETINGS {
        let like = &five[(session as usize - 1) % five.len()];
        found.meetings.push(stretched(like, session, &read));
        found.commitments.extend(promises.iter().map(|p| Promise {
            quote: Quote { session, ..p.quote.clone() },
            followed_up: p.followed_up.clone().map(|q| Quote { session: (session + 1).min(MEETINGS), ..q }),
            ..p.clone()
        }));
    }
    for block in 0..MEETINGS / five.len() as u32 {
        for like in &themes {
            let mut theme = like.clone();
            theme.id = format!("t{block}-{}", like.id);
            let quoted = theme.shown_by.iter_mut().map(|q| &mut q.session);
            theme.sessions.iter_mut().chain(quoted).for_each(|s| *s += block * five.len() as u32);
            found.themes.push(theme);
        }
    }
    found
}

fn read(u: &Utterance, moves: &MoveScores) -> ReadUtterance {
    ReadUtterance {
        i: u.i,
        speaker: u.speaker.clone(),
        start: u.start,
        end: u.end,
        text: u.text.clone(),
        best: moves.best(),
        moves: MOVES.iter().map(|m| (*m, moves.of(*m))).collect::<BTreeMap<_, _>>(),
    }
}

fn stretched(like: &MeetingFindings, session: u32, read: &[ReadUtterance]) -> MeetingFindings {
    let longer = UTTERANCES / like.utterances.len() as u32;
    let mut m = MeetingFindings { session, date: day(session), utterances: read.to_vec(), ..like.clone() };
    (m.coverage.utterances_read, m.coverage.utterances) = (UTTERANCES, UTTERANCES);
    for theme in &mut m.themes {
        theme.utterances = theme.utterances.iter().flat_map(|i| (0..longer).map(move |k| i * longer + k)).collect();
    }
    m
}
