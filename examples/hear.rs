//! Transcribes an audio file and prints its utterances as JSON: for measuring.
//!
//! `cargo run --release --example hear -- FILE [--models DIR] [--model ggml-base.bin] [--present N] [--threads N] [--raw]`
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used)]

use std::{env, fs, path::PathBuf, time::Instant};

use candor::{
    hear::{Hearing, Models, decode::Decoding},
    wire::HearOptions,
};

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let option = |name: &str| arguments.iter().position(|a| a == name).map(|n| arguments[n + 1].clone());
    let models = option("--models")
        .map_or_else(|| PathBuf::from(env::var("HOME").unwrap()).join(".local/share/candor/models"), PathBuf::from);
    let read = |name: &str| fs::read(models.join(name)).unwrap();
    let threads = option("--threads").map_or(1, |n| n.parse().unwrap());
    let voices = option("--present").is_some();

    let began = Instant::now();
    let mut decoding = Decoding::start();
    let mut samples: Vec<i16> = Vec::new();
    for piece in fs::read(&arguments[0]).unwrap().chunks(1 << 16) {
        samples.extend(decoding.push(piece.to_vec()).concat());
    }
    let decoded = decoding.finish(|second| samples.extend(second)).unwrap();
    eprintln!("{decoded:?} in {:?}", began.elapsed());

    let whisper = read(&option("--model").unwrap_or("ggml-base.bin".into()));
    let encoder = voices.then(|| read("ge2e.safetensors"));
    let mut models = Models::load(&whisper, &read("ggml-silero-vad.bin"), encoder.as_deref()).unwrap();
    let options = HearOptions {
        language: Some("en".into()),
        hints: option("--hints").unwrap_or_default(),
        voices,
        from: 0.0,
        threads,
    };
    let began = Instant::now();
    let mut hearing = Hearing::new(&mut models, options).unwrap();
    let mut heard = Vec::new();
    for second in samples.chunks(16_000) {
        heard.extend(hearing.push(second).unwrap());
    }
    heard.extend(hearing.finish().unwrap());
    let seconds = samples.len() as f32 / 16_000.0;
    let took = began.elapsed().as_secs_f32();
    eprintln!("{seconds:.1} s heard in {took:.1} s, {:.4} of real time, {} windows", took / seconds, heard.len());
    if arguments.iter().any(|a| a == "--raw") {
        println!("{}", serde_json::to_string(&heard).unwrap());
    } else {
        let present = option("--present").map_or(0, |n| n.parse().unwrap());
        let utterances = candor::voices::turns(&heard, present, voices);
        println!("{}", serde_json::json!({ "session": 1, "utterances": utterances }));
    }
}
