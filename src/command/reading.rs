//! From words to findings: moves and embeddings from the mind, the rest from `reflect`.

use crate::{
    consent::{Analyse, Grant},
    error::{Error, Result},
    findings::Findings,
    remote::Mind,
    screen::Screen,
    session::{Circle, Meeting},
    wire::{MeetingText, Spoken},
};

/// Texts in one request for embeddings; keeps a message well under the wire's limit.
const BATCH: usize = 128;

/// A meeting with the leave to read it.
pub(super) struct Readable {
    pub(super) meeting: Meeting,
    /// Everyone's yes to this use, consumed by the reading.
    pub(super) grant: Grant<Analyse>,
}

/// What the mind says of a meeting's words, for `reflect`.
pub(super) fn text_of(meeting: &Meeting) -> MeetingText {
    let mut speakers: Vec<&str> = Vec::new();
    let utterances = meeting
        .utterances
        .iter()
        .map(|u| {
            let number = speakers.iter().position(|s| *s == u.speaker).unwrap_or_else(|| {
                speakers.push(&u.speaker);
                speakers.len() - 1
            });
            let phase = meeting.phase_of(u);
            Spoken {
                speaker: u16::try_from(number).unwrap_or(u16::MAX),
                facilitator: u.speaker == meeting.facilitator,
                presenter: phase.and_then(|p| p.presenter.as_ref()) == Some(&u.speaker),
                rule: phase.map(|p| p.rule),
                text: u.text.clone(),
                pause_before: u.pause_before,
            }
        })
        .collect();
    MeetingText { utterances, from_audio: meeting.from_audio }
}
