//! Whose word is whose, and utterances from words.
//!
//! Every word is scored against every voice by the windows around it. The most likely sequence of speakers (Viterbi) pays
//! for each change, less where people do change: after a pause and at the end of a sentence.

use super::{cluster::Voices, viterbi::most_likely};
use crate::{
    session::Utterance,
    wire::{Heard, VoiceWindow, Word},
};

/// What a change of speaker costs, in units of cosine.
const CHANGE: f32 = 0.6;
/// Share of it at the end of a sentence, and at a new segment of Whisper's.
const AT_SENTENCE: f32 = 0.45;
/// A pause of so many seconds takes the cost to the least.
const FREE_PAUSE: f32 = 1.0;
/// Least share of the cost.
const LEAST: f32 = 0.2;

/// Windows whose middle is farther than this from a word do not speak for it, in seconds.
const REACH: f32 = 1.0;

/// A pause within a turn that begins a new utterance, in seconds.
const LONG_PAUSE: f32 = 1.5;
/// Edges of utterances move to edges of speech that are nearer than this, in seconds: words are timed less well.
const SNAP: f32 = 0.5;

/// The speaker of each word.
pub(super) fn speakers(words: &[&Word], windows: &[&VoiceWindow], voices: &Voices) -> Vec<usize> {
    let scored: Vec<(f32, Vec<f32>)> =
        windows.iter().map(|w| ((w.start + w.end) / 2.0, voices.scores(&w.embedding))).collect();
    let scores = words.iter().map(|word| score(word, &scored, voices.count())).collect::<Vec<_>>();
    most_likely(&scores, |n| cost_of_change(words[n - 1], words[n]))
}

/// Mean likeness of a word to each voice, the nearest windows counting most.
fn score(word: &Word, windows: &[(f32, Vec<f32>)], voices: usize) -> Vec<f32> {
    let middle = (word.start + word.end) / 2.0;
    let first = windows.partition_point(|(at, _)| *at < middle - REACH);
    let mut sum = vec![0.0; voices];
    let mut total = 0.0;
    for (at, likeness) in windows[first..].iter().take_while(|(at, _)| *at <= middle + REACH) {
        let weight = (1.0 - (at - middle).abs() / REACH).powi(2) + 1e-3;
        total += weight;
        sum.iter_mut().zip(likeness).for_each(|(s, l)| *s += weight * l);
    }
    sum.iter_mut().for_each(|s| *s /= f32::max(total, 1e-6));
    sum
}

fn cost_of_change(before: &Word, after: &Word) -> f32 {
    let pause = ((after.start - before.end) / FREE_PAUSE).clamp(0.0, 1.0);
    let sentence = before.text.ends_with(['.', '?', '!']) || after.opens;
    let share = if sentence { AT_SENTENCE } else { 1.0 };
    CHANGE * (share * (1.0 - pause)).max(LEAST)
}

/// Joins words of one speaker into utterances, and names speakers with `name`.
pub(super) fn utterances(
    heard: &[Heard],
    words: &[&Word],
    speakers: &[usize],
    name: impl Fn(usize) -> String,
) -> Vec<Utterance> {
    let speech: Vec<(f32, f32)> = heard.iter().flat_map(|h| h.speech.iter().copied()).collect();
    let mut turns: Vec<Turn<'_>> = Vec::new();
    for (&word, &speaker) in words.iter().zip(speakers) {
        match turns.last_mut() {
            Some(turn) if turn.speaker == speaker && word.start - turn.end() < LONG_PAUSE => turn.words.push(word),
            _ => turns.push(Turn { speaker, words: vec![word] }),
        }
    }
    let mut spoken: Vec<Utterance> = turns.iter().map(|turn| turn.utterance(&speech, &name)).collect();
    let mut clock = 0.0;
    for (i, utterance) in (0..).zip(&mut spoken) {
        utterance.i = i;
        utterance.pause_before = utterance.start - clock;
        clock = utterance.end;
    }
    spoken
}

/// Words of one speaker in a row.
struct Turn<'a> {
    speaker: usize,
    words: Vec<&'a Word>,
}

impl Turn<'_> {
    fn end(&self) -> f32 {
        self.words.last().map_or(0.0, |w| w.end)
    }

    fn utterance(&self, speech: &[(f32, f32)], name: impl Fn(usize) -> String) -> Utterance {
        let (start, end) = (self.words.first().map_or(0.0, |w| w.start), self.end());
        let snap = |time: f32, edge: fn(&(f32, f32)) -> f32| {
            let nearest = speech.iter().map(edge).min_by(|a, b| (a - time).abs().total_cmp(&(b - time).abs()));
            nearest.filter(|edge| (edge - time).abs() < SNAP).unwrap_or(time)
        };
        let start = snap(start, |s| s.0);
        let text: Vec<&str> = self.words.iter().map(|w| w.text.as_str()).collect();
        Utterance {
            i: 0,
            speaker: name(self.speaker),
            text: text.join(" "),
            start,
            end: snap(end, |s| s.1).max(start),
            pause_before: 0.0,
            confidence: self.words.iter().map(|w| w.p).sum::<f32>() / self.words.len().max(1) as f32,
        }
    }
}
