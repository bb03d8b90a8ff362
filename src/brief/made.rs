//! How the sheet came about: what was read, by which models, under which terms, and what is erased when.

use serde::Serialize;

use super::evidence::Evidence;
use super::words::clean;

/// Digits of a SHA-256 that the sheet shows; enough to compare by eye.
const HASH_DIGITS: usize = 8;

/// How the sheet came about.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Made {
    /// Version of Candor.
    pub candor: String,
    /// What was read and how it was heard, a sentence each.
    pub read: Vec<String>,
    /// In order of their role.
    pub models: Vec<Model>,
    /// The terms in force, a sentence each.
    pub terms: Vec<String>,
    /// What is erased when, a sentence each.
    pub erased: Vec<String>,
    /// The ledger's eight words.
    pub ledger: Option<String>,
}

/// A model, prompt or weight file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Model {
    /// What it did.
    pub role: String,
    /// Which it was.
    pub name: String,
    /// The first eight digits of its SHA-256.
    pub hash: String,
}

pub(super) fn of(e: &Evidence<'_>) -> Made {
    Made {
        candor: clean(&e.findings.candor),
        read: read(e),
        models: e.findings.models.iter().map(|(role, model)| self::model(role, model)).collect(),
        terms: e.context.terms.iter().map(|t| e.text(t)).collect(),
        erased: e.context.erased.iter().map(|t| e.text(t)).collect(),
        ledger: e.context.ledger.as_deref().map(clean),
    }
}

/// Coverage of the newest meeting and of all.
fn read(e: &Evidence<'_>) -> Vec<String> {
    let mut out = vec![];
    if let Some(m) = e.newest {
        let minutes = m.utterances.iter().map(|u| u.end).fold(0.0, f32::max) / 60.0;
        let how = if m.from_audio { "Heard by Whisper on this device." } else { "The words came as text." };
        let (read, all) = (m.coverage.utterances_read, m.coverage.utterances);
        out.push(format!("Read {read} of {all} utterances, {minutes:.0} minutes. {how}"));
    }
    let kept: Vec<_> = e.findings.meetings.iter().filter(|m| m.was_read()).collect();
    if kept.len() > 1 {
        let read: u32 = kept.iter().map(|m| m.coverage.utterances_read).sum();
        let all: u32 = kept.iter().map(|m| m.coverage.utterances).sum();
        out.push(format!("Over {} meetings, {read} of {all} utterances.", kept.len()));
    }
    out
}

/// Parts "name sha256" into what a person can read.
fn model(role: &str, name_and_hash: &str) -> Model {
    let text = clean(name_and_hash);
    let hash = text.split(' ').next_back().filter(|h| h.len() == 64 && h.bytes().all(|b| b.is_ascii_hexdigit()));
    let name = hash.map_or(text.as_str(), |h| text[..text.len() - h.len()].trim_end());
    let hash = hash.map_or_else(String::new, |h| h[..HASH_DIGITS].to_owned());
    Model { role: clean(role), name: name.to_owned(), hash }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_keeps_its_name_and_the_start_of_its_hash() {
        let m = model("ears", &format!("ggml base.en {}", "0a".repeat(32)));
        assert_eq!((m.name.as_str(), m.hash.as_str()), ("ggml base.en", "0a0a0a0a"));
        assert_eq!(model("ears", "unknown").name, "unknown");
    }
}
