//! Broken files: they kill at most the mind, and the front says which file it was.

use std::{fs, path::Path};

use serde_json::json;

use crate::run::{Candor, stderr};

/// Broken files of each kind; 40 by `CANDOR_BROKEN=40`.
fn broken() -> u32 {
    std::env::var("CANDOR_BROKEN").ok().and_then(|n| n.parse().ok()).unwrap_or(4)
}

/// A generator that gives the same numbers every time (Marsaglia's xorshift, 2003).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % n as u64) as usize
    }

    /// Breaks a file in one of the ways in which files break: bits flipped, a piece lost, a piece doubled, an end cut off.
    fn break_file(&mut self, bytes: &mut Vec<u8>) {
        // Headers are short, and most of what can go wrong is in them.
        let near = bytes.len().min(if self.below(2) == 0 { 200 } else { usize::MAX });
        match self.below(4) {
            0 => (0..1 + self.below(20)).for_each(|_| {
                let at = self.below(near);
                bytes[at] ^= 1 << self.below(8);
            }),
            1 => drop(bytes.drain(self.below(near)..).take(1 + self.below(64)).count()),
            2 => {
                let at = self.below(near);
                let piece = bytes[at..(at + 64).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
            _ => bytes.truncate(self.below(near)),
        }
    }
}

fn whole_files() -> Vec<(&'static str, Vec<u8>)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let fixture = |name: &str| fs::read(root.join("tests/fixtures").join(name)).unwrap();
    vec![
        ("wav", crate::sound::Wav::tone(16_000, 2, 16, 2.0).bytes()),
        ("mp3", fixture("speech.mp3")),
        ("m4a", fixture("speech.m4a")),
        ("opus", fs::read(root.join("src/demo/s4.opus")).unwrap()[..40_000].to_vec()),
    ]
}

#[test]
fn a_broken_recording_is_named_and_hurts_nothing() {
    let candor = Candor::new();
    let dir = candor.path("in");
    fs::create_dir(&dir).unwrap();
    let circle = json!({"circle": "C", "setting": "product", "cadence_days": 30, "fiction": true});
    fs::write(dir.join("circle.json"), circle.to_string()).unwrap();
    let mut numbers = Numbers(20_260_101);
    let (mut refused, mut crashed, mut heard) = (0, 0, 0);
    for (kind, whole) in whole_files() {
        let meeting = json!({
            "session": 1, "date": "2026-01-15", "facilitator": "A", "roster": ["A", "B"], "present": ["A", "B"],
            "planned_minutes": 60, "phases": [], "audio": format!("s1.{kind}"),
        });
        fs::write(dir.join("s1.json"), meeting.to_string()).unwrap();
        for k in 0..broken() {
            let mut bytes = whole.clone();
            numbers.break_file(&mut bytes);
            fs::write(dir.join(format!("s1.{kind}")), &bytes).unwrap();
            let out = candor.run(&["rehearse", dir.to_str().unwrap()]);
            let said = stderr(&out);
            let code = out.status.code();
            assert!(code.is_some_and(|c| c < 100), "the front itself died of {kind} {k}: {said}");
            assert!(!said.contains("panicked"), "{kind} {k}: {said}");
            if code == Some(0) || said.contains("nobody speaks") {
                heard += 1;
            } else {
                assert!(said.contains(&format!("s1.{kind}")), "{kind} {k}: the file is not named:\n{said}");
                if said.contains("ended in the middle") { crashed += 1 } else { refused += 1 }
            }
        }
    }
    eprintln!("broken recordings: {refused} refused, {heard} heard as far as they go, {crashed} killed the mind");
    assert!(refused > 0);
}
