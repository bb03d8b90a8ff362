//! Sentence embeddings: all-MiniLM-L6-v2 as sentence-transformers runs it.
//!
//! A text is cut at [`MAX_TOKENS`], its token states are averaged and the mean is scaled to unit length (Reimers and
//! Gurevych, Sentence-BERT, 2019). Texts of similar length go through the encoder together, so that little of the work
//! is padding.

use candle_core::{DType, Device, Tensor};
use candle_nn::VarBuilder;
use candle_transformers::models::bert::{BertModel, Config};
use tokenizers::{Tokenizer, TruncationParams};

use super::{MindError, moves::bare_tokenizer};

/// Values in an embedding.
pub const WIDTH: usize = 384;

/// Layers of the encoder.
pub const LAYERS: usize = 6;

/// A longer text is cut: the model was trained on no more.
pub const MAX_TOKENS: usize = 256;

/// Tokens, padding included, that go through the encoder at once: enough to fill the matrix kernels, few enough to
/// stay in the cache.
const BATCH_TOKENS: usize = 1024;

/// The sentence encoder.
pub struct Embedder {
    model: BertModel,
    tokenizer: Tokenizer,
}

impl Embedder {
    /// Takes the weights (safetensors) and the tokenizer (JSON), both verified by the caller.
    ///
    /// # Errors
    /// When either does not hold what the model needs.
    pub fn load(weights: Vec<u8>, tokenizer: &[u8]) -> Result<Self, MindError> {
        let broken = |e: candle_core::Error| MindError::Model(e.to_string());
        let weights = VarBuilder::from_buffered_safetensors(weights, DType::F32, &Device::Cpu).map_err(broken)?;
        let model = BertModel::load(weights, &config()).map_err(broken)?;
        let mut tokenizer = bare_tokenizer(tokenizer)?;
        let truncation = TruncationParams { max_length: MAX_TOKENS, ..TruncationParams::default() };
        tokenizer.with_truncation(Some(truncation)).map_err(|e| MindError::Model(e.to_string()))?;
        Ok(Self { model, tokenizer })
    }

    /// One unit-length vector of [`WIDTH`] values a text, in the order of the texts.
    ///
    /// # Errors
    /// When the tokenizer or the model fails.
    pub fn embed(&self, texts: &[String]) -> Result<Vec<Vec<f32>>, MindError> {
        let tokens = texts.iter().map(|text| self.tokens(text)).collect::<Result<Vec<_>, _>>()?;
        let mut order: Vec<usize> = (0..texts.len()).collect();
        order.sort_by_key(|&i| tokens[i].len());

        let mut embeddings = vec![Vec::new(); texts.len()];
        let mut rest = order.as_slice();
        while !rest.is_empty() {
            let (batch, later) = rest.split_at(batch_len(rest, &tokens));
            let rows: Vec<&[u32]> = batch.iter().map(|&i| tokens[i].as_slice()).collect();
            for (&i, embedding) in batch.iter().zip(self.forward(&rows)?) {
                embeddings[i] = embedding;
            }
            rest = later;
        }
        Ok(embeddings)
    }

    fn tokens(&self, text: &str) -> Result<Vec<u32>, MindError> {
        let encoding = self.tokenizer.encode_fast(text, true).map_err(|_| MindError::Tokens)?;
        Ok(encoding.get_ids().to_vec())
    }

    /// Rows of tokens, the last the longest, to unit-length means.
    fn forward(&self, rows: &[&[u32]]) -> Result<Vec<Vec<f32>>, MindError> {
        let width = rows.last().map_or(0, |row| row.len());
        let padded = |pad: &dyn Fn(&u32) -> u32| -> Vec<u32> {
            rows.iter().flat_map(|r| r.iter().map(pad).chain(std::iter::repeat_n(0, width - r.len()))).collect()
        };
        let shape = (rows.len(), width);
        let ids = Tensor::from_vec(padded(&|&id| id), shape, &Device::Cpu)?;
        let mask = Tensor::from_vec(padded(&|_| 1), shape, &Device::Cpu)?;

        let states = self.model.forward(&ids, &ids.zeros_like()?, Some(&mask))?;
        let mask = mask.to_dtype(DType::F32)?.unsqueeze(2)?;
        let means = states.broadcast_mul(&mask)?.sum(1)?.broadcast_div(&mask.sum(1)?)?;
        let units = means.broadcast_div(&means.sqr()?.sum_keepdim(1)?.sqrt()?)?;
        Ok(units.to_vec2()?)
    }
}

/// How many of the first texts, sorted by length, fit into one batch; at least one.
fn batch_len(order: &[usize], tokens: &[Vec<u32>]) -> usize {
    let fits = |&(n, &i): &(usize, &usize)| n == 0 || (n + 1) * tokens[i].len() <= BATCH_TOKENS;
    order.iter().enumerate().take_while(fits).count()
}

/// The published configuration of all-MiniLM-L6-v2.
fn config() -> Config {
    Config {
        hidden_size: WIDTH,
        num_hidden_layers: LAYERS,
        num_attention_heads: 12,
        intermediate_size: 1536,
        ..Config::default()
    }
}
