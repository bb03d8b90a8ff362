//! What the decoder makes of good, odd and broken files.

use std::f32::consts::TAU;

use super::decode::Decoding;
use crate::wire::{Decoded, Failure, SECOND};

/// The samples and the verdict, the file coming in pieces of an odd size.
fn decode(file: &[u8]) -> (Vec<i16>, Result<Decoded, Failure>) {
    let mut decoding = Decoding::start();
    let mut seconds: Vec<Vec<i16>> = Vec::new();
    for piece in file.chunks(4_097) {
        seconds.extend(decoding.push(piece.to_vec()));
    }
    let verdict = decoding.finish(|second| seconds.push(second));
    assert!(seconds.iter().rev().skip(1).all(|s| s.len() == SECOND), "all messages but the last are whole seconds");
    (seconds.concat(), verdict)
}

#[derive(Clone, Copy)]
enum Sample {
    Unsigned8,
    Signed(u16),
    Float,
}

/// A tone of 220 Hz at half of full scale.
fn wav(rate: u32, channels: u16, sample: Sample, seconds: f32) -> Vec<u8> {
    let mut data = Vec::new();
    for n in 0..(rate as f32 * seconds) as u32 {
        let value = 0.5 * (TAU * 220.0 * n as f32 / rate as f32).sin();
        for _ in 0..channels {
            match sample {
                Sample::Unsigned8 => data.push((value * 127.0 + 128.0) as u8),
                Sample::Signed(bits) => {
                    let scaled = (f64::from(value) * f64::from(i32::MAX)) as i32 >> (32 - bits);
                    data.extend(&scaled.to_le_bytes()[..usize::from(bits / 8)]);
                }
                Sample::Float => data.extend(value.to_le_bytes()),
            }
        }
    }
    let (code, bits) = match sample {
        Sample::Unsigned8 => (1u16, 8u16),
        Sample::Signed(bits) => (1, bits),
        Sample::Float => (3, 32),
    };
    let frame = channels * bits / 8;
    let mut file = b"RIFF".to_vec();
    file.extend((36 + data.len() as u32).to_le_bytes());
    file.extend(b"WAVEfmt \x10\0\0\0");
    file.extend(code.to_le_bytes());
    file.extend(channels.to_le_bytes());
    file.extend(rate.to_le_bytes());
    file.extend((rate * u32::from(frame)).to_le_bytes());
    file.extend(frame.to_le_bytes());
    file.extend(bits.to_le_bytes());
    file.extend(b"data");
    file.extend((data.len() as u32).to_le_bytes());
    file.extend(data);
    file
}

#[test]
fn every_kind_of_wav_becomes_the_same_tone() {
    for (rate, channels, sample) in [
        (16_000, 1, Sample::Signed(16)),
        (8_000, 1, Sample::Unsigned8),
        (44_100, 2, Sample::Signed(24)),
        (96_000, 2, Sample::Signed(32)),
        (48_000, 5, Sample::Float),
    ] {
        let (samples, verdict) = decode(&wav(rate, channels, sample, 2.5));
        let decoded = verdict.unwrap();
        assert_eq!((decoded.sample_rate, decoded.channels), (rate, u32::from(channels)));
        assert_eq!(decoded.samples, samples.len() as u64);
        assert!(samples.len().abs_diff(40_000) <= 1, "{rate}: {} samples", samples.len());
        for (n, &s) in samples.iter().enumerate().skip(1_000).take(38_000) {
            let wanted = 16_384.0 * (TAU * 220.0 * n as f32 / 16_000.0).sin();
            // Half a sample beside its place, and two steps of an 8-bit file.
            let most = 0.5 * 16_384.0 * TAU * 220.0 / 16_000.0 + 2.0 * 256.0;
            assert!((f32::from(s) - wanted).abs() < most, "{rate} Hz, {channels} channels, sample {n}");
        }
    }
}

/// Four seconds of the demo's own recording, as a telephone and a computer would keep them. In the M4A what the decoder needs
/// first stands last, as telephones write it.
#[test]
fn what_telephones_record_is_read() {
    for (file, lag) in [
        (&include_bytes!("../../tests/fixtures/speech.mp3")[..], 0.1),
        (&include_bytes!("../../tests/fixtures/speech.m4a")[..], 0.1),
    ] {
        let (samples, verdict) = decode(file);
        let decoded = verdict.unwrap();
        assert_eq!((decoded.sample_rate, decoded.channels), (44_100, 1));
        assert!((samples.len() as f32 / SECOND as f32 - 4.0).abs() < lag, "{} samples", samples.len());
        let power = samples.iter().map(|s| f32::from(*s).powi(2)).sum::<f32>() / samples.len() as f32;
        assert!(power.sqrt() > 300.0, "someone speaks: {}", power.sqrt());
    }
}

#[test]
fn a_cut_file_gives_what_was_there_and_says_so() {
    let whole = wav(16_000, 1, Sample::Signed(16), 10.0);
    let (samples, verdict) = decode(&whole[..whole.len() / 2]);
    assert!(samples.len() > 4 * SECOND, "{} samples", samples.len());
    assert_eq!(verdict, Err(Failure::AudioTruncated((samples.len() / SECOND) as u32)));
}

#[test]
fn one_second_and_silence_are_fine() {
    let (samples, verdict) = decode(&wav(16_000, 1, Sample::Signed(16), 1.0));
    assert_eq!((samples.len(), verdict.is_ok()), (SECOND, true));
    let mut silent = wav(16_000, 1, Sample::Signed(16), 1.0);
    silent[44..].fill(0);
    assert!(decode(&silent).1.is_ok());
}

#[test]
fn what_is_no_audio_is_told_from_what_is_empty() {
    assert_eq!(decode(b"").1, Err(Failure::AudioEmpty));
    let header_only = &wav(16_000, 1, Sample::Signed(16), 0.0);
    assert_eq!(decode(header_only).1, Err(Failure::AudioEmpty));
    for junk in [&b"x"[..], b"The minutes of our last meeting, as text", &[0; 100_000], b"RIFF\x04\0\0\0WAVE"] {
        assert!(matches!(decode(junk).1, Err(Failure::NotAudio(_))), "{} bytes", junk.len());
    }
}

#[test]
fn no_broken_file_brings_the_decoder_down() {
    let good = wav(44_100, 2, Sample::Signed(16), 0.2);
    for length in 0..64 {
        let _ = decode(&good[..length]);
    }
    for (place, value) in (0..44).flat_map(|n| [(n, 0x00), (n, 0xff), (n, 0x80)]) {
        let mut broken = good.clone();
        broken[place] = value;
        let _ = decode(&broken);
    }
    for magic in [&b"fLaC"[..], b"OggS", b"ID3\x04", b"\xff\xfb\x90\x00", b"\0\0\0\x18ftypM4A ", b"caff", b"FORM"] {
        for length in [0, 1, 20, 33, 500] {
            let _ = decode(&[magic, &vec![0x5a; length]].concat());
        }
    }
}
