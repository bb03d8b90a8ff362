//! Mono 16 kHz from whatever a file or a microphone gives.
//!
//! Channels are averaged, then rubato's FFT resampler converts the rate. Its start-up delay is cut off, so that times in
//! the result are times in the source.

use rubato::{Fft, FixedSync, Indexing, Resampler, audioadapter_buffers::direct::InterleavedSlice};

/// Samples a second that everything after this works with.
pub const RATE: u32 = 16_000;

/// Source frames converted at once; small enough to keep a live recording within a tenth of a second.
const CHUNK: usize = 1024;

/// Why the audio cannot be converted.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ResampleError {
    /// No sound card or file has this rate.
    #[error("a sample rate of {0} Hz is out of range")]
    Rate(u32),
    /// No sound card or file has so many channels.
    #[error("{0} channels are out of range")]
    Channels(u32),
    /// rubato refuses, with its reason.
    #[error("cannot convert the sample rate: {0}")]
    Converter(String),
}

/// Turns interleaved frames into mono samples at [`RATE`], piece by piece.
pub struct Mono16k {
    channels: usize,
    ratio: f64,
    converter: Option<Fft<f32>>,
    /// Mono samples at the source's rate that do not yet fill a chunk.
    waiting: Vec<f32>,
    converted: Vec<f32>,
    /// Samples of the converter's start-up still to drop.
    skip: usize,
    frames_in: u64,
    samples_out: u64,
}

impl Mono16k {
    /// For a source of this rate and number of channels.
    ///
    /// # Errors
    /// When either is outside what audio hardware and files have.
    pub fn new(rate: u32, channels: u32) -> Result<Self, ResampleError> {
        if !(1_000..=768_000).contains(&rate) {
            return Err(ResampleError::Rate(rate));
        }
        if !(1..=64).contains(&channels) {
            return Err(ResampleError::Channels(channels));
        }
        let converter = (rate != RATE)
            .then(|| Fft::new(rate as usize, RATE as usize, CHUNK, 1, FixedSync::Input))
            .transpose()
            .map_err(|e| ResampleError::Converter(e.to_string()))?;
        Ok(Self {
            channels: channels as usize,
            ratio: f64::from(RATE) / f64::from(rate),
            skip: converter.as_ref().map_or(0, Resampler::output_delay),
            converted: vec![0.0; converter.as_ref().map_or(0, Resampler::output_frames_max)],
            waiting: Vec::with_capacity(converter.as_ref().map_or(CHUNK, Resampler::input_frames_max)),
            converter,
            frames_in: 0,
            samples_out: 0,
        })
    }

    /// Takes interleaved samples, -1 to 1, and appends what is ready to `out`.
    ///
    /// # Errors
    /// When the converter fails.
    pub fn push(&mut self, interleaved: &[f32], out: &mut Vec<i16>) -> Result<(), ResampleError> {
        let share = 1.0 / self.channels as f32;
        for frame in interleaved.chunks_exact(self.channels) {
            self.frames_in += 1;
            self.waiting.push(frame.iter().sum::<f32>() * share);
            let full = self.converter.as_ref().map_or(CHUNK, Resampler::input_frames_next);
            if self.waiting.len() == full {
                self.convert(out)?;
            }
        }
        Ok(())
    }

    /// Appends the rest: as many samples come out in all as the source lasts.
    ///
    /// # Errors
    /// When the converter fails.
    pub fn finish(mut self, out: &mut Vec<i16>) -> Result<(), ResampleError> {
        let due = (self.frames_in as f64 * self.ratio).round() as u64;
        while self.samples_out < due {
            let before = out.len();
            self.convert(out)?;
            let surplus = self.samples_out.saturating_sub(due) as usize;
            out.truncate(out.len().saturating_sub(surplus).max(before));
        }
        Ok(())
    }

    /// Converts what waits, taking silence for what lacks of a whole chunk.
    fn convert(&mut self, out: &mut Vec<i16>) -> Result<(), ResampleError> {
        let before = out.len();
        match &mut self.converter {
            None => out.extend(self.waiting.iter().map(|&s| to_i16(s))),
            Some(converter) => {
                let frames = self.waiting.len();
                let room = self.converted.len();
                let failed = |e: &dyn std::fmt::Display| ResampleError::Converter(e.to_string());
                let input = InterleavedSlice::new(&self.waiting, 1, frames).map_err(|e| failed(&e))?;
                let mut output = InterleavedSlice::new_mut(&mut self.converted, 1, room).map_err(|e| failed(&e))?;
                let partial = Indexing::new().partial_len(frames);
                let (_, produced) =
                    converter.process_into_buffer(&input, &mut output, Some(&partial)).map_err(|e| failed(&e))?;
                let dropped = self.skip.min(produced);
                self.skip -= dropped;
                out.extend(self.converted[dropped..produced].iter().map(|&s| to_i16(s)));
            }
        }
        self.waiting.clear();
        self.samples_out += (out.len() - before) as u64;
        Ok(())
    }
}

/// Nearest 16-bit value; what is louder than full scale is clipped.
fn to_i16(sample: f32) -> i16 {
    (sample * 32_768.0).round().clamp(-32_768.0, 32_767.0) as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn convert(rate: u32, channels: u32, interleaved: &[f32]) -> Vec<i16> {
        let mut mono = Mono16k::new(rate, channels).unwrap();
        let mut out = Vec::new();
        for piece in interleaved.chunks(777 * channels as usize) {
            mono.push(piece, &mut out).unwrap();
        }
        mono.finish(&mut out).unwrap();
        out
    }

    fn tone(rate: u32, hertz: f32, seconds: f32) -> Vec<f32> {
        let step = std::f32::consts::TAU * hertz / rate as f32;
        (0..(rate as f32 * seconds) as usize).map(|n| 0.5 * (n as f32 * step).sin()).collect()
    }

    #[test]
    fn a_tone_keeps_its_place_and_loudness_at_any_rate() {
        let wanted = tone(RATE, 440.0, 1.5);
        // The converter's delay is cut off in whole samples, so the tone may stand a part of a sample beside its place:
        // 0.7 of one at 11,025 Hz, 45 microseconds.
        let a_sample = 0.5 * std::f32::consts::TAU * 440.0 / RATE as f32;
        for rate in [8_000, 11_025, 16_000, 22_050, 44_100, 44_056, 48_000, 96_000, 192_000] {
            let got = convert(rate, 1, &tone(rate, 440.0, 1.5));
            assert!(got.len().abs_diff(24_000) <= 1, "{rate}: {}", got.len());
            for (n, (a, b)) in got.iter().zip(&wanted).enumerate().skip(2_000).take(20_000) {
                assert!((f32::from(*a) / 32_768.0 - b).abs() < 0.01 + a_sample, "{rate} Hz, sample {n}");
            }
        }
    }

    #[test]
    fn what_16_khz_cannot_hold_is_filtered_out() {
        let got = convert(48_000, 1, &tone(48_000, 11_000.0, 1.0));
        assert!(got[1_000..15_000].iter().all(|s| s.abs() < 100));
    }

    #[test]
    fn channels_are_averaged() {
        assert_eq!(convert(RATE, 5, &[0.5, 0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 1.0]), [3277, 32_767]);
    }

    #[test]
    fn one_frame_and_none_are_fine() {
        assert_eq!(convert(48_000, 2, &[]), [0i16; 0]);
        assert!(convert(44_100, 2, &[0.1; 8]).len() <= 2);
    }

    #[test]
    fn absurd_sources_are_refused() {
        assert_eq!(Mono16k::new(0, 1).err(), Some(ResampleError::Rate(0)));
        assert_eq!(Mono16k::new(48_000, 0).err(), Some(ResampleError::Channels(0)));
    }
}
