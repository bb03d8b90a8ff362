//! The sentence encoder's network, with room for a low-rank update: what MiniLM knows, and what our circles taught it.
//!
//! It is BERT (Devlin et al., 2019) in MiniLM's size, written out so that the same code reads and trains: every step is one
//! that the tensor library can differentiate. Each matrix may carry an update of low rank, `W + up * down` (Hu et al.,
//! LoRA, 2021), which is a few megabytes where the weights themselves are ninety.

use std::{collections::HashMap, sync::Arc};

use candle_core::{DType, Result, Tensor};

use super::fused::{Attend, Gelu, Normalize};

/// Values a token.
pub const WIDTH: usize = 384;

/// Layers.
pub const LAYERS: usize = 6;

/// Attention heads a layer.
const HEADS: usize = 12;

/// Added under the root of a variance.
const EPS: f32 = 1e-12;

/// The matrices of a layer, in the names of the published weights.
pub const MATRICES: [&str; 6] = [
    "attention.self.query",
    "attention.self.key",
    "attention.self.value",
    "attention.output.dense",
    "intermediate.dense",
    "output.dense",
];

/// Tensors by name.
pub type Weights = HashMap<String, Tensor>;

/// The network.
pub struct Encoder {
    words: Tensor,
    places: Tensor,
    norm: Normalize,
    layers: Vec<Layer>,
}

impl Encoder {
    /// From the published weights, with an update where it has `NAME.down` and `NAME.up` for a matrix `NAME`.
    ///
    /// # Errors
    /// When a tensor is missing or the two do not fit together.
    pub fn new(weights: &Weights, update: &Weights) -> Result<Self> {
        let get = |name: &str| take(weights, name);
        // Every text is of the first of the two kinds that BERT tells apart.
        let kind = get("embeddings.token_type_embeddings.weight")?.narrow(0, 0, 1)?;
        Ok(Self {
            words: get("embeddings.word_embeddings.weight")?,
            places: get("embeddings.position_embeddings.weight")?.broadcast_add(&kind)?,
            norm: norm(weights, "embeddings.LayerNorm")?,
            layers: (0..LAYERS)
                .map(|k| Layer::new(weights, update, &format!("encoder.layer.{k}")))
                .collect::<Result<_>>()?,
        })
    }

    /// States of rows of tokens: `(rows, tokens)` to `(rows, tokens, WIDTH)`. `real` is 1 where a token is no padding;
    /// `added`, of the states' shape, is added to what the words mean by themselves.
    ///
    /// # Errors
    /// When a shape is wrong.
    pub fn forward(&self, ids: &Tensor, real: &Tensor, added: Option<&Tensor>) -> Result<Tensor> {
        let (rows, tokens) = ids.dims2()?;
        let words = self.words.index_select(&ids.flatten_all()?, 0)?.reshape((rows, tokens, WIDTH))?;
        let mut states = words.broadcast_add(&self.places.narrow(0, 0, tokens)?)?;
        if let Some(added) = added {
            states = (states + added)?;
        }
        let attend = Attend {
            scale: 1.0 / ((WIDTH / HEADS) as f32).sqrt(),
            real: Arc::new(real.flatten_all()?.to_vec1::<u32>()?.into_iter().map(|r| r != 0).collect()),
            shared: HEADS * tokens,
        };
        let mut states = states.apply_op1(self.norm.clone())?;
        for layer in &self.layers {
            states = layer.forward(&states, &attend)?;
        }
        Ok(states)
    }
}

/// A transformer layer.
struct Layer {
    query: Linear,
    key: Linear,
    value: Linear,
    joined: Linear,
    attended: Normalize,
    wide: Linear,
    narrow: Linear,
    done: Normalize,
}

impl Layer {
    fn new(weights: &Weights, update: &Weights, at: &str) -> Result<Self> {
        let [query, key, value, joined, wide, narrow] =
            MATRICES.map(|name| Linear::new(weights, update, &format!("{at}.{name}")));
        Ok(Self {
            query: query?,
            key: key?,
            value: value?,
            joined: joined?,
            attended: norm(weights, &format!("{at}.attention.output.LayerNorm"))?,
            wide: wide?,
            narrow: narrow?,
            done: norm(weights, &format!("{at}.output.LayerNorm"))?,
        })
    }

    fn forward(&self, x: &Tensor, attend: &Attend) -> Result<Tensor> {
        let (rows, tokens, _) = x.dims3()?;
        let heads = |x: Tensor| x.reshape((rows, tokens, HEADS, WIDTH / HEADS))?.transpose(1, 2)?.contiguous();
        let (query, key) = (heads(self.query.forward(x)?)?, heads(self.key.forward(x)?)?);
        let value = heads(self.value.forward(x)?)?;
        let seen = query.matmul(&key.t()?)?.apply_op1(attend.clone())?.matmul(&value)?;
        let seen = seen.transpose(1, 2)?.contiguous()?.reshape((rows, tokens, WIDTH))?;
        let x = (self.joined.forward(&seen)? + x)?.apply_op1(self.attended.clone())?;
        let thought = self.narrow.forward(&self.wide.forward(&x)?.apply_op1(Gelu)?)?;
        (thought + x)?.apply_op1(self.done.clone())
    }
}

/// A matrix and its bias.
struct Linear {
    /// Transposed.
    weight: Tensor,
    bias: Tensor,
}

impl Linear {
    fn new(weights: &Weights, update: &Weights, name: &str) -> Result<Self> {
        let mut weight = take(weights, &format!("{name}.weight"))?;
        if update.contains_key(&format!("{name}.up")) {
            let part = |part: &str| take(update, &format!("{name}.{part}"));
            weight = (weight + part("up")?.matmul(&part("down")?)?)?;
        }
        Ok(Self { weight: weight.t()?, bias: take(weights, &format!("{name}.bias"))? })
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let (rows, tokens, width) = x.dims3()?;
        let y = x.reshape((rows * tokens, width))?.matmul(&self.weight)?.broadcast_add(&self.bias)?;
        y.reshape((rows, tokens, ()))
    }
}

fn norm(weights: &Weights, name: &str) -> Result<Normalize> {
    let get = |part: &str| take(weights, &format!("{name}.{part}"))?.to_vec1();
    Ok(Normalize { weight: Arc::new(get("weight")?), bias: Arc::new(get("bias")?), eps: EPS })
}

fn take(weights: &Weights, name: &str) -> Result<Tensor> {
    match weights.get(name) {
        Some(t) => t.to_dtype(DType::F32),
        None => candle_core::bail!("no tensor {name}"),
    }
}
