//! Mel spectrogram as the voice encoder was trained on it.
//!
//! librosa's `melspectrogram` with its defaults (Slaney scale and norm, power 2, centred frames, Hann window) for a 25 ms
//! window, a 10 ms hop and 40 bands at 16 kHz; no logarithm (Resemblyzer, `audio.py`).

use std::sync::Arc;

use realfft::{RealFftPlanner, RealToComplex};

/// Bands of a frame.
pub(super) const BANDS: usize = 40;
/// Samples between frames.
pub(super) const HOP: usize = 160;

const RATE: f32 = 16_000.0;
const WINDOW: usize = 400;
const BINS: usize = WINDOW / 2 + 1;

/// Above this the mel scale is logarithmic.
const BREAK_HERTZ: f32 = 1_000.0;
const HERTZ_A_MEL: f32 = 200.0 / 3.0;
/// Step of the logarithmic part: ln(6.4) in 27 mels.
const LOG_STEP: f32 = 0.068_751_78;

/// The transform with its tables.
pub(super) struct MelSpectrogram {
    fft: Arc<dyn RealToComplex<f32>>,
    hann: Vec<f32>,
    /// For each band its first bin and the weights from there.
    filters: Vec<(usize, Vec<f32>)>,
}

impl MelSpectrogram {
    pub(super) fn new() -> Self {
        let hann = (0..WINDOW).map(|n| 0.5 - 0.5 * (std::f32::consts::TAU * n as f32 / WINDOW as f32).cos()).collect();
        Self { fft: RealFftPlanner::new().plan_fft_forward(WINDOW), hann, filters: filters() }
    }

    /// Frames of [`BANDS`] powers, one every [`HOP`] samples, the first centred on the first sample.
    pub(super) fn frames(&self, samples: &[f32]) -> Vec<[f32; BANDS]> {
        let padding = [0.0; WINDOW / 2];
        let padded = [&padding, samples, &padding].concat();
        let mut input = self.fft.make_input_vec();
        let mut spectrum = self.fft.make_output_vec();
        let mut scratch = self.fft.make_scratch_vec();
        padded
            .windows(WINDOW)
            .step_by(HOP)
            .map(|frame| {
                for ((x, sample), weight) in input.iter_mut().zip(frame).zip(&self.hann) {
                    *x = sample * weight;
                }
                // Cannot fail: the buffers are the planner's own.
                let _ = self.fft.process_with_scratch(&mut input, &mut spectrum, &mut scratch);
                let mut bands = [0.0; BANDS];
                for (band, (first, weights)) in bands.iter_mut().zip(&self.filters) {
                    *band = weights.iter().zip(&spectrum[*first..]).map(|(w, bin)| w * bin.norm_sqr()).sum();
                }
                bands
            })
            .collect()
    }
}

fn mel(hertz: f32) -> f32 {
    if hertz < BREAK_HERTZ {
        hertz / HERTZ_A_MEL
    } else {
        BREAK_HERTZ / HERTZ_A_MEL + (hertz / BREAK_HERTZ).ln() / LOG_STEP
    }
}

fn hertz(mel: f32) -> f32 {
    let broken = mel - BREAK_HERTZ / HERTZ_A_MEL;
    if broken < 0.0 { mel * HERTZ_A_MEL } else { BREAK_HERTZ * (LOG_STEP * broken).exp() }
}

/// Triangles between neighbouring mels, each of the same area.
fn filters() -> Vec<(usize, Vec<f32>)> {
    let top = mel(RATE / 2.0);
    let edges: Vec<f32> = (0..BANDS + 2).map(|n| hertz(top * n as f32 / (BANDS + 1) as f32)).collect();
    edges
        .windows(3)
        .map(|edge| {
            let area = 2.0 / (edge[2] - edge[0]);
            let weights: Vec<f32> = (0..BINS)
                .map(|bin| {
                    let f = bin as f32 * RATE / WINDOW as f32;
                    let (rise, fall) = ((f - edge[0]) / (edge[1] - edge[0]), (edge[2] - f) / (edge[2] - edge[1]));
                    area * rise.min(fall).max(0.0)
                })
                .collect();
            let first = weights.iter().position(|w| *w > 0.0).unwrap_or(0);
            let last = weights.iter().rposition(|w| *w > 0.0).map_or(first, |n| n + 1);
            (first, weights[first..last].to_vec())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tone_falls_into_its_band() {
        let tone: Vec<f32> = (0..16_000).map(|n| (std::f32::consts::TAU * 1_000.0 * n as f32 / RATE).sin()).collect();
        let frames = MelSpectrogram::new().frames(&tone);
        assert_eq!(frames.len(), 101);
        let loudest = (0..BANDS).max_by(|&a, &b| frames[50][a].total_cmp(&frames[50][b])).unwrap();
        let step = mel(RATE / 2.0) / (BANDS + 1) as f32;
        assert_eq!(loudest, (mel(1_000.0) / step).round() as usize - 1);
    }

    #[test]
    fn the_scale_is_its_own_inverse_across_the_break() {
        for f in [0.0, 440.0, 999.0, 1_001.0, 7_900.0] {
            assert!((hertz(mel(f)) - f).abs() < 0.05 + f * 1e-5, "{f}");
        }
    }
}
