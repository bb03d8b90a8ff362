//! The mind: everything that reads what was said with a model. It runs only inside the jailed mind process.
//!
//! [`serve`] is that process's loop. Behind it stand a sentence encoder ([`embed`]) and a small language model
//! ([`language`]), which is used to compare and to quote, hardly to write: [`choose`] asks how well given answers fit,
//! and [`phrase`] copies a few words out of the transcript under a grammar. What was said is data: the prompt's control
//! tokens come from the model's own template alone ([`prompt`]).
//!
//! Architecture invariant: nothing here samples. The same models and the same requests, in order, give the same
//! replies; what is still in the cache from the request before can move a score by a rounding, no more.

mod attention;
pub mod choose;
mod decoder;
pub mod embed;
pub mod encoder;
mod fused;
#[cfg(target_arch = "x86_64")]
mod kernel;
pub mod language;
pub mod moves;
#[cfg(target_arch = "x86_64")]
mod packed;
pub mod phrase;
pub mod prompt;
mod sequence;
pub mod serve;
mod sound;
pub mod turns;
pub mod verify;

use crate::wire::{Failure, ModelRole};

/// Why the mind could not answer. Holds counts and kinds, never what was said.
#[derive(Debug, thiserror::Error)]
pub enum MindError {
    /// The model's file passed its hash but cannot be used.
    #[error("the model cannot be used: {0}")]
    Model(String),
    /// The tensor library refused; its messages name shapes and types.
    #[error("the model failed")]
    Compute(#[from] candle_core::Error),
    /// The tokenizer refused the text. Its own message might quote the text and is dropped.
    #[error("the text cannot be turned into tokens")]
    Tokens,
    /// The prompt does not fit the model's context.
    #[error("{tokens} tokens are over the limit of {limit}")]
    TooLong {
        /// Tokens in the prompt and what was to follow.
        tokens: usize,
        /// Tokens that the model can hold.
        limit: usize,
    },
    /// There is nothing to choose from, or an option has no tokens.
    #[error("there are no options, or one of them is empty")]
    NoOption,
    /// No phrase of the wanted length occurs in the texts.
    #[error("the texts hold no phrase of that length")]
    NoPhrase,
    /// The grammar engine failed or the answer did not come to its end.
    #[error("the answer was not finished")]
    Unfinished,
}

impl MindError {
    /// As it is told to the front, for a model of this role.
    #[must_use]
    pub fn failure(&self, role: ModelRole) -> Failure {
        match self {
            Self::Model(why) => Failure::ModelBroken(role, why.clone()),
            Self::TooLong { tokens, limit } => Failure::TooLong { tokens: count(*tokens), limit: count(*limit) },
            other => Failure::Internal(other.to_string()),
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
