//! Words that only one member says, and what is made of them: what is left of somebody in a vault can be told by these.

use candor::{
    findings::Findings,
    session::{MOVES, MoveScores, Utterance},
    store::Reading,
};

use crate::{circle::MEMBERS, search::Needle};

/// What tells a member's part of the meeting from the others'.
pub(crate) struct Traces {
    pub(crate) word: &'static str,
    /// A number that the models give for this member's sentences alone, and how the search calls it.
    mark: f32,
    pub(crate) mark_name: &'static str,
}

pub(crate) const RUTH: Traces = Traces { word: "vellichor", mark: 0.123_456, mark_name: "meaning of Ruth's" };
pub(crate) const OWEN: Traces = Traces { word: "quillonade", mark: 0.234_561, mark_name: "meaning of Owen's" };
pub(crate) const MINA: Traces = Traces { word: "zugzwangle", mark: 0.345_612, mark_name: "meaning of Mina's" };
const TRACES: [Traces; 3] = [RUTH, OWEN, MINA];
pub(crate) const NOTES: &str = "notewort";
/// So many that they fill pages, and that these are split and freed.
const UTTERANCES: u32 = 600;

/// What is looked for of everybody.
pub(crate) fn needles() -> Vec<Needle> {
    let words = TRACES.iter().map(|t| t.word).chain([NOTES]).map(Needle::text);
    words.chain(TRACES.iter().map(|t| Needle::bytes(t.mark_name, &t.mark.to_le_bytes().repeat(8)))).collect()
}

pub(crate) fn words() -> Vec<Utterance> {
    let said = |i: u32| Utterance {
        i,
        speaker: MEMBERS[i as usize % 3].into(),
        text: format!("What I mean by {} is hard to say, for the {i}th time.", TRACES[i as usize % 3].word),
        start: i as f32,
        end: i as f32 + 0.5,
        pause_before: 0.5,
        confidence: 1.0,
    };
    (0..UTTERANCES).map(said).collect()
}

pub(crate) fn reading() -> Reading {
    let meaning = |i: usize| vec![TRACES[i % 3].mark; 384];
    Reading {
        moves: vec![MoveScores([0.05; MOVES.len()]); UTTERANCES as usize],
        embeddings: (0..UTTERANCES as usize).map(meaning).collect(),
    }
}

/// Findings of a labelled circle with these words in the place of its own.
pub(crate) fn findings() -> Findings {
    let fixture = include_str!("../fixtures/ridge-findings.json");
    let mut found: Findings = serde_json::from_str(fixture).unwrap();
    for (u, said) in found.meetings.iter_mut().flat_map(|m| &mut m.utterances).zip(words()) {
        u.text = said.text;
    }
    found
}
