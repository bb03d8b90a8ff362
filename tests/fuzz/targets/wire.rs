//! Messages between the processes: what the mind and the ears say to the front, and the front to them.
#![no_main]

use std::path::PathBuf;

use candor::{
    capture::{Format, Level, Microphone, Order, Report, Trouble},
    session::{MOVES, MoveScores, Rule},
    wire::{
        self, Choice, Decoded, Failure, HearOptions, Heard, MeetingText, ModelFile, ModelRole, PhraseRequest, Reply,
        Request, Spoken, VoiceWindow, Word,
    },
};
use candor_fuzz::{seed, tagged};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

/// In the tag: the bytes are a stream with its lengths; else they are one message, and get their length here.
const STREAM: u8 = 0x80;

fuzz_target!(init: seed(seeds()), |data: &[u8]| {
    let Some((tag, bytes)) = data.split_first() else { return };
    let framed = if tag & STREAM != 0 { bytes.to_vec() } else { framed(bytes) };
    match tag % 4 {
        0 => receive::<Request>(&framed),
        1 => receive::<Reply>(&framed),
        2 => receive::<Order>(&framed),
        _ => receive::<Report>(&framed),
    }
});

/// Receives until something is refused. What was received is sent, and comes through as it is.
fn receive<T: Serialize + DeserializeOwned + std::fmt::Debug>(mut stream: &[u8]) {
    while let Ok(message) = wire::receive::<T>(&mut stream) {
        let sent = send(&message);
        let again: T = wire::receive(&mut sent.as_slice()).expect("what was sent can be received");
        assert_eq!(sent, send(&again), "{message:?}");
    }
}

fn framed(body: &[u8]) -> Vec<u8> {
    [&(body.len() as u32).to_le_bytes(), body].concat()
}

fn send(message: &impl Serialize) -> Vec<u8> {
    let mut pipe = Vec::new();
    wire::send(&mut pipe, message).expect("what was received is small enough to send");
    pipe
}

fn seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (tag, messages) in [(0, requests()), (1, replies()), (2, orders()), (3, reports())] {
        seeds.push(tagged(tag | STREAM, messages.concat()));
        seeds.extend(messages.iter().map(|m| tagged(tag, &m[4..])));
    }
    seeds
}

fn requests() -> Vec<Vec<u8>> {
    let spoken = Spoken {
        speaker: 1,
        facilitator: false,
        presenter: true,
        rule: Some(Rule::OneVoice),
        text: "I said it would hold.".into(),
        pause_before: -0.4,
    };
    let model = ModelFile { role: ModelRole::Mind, path: PathBuf::from("models/mind.gguf"), sha256: "ab".repeat(32) };
    let options =
        HearOptions { language: Some("en".into()), hints: "Harbor".into(), voices: true, from: 0.0, threads: 2 };
    let ask = ("Answer with one word.".to_owned(), "What is this about?".to_owned());
    let choice = Choice { system: ask.0.clone(), user: ask.1.clone(), options: vec!["yes".into()], neutral: None };
    let (system, user) = ask;
    let phrase = PhraseRequest { system, user, sources: vec!["the plan".into()], min_words: 1, max_words: 5 };
    [
        Request::Hello { version: wire::VERSION },
        Request::Load(model),
        Request::AudioBytes(b"RIFF....WAVEfmt ".to_vec()),
        Request::AudioEnd,
        Request::Hear(options),
        Request::Pcm((-40..40).map(|n| n * 800).collect()),
        Request::PcmEnd,
        Request::Embed(vec!["one".into(), "two".into()]),
        Request::Moves(MeetingText { utterances: vec![spoken], from_audio: true }),
        Request::Choose(choice),
        Request::Phrase(phrase),
    ]
    .iter()
    .map(send)
    .collect()
}

fn replies() -> Vec<Vec<u8>> {
    let heard = Heard {
        upto: 12.5,
        speech: vec![(0.5, 3.25)],
        words: vec![Word { start: 0.5, end: 0.75, text: "So".into(), p: 0.9, opens: true }],
        voices: vec![VoiceWindow { start: 0.0, end: 1.6, embedding: vec![0.25; 16] }],
        language: "en".into(),
    };
    [
        Reply::Hello { version: wire::VERSION, locked: true },
        Reply::Loaded(ModelRole::Hear),
        Reply::Pcm(vec![1, -1, i16::MAX]),
        Reply::Decoded(Decoded { samples: 160_000, sample_rate: 44_100, channels: 2, format: "flac".into() }),
        Reply::Heard(heard),
        Reply::HearDone,
        Reply::Embedded(vec![vec![0.5, -0.5], vec![]]),
        Reply::Progress { done: 3, total: 9 },
        Reply::Moves(vec![MoveScores([0.05; MOVES.len()])]),
        Reply::Chosen(vec![-0.5, -1.5]),
        Reply::Failed(Failure::ModelBroken(ModelRole::Voices, "no tensor".into())),
        Reply::Failed(Failure::TooLong { tokens: 9000, limit: 4096 }),
        Reply::Phrased("the plan".into()),
    ]
    .iter()
    .map(send)
    .collect()
}

fn orders() -> Vec<Vec<u8>> {
    [Order::List, Order::Open { device: Some("alsa:default".into()) }, Order::Stop].iter().map(send).collect()
}

fn reports() -> Vec<Vec<u8>> {
    let device = Microphone { id: "alsa:default".into(), name: "Built-in".into() };
    let level = Level { peak: 0.5, rms: 0.1, clipped: 2 };
    [
        Report::Hello { version: wire::VERSION, locked: true },
        Report::Devices(vec![device.clone()]),
        Report::Opened(Format { device, rate: 48_000, channels: 2 }),
        Report::Sound { samples: vec![3; 40], level },
        Report::Trouble(Trouble::Unsupported("24 bits".into())),
        Report::Trouble(Trouble::Overrun(512)),
        Report::Stopped,
    ]
    .iter()
    .map(send)
    .collect()
}
