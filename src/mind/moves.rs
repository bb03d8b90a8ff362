//! Which move each turn makes: a probability for every one of the eighteen, from its words, the turns around it, who speaks,
//! the phase and the pause.
//!
//! The sentence encoder reads the meeting in windows ([`turns`]), with an update that our own labelled circles taught it
//! ([`encoder`]); a turn's states, and that of its first mark, go into one softmax layer, and what usually follows what is
//! weighed in at the end ([`sequence`]). `candor-train moves` makes all of it, and it ships as one file.

use candle_core::{DType, Device, Tensor, safetensors};
use candle_nn::ops;
use tokenizers::Tokenizer;

use super::{
    MindError,
    encoder::{Encoder, WIDTH, Weights},
    sequence::{self, Follows},
    turns::{self, AS_THEY_COME, Window},
};
use crate::{
    session::{MOVES, MoveScores},
    wire::MeetingText,
};

/// What our circles taught, as it ships.
pub const SHIPPED: &[u8] = include_bytes!("../../models/moves.safetensors");

/// Windows that are read at once.
const BATCH: usize = 4;

/// Reads moves.
pub struct MoveReader {
    encoder: Encoder,
    head: Head,
    follows: Follows,
    tokenizer: Tokenizer,
}

impl MoveReader {
    /// The encoder's published weights and its tokenizer, with what ships.
    ///
    /// # Errors
    /// When one of them is not what it should be.
    pub fn shipped(weights: &[u8], tokenizer: &[u8]) -> Result<Self, MindError> {
        let taught = safetensors::load_buffer(SHIPPED, &Device::Cpu)?;
        Self::new(&safetensors::load_buffer(weights, &Device::Cpu)?, &taught, bare_tokenizer(tokenizer)?)
    }

    /// The same from tensors.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn new(weights: &Weights, taught: &Weights, tokenizer: Tokenizer) -> Result<Self, MindError> {
        let broken = |e: candle_core::Error| MindError::Model(e.to_string());
        let encoder = Encoder::new(weights, taught).map_err(broken)?;
        let follows = of_shape(taught, "follows", &[MOVES.len(), MOVES.len()]).and_then(|t| t.to_vec2::<f32>());
        let follows = follows.map_err(broken)?;
        let follows = std::array::from_fn(|a| std::array::from_fn(|b| follows[a][b]));
        Ok(Self { encoder, head: Head::new(taught).map_err(broken)?, follows, tokenizer })
    }

    /// A distribution for every utterance.
    ///
    /// # Errors
    /// When the tokenizer or the network fails.
    pub fn read(&self, meeting: &MeetingText) -> Result<Vec<MoveScores>, MindError> {
        let words = turns::tokens(&self.tokenizer, meeting.utterances.iter().map(|u| &u.text))?;
        let windows: Vec<Window> =
            turns::windows(&words).into_iter().map(|r| turns::lay(meeting, &words, r, &AS_THEY_COME)).collect();
        let all = meeting.utterances.len();
        // Mean of the logarithms, which is the mean of the windows' evidence.
        let mut sums = vec![([0.0f32; MOVES.len()], 0.0f32); all];
        for batch in windows.chunks(BATCH) {
            let batch: Vec<&Window> = batch.iter().collect();
            let scores = ops::log_softmax(&self.head.logits(&self.encoder, &batch)?, 1)?.to_vec2::<f32>()?;
            let turns = batch.iter().flat_map(|w| w.turns.clone().map(|k| (k, turns::weight(&w.turns, k, all))));
            for ((turn, weight), row) in turns.zip(scores) {
                sums[turn].0.iter_mut().zip(row).for_each(|(s, v)| *s += weight * v);
                sums[turn].1 += weight;
            }
        }
        let alone: Vec<MoveScores> =
            sums.into_iter().map(|(sum, weight)| distribution(&sum.map(|s| s / weight))).collect();
        Ok(sequence::in_sequence(&alone, &self.follows))
    }
}

/// A tokenizer that neither cuts nor pads.
///
/// # Errors
/// When it is none.
pub fn bare_tokenizer(file: &[u8]) -> Result<Tokenizer, MindError> {
    let broken = |e: tokenizers::Error| MindError::Model(e.to_string());
    let mut tokenizer = Tokenizer::from_bytes(file).map_err(broken)?;
    tokenizer.with_padding(None);
    tokenizer.with_truncation(None).map_err(broken)?;
    Ok(tokenizer)
}

fn distribution(logs: &[f32; MOVES.len()]) -> MoveScores {
    let most = logs.iter().copied().fold(f32::MIN, f32::max);
    let odds = logs.map(|l| (l - most).exp());
    let all: f32 = odds.iter().sum();
    MoveScores(odds.map(|o| o / all))
}

fn of_shape(taught: &Weights, name: &str, shape: &[usize]) -> candle_core::Result<Tensor> {
    match taught.get(name) {
        Some(t) if t.dims() == shape => t.to_dtype(DType::F32),
        _ => candle_core::bail!("no {name} of the right shape"),
    }
}

/// From states to moves.
pub struct Head {
    /// What each mark means to the encoder: [`turns::MARKS`] by [`WIDTH`].
    marks: Tensor,
    weight: Tensor,
    bias: Tensor,
}

impl Head {
    /// From `marks`, `head.weight` (moves by twice [`WIDTH`]) and `head.bias`.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn new(taught: &Weights) -> candle_core::Result<Self> {
        Ok(Self {
            marks: of_shape(taught, "marks", &[turns::MARKS.len(), WIDTH])?,
            weight: of_shape(taught, "head.weight", &[MOVES.len(), 2 * WIDTH])?,
            bias: of_shape(taught, "head.bias", &[MOVES.len()])?,
        })
    }

    /// Logits of all turns of some windows, in order: `(turns, moves)`.
    ///
    /// # Errors
    /// When a shape is wrong.
    pub fn logits(&self, encoder: &Encoder, windows: &[&Window]) -> candle_core::Result<Tensor> {
        let rows = windows.len();
        let width = windows.iter().map(|w| w.ids.len()).max().unwrap_or(0);
        let padded = |value: &dyn Fn(u32) -> u32| -> candle_core::Result<Tensor> {
            let row = |w: &&Window| {
                let real: Vec<u32> = w.ids.iter().map(|id| value(*id)).collect();
                real.into_iter().chain(std::iter::repeat_n(0, width - w.ids.len())).collect::<Vec<u32>>()
            };
            Tensor::from_vec(windows.iter().flat_map(row).collect::<Vec<u32>>(), (rows, width), &Device::Cpu)
        };
        let ids = padded(&|id| id)?;
        let real = padded(&|_| 1)?;
        // Row 0 stands for what is no mark, and is nothing.
        let marks = padded(&|id| if turns::MARKS.contains(&id) { id - turns::MARKS.start + 1 } else { 0 })?;
        let nothing = Tensor::zeros((1, WIDTH), DType::F32, &Device::Cpu)?;
        let meant = Tensor::cat(&[&nothing, &self.marks], 0)?;
        let added = meant.index_select(&marks.flatten_all()?, 0)?.reshape((rows, width, WIDTH))?;
        let states = encoder.forward(&ids, &real, Some(&added))?.reshape((rows * width, WIDTH))?;

        let spans: Vec<(usize, usize)> = windows
            .iter()
            .enumerate()
            .flat_map(|(r, w)| w.spans.iter().map(move |s| (r * width + s.start, r * width + s.end)))
            .collect();
        let firsts = Tensor::from_vec(spans.iter().map(|s| s.0 as u32).collect::<Vec<_>>(), spans.len(), &Device::Cpu)?;
        let mut mean = vec![0.0f32; spans.len() * rows * width];
        for (k, (from, to)) in spans.iter().enumerate() {
            mean[k * rows * width..][*from..*to].fill(1.0 / (to - from) as f32);
        }
        let means = Tensor::from_vec(mean, (spans.len(), rows * width), &Device::Cpu)?.matmul(&states)?;
        let turns = Tensor::cat(&[means, states.index_select(&firsts, 0)?], 1)?;
        turns.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)
    }
}
