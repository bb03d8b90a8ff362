//! A theme's name in the members' own words: a few words that stand in an utterance as they are.
//!
//! Candidates are runs of words within one clause; the best say most of what sets the theme apart from the circle's other
//! talk (keyness). A language model may choose among them, but it writes nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::words::{Rarity, content, is_stop, stem};

/// Words in a name.
const LENGTH: std::ops::RangeInclusive<usize> = 3..=7;

/// Candidates that a namer gets to see.
const CANDIDATES: usize = 6;

/// Chooses a theme's name.
pub trait ThemeNamer {
    /// The best of `candidates` (at least one, best first by keyness) for what `said` is about; None keeps the first.
    fn choose(&mut self, candidates: &[String], said: &[&str]) -> Option<usize>;
}

/// Takes the first candidate: names without a language model.
#[derive(Clone, Copy, Debug, Default)]
pub struct ByKeyness;

impl ThemeNamer for ByKeyness {
    fn choose(&mut self, _: &[String], _: &[&str]) -> Option<usize> {
        None
    }
}

/// A name for what is said in `said`.
pub(crate) fn label(said: &[&str], rarity: &Rarity, namer: &mut dyn ThemeNamer) -> String {
    let candidates = candidates(said, rarity);
    let chosen = if candidates.len() > 1 { namer.choose(&candidates, said) } else { None };
    chosen.and_then(|k| candidates.get(k)).or(candidates.first()).cloned().unwrap_or_default()
}

fn candidates(said: &[&str], rarity: &Rarity) -> Vec<String> {
    let mut key: BTreeMap<String, f64> = BTreeMap::new();
    for text in said {
        // A word counts once an utterance: what several people say names a theme, not what one repeats.
        let stems: BTreeSet<String> = content(text).iter().map(|w| stem(w)).collect();
        for s in stems {
            *key.entry(s).or_default() += 1.0;
        }
    }
    key.iter_mut().for_each(|(s, n)| *n = n.sqrt() * rarity.weight(s));

    let mut ranked: Vec<(f64, &str)> =
        said.iter().flat_map(|text| runs(text)).map(|run| (score(run, &key), run)).collect();
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
    let mut kept: Vec<String> = Vec::new();
    let mut used: Vec<BTreeSet<String>> = Vec::new();
    for (_, run) in ranked {
        let stems: BTreeSet<String> = content(run).iter().map(|w| stem(w)).collect();
        // Candidates that share most of their words are one candidate.
        if used.iter().all(|u| u.intersection(&stems).count() * 2 <= stems.len()) {
            kept.push(run.to_owned());
            used.push(stems);
        }
        if kept.len() == CANDIDATES {
            break;
        }
    }
    kept
}

/// What a run says of the theme, a little less for every word it takes.
fn score(run: &str, key: &BTreeMap<String, f64>) -> f64 {
    let stems: BTreeSet<String> = content(run).iter().map(|w| stem(w)).collect();
    let said: f64 = stems.iter().filter_map(|s| key.get(s)).sum();
    said / (run.split_whitespace().count() as f64 + 2.0)
}

/// Runs of [`LENGTH`] words within a clause that begin and end with a word of matter.
fn runs(text: &str) -> Vec<&str> {
    let bare = |w: &str| w.to_lowercase().split('\'').next().unwrap_or("").to_owned();
    let carries = |w: &str| !is_stop(&bare(w)) && bare(w).chars().count() > 2;
    let mut found = Vec::new();
    for clause in text.split(['.', ',', ';', ':', '!', '?', '(', ')', '"', '\u{2014}', '\u{201c}', '\u{201d}']) {
        let words: Vec<&str> = clause.split_whitespace().collect();
        for (from, first) in words.iter().enumerate() {
            for last in words.iter().skip(from).take(*LENGTH.end()).skip(LENGTH.start() - 1) {
                if carries(last) {
                    found.push(between(text, first, last));
                }
            }
        }
    }
    found
}

/// The part of `text` from the start of `first` to the end of `last`, both slices of it.
fn between<'a>(text: &'a str, first: &str, last: &str) -> &'a str {
    let at = |s: &str| s.as_ptr() as usize - text.as_ptr() as usize;
    text.get(at(first)..at(last) + last.len()).unwrap_or("")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_verbatim_and_says_what_returns() {
        let said = ["So the flood wall leaves the Flats out, you know.", "I signed the flood wall without reading it."];
        let rarity = Rarity::of(said.into_iter().chain(["Rain again.", "Coffee?", "The Flats, well."]));
        let name = label(&said, &rarity, &mut ByKeyness);
        assert!(said.iter().any(|s| s.contains(&name)), "{name}");
        assert!(name.contains("flood wall"), "{name}");
    }
}
