//! A circle whose every word is known: what it is called, what was noted, and what is said in its recording.

use std::{fs, path::Path};

use candor::hear::decode::Decoding;

use crate::{opened::Opened, place::Place, run::PASSPHRASE, search::Needle, sound::Wav, vault::sound};

/// Names and texts that somebody types.
const NAMED: [&str; 4] = ["Thornquibble", "Zephyrine", "Bartholomeus", "ferrywright"];
pub(crate) const NOTE: &str = "kettlewhistle";
/// Rare words that the small Whisper hears in the first minute of the demo's spoken meeting.
pub(crate) const SPOKEN: [&str; 3] = ["lobby", "portal", "loyalty"];
/// Seconds that are taken of it.
const SECONDS: usize = 51;

/// A circle of two with a meeting that was noted, and a recording of another.
pub(crate) struct Spoken {
    pub(crate) place: Place,
    /// 16 kHz, as the program decodes the recording.
    decoded: Vec<i16>,
    wav: Wav,
}

impl Spoken {
    pub(crate) fn new() -> Self {
        let place = Place::new();
        let said = decode(&fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/s4.opus")).unwrap());
        let wav = three_times_the_rate(&said[..SECONDS * 16_000]);
        let table = Self { place, decoded: decode(&wav.bytes()), wav };
        let [circle, first, second, about] = NAMED;
        let about = format!("We meet above the {about}'s shop.");
        table.place.watch(&["circle", "new", circle, "--setting", "movements", "--about", &about], &[]);
        for (name, more) in [(first, &["--facilitator"][..]), (second, &[])] {
            let card = table.place.held(name);
            let args = [&["member", "add", name, "--card", card.to_str().unwrap()][..], more].concat();
            table.place.watch(&args, &[]);
        }
        let note = format!("The {NOTE} was late.");
        table.place.watch(&["note", "--present", &format!("{first},{second}"), "--text", &note], &[]);
        table
    }

    pub(crate) fn recording(&self) -> String {
        let path = self.place.held("evening.wav");
        self.wav.write(&path);
        path.to_str().unwrap().into()
    }

    pub(crate) fn consent(&self, wav: &str) -> Vec<u8> {
        let answers = self.place.held("answers");
        let line = |name: &str| format!("{name}: {}: all\n", self.card(name));
        fs::write(&answers, [line(NAMED[1]), line(NAMED[2])].concat()).unwrap();
        let answers = answers.to_str().unwrap();
        let args = ["consent", "--file", wav, "--answers", answers, "--keep-audio", "30"];
        self.place.watch(&args, &self.needles())
    }

    fn card(&self, name: &str) -> String {
        fs::read_to_string(self.place.held(name)).unwrap().lines().nth(1).unwrap().into()
    }

    /// All that must not be readable.
    pub(crate) fn needles(&self) -> Vec<Needle> {
        self.kept().into_iter().chain(self.secret()).collect()
    }

    /// What the vault holds, locked.
    pub(crate) fn kept(&self) -> Vec<Needle> {
        let words = NAMED.iter().chain(&SPOKEN).chain([&NOTE]).map(|w| Needle::text(w));
        words.chain([Needle::bytes("sound as it was decoded", &loudest(&self.decoded))]).collect()
    }

    /// What only people hold: cards, passphrase, the recording itself.
    pub(crate) fn secret(&self) -> Vec<Needle> {
        let card = self.card(NAMED[1]).split(' ').take(3).collect::<Vec<_>>().join(" ");
        let samples: Vec<i16> = self.wav.data.as_chunks().0.iter().map(|b| i16::from_le_bytes(*b)).collect();
        vec![Needle::text(&card), Needle::text(PASSPHRASE), Needle::bytes("sound of the file", &loudest(&samples))]
    }

    /// The same data without encryption.
    pub(crate) fn decrypted(&self) -> tempfile::TempDir {
        let open = tempfile::tempdir().unwrap();
        Opened::new(&self.place.data(), PASSPHRASE).copy_plain(&open.path().join("vault.db"));
        let samples: Vec<u8> = sound(&self.place.data(), 2).seconds(0).flat_map(|s| bytes(&s.unwrap())).collect();
        fs::write(open.path().join("sound.raw"), samples).unwrap();
        open
    }
}

fn decode(file: &[u8]) -> Vec<i16> {
    let mut decoding = Decoding::start();
    let mut samples: Vec<i16> = file.chunks(1 << 16).flat_map(|piece| decoding.push(piece.to_vec()).concat()).collect();
    decoding.finish(|second| samples.extend(second)).unwrap();
    samples
}

/// At 48 kHz, with straight lines between the samples, so that the file's own samples are not those that are decoded.
fn three_times_the_rate(samples: &[i16]) -> Wav {
    let between = |a: i16, b: i16, k: i32| ((i32::from(a) * (3 - k) + i32::from(b) * k) / 3) as i16;
    let fine = samples.windows(2).flat_map(|w| (0..3).map(move |k| between(w[0], w[1], k)));
    Wav { rate: 48_000, channels: 1, bits: 16, data: bytes(&fine.collect::<Vec<_>>()) }
}

/// The loudest run of 256 bytes.
fn loudest(samples: &[i16]) -> Vec<u8> {
    let loudness = |run: &&[i16]| run.iter().map(|s| u64::from(s.unsigned_abs())).sum::<u64>();
    bytes(samples.chunks_exact(128).max_by_key(loudness).unwrap())
}

fn bytes(samples: &[i16]) -> Vec<u8> {
    samples.iter().flat_map(|s| s.to_le_bytes()).collect()
}
