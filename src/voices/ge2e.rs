//! The voice encoder: a short stretch of speech to a unit vector that is the same for one voice and differs between two.
//!
//! GE2E (Wan et al. 2018, <https://arxiv.org/abs/1710.10467>) with Resemblyzer's weights: three LSTM layers of 256 over 40
//! mel bands, the last state through a linear layer and a ReLU.

use candle_core::{D, DType, Device, Result, Tensor};
use candle_nn::{LSTM, LSTMConfig, Linear, Module, RNN, VarBuilder, linear, lstm};

use super::mel::{BANDS, HOP, MelSpectrogram};
use crate::{resample::RATE, wire::VoiceWindow};

/// Length of the embedding.
pub const DIMENSIONS: usize = 256;
const LAYERS: usize = 3;

/// Frames the network was trained on: 1.6 s.
const FRAMES: usize = 160;
/// Frames from one window to the next.
const STEP: usize = 40;
/// Shortest stretch that is worth an embedding, in frames.
const SHORTEST: usize = 40;

/// Loudness that quieter audio is raised to, in dB below full scale.
const LOUDNESS: f64 = -30.0;

/// The model in memory.
pub struct VoiceEncoder {
    mel: MelSpectrogram,
    layers: Vec<LSTM>,
    output: Linear,
}

/// A stretch of speech without a pause.
#[derive(Clone, Copy)]
pub struct Stretch<'a> {
    /// Where it begins, in seconds.
    pub start: f32,
    /// Mono, 16 kHz, -1 to 1.
    pub samples: &'a [f32],
}

impl VoiceEncoder {
    /// Reads the weights.
    ///
    /// # Errors
    /// When they are not those of this network.
    pub fn from_safetensors(bytes: &[u8]) -> Result<Self> {
        let weights = VarBuilder::from_slice_safetensors(bytes, DType::F32, &Device::Cpu)?;
        let layers = (0..LAYERS)
            .map(|layer| {
                let inputs = if layer == 0 { BANDS } else { DIMENSIONS };
                lstm(inputs, DIMENSIONS, LSTMConfig { layer_idx: layer, ..LSTMConfig::default() }, weights.pp("lstm"))
            })
            .collect::<Result<_>>()?;
        Ok(Self { mel: MelSpectrogram::new(), layers, output: linear(DIMENSIONS, DIMENSIONS, weights.pp("linear"))? })
    }

    /// Embeddings along stretches of speech: of each, one window of 1.6 s every 0.4 s, or one of the whole stretch if it is
    /// shorter; none if it is too short to tell.
    ///
    /// # Errors
    /// When candle fails.
    pub fn windows(&self, stretches: &[Stretch<'_>]) -> Result<Vec<VoiceWindow>> {
        let mut places = Vec::new();
        let mut spectra = Vec::new();
        for stretch in stretches {
            let frames = self.mel.frames(&raised(stretch.samples));
            let length = frames.len().min(FRAMES);
            if length < SHORTEST {
                continue;
            }
            for first in (0..=frames.len() - length).step_by(STEP) {
                let seconds = |frame: usize| stretch.start + (frame * HOP) as f32 / RATE as f32;
                places.push((seconds(first), seconds(first + length)));
                spectra.push(frames[first..first + length].to_vec());
            }
        }
        let embeddings = self.embed(&spectra)?;
        let window = |((start, end), embedding)| VoiceWindow { start, end, embedding };
        Ok(places.into_iter().zip(embeddings).map(window).collect())
    }

    /// Embeds spectra of at most [`FRAMES`] frames in one batch. Short ones are filled up behind; as an LSTM does not look
    /// ahead, their embedding is read where they end.
    fn embed(&self, spectra: &[Vec<[f32; BANDS]>]) -> Result<Vec<Vec<f32>>> {
        if spectra.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = vec![0.0; spectra.len() * FRAMES * BANDS];
        for (row, spectrum) in rows.chunks_exact_mut(FRAMES * BANDS).zip(spectra) {
            row[..spectrum.len() * BANDS].copy_from_slice(spectrum.as_flattened());
        }
        let mut x = Tensor::from_vec(rows, (spectra.len(), FRAMES, BANDS), &Device::Cpu)?;
        for layer in &self.layers {
            x = layer.states_to_tensor(&layer.seq(&x)?)?;
        }
        let ends = spectra.iter().enumerate().map(|(n, s)| (n * FRAMES + s.len() - 1) as u32).collect::<Vec<_>>();
        let ends = Tensor::from_vec(ends, spectra.len(), &Device::Cpu)?;
        let last = x.reshape(((), DIMENSIONS))?.index_select(&ends, 0)?;
        let voice = self.output.forward(&last)?.relu()?;
        let norm = voice.sqr()?.sum_keepdim(D::Minus1)?.sqrt()?;
        voice.broadcast_div(&(norm + 1e-9)?)?.to_vec2()
    }
}

/// Quiet audio raised to [`LOUDNESS`]; loud audio as it is.
fn raised(samples: &[f32]) -> Vec<f32> {
    let power = samples.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / samples.len().max(1) as f64;
    let missing = LOUDNESS - 10.0 * (power + 1e-20).log10();
    let gain = 10f64.powf(missing.max(0.0) / 20.0) as f32;
    samples.iter().map(|s| s * gain).collect()
}
