//! From labelled meetings to the weights of the moves.

use std::collections::HashMap;

use candle_core::{DType, Device, Tensor};
use candor::mind::{embed, moves};

use crate::{Failure, data::Labelled, softmax};

/// How far each group of features is trusted, for features of unit spread: surface, the turn's own states, those beside it.
const TRUST: [f32; 3] = [0.3, 0.16, 0.05];

/// The same for n-grams, which come at unit length and are weighed by rarity.
const TRUST_GRAMS: f32 = 0.5;

/// Trains on meetings; tensors for [`moves::MoveReader::from_tensors`].
pub(crate) fn moves(meetings: &[&Labelled]) -> Result<HashMap<String, Tensor>, Failure> {
    let rows: Vec<&Vec<f32>> = meetings.iter().flat_map(|m| &m.features).collect();
    let classes: Vec<usize> = meetings.iter().flat_map(|m| &m.moves).map(|m| m.index()).collect();
    let scale = scales(&rows);
    let flat: Vec<f32> = rows.iter().flat_map(|r| r.iter().copied()).collect();
    let x = Tensor::from_vec(flat, (rows.len(), moves::FEATURES), &Device::Cpu)?;
    let trained = softmax::train(&x, &classes, &scale)?;
    // Half precision: the weights are noise far above its rounding.
    let half = |t: &Tensor| t.to_dtype(DType::F16);
    Ok(HashMap::from([("weight".to_owned(), half(&trained.weight)?), ("bias".to_owned(), half(&trained.bias)?)]))
}

/// A factor a feature: trust over spread, and for n-grams trust times rarity.
fn scales(rows: &[&Vec<f32>]) -> Vec<f32> {
    let n = rows.len() as f32;
    let grams = moves::FEATURES - moves::GRAMS;
    let first_state = grams - 3 * embed::WIDTH;
    (0..moves::FEATURES)
        .map(|k| {
            let column = || rows.iter().map(|r| r[k]);
            if k >= grams {
                let seen = column().filter(|v| *v > 0.0).count() as f32;
                return TRUST_GRAMS * (1.0 + ((n + 1.0) / (seen + 1.0)).ln());
            }
            let mean = column().sum::<f32>() / n;
            let spread = (column().map(|v| (v - mean).powi(2)).sum::<f32>() / n).sqrt();
            let group = if k < first_state { 0 } else { 1 + usize::from(k >= first_state + embed::WIDTH) };
            // A feature that hardly varies must not be blown up.
            TRUST[group] / spread.max(if group == 0 { 0.05 } else { 1e-4 })
        })
        .collect()
}
