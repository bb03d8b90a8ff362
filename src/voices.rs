//! Telling voices apart, and forming turns.
//!
//! The encoder ([`ge2e`]) runs inside the mind, where the sound is. What it gives, with the words, is enough for the rest,
//! which is arithmetic: [`turns`] finds the voices and gives every word to one. Nothing of a voice outlives the call.

use crate::{
    session::Utterance,
    wire::{Heard, VoiceWindow, Word},
};

mod cluster;
pub mod ge2e;
mod mel;
mod turns;
mod viterbi;

/// Who speaks where voices are not told apart.
pub const SOMEONE: &str = "someone";

/// Utterances from what was heard, in order. If the terms allow telling voices apart, speakers are "voice 1", "voice 2"...
/// in the order in which they first speak, and at most `present` of them; otherwise all are [`SOMEONE`] and utterances end
/// at long pauses only.
#[must_use]
pub fn turns(heard: &[Heard], present: usize, allowed: bool) -> Vec<Utterance> {
    let words: Vec<&Word> = heard.iter().flat_map(|h| &h.words).collect();
    let windows: Vec<&VoiceWindow> = if allowed { heard.iter().flat_map(|h| &h.voices).collect() } else { Vec::new() };
    if windows.is_empty() {
        return turns::utterances(heard, &words, &vec![0; words.len()], |_| SOMEONE.to_owned());
    }
    let voices = cluster::Voices::find(&windows, present);
    let speakers = turns::speakers(&words, &windows, &voices);
    let mut order: Vec<usize> = Vec::new();
    for &speaker in &speakers {
        if !order.contains(&speaker) {
            order.push(speaker);
        }
    }
    let name = |speaker| format!("voice {}", order.iter().position(|&s| s == speaker).map_or(0, |n| n + 1));
    turns::utterances(heard, &words, &speakers, name)
}
