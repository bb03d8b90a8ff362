//! Silero, the network that tells speech from everything else, run by candle.
//!
//! Silero VAD 5 (<https://github.com/snakers4/silero-vad>): 512 samples at 16 kHz, with the 64 before them, go through a
//! short-time Fourier transform, four convolutions and an LSTM cell to one probability. The weights are read from
//! whisper.cpp's VAD file. whisper.cpp can run it too, but forgets the LSTM's state between calls and pads where the
//! network was trained with the samples before; a live recording needs a stream.

use candle_core::{Device, Result, Tensor, bail};

use crate::hear::ggml::GgmlReader;

/// Samples a probability stands for: 32 ms.
pub(super) const FRAME: usize = 512;

/// Samples before a frame that the network also sees.
const CONTEXT: usize = 64;

/// Window and hop of the Fourier transform, in samples.
const WINDOW: usize = 256;
const HOP: usize = 128;
const BINS: usize = WINDOW / 2 + 1;

const HIDDEN: usize = 128;

/// Stride of each convolution; 4 steps of the transform become 1.
const STRIDES: [usize; 4] = [1, 2, 2, 1];

/// The weights.
pub(super) struct Silero {
    basis: Tensor,
    convolutions: Vec<(Tensor, Tensor)>,
    input_weight: Tensor,
    gate_bias: Tensor,
    hidden_weight: Vec<f32>,
    output_weight: Vec<f32>,
    output_bias: f32,
}

/// What the network remembers from frame to frame.
pub(super) struct Memory {
    hidden: [f32; HIDDEN],
    cell: [f32; HIDDEN],
    context: [f32; CONTEXT],
}

impl Default for Memory {
    fn default() -> Self {
        Self { hidden: [0.0; HIDDEN], cell: [0.0; HIDDEN], context: [0.0; CONTEXT] }
    }
}

impl Silero {
    /// Reads whisper.cpp's VAD file.
    ///
    /// # Errors
    /// When the bytes are no such file or a tensor is missing.
    pub(super) fn from_ggml(bytes: &[u8]) -> Result<Self> {
        let mut tensors = GgmlReader::new(bytes)?.tensors()?;
        let mut take = |name: &str, shape: &[usize]| match tensors.remove(&format!("_model.{name}")) {
            Some(t) if t.elem_count() == shape.iter().product::<usize>() => t.reshape(shape),
            _ => bail!("{name} is missing or has another shape"),
        };
        let mut convolutions = Vec::new();
        for (n, (inputs, outputs)) in [(BINS, 128), (128, 64), (64, 64), (64, HIDDEN)].into_iter().enumerate() {
            let weight = take(&format!("encoder.{n}.reparam_conv.weight"), &[outputs, inputs, 3])?;
            let bias = take(&format!("encoder.{n}.reparam_conv.bias"), &[1, outputs, 1])?;
            convolutions.push((weight, bias));
        }
        let gates = 4 * HIDDEN;
        let bias = take("decoder.rnn.bias_ih", &[gates])?.add(&take("decoder.rnn.bias_hh", &[gates])?)?;
        Ok(Self {
            basis: take("stft.forward_basis_buffer", &[2 * BINS, 1, WINDOW])?,
            convolutions,
            input_weight: take("decoder.rnn.weight_ih", &[gates, HIDDEN])?.t()?.contiguous()?,
            gate_bias: bias,
            hidden_weight: take("decoder.rnn.weight_hh", &[gates * HIDDEN])?.to_vec1()?,
            output_weight: take("decoder.decoder.2.weight", &[HIDDEN])?.to_vec1()?,
            output_bias: take("decoder.decoder.2.bias", &[1])?.to_vec1::<f32>()?[0],
        })
    }

    /// The probability of speech in each frame of `samples` (-1 to 1, a multiple of [`FRAME`] of them).
    pub(super) fn probabilities(&self, memory: &mut Memory, samples: &[f32]) -> Result<Vec<f32>> {
        let features = self.features(memory, samples)?;
        let inputs = features.matmul(&self.input_weight)?.broadcast_add(&self.gate_bias)?.to_vec2::<f32>()?;
        Ok(inputs.into_iter().map(|gates| self.step(memory, gates)).collect())
    }

    /// What the LSTM is given: a row a frame. Frames do not depend on each other here, so that they go in one batch.
    fn features(&self, memory: &mut Memory, samples: &[f32]) -> Result<Tensor> {
        let frames = samples.len() / FRAME;
        let mut padded = Vec::with_capacity(frames * (CONTEXT + FRAME + CONTEXT));
        for frame in samples.chunks_exact(FRAME) {
            padded.extend_from_slice(&memory.context);
            padded.extend_from_slice(frame);
            padded.extend(frame[FRAME - 1 - CONTEXT..FRAME - 1].iter().rev());
            memory.context.copy_from_slice(&frame[FRAME - CONTEXT..]);
        }
        let waves = Tensor::from_vec(padded, (frames, 1, CONTEXT + FRAME + CONTEXT), &Device::Cpu)?;
        let spectrum = waves.conv1d(&self.basis, 0, HOP, 1, 1)?;
        let (real, imaginary) = (spectrum.narrow(1, 0, BINS)?, spectrum.narrow(1, BINS, BINS)?);
        let mut x = (real.sqr()? + imaginary.sqr()?)?.sqrt()?;
        for ((weight, bias), stride) in self.convolutions.iter().zip(STRIDES) {
            x = x.conv1d(weight, 1, stride, 1, 1)?.broadcast_add(bias)?.relu()?;
        }
        x.squeeze(2)
    }

    /// One step of the LSTM cell (gates in, forget, cell, out, as in PyTorch) and the output layer.
    fn step(&self, memory: &mut Memory, mut gates: Vec<f32>) -> f32 {
        for (gate, weights) in gates.iter_mut().zip(self.hidden_weight.chunks_exact(HIDDEN)) {
            *gate += weights.iter().zip(&memory.hidden).map(|(w, h)| w * h).sum::<f32>();
        }
        let mut output = self.output_bias;
        for n in 0..HIDDEN {
            let [input, forget, cell, out] = [0, 1, 2, 3].map(|gate| gates[gate * HIDDEN + n]);
            memory.cell[n] = sigmoid(forget) * memory.cell[n] + sigmoid(input) * cell.tanh();
            memory.hidden[n] = sigmoid(out) * memory.cell[n].tanh();
            output += self.output_weight[n] * memory.hidden[n].max(0.0);
        }
        sigmoid(output)
    }
}

fn sigmoid(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}
