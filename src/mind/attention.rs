//! Grouped-query attention with rotary positions and a cache of keys and values.
//!
//! Ainslie et al., GQA, 2023; Su et al., RoFormer, 2021. The queries of a group are stacked as rows against the one key
//! head that they share, so that keys are not copied for every query head.

use candle_core::{DType, Device, Result, Tensor};
use candle_nn::{ops, rotary_emb};

/// Shape of the heads.
#[derive(Clone, Copy)]
pub(super) struct Heads {
    /// Query heads.
    pub(super) query: usize,
    /// Key and value heads, each shared by an equal number of query heads.
    pub(super) shared: usize,
    /// Values a head.
    pub(super) width: usize,
}

/// Keys and values of one layer, each of shape (shared heads, capacity, width); written in place.
pub(super) struct LayerCache {
    keys: Tensor,
    values: Tensor,
}

impl LayerCache {
    pub(super) fn new(heads: Heads, capacity: usize) -> Result<Self> {
        let empty = || Tensor::zeros((heads.shared, capacity, heads.width), DType::F32, &Device::Cpu);
        Ok(Self { keys: empty()?, values: empty()? })
    }
}

/// Where the tokens of one pass stand and what each of them may look at.
pub(super) struct Place {
    /// Tokens that are in the cache before this pass.
    pub(super) past: usize,
    /// Rotation of each token of this pass, (tokens, width / 2).
    pub(super) cos: Tensor,
    /// The same.
    pub(super) sin: Tensor,
    /// 0 or minus infinity, (tokens, past + tokens); None when every token may look at everything.
    pub(super) mask: Option<Tensor>,
}

/// Rotations for all positions.
pub(super) struct Rotary {
    cos: Tensor,
    sin: Tensor,
    /// Llama turns neighbouring values together, Qwen a value of the first half with one of the second.
    interleaved: bool,
}

impl Rotary {
    pub(super) fn new(width: usize, base: f32, positions: usize, interleaved: bool) -> Result<Self> {
        let speed = |i: usize| 1.0 / base.powf(2.0 * i as f32 / width as f32);
        let angles: Vec<f32> = (0..positions).flat_map(|p| (0..width / 2).map(move |i| p as f32 * speed(i))).collect();
        let angles = Tensor::from_vec(angles, (positions, width / 2), &Device::Cpu)?;
        Ok(Self { cos: angles.cos()?, sin: angles.sin()?, interleaved })
    }

    /// The rotations of these positions.
    pub(super) fn at(&self, positions: &[u32]) -> Result<(Tensor, Tensor)> {
        let positions = Tensor::new(positions, &Device::Cpu)?;
        Ok((self.cos.index_select(&positions, 0)?, self.sin.index_select(&positions, 0)?))
    }

    /// Heads of shape (heads, tokens, width).
    fn turn(&self, heads: &Tensor, place: &Place) -> Result<Tensor> {
        let rope = if self.interleaved { rotary_emb::rope_i } else { rotary_emb::rope };
        rope(&heads.unsqueeze(0)?, &place.cos, &place.sin)?.squeeze(0)
    }
}

/// What each token takes from those it may look at: queries, keys and values of shape (tokens, heads × width) to
/// (tokens, query heads × width). Keys and values are left in the cache.
pub(super) fn attend(
    [queries, keys, values]: [Tensor; 3],
    heads: Heads,
    rotary: &Rotary,
    place: &Place,
    cache: &LayerCache,
) -> Result<Tensor> {
    let tokens = queries.dim(0)?;
    let split = |x: &Tensor, n| x.reshape((tokens, n, heads.width))?.transpose(0, 1)?.contiguous();
    let queries = rotary.turn(&split(&queries, heads.query)?, place)?;
    cache.keys.slice_set(&rotary.turn(&split(&keys, heads.shared)?, place)?, 1, place.past)?;
    cache.values.slice_set(&split(&values, heads.shared)?, 1, place.past)?;

    let seen = place.past + tokens;
    let rows = heads.query / heads.shared * tokens;
    let queries = (queries.reshape((heads.shared, rows, heads.width))? / (heads.width as f64).sqrt())?;
    let scores = queries.matmul(&cache.keys.narrow(1, 0, seen)?.t()?)?;
    let scores = match &place.mask {
        None => scores,
        Some(mask) => {
            scores.reshape((heads.query, tokens, seen))?.broadcast_add(mask)?.reshape((heads.shared, rows, seen))?
        }
    };
    let taken = ops::softmax_last_dim(&scores)?.matmul(&cache.values.narrow(1, 0, seen)?)?;
    taken.reshape((heads.query, tokens, heads.width))?.transpose(0, 1)?.reshape((tokens, heads.query * heads.width))
}
