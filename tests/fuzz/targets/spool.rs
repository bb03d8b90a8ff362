//! The spool of a meeting that somebody has touched, read with its own key and with another; also one whose frames somebody
//! sealed who has the key, whatever they hold.
#![no_main]

use std::{fs, path::Path, sync::LazyLock};

use candor::spool::{Ending, SpoolKey, SpoolReader, SpoolWriter};
use candor_fuzz::{
    decoded, encoded, folder,
    locked::{seal, spool_key},
    seed,
};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde::{Deserialize, Serialize};

const MEETING: u64 = 42;
const SECOND: usize = 16_000;
const HEADER: usize = 36;
const FRAME: usize = 24 + BODY + 16;
const BODY: usize = 5 + 2 * SECOND;

/// Frames that are sealed at most, and seconds that are read at most: both take time.
const MOST: usize = 8;

/// A spool and what was done to it.
#[derive(Serialize, Deserialize)]
struct Input {
    own_key: bool,
    acknowledged: u32,
    from: u32,
    frames: Vec<Frame>,
    edits: Vec<Edit>,
}

/// What is sealed: kind, count, and the beginning of the samples.
#[derive(Clone, Serialize, Deserialize)]
struct Frame {
    kind: u8,
    count: u32,
    samples: Vec<u8>,
}

/// Something done to the file; places are taken modulo what is there.
#[derive(Serialize, Deserialize)]
enum Edit {
    Flip(u32, u8),
    Cut(u32),
    Append(u8, u32),
    Copy { from: u8, to: u8 },
    Remove(u8),
    Overwrite(u32, Vec<u8>),
    Whole(Vec<u8>),
}

static KEYS: LazyLock<(SpoolKey, SpoolKey)> =
    LazyLock::new(|| (spool_key(MEETING), SpoolKey::random().expect("there is randomness")));

fuzz_target!(init: seed(seeds()), |data: &[u8]| -> Corpus {
    let Some(mut input) = decoded::<Input>(data) else { return Corpus::Reject };
    input.frames.truncate(MOST);
    let mut file = sealed(&input.frames);
    input.edits.iter().for_each(|edit| edit.apply(&mut file));
    let folder = folder();
    let path = folder.path().join("42.spool");
    fs::write(&path, file).expect("there is room");
    if input.own_key {
        read(&path, &input);
        go_on(&path, input.acknowledged);
    } else {
        assert!(SpoolReader::open(&path, MEETING, &KEYS.1, 0).is_err(), "another key opens nothing");
    }
    Corpus::Keep
});

/// Whatever opens can be read to its end, from anywhere.
fn read(path: &Path, input: &Input) {
    let Ok(spool) = SpoolReader::open(path, MEETING, &KEYS.0, input.acknowledged) else { return };
    assert!(spool.frames() >= input.acknowledged && spool.frames() as usize <= input.frames.len());
    assert!(spool.pauses().iter().all(|p| p.start >= 0.0 && p.seconds >= 0.0 && p.start <= spool.length()));
    for from in [0, input.from] {
        for second in spool.seconds(from).take(MOST) {
            let second = second.expect("every frame was checked");
            assert!((1..=SECOND).contains(&second.len()));
        }
    }
}

/// A recording that is not finished goes on, whatever a crash left behind it.
fn go_on(path: &Path, acknowledged: u32) {
    let Ok(mut spool) = SpoolWriter::resume(path, MEETING, &KEYS.0, acknowledged) else { return };
    let before = spool.acknowledged().frames;
    spool.push(&[5; SECOND + 1]).expect("there is room");
    let last = spool.finish().expect("there is room").frames;
    assert_eq!(last, before + 3);
    let spool = SpoolReader::open(path, MEETING, &KEYS.0, last).expect("what was written can be read");
    assert_eq!(spool.ending(), Ending::Complete);
}

/// The file that these frames make.
fn sealed(frames: &[Frame]) -> Vec<u8> {
    let mut file = [b"CNDRSPL1".as_slice(), &(SECOND as u32).to_le_bytes(), &MEETING.to_le_bytes(), &[9; 16]].concat();
    for (number, frame) in (0..).zip(frames) {
        let mut body = [&[frame.kind][..], &frame.count.to_le_bytes(), &frame.samples].concat();
        body.resize(BODY, 0);
        let frame = seal(&file[..HEADER], number, &body);
        file.extend(frame);
    }
    file
}

impl Edit {
    fn apply(&self, file: &mut Vec<u8>) {
        let place = |n: u32| n as usize % (file.len() + 1);
        let frames = file.len().saturating_sub(HEADER) / FRAME;
        let frame = |n: u8| HEADER + usize::from(n) % frames.max(1) * FRAME;
        match self {
            Self::Flip(at, mask) => {
                let at = place(*at);
                file.get_mut(at..).and_then(<[u8]>::first_mut).into_iter().for_each(|byte| *byte ^= mask);
            }
            Self::Cut(at) => file.truncate(place(*at)),
            Self::Append(byte, n) => file.resize(file.len() + *n as usize % (2 * FRAME), *byte),
            Self::Copy { from, to } if frames > 0 => file.copy_within(frame(*from)..frame(*from) + FRAME, frame(*to)),
            Self::Remove(n) if frames > 0 => drop(file.drain(frame(*n)..frame(*n) + FRAME)),
            Self::Copy { .. } | Self::Remove(_) => {}
            Self::Overwrite(at, bytes) => {
                let at = place(*at);
                let n = bytes.len().min(file.len() - at);
                file[at..at + n].copy_from_slice(&bytes[..n]);
            }
            Self::Whole(bytes) => file.clone_from(bytes),
        }
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let frame = |kind, count| Frame { kind, count, samples: vec![7; 64] };
    let sound = frame(1, SECOND as u32);
    let three = [frame(0, 0), sound.clone(), sound.clone(), sound.clone(), frame(3, 0)];
    let paused = [frame(0, 0), sound, frame(2, 24_000), frame(1, 900)];
    let forged = [frame(0, 0), frame(2, u32::MAX), frame(1, SECOND as u32 + 1), frame(4, 0), frame(0, 0)];
    let input = |frames: &[Frame], edits| {
        encoded(&Input { own_key: true, acknowledged: frames.len() as u32, from: 1, frames: frames.to_vec(), edits })
    };
    let other = Input { own_key: false, acknowledged: 0, from: 0, frames: three.to_vec(), edits: vec![] };
    vec![
        input(&three, vec![]),
        input(&paused, vec![]),
        input(&paused, vec![Edit::Append(0, FRAME as u32 - 1)]),
        input(&forged[..2], vec![]),
        input(&forged, vec![]),
        input(&three, vec![Edit::Flip(HEADER as u32 + 40, 1)]),
        input(&three, vec![Edit::Cut(3 * FRAME as u32), Edit::Overwrite(20, vec![1, 2, 3])]),
        input(&three, vec![Edit::Copy { from: 1, to: 2 }, Edit::Remove(3)]),
        input(&[], vec![Edit::Whole(b"RIFF".repeat(20))]),
        encoded(&other),
    ]
}
