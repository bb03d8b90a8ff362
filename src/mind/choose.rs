//! Asking without writing: how likely is each of some given answers?
//!
//! The score of an option is the mean log-probability of its tokens after the prompt. All options are read in one pass,
//! as branches that see the prompt and themselves but not each other.
//!
//! A small model prefers some words whatever is asked. With a neutral prompt given, the same question without its
//! material, the option's score there is taken off (contextual calibration: Zhao et al., Calibrate Before Use, 2021).

use candle_core::{D, Tensor};
use candle_nn::ops;

use super::{MindError, decoder::Pass, language::Language};
use crate::wire::Choice;

/// Neutral scores kept; there are a handful of questions.
const KEPT: usize = 64;

impl Language {
    /// Mean log-probability a token of each option, less that under the neutral prompt if there is one.
    ///
    /// # Errors
    /// When there is no option, one is empty, the prompt is too long, or the model fails.
    pub fn choose(&mut self, choice: &Choice) -> Result<Vec<f32>, MindError> {
        let options = choice.options.iter().map(|o| self.prompter.data(o)).collect::<Result<Vec<_>, _>>()?;
        if options.is_empty() || options.iter().any(Vec::is_empty) {
            return Err(MindError::NoOption);
        }
        let Some(neutral) = &choice.neutral else {
            return self.score(&choice.system, &choice.user, &options);
        };
        let key = (choice.system.clone(), neutral.clone(), choice.options.clone());
        let bias = match self.neutral.get(&key) {
            Some(bias) => bias.clone(),
            None => self.score(&choice.system, neutral, &options)?,
        };
        if self.neutral.len() >= KEPT {
            self.neutral.clear();
        }
        self.neutral.insert(key, bias.clone());
        let scores = self.score(&choice.system, &choice.user, &options)?;
        Ok(scores.iter().zip(bias).map(|(score, bias)| score - bias).collect())
    }

    fn score(&mut self, system: &str, user: &str, options: &[Vec<u32>]) -> Result<Vec<f32>, MindError> {
        let prompt = self.prompter.prompt(system, user)?;
        let tree = Tree::new(options, prompt.len());
        let first = log_softmax(&self.read(&prompt, tree.tokens.len())?)?;
        let later = match tree.tokens.is_empty() {
            true => None,
            false => {
                let Tree { tokens, positions, before, .. } = &tree;
                let pass = Pass { tokens, positions: positions.clone(), before: before.clone() };
                let states = self.decoder.read(&self.cache, &pass)?;
                Some(log_softmax(&self.decoder.expect(&states)?)?)
            }
        };
        let mean = |(option, start): (&Vec<u32>, &usize)| -> Result<f32, MindError> {
            let mut sum = first.get(0)?.get(option[0] as usize)?.to_scalar::<f32>()?;
            for (i, &token) in option[1..].iter().enumerate() {
                if let Some(later) = &later {
                    sum += later.get(start + i)?.get(token as usize)?.to_scalar::<f32>()?;
                }
            }
            Ok(sum / option.len() as f32)
        };
        options.iter().zip(&tree.starts).map(mean).collect()
    }
}

fn log_softmax(expected: &Tensor) -> Result<Tensor, MindError> {
    Ok(ops::log_softmax(expected, D::Minus1)?)
}

/// The options as branches after one prompt. The last token of an option predicts nothing and is left out.
struct Tree {
    tokens: Vec<u32>,
    positions: Vec<u32>,
    before: Vec<Option<usize>>,
    /// Where each option begins.
    starts: Vec<usize>,
}

impl Tree {
    fn new(options: &[Vec<u32>], past: usize) -> Self {
        let mut tree = Self { tokens: Vec::new(), positions: Vec::new(), before: Vec::new(), starts: Vec::new() };
        for option in options {
            let start = tree.tokens.len();
            tree.starts.push(start);
            for (i, &token) in option[..option.len() - 1].iter().enumerate() {
                tree.tokens.push(token);
                tree.positions.push((past + i) as u32);
                tree.before.push(i.checked_sub(1).map(|before| start + before));
            }
        }
        tree
    }
}
