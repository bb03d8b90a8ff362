//! A few words copied from the transcript: the model says which, a grammar sees to it that they were said.
//!
//! The grammar is the language of all runs of whole words of the given texts (a suffix automaton), cut with the wanted
//! number of words; llguidance turns it into the set of tokens that may come next. The model picks the likeliest of
//! them. Whatever a model makes of a prompt, nothing else can come out.

use std::sync::Arc;

use llguidance::{
    Matcher, ParserFactory,
    api::TopLevelGrammar,
    token_bytes_from_tokenizer_json,
    toktrie::{ApproximateTokEnv, InferenceCapabilities, TokEnv, TokRxInfo, TokTrie},
};

use super::{MindError, decoder::Pass, language::Language, prompt::Prompter};
use crate::wire::PhraseRequest;

/// A word of so many tokens is no word.
const TOKENS_A_WORD: usize = 8;

impl Language {
    /// Words that stand in one of the sources as they are, as many as were asked for.
    ///
    /// # Errors
    /// When no source has such a phrase, the prompt is too long, the model fails, or the phrase does not come to an end.
    pub fn phrase(&mut self, request: &PhraseRequest) -> Result<String, MindError> {
        let fewest = usize::from(request.min_words.max(1));
        let mut lines = request.sources.iter().flat_map(|source| source.lines());
        if !lines.any(|line| line.split_whitespace().count() >= fewest) {
            return Err(MindError::NoPhrase);
        }
        let mut grammar = self.grammar(request)?;
        let prompt = self.prompter.prompt(&request.system, &request.user)?;
        let room = usize::from(request.max_words) * TOKENS_A_WORD;
        let mut expected = self.read(&prompt, room)?;
        let mut written = Vec::new();
        while written.len() < room {
            let allowed = grammar.compute_mask_or_eos().map_err(|_| MindError::Unfinished)?;
            let expectation = expected.get(0)?.to_vec1::<f32>()?;
            let best = allowed.iter().max_by(|&a, &b| expectation[a as usize].total_cmp(&expectation[b as usize]));
            let token = best.ok_or(MindError::NoPhrase)?;
            if token == self.prompter.end {
                return self.verbatim(&written, request);
            }
            grammar.consume_token(token).map_err(|_| MindError::Unfinished)?;
            written.push(token);
            let states = self.decoder.read(&self.cache, &Pass::row(&[token], self.cache.tokens.len()))?;
            self.cache.tokens.push(token);
            expected = self.decoder.expect(&states)?;
        }
        Err(MindError::Unfinished)
    }

    fn grammar(&self, request: &PhraseRequest) -> Result<Matcher, MindError> {
        let pieces: Vec<&str> = request.sources.iter().flat_map(|s| pieces(s).chain(["\n"])).collect();
        let pieces = serde_json::to_string(&pieces).map_err(|_| MindError::Unfinished)?;
        let (from, to) = (request.min_words.max(1) - 1, request.max_words.max(1) - 1);
        let lark = format!(
            "start: PHRASE\nPHRASE: SAID & WORDS\nSAID: %regex {{ \"substring_chunks\": {pieces} }}\n\
             WORDS: /[^\\s]+([^\\S\\n]+[^\\s]+){{{from},{to}}}/\n"
        );
        let parser = self.grammars()?.create_parser(TopLevelGrammar::from_lark(lark));
        Ok(Matcher::new(parser))
    }

    /// The text of these tokens, once more held against the sources.
    fn verbatim(&self, written: &[u32], request: &PhraseRequest) -> Result<String, MindError> {
        let phrase = self.prompter.tokenizer().decode(written, true).map_err(|_| MindError::Tokens)?;
        let said = !phrase.is_empty() && request.sources.iter().any(|source| source.contains(&phrase));
        if said { Ok(phrase) } else { Err(MindError::NoPhrase) }
    }
}

/// Words and the blanks between them, in turn.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    let blank = |c: char| c.is_whitespace();
    let mut rest = text;
    std::iter::from_fn(move || {
        let first = rest.chars().next()?;
        let end = rest.find(|c| blank(c) != blank(first)).unwrap_or(rest.len());
        let (piece, later) = rest.split_at(end);
        rest = later;
        Some(piece)
    })
}

/// What makes grammars for one model's tokens.
pub(super) fn grammars(prompter: &Prompter) -> Result<ParserFactory, MindError> {
    let broken = |why: String| MindError::Model(why);
    let json = prompter.tokenizer().to_string(false).map_err(|e| broken(e.to_string()))?;
    let json = serde_json::from_str(&json).map_err(|e| broken(e.to_string()))?;
    let tokens = token_bytes_from_tokenizer_json(&json).map_err(|e| broken(e.to_string()))?;
    let trie = TokTrie::from(&TokRxInfo::new(tokens.len() as u32, prompter.end), &tokens);
    let env: TokEnv = Arc::new(ApproximateTokEnv::new(trie));
    let mut factory =
        ParserFactory::new(&env, InferenceCapabilities::default(), &[]).map_err(|e| broken(e.to_string()))?;
    // Its log would hold what was said.
    factory.quiet();
    Ok(factory)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_falls_into_words_and_blanks() {
        let said = "I don't know,  honestly";
        assert_eq!(pieces(said).collect::<Vec<_>>(), ["I", " ", "don't", " ", "know,", "  ", "honestly"]);
        assert_eq!(pieces(said).collect::<String>(), said);
        assert_eq!(pieces("").count(), 0);
    }
}
