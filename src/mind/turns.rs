//! How a meeting is laid before the encoder: turns in windows, each with marks that say who speaks, how and under which rule.
//!
//! A window holds as many turns in a row as fit, so that every turn is read with its neighbours in view. Before the words of
//! a turn stand four marks, tokens of their own that the encoder learns for this: the speaker's part, which of the speakers
//! it is (numbered anew in every window, so that no number means anybody), the phase's rule, and the pause. Windows overlap
//! by half, and a turn counts most where it stands farthest from an edge.

use std::ops::Range;

use tokenizers::Tokenizer;

use super::MindError;
use crate::{
    session::Rule,
    wire::{MeetingText, Spoken},
};

/// Tokens in a window, marks included.
pub const WINDOW: usize = 320;

/// Tokens of a turn that is longer: its beginning and its end.
const TURN: (usize, usize) = (80, 30);

/// Tokens that MiniLM never learned, taken as marks: the first of them, and how many.
pub const MARKS: Range<u32> = 1..41;

/// Marks before every turn.
const MARKS_A_TURN: usize = 4;

/// Speakers that are told apart within a window.
const SPEAKERS: usize = 8;

/// Pauses in seconds from which the next mark holds; below the first is an interruption.
const PAUSES: [f32; 4] = [0.0, 0.7, 1.5, 3.0];

/// BERT's token before a text and between texts.
const BEGIN: u32 = 101;
const BETWEEN: u32 = 102;

/// What stands for a turn without any word.
const FULL_STOP: u32 = 1012;

/// Turns at an edge of a window that does not cut the meeting weigh as if they stood so far inside.
const INSIDE: usize = 6;

/// Some turns in a row, as tokens.
#[derive(Clone, Debug)]
pub struct Window {
    /// Which turns.
    pub turns: Range<usize>,
    /// Tokens, [`BEGIN`] first.
    pub ids: Vec<u32>,
    /// Where each turn stands in `ids`, its marks included.
    pub spans: Vec<Range<usize>>,
}

/// A meeting's turns as tokens, without marks.
///
/// # Errors
/// When the tokenizer fails.
pub fn tokens(tokenizer: &Tokenizer, texts: impl Iterator<Item = impl AsRef<str>>) -> Result<Vec<Vec<u32>>, MindError> {
    texts.map(|text| turn(tokenizer, text.as_ref())).collect()
}

fn turn(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>, MindError> {
    let encoding = tokenizer.encode_fast(text, false).map_err(|_| MindError::Tokens)?;
    let ids = encoding.get_ids();
    let (head, tail) = TURN;
    Ok(match ids.len() {
        0 => vec![FULL_STOP],
        n if n <= head + tail => ids.to_vec(),
        n => [&ids[..head], &ids[n - tail..]].concat(),
    })
}

/// Turns from `from` on that fit into a window, at least one.
#[must_use]
pub fn fit(words: &[Vec<u32>], from: usize, tokens: usize) -> Range<usize> {
    let mut used = 1;
    let fits = |turn: &&Vec<u32>| {
        used += turn.len() + MARKS_A_TURN + 1;
        used <= tokens
    };
    let n = words[from..].iter().take_while(fits).count();
    from..from + n.max(1).min(words.len() - from)
}

/// Windows over a whole meeting, each beginning in the middle of the one before.
#[must_use]
pub fn windows(words: &[Vec<u32>]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < words.len() {
        let range = fit(words, from, WINDOW);
        let end = range.end;
        found.push(range);
        if end == words.len() {
            break;
        }
        let half = fit(words, from, WINDOW / 2).end;
        from = half.clamp(from + 1, end);
    }
    found
}

/// Lays turns out. `numbers` is the order in which speakers are numbered: as they come, or shuffled for training.
#[must_use]
pub fn lay(meeting: &MeetingText, words: &[Vec<u32>], turns: Range<usize>, numbers: &[u32; SPEAKERS]) -> Window {
    let mut ids = vec![BEGIN];
    let mut spans = Vec::with_capacity(turns.len());
    let mut speakers: Vec<u16> = Vec::new();
    for k in turns.clone() {
        let said = &meeting.utterances[k];
        let speaker = speakers.iter().position(|s| *s == said.speaker).unwrap_or_else(|| {
            speakers.push(said.speaker);
            speakers.len() - 1
        });
        let from = ids.len();
        ids.extend(marks(said, numbers[speaker % SPEAKERS]));
        ids.extend(&words[k]);
        spans.push(from..ids.len());
        ids.push(BETWEEN);
    }
    Window { turns, ids, spans }
}

/// The order in which speakers are numbered when a meeting is read.
pub const AS_THEY_COME: [u32; SPEAKERS] = [0, 1, 2, 3, 4, 5, 6, 7];

fn marks(said: &Spoken, speaker: u32) -> [u32; MARKS_A_TURN] {
    let part = match (said.facilitator, said.presenter) {
        (true, _) => 0,
        (_, true) => 1,
        _ => 2,
    };
    let rule = match said.rule {
        None | Some(Rule::Free) => 0,
        Some(Rule::OneVoice) => 1,
        Some(Rule::QuestionsOnly) => 2,
        Some(Rule::Open) => 3,
        Some(Rule::SilenceOk) => 4,
    };
    let pause = PAUSES.iter().filter(|p| said.pause_before >= **p).count() as u32;
    [part, 10 + speaker, 20 + rule, 30 + pause].map(|mark| MARKS.start + mark)
}

/// How much a window's word about a turn counts: the more, the farther from an edge that cuts the meeting.
#[must_use]
pub fn weight(window: &Range<usize>, turn: usize, all: usize) -> f32 {
    let before = if window.start == 0 { INSIDE } else { turn - window.start };
    let after = if window.end == all { INSIDE } else { window.end - 1 - turn };
    (1 + before.min(after).min(INSIDE)) as f32
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(turns: usize) -> MeetingText {
        let say = |k: usize| Spoken {
            speaker: (k % 3) as u16,
            facilitator: k.is_multiple_of(3),
            presenter: false,
            rule: Some(Rule::Open),
            text: String::new(),
            pause_before: 0.5,
        };
        MeetingText { utterances: (0..turns).map(say).collect(), from_audio: false }
    }

    #[test]
    fn every_turn_stands_in_a_window_and_no_window_is_too_long() {
        for length in [1, 40, 110] {
            let words: Vec<Vec<u32>> = (0..50).map(|k| vec![2000; (k * 7) % length + 1]).collect();
            let windows = windows(&words);
            let meeting = meeting(words.len());
            for k in 0..words.len() {
                assert!(windows.iter().any(|w| w.contains(&k)), "turn {k}");
            }
            for range in windows {
                let window = lay(&meeting, &words, range, &AS_THEY_COME);
                assert!(window.ids.len() <= WINDOW);
                assert_eq!(window.spans.len(), window.turns.len());
                assert!(window.spans.iter().all(|s| window.ids[s.end] == BETWEEN));
            }
        }
    }

    #[test]
    fn one_turn_that_is_too_long_has_a_window_of_its_own() {
        let words = vec![vec![2000; 400], vec![2000; 400]];
        assert_eq!(windows(&words), [0..1, 1..2]);
    }

    #[test]
    fn the_middle_of_a_window_counts_most() {
        assert!(weight(&(10..20), 15, 40) > weight(&(10..20), 10, 40));
        assert_eq!(weight(&(0..20), 0, 40), weight(&(0..20), 10, 40), "the meeting begins there");
    }
}
