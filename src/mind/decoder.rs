//! The transformer of the Llama and Qwen2 families, from a quantized GGUF file.
//!
//! candle-transformers has both, yet not in a shape that serves here. They give the last token's prediction only, and
//! scoring an option of several tokens needs them all; they read options one after the other, and one pass over a tree
//! of options is far cheaper; they copy all keys and values for every token; and they expand the token embeddings
//! to 32 bits, nearly a gigabyte for the default model.

use std::io::{Read, Seek};

use candle_core::{
    Device, Module, Result, Tensor,
    quantized::{QMatMul, QTensor, gguf_file::Content},
};
use candle_nn::ops;

use super::attention::{Heads, LayerCache, Place, Rotary, attend};
#[cfg(target_arch = "x86_64")]
use super::packed::Packed;

/// Longest prompt, in tokens, whatever the model could take: the cache of a longer one would not fit beside Whisper,
/// and small models lose the thread long before.
const CONTEXT: usize = 4096;

/// The model's weights.
pub(super) struct Decoder {
    embedding: QTensor,
    layers: Vec<Layer>,
    norm: Norm,
    head: Matrix,
    rotary: Rotary,
    heads: Heads,
    /// Tokens that fit.
    pub(super) context: usize,
}

struct Layer {
    attention_norm: Norm,
    query: Linear,
    key: Linear,
    value: Linear,
    output: Linear,
    feed_norm: Norm,
    gate: Linear,
    up: Linear,
    down: Linear,
}

/// Keys and values of what has been read, in all layers, and which tokens they are of.
pub(super) struct Cache {
    layers: Vec<LayerCache>,
    /// The tokens that have been read. Cutting this list forgets the rest.
    pub(super) tokens: Vec<u32>,
}

/// Tokens to be read in one pass.
pub(super) struct Pass<'a> {
    /// The tokens.
    pub(super) tokens: &'a [u32],
    /// Position of each in its text.
    pub(super) positions: Vec<u32>,
    /// For each the index, within this pass, of the one before it; None: it follows what is in the cache.
    pub(super) before: Vec<Option<usize>>,
}

impl Decoder {
    /// Reads the weights from a file that has been verified.
    pub(super) fn from_gguf(content: &Content, file: &mut (impl Read + Seek)) -> Result<Self> {
        let family = content.metadata.get("general.architecture").map(|a| a.to_string()).transpose()?;
        let interleaved = match family.map(String::as_str) {
            Some("llama") => true,
            Some("qwen2") => false,
            _ => candle_core::bail!("not of the Llama or Qwen2 family"),
        };
        let mut weights = Weights { content, file, family: family.cloned().unwrap_or_default() };
        let query = weights.size("attention.head_count")?;
        let width = weights.size("embedding_length")? / query;
        let heads = Heads { query, shared: weights.size("attention.head_count_kv")?, width };
        let context = weights.size("context_length")?.min(CONTEXT);
        let layers = weights.size("block_count")?;
        let head = if weights.has("output.weight") { "output.weight" } else { "token_embd.weight" };
        Ok(Self {
            embedding: weights.tensor("token_embd.weight")?,
            layers: (0..layers).map(|i| weights.layer(i)).collect::<Result<_>>()?,
            norm: weights.norm("output_norm")?,
            head: Matrix::new(weights.tensor(head)?)?,
            rotary: Rotary::new(width, weights.number("rope.freq_base")?, context, interleaved)?,
            heads,
            context,
        })
    }

    /// A cache in which nothing has been read.
    pub(super) fn cache(&self) -> Result<Cache> {
        let layers = self.layers.iter().map(|_| LayerCache::new(self.heads, self.context)).collect::<Result<_>>()?;
        Ok(Cache { layers, tokens: Vec::new() })
    }

    /// Reads a pass after what is in the cache; gives the last layer's states, (tokens, width). The caller decides
    /// whether the pass is to be remembered, by entering it in `cache.tokens`.
    pub(super) fn read(&self, cache: &Cache, pass: &Pass) -> Result<Tensor> {
        let past = cache.tokens.len();
        let (cos, sin) = self.rotary.at(&pass.positions)?;
        let place = Place { past, cos, sin, mask: pass.mask(past)? };
        let mut states = self.embedding.embedding(&Tensor::new(pass.tokens, &Device::Cpu)?)?;
        for (layer, cache) in self.layers.iter().zip(&cache.layers) {
            let x = layer.attention_norm.forward(&states)?;
            let parts = [layer.query.forward(&x)?, layer.key.forward(&x)?, layer.value.forward(&x)?];
            let taken = attend(parts, self.heads, &self.rotary, &place, cache)?;
            states = (states + layer.output.forward(&taken)?)?;

            let x = layer.feed_norm.forward(&states)?;
            let gated = (ops::silu(&layer.gate.forward(&x)?)? * layer.up.forward(&x)?)?;
            states = (states + layer.down.forward(&gated)?)?;
        }
        Ok(states)
    }

    /// What the model expects after each of these states: unnormalised log-probabilities, (states, vocabulary).
    pub(super) fn expect(&self, states: &Tensor) -> Result<Tensor> {
        self.head.forward(&self.norm.forward(states)?)
    }
}

impl<'a> Pass<'a> {
    /// Tokens in a row, after `past` others.
    pub(super) fn row(tokens: &'a [u32], past: usize) -> Self {
        let before = (0..tokens.len()).map(|i| i.checked_sub(1)).collect();
        Self { tokens, positions: (0..tokens.len()).map(|i| (past + i) as u32).collect(), before }
    }

    /// Each token sees the cache, itself and what stands before it in its own branch.
    fn mask(&self, past: usize) -> Result<Option<Tensor>> {
        let n = self.tokens.len();
        if n == 1 {
            return Ok(None);
        }
        let mut mask = vec![f32::NEG_INFINITY; n * (past + n)];
        for (i, row) in mask.chunks_exact_mut(past + n).enumerate() {
            row[..past].fill(0.0);
            let mut seen = Some(i);
            while let Some(j) = seen {
                row[past + j] = 0.0;
                seen = self.before[j];
            }
        }
        Tensor::from_vec(mask, (n, past + n), &Device::Cpu).map(Some)
    }
}

struct Norm {
    weight: Tensor,
    epsilon: f32,
}

impl Norm {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        ops::rms_norm(x, &self.weight, self.epsilon)
    }
}

/// A weight matrix, packed for this processor if it can be.
enum Matrix {
    #[cfg(target_arch = "x86_64")]
    Packed(Packed),
    Plain(QMatMul),
}

impl Matrix {
    fn new(weights: QTensor) -> Result<Self> {
        #[cfg(target_arch = "x86_64")]
        if let Some(packed) = Packed::new(&weights)? {
            return Ok(Self::Packed(packed));
        }
        QMatMul::from_qtensor(weights).map(Self::Plain)
    }

    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        match self {
            #[cfg(target_arch = "x86_64")]
            Self::Packed(packed) => x.apply_op1_no_bwd(packed),
            Self::Plain(matrix) => matrix.forward(x),
        }
    }
}

struct Linear {
    weight: Matrix,
    bias: Option<Tensor>,
}

impl Linear {
    fn forward(&self, x: &Tensor) -> Result<Tensor> {
        let y = self.weight.forward(x)?;
        match &self.bias {
            None => Ok(y),
            Some(bias) => y.broadcast_add(bias),
        }
    }
}

/// Finds tensors and numbers in the file.
struct Weights<'a, R> {
    content: &'a Content,
    file: &'a mut R,
    family: String,
}

impl<R: Read + Seek> Weights<'_, R> {
    fn size(&self, key: &str) -> Result<usize> {
        match self.content.metadata.get(&format!("{}.{key}", self.family)).map(|v| v.to_u32()).transpose()? {
            Some(size) if size > 0 => Ok(size as usize),
            _ => candle_core::bail!("{key} is missing or zero"),
        }
    }

    fn number(&self, key: &str) -> Result<f32> {
        match self.content.metadata.get(&format!("{}.{key}", self.family)) {
            Some(number) => number.to_f32(),
            None => candle_core::bail!("{key} is missing"),
        }
    }

    fn has(&self, name: &str) -> bool {
        self.content.tensor_infos.contains_key(name)
    }

    fn tensor(&mut self, name: &str) -> Result<QTensor> {
        self.content.tensor(self.file, name, &Device::Cpu)
    }

    fn norm(&mut self, name: &str) -> Result<Norm> {
        let weight = self.tensor(&format!("{name}.weight"))?.dequantize(&Device::Cpu)?;
        Ok(Norm { weight, epsilon: self.number("attention.layer_norm_rms_epsilon")? })
    }

    fn linear(&mut self, name: &str) -> Result<Linear> {
        let weight = Matrix::new(self.tensor(&format!("{name}.weight"))?)?;
        let bias = format!("{name}.bias");
        let bias = self.has(&bias).then(|| self.tensor(&bias)?.dequantize(&Device::Cpu)).transpose()?;
        Ok(Linear { weight, bias })
    }

    fn layer(&mut self, i: usize) -> Result<Layer> {
        let name = |part: &str| format!("blk.{i}.{part}");
        Ok(Layer {
            attention_norm: self.norm(&name("attn_norm"))?,
            query: self.linear(&name("attn_q"))?,
            key: self.linear(&name("attn_k"))?,
            value: self.linear(&name("attn_v"))?,
            output: self.linear(&name("attn_output"))?,
            feed_norm: self.norm(&name("ffn_norm"))?,
            gate: self.linear(&name("ffn_gate"))?,
            up: self.linear(&name("ffn_up"))?,
            down: self.linear(&name("ffn_down"))?,
        })
    }
}
