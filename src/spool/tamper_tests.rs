//! Spools that somebody or something has touched: none may be taken as clean.

use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    path::PathBuf,
    time::Duration,
};

use super::{
    Acknowledged, Ending, SpoolError, SpoolKey, SpoolReader, SpoolWriter, destroy,
    frame::{FRAME, HEADER, SECOND},
};

const MEETING: u64 = 42;

struct Sample {
    _folder: tempfile::TempDir,
    path: PathBuf,
    key: SpoolKey,
    frames: u32,
}

/// Half a second over two seconds of sound, a pause of one and a half, half a second of sound.
fn sample(finish: bool) -> Sample {
    written(|mut writer| {
        writer.push(&vec![7; SECOND + 1]).unwrap();
        writer.push(&vec![8; SECOND + SECOND / 2 - 1]).unwrap();
        let paused = writer.pause(Duration::from_millis(1500)).unwrap();
        if !finish {
            return paused;
        }
        writer.push(&vec![9; SECOND / 2]).unwrap();
        writer.finish().unwrap()
    })
}

/// One second.
fn short() -> Sample {
    written(|mut writer| {
        writer.push(&vec![7; SECOND]).unwrap();
        writer.finish().unwrap()
    })
}

fn written(write: impl FnOnce(SpoolWriter) -> Acknowledged) -> Sample {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("spool/42.spool");
    let key = SpoolKey::random().unwrap();
    let last = write(SpoolWriter::create(&path, MEETING, &key).unwrap());
    Sample { _folder: folder, path, key, frames: last.frames }
}

impl Sample {
    fn bytes(&self) -> Vec<u8> {
        fs::read(&self.path).unwrap()
    }

    fn open(&self, acknowledged: u32) -> Result<SpoolReader, SpoolError> {
        SpoolReader::open(&self.path, MEETING, &self.key, acknowledged)
    }

    /// How other bytes under the same name are read.
    fn read_as(&self, bytes: &[u8], acknowledged: u32) -> Result<SpoolReader, SpoolError> {
        fs::write(&self.path, bytes).unwrap();
        self.open(acknowledged)
    }
}

#[test]
fn the_clock_counts_sound_and_pauses_and_reading_starts_anywhere() {
    let spool = sample(true);
    let reader = spool.open(spool.frames).unwrap();
    assert_eq!((reader.ending(), reader.frames(), reader.length()), (Ending::Complete, 7, 4.5));
    assert_eq!((reader.pauses()[0].start, reader.pauses()[0].seconds), (2.5, 1.5));
    let whole: Vec<i16> = reader.seconds(0).flat_map(Result::unwrap).collect();
    let runs = [(7, SECOND + 1), (8, SECOND * 3 / 2 - 1), (0, SECOND * 3 / 2), (9, SECOND / 2)];
    let expected: Vec<i16> = runs.iter().flat_map(|&(value, n)| vec![value; n]).collect();
    assert_eq!(whole, expected);
    for from in 0..7 {
        let rest: Vec<i16> = reader.seconds(from).flat_map(Result::unwrap).collect();
        assert_eq!(rest, expected[expected.len().min(from as usize * SECOND)..], "from {from}");
    }
    let lengths: Vec<usize> = reader.seconds(0).map(|s| s.unwrap().len()).collect();
    assert_eq!(lengths, [SECOND, SECOND, SECOND, SECOND, SECOND / 2]);
}

/// A bit of all header bytes, and of each frame the nonce, the beginning, the tag and samples between.
#[test]
fn no_flipped_bit_passes() {
    let mut flips = 0;
    for spool in [sample(true), sample(false)] {
        let interesting = |at: &usize| match at.checked_sub(HEADER).map(|n| n % FRAME) {
            None => true,
            Some(within) => !(40..FRAME - 20).contains(&within) || within % 997 == 0,
        };
        let places = (0..spool.bytes().len()).filter(interesting);
        flips += none_passes(&spool, places.map(|at| (at, at % 8)));
    }
    note(&format!("spool: {flips} flipped bits, 0 accepted"));
}

/// Every single bit of a recording of one second; by `CANDOR_EVERY_BIT=1`, since it takes minutes.
#[test]
fn not_one_bit_of_a_second_can_be_flipped() {
    if std::env::var_os("CANDOR_EVERY_BIT").is_none() {
        return;
    }
    let spool = short();
    let bits = spool.bytes().len() * 8;
    let flips = none_passes(&spool, (0..bits).map(|bit| (bit / 8, bit % 8)));
    note(&format!("spool of one second: {flips} flipped bits, 0 accepted"));
}

/// Flips one bit at a time in the file, which must then be refused; gives their number.
fn none_passes(spool: &Sample, bits: impl Iterator<Item = (usize, usize)>) -> usize {
    let clean = spool.bytes();
    let file = fs::File::options().write(true).open(&spool.path).unwrap();
    let put = |at: usize, byte: u8| {
        let mut file = &file;
        file.seek(SeekFrom::Start(at as u64)).unwrap();
        file.write_all(&[byte]).unwrap();
    };
    let mut flips = 0;
    for (at, bit) in bits {
        put(at, clean[at] ^ 1 << bit);
        assert!(spool.open(spool.frames).is_err(), "byte {at}, bit {bit}");
        // Without the vault's count a bent last frame looks torn; it is never given out and never complete.
        if let Ok(reader) = spool.open(0) {
            assert_eq!((reader.ending(), reader.frames()), (Ending::Interrupted, spool.frames - 1), "byte {at}");
        }
        put(at, clean[at]);
        flips += 1;
    }
    assert!(spool.open(spool.frames).is_ok(), "the file must be as it was");
    flips
}

/// A figure for THREATS.md.
fn note(figure: &str) {
    writeln!(std::io::stderr(), "{figure}").unwrap();
}

#[test]
fn a_cut_leaves_the_whole_frames_before_it() {
    let spool = sample(true);
    let clean = spool.bytes();
    let edges = (0..clean.len()).filter(|at| at.wrapping_sub(HEADER) % FRAME < 3 || at % 331 == 0 || *at < HEADER + 60);
    for at in edges {
        let whole = (at.saturating_sub(HEADER) / FRAME) as u32;
        match spool.read_as(&clean[..at], 0) {
            Ok(reader) => assert_eq!((reader.frames(), reader.ending()), (whole, Ending::Interrupted)),
            Err(e) => assert!(whole == 0 && matches!(e, SpoolError::NotThisSpool), "cut at {at}: {e}"),
        }
        assert!(spool.read_as(&clean[..at], spool.frames).is_err(), "the vault knows of more");
    }
}

#[test]
fn moved_doubled_dropped_and_added_frames_are_noticed() {
    let spool = sample(true);
    let clean = spool.bytes();
    let frames: Vec<&[u8]> = clean[HEADER..].chunks(FRAME).collect();
    let rebuilt = |order: &[usize]| -> Vec<u8> {
        clean[..HEADER].iter().copied().chain(order.iter().flat_map(|&n| frames[n].to_vec())).collect()
    };
    let normal: Vec<usize> = (0..frames.len()).collect();
    assert!(spool.read_as(&rebuilt(&normal), spool.frames).is_ok());
    for a in 0..frames.len() {
        for b in 0..frames.len() {
            let (mut swapped, mut doubled, mut dropped) = (normal.clone(), normal.clone(), normal.clone());
            swapped.swap(a, b);
            doubled.insert(a, b);
            dropped.remove(a);
            let copied: Vec<usize> = normal.iter().map(|&n| if n == a { b } else { n }).collect();
            for order in [swapped, doubled, dropped, copied].iter().filter(|order| **order != normal) {
                assert!(spool.read_as(&rebuilt(order), spool.frames).is_err(), "{order:?}");
            }
        }
    }
    for tail in [vec![0; 1], vec![0; FRAME], vec![0; 3 * FRAME]] {
        assert!(spool.read_as(&[clean.as_slice(), &tail].concat(), spool.frames).is_err());
    }
}

#[test]
fn zeros_behind_an_interruption_are_a_torn_frame_but_more_than_one_is_not() {
    let spool = sample(false);
    let clean = spool.bytes();
    let with_zeros = |n: usize| [clean.clone(), vec![0; n]].concat();
    for n in [1, FRAME - 1, FRAME] {
        assert_eq!(spool.read_as(&with_zeros(n), spool.frames).unwrap().frames(), spool.frames);
    }
    assert!(matches!(spool.read_as(&with_zeros(2 * FRAME), spool.frames), Err(SpoolError::Altered(_))));
}

#[test]
fn other_keys_meetings_spools_and_files_do_not_fit() {
    let (spool, other) = (sample(true), sample(true));
    let open = |meeting, key| SpoolReader::open(&spool.path, meeting, key, 0).map(|_| ());
    assert!(matches!(open(MEETING, &other.key), Err(SpoolError::WrongKey)));
    assert!(matches!(open(MEETING + 1, &spool.key), Err(SpoolError::NotThisSpool)));
    // Two spools of the same key and meeting: a frame of one, and the whole tail of one, in the other.
    let again = spool.path.with_extension("again");
    let mut writer = SpoolWriter::create(&again, MEETING, &spool.key).unwrap();
    writer.push(&vec![1; 6 * SECOND]).unwrap();
    let (clean, foreign) = (spool.bytes(), fs::read(&again).unwrap());
    for number in 0..6 {
        let at = HEADER + number * FRAME;
        let mut spliced = clean.clone();
        spliced[at..at + FRAME].copy_from_slice(&foreign[at..at + FRAME]);
        assert!(spool.read_as(&spliced, spool.frames).is_err());
        spliced = [&clean[..at], &foreign[at..]].concat();
        assert!(spool.read_as(&spliced, spool.frames).is_err());
    }
    for bytes in [&b""[..], b"RIFF", &[0; 100], &[0xff; 40_000]] {
        assert!(matches!(spool.read_as(bytes, 0), Err(SpoolError::NotThisSpool)));
    }
}

#[test]
fn an_interrupted_recording_goes_on_and_a_finished_one_does_not() {
    let spool = sample(false);
    let torn = [spool.bytes(), vec![3; 500]].concat();
    fs::write(&spool.path, torn).unwrap();
    let mut writer = SpoolWriter::resume(&spool.path, MEETING, &spool.key, spool.frames).unwrap();
    assert_eq!(writer.acknowledged().frames, spool.frames);
    writer.push(&vec![5; SECOND]).unwrap();
    let last = writer.finish().unwrap();
    let reader = spool.open(last.frames).unwrap();
    assert_eq!((reader.ending(), reader.length()), (Ending::Complete, 5.0));
    assert_eq!(reader.seconds(4).next().unwrap().unwrap(), vec![5; SECOND]);
    let again = SpoolWriter::resume(&spool.path, MEETING, &spool.key, last.frames).map(|_| ());
    assert!(matches!(again, Err(SpoolError::Finished)));
}

#[test]
fn a_destroyed_spool_is_gone_and_may_be_destroyed_again() {
    let spool = sample(true);
    destroy(&spool.path).unwrap();
    assert!(!spool.path.exists());
    destroy(&spool.path).unwrap();
}
