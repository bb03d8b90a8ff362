//! Which move each turn makes: a probability for every one of the eighteen, from its words, its neighbours and who speaks.
//!
//! The states of the turn and of the two beside it halfway up the encoder, its word n-grams and what shows on its surface go into one
//! softmax layer, trained on the project's own labelled circles by `candor-train`. It is small enough to be read: a weight
//! belongs to a named feature and a move.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor, safetensors};

use super::{
    MindError,
    embed::{self, Embedder},
    grams, surface,
};
use crate::{
    session::{MOVES, MoveScores},
    wire::MeetingText,
};

/// The weights as they ship: `weight` of moves by features, `bias` a move.
pub const SHIPPED: &[u8] = include_bytes!("../../models/moves.safetensors");

/// Layers of MiniLM that are used: measured best, far ahead of the last, which has been trained to forget how a thing is said.
pub const LAYERS: usize = 4;

/// Values that describe a turn.
pub const FEATURES: usize = surface::WIDTH + 3 * embed::WIDTH + grams::WIDTH;

/// Of these, how many are buckets of n-grams; they come last.
pub const GRAMS: usize = grams::WIDTH;

/// Reads moves.
pub struct MoveReader {
    weight: Tensor,
    bias: Tensor,
}

impl MoveReader {
    /// With the weights that ship.
    ///
    /// # Errors
    /// When the shipped file was broken before the build.
    pub fn shipped() -> Result<Self, MindError> {
        Self::load(SHIPPED)
    }

    /// With weights from a safetensors file.
    ///
    /// # Errors
    /// As [`Self::from_tensors`].
    pub fn load(file: &[u8]) -> Result<Self, MindError> {
        Self::from_tensors(safetensors::load_buffer(file, &Device::Cpu)?)
    }

    /// With weights by name: a `weight` of moves by [`FEATURES`] and a `bias` a move.
    ///
    /// # Errors
    /// When one is missing or has another shape.
    pub fn from_tensors(mut tensors: HashMap<String, Tensor>) -> Result<Self, MindError> {
        let mut take = |name: &str, shape: &[usize]| match tensors.remove(name) {
            Some(t) if t.dims() == shape => Ok(t.to_dtype(DType::F32)?),
            _ => Err(MindError::Model(format!("no {name} of the right shape"))),
        };
        let weight = take("weight", &[MOVES.len(), FEATURES])?;
        let bias = take("bias", &[MOVES.len()])?;
        Ok(Self { weight, bias })
    }

    /// A distribution for every utterance; the encoder must have been loaded with [`LAYERS`].
    ///
    /// # Errors
    /// When the encoder fails.
    pub fn read(&self, embedder: &Embedder, meeting: &MeetingText) -> Result<Vec<MoveScores>, MindError> {
        let texts: Vec<String> = meeting.utterances.iter().map(|u| u.text.clone()).collect();
        self.judge(&features(meeting, &embedder.embed(&texts)?))
    }

    /// The same from features that were made before.
    ///
    /// # Errors
    /// When a row has not [`FEATURES`] values.
    pub fn judge(&self, rows: &[Vec<f32>]) -> Result<Vec<MoveScores>, MindError> {
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let x = Tensor::from_vec(rows.concat(), (rows.len(), FEATURES), &Device::Cpu)?;
        let logits = x.matmul(&self.weight.t()?)?.broadcast_add(&self.bias)?;
        let rows: Vec<Vec<f32>> = candle_nn::ops::softmax(&logits, 1)?.to_vec2()?;
        Ok(rows.into_iter().map(|r| MoveScores(std::array::from_fn(|k| r[k]))).collect())
    }
}

/// One row of [`FEATURES`] values an utterance, from the meeting and its embeddings.
#[must_use]
pub fn features(meeting: &MeetingText, meanings: &[Vec<f32>]) -> Vec<Vec<f32>> {
    let nothing = vec![0.0; embed::WIDTH];
    let beside = |k: Option<usize>| k.and_then(|k| meanings.get(k)).unwrap_or(&nothing).clone();
    surface::surface(meeting)
        .into_iter()
        .enumerate()
        .map(|(k, surface)| {
            let grams = grams::grams(&meeting.utterances[k].text);
            [surface, beside(Some(k)), beside(k.checked_sub(1)), beside(Some(k + 1)), grams].concat()
        })
        .collect()
}
