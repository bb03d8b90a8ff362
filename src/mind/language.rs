//! The language model: reads a prompt once, remembers what it has read, and says what it expects next.
//!
//! The cache holds the last prompt. A new prompt reuses it up to the first token that differs, so that the system text
//! and whatever many questions share is read once.

use std::{
    cell::OnceCell,
    collections::HashMap,
    io::{BufReader, Read, Seek},
};

use candle_core::{Tensor, quantized::gguf_file::Content};
use llguidance::ParserFactory;

use super::{
    MindError,
    decoder::{Cache, Decoder, Pass},
    phrase,
    prompt::Prompter,
};

/// Tokens that go through the model at once. More fill the kernels no better and take more memory.
const CHUNK: usize = 256;

/// A language model in memory.
pub struct Language {
    pub(super) decoder: Decoder,
    pub(super) cache: Cache,
    pub(super) prompter: Prompter,
    /// Scores under a neutral prompt, which do not change; see [`super::choose`].
    pub(super) neutral: HashMap<(String, String, Vec<String>), Vec<f32>>,
    grammars: OnceCell<ParserFactory>,
}

impl Language {
    /// Takes a GGUF file of the Llama or Qwen2 family, verified by the caller and at its start.
    ///
    /// # Errors
    /// When the file does not hold what the model needs.
    pub fn load(file: impl Read + Seek) -> Result<Self, MindError> {
        let broken = |e: candle_core::Error| MindError::Model(e.to_string());
        let mut file = BufReader::new(file);
        let content = Content::read(&mut file).map_err(broken)?;
        let prompter = Prompter::from_gguf(&content)?;
        let decoder = Decoder::from_gguf(&content, &mut file).map_err(broken)?;
        let cache = decoder.cache()?;
        Ok(Self { decoder, cache, prompter, neutral: HashMap::new(), grammars: OnceCell::new() })
    }

    /// Tokens that a prompt and what follows it may have together.
    #[must_use]
    pub fn context(&self) -> usize {
        self.decoder.context
    }

    /// Reads a prompt, as far as it is not in the cache yet; gives what the model expects next, (1, vocabulary).
    ///
    /// # Errors
    /// When the prompt and `room` more tokens do not fit, or the model fails.
    pub(super) fn read(&mut self, prompt: &[u32], room: usize) -> Result<Tensor, MindError> {
        let (tokens, limit) = (prompt.len() + room, self.decoder.context);
        if tokens > limit {
            return Err(MindError::TooLong { tokens, limit });
        }
        let shared = prompt.iter().zip(&self.cache.tokens).take_while(|(a, b)| a == b).count();
        // The last token is read again even if it is known: its state is what the answer grows from.
        let known = shared.min(prompt.len().saturating_sub(1));
        self.cache.tokens.truncate(known);
        let mut last = None;
        for chunk in prompt[known..].chunks(CHUNK) {
            let states = self.decoder.read(&self.cache, &Pass::row(chunk, self.cache.tokens.len()))?;
            self.cache.tokens.extend_from_slice(chunk);
            last = Some(states.narrow(0, chunk.len() - 1, 1)?);
        }
        let last = last.ok_or(MindError::Tokens)?;
        Ok(self.decoder.expect(&last)?)
    }

    /// Forgets everything that was read; after a failure half-way the cache must not be trusted.
    pub fn forget(&mut self) {
        self.cache.tokens.clear();
    }

    /// Makes grammars for this model's tokens. Made at first use: it takes a moment.
    pub(super) fn grammars(&self) -> Result<&ParserFactory, MindError> {
        if self.grammars.get().is_none() {
            let made = phrase::grammars(&self.prompter)?;
            return Ok(self.grammars.get_or_init(|| made));
        }
        self.grammars.get().ok_or(MindError::Unfinished)
    }
}
