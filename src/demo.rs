//! The invented circle that ships with Candor: three meetings as text, and a fourth that is spoken.
//!
//! Part of the program, so that `candor demo` needs no files. Five people who run small theatres meet with a retired stage
//! manager. They begin frankly, then laugh a month away, then somebody says so; one concern comes back in every meeting
//! and never moves. How the voices were made stands in `tests/demo/README.md`.

use crate::{
    error::{Error, ErrorKind, Result},
    fiction,
    session::{Circle, Meeting},
};

const CIRCLE: &str = include_str!("demo/circle.json");

/// In order of session; the last one's words are in [`spoken_audio`].
const MEETINGS: [(&str, &str); 4] = [
    ("s1.json", include_str!("demo/s1.json")),
    ("s2.json", include_str!("demo/s2.json")),
    ("s3.json", include_str!("demo/s3.json")),
    ("s4.json", include_str!("demo/s4.json")),
];

/// The circle, marked as fiction.
///
/// # Errors
/// When the file inside the program is broken; a mistake of the build.
pub fn circle() -> Result<Circle> {
    serde_json::from_str(CIRCLE)
        .map_err(|e| Error::new(ErrorKind::System, "the demo's circle.json cannot be read").because(e))
}

/// Its four meetings, checked like those of a folder. The last one has phases in seconds and no utterances yet.
///
/// # Errors
/// When a file inside the program is broken; a mistake of the build.
pub fn meetings() -> Result<Vec<Meeting>> {
    MEETINGS.iter().map(|(name, text)| Ok(fiction::parse_meeting(text, name)?.0)).collect()
}

/// The recording of the last meeting: Opus in an Ogg container, mono.
#[must_use]
pub const fn spoken_audio() -> &'static [u8] {
    include_bytes!("demo/s4.opus")
}

/// Who can be heard at which second of [`spoken_audio`]: what a person would know who names the voices.
pub fn moments() -> Vec<(f32, String)> {
    #[derive(serde::Deserialize)]
    struct Moment {
        at: f32,
        name: String,
    }
    let moments: Vec<Moment> = serde_json::from_str(include_str!("demo/moments.json")).unwrap_or_default();
    moments.into_iter().map(|m| (m.at, m.name)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_meetings_are_text_and_the_last_is_spoken() {
        assert!(circle().unwrap().fiction);
        let meetings = meetings().unwrap();
        let spoken: Vec<bool> = meetings.iter().map(|m| m.from_audio).collect();
        assert_eq!(spoken, [false, false, false, true]);
        assert!(meetings[..3].iter().all(|m| (50..=75).contains(&m.utterances.len())));
        assert!(meetings.windows(2).all(|w| w[0].session + 1 == w[1].session && w[0].date < w[1].date));
    }

    #[test]
    fn every_text_utterance_falls_into_exactly_one_phase() {
        for m in &meetings().unwrap()[..3] {
            for u in &m.utterances {
                let hits = m.phases.iter().filter(|p| p.from <= Some(u.i) && Some(u.i) <= p.to).count();
                assert_eq!(hits, 1, "session {}, utterance {}", m.session, u.i);
            }
        }
    }

    #[test]
    fn the_recording_is_an_opus_stream_of_five_voices_or_more_and_under_four_megabytes() {
        let audio = spoken_audio();
        assert!(audio.starts_with(b"OggS") && audio.windows(8).take(64).any(|w| w == b"OpusHead"));
        assert!(audio.len() < 4 << 20);
        let last = meetings().unwrap().pop().unwrap();
        assert!(last.present.len() >= 5);
        assert!(last.phases.last().unwrap().to_s > Some(300.0), "five minutes at least");
    }
}
