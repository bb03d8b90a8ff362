//! What shows on the surface of a turn: who speaks after whom, under which rule, how long, which small words.
//!
//! These carry what a sentence's meaning does not: that a question follows, that the facilitator speaks, that a short turn
//! answers a long one. Nothing here depends on a name or on a circle's vocabulary, and all of it survives a transcript
//! without punctuation in a weaker form.

use crate::{
    session::Rule,
    wire::{MeetingText, Spoken},
};

/// Small closed classes of words. Their order is part of the weights in `models/moves.safetensors`.
const CLASSES: [&[&str]; 16] = [
    &["i", "i'm", "i've", "i'd", "me", "my", "mine", "myself"],
    &["you", "your", "you're", "you'd", "you've", "yours"],
    &["we", "us", "our", "we're", "we've", "ours"],
    &["they", "them", "their", "he", "she", "him", "her", "his", "they're", "he's", "she's"],
    &["i'll", "will", "we'll", "going", "gonna"],
    &["should", "could", "would", "ought", "might", "need", "must", "why"],
    &["what", "how", "where", "when", "who", "which", "whose"],
    &["yes", "yeah", "yep", "right", "okay", "ok", "sure", "mm", "true", "exactly", "agreed", "no"],
    &["thanks", "thank", "cheers"],
    &["said", "told", "says", "tell", "asked"],
    &[
        "monday",
        "tuesday",
        "wednesday",
        "thursday",
        "friday",
        "saturday",
        "sunday",
        "tomorrow",
        "week",
        "today",
        "morning",
        "tonight",
        "month",
        "minutes",
        "january",
        "february",
        "march",
        "april",
        "may",
        "june",
        "july",
        "august",
        "september",
        "october",
        "november",
        "december",
    ],
    &["think", "thought", "wonder", "know", "feel", "felt", "believe", "guess", "suppose"],
    &["but", "though", "however"],
    &["did", "went", "rang", "wrote", "called", "came", "since"],
    &["room", "here", "circle", "round", "outside", "table", "meeting"],
    &["don't", "not", "didn't", "can't", "won't", "isn't", "never", "nobody", "nothing"],
];

const RULES: [Rule; 5] = [Rule::Free, Rule::OneVoice, Rule::QuestionsOnly, Rule::Open, Rule::SilenceOk];

/// Values a turn: 9 of speakers, 7 of phase, 5 of place, 5 of length, 8 of marks, 4 of pauses, two a class of words, and the
/// length of both neighbours.
pub(crate) const WIDTH: usize = 9 + RULES.len() + 2 + 5 + 5 + 8 + 4 + 2 * CLASSES.len() + 2;

/// One row of [`WIDTH`] values, each about 0..1, for every turn.
pub(crate) fn surface(meeting: &MeetingText) -> Vec<Vec<f32>> {
    (0..meeting.utterances.len()).map(|k| row(&meeting.utterances, k)).collect()
}

fn row(turns: &[Spoken], k: usize) -> Vec<f32> {
    let now = &turns[k];
    let at = |offset: isize| k.checked_add_signed(offset).and_then(|j| turns.get(j));
    let (before, after) = (at(-1), at(1));
    let same = |other: Option<&Spoken>| flag(other.is_some_and(|o| o.speaker == now.speaker));
    let mut row = Vec::with_capacity(WIDTH);

    row.extend([flag(now.facilitator), flag(now.presenter), same(before)]);
    row.extend([flag(before.is_some_and(|b| b.facilitator)), flag(before.is_some_and(|b| b.presenter))]);
    row.extend([flag(after.is_some_and(|a| a.facilitator)), same(after), same(at(-2)), same(at(2))]);

    row.extend(RULES.map(|r| flag(now.rule == Some(r))));
    row.extend([flag(before.is_some_and(|b| b.rule != now.rule)), flag(after.is_some_and(|a| a.rule != now.rule))]);

    let last = turns.len() - 1;
    row.extend([k as f32 / last.max(1) as f32, flag(k < 3), flag(k + 5 > last), flag(k == 0), flag(k == last)]);

    let words = words(&now.text);
    let n = words.len().max(1);
    row.extend([log_length(n), flag(n <= 2), flag(n <= 5), flag(n <= 10), flag(n > 40)]);
    row.extend(marks(now, before, after));
    row.extend(pauses(now, after));
    for class in CLASSES {
        let hits = words.iter().filter(|w| class.contains(&w.as_str())).count();
        row.extend([flag(hits > 0), (4.0 * hits as f32 / n as f32).min(1.0)]);
    }
    row.extend([before, after].map(|t| t.map_or(0.0, |t| log_length(self::words(&t.text).len()))));
    row
}

/// Question marks here and beside, other marks that change what a turn does.
fn marks(now: &Spoken, before: Option<&Spoken>, after: Option<&Spoken>) -> [f32; 8] {
    let asks = |t: Option<&Spoken>| flag(t.is_some_and(|t| t.text.contains('?')));
    let text = now.text.trim();
    [
        asks(Some(now)),
        flag(text.trim_end_matches(['"', '\'']).ends_with('?')),
        asks(before),
        asks(after),
        flag(text.contains('!')),
        flag(text.contains('(')),
        flag(quotes(text)),
        flag(text.contains(|c: char| c.is_ascii_digit())),
    ]
}

fn pauses(now: &Spoken, after: Option<&Spoken>) -> [f32; 4] {
    let long = |p: f32| (p.max(0.0) / 8.0).min(1.0);
    let p = now.pause_before;
    [long(p), flag(p < 0.0), after.map_or(0.0, |a| long(a.pause_before)), (p.max(0.0) / 2.0).min(1.0)]
}

/// Whether there are quotation marks that are no apostrophes.
fn quotes(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let inside =
        |k: usize| k > 0 && chars[k - 1].is_alphanumeric() && chars.get(k + 1).is_some_and(|c| c.is_alphanumeric());
    chars.iter().enumerate().any(|(k, c)| *c == '"' || (*c == '\'' && !inside(k)))
}

/// Lower-case words of letters and apostrophes.
pub(crate) fn words(text: &str) -> Vec<String> {
    text.to_lowercase()
        .split(|c: char| !c.is_alphabetic() && c != '\'')
        .filter(|w| !w.is_empty())
        .map(str::to_owned)
        .collect()
}

fn log_length(words: usize) -> f32 {
    (words as f32).ln_1p() / 4.0
}

const fn flag(is: bool) -> f32 {
    if is { 1.0 } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_has_its_width_and_tells_an_answer_from_a_monologue() {
        let say = |speaker, text: &str| Spoken {
            speaker,
            facilitator: false,
            presenter: false,
            rule: None,
            text: text.into(),
            pause_before: 0.5,
        };
        let meeting =
            MeetingText { utterances: vec![say(0, "Why?"), say(1, "It's \"hard\"."), say(1, "")], from_audio: false };
        let rows = surface(&meeting);
        assert!(rows.iter().all(|r| r.len() == WIDTH));
        assert_eq!((rows[1][2], rows[2][2]), (0.0, 1.0), "same speaker as before");
        assert!(!quotes("it's") && quotes("he said 'no'"));
    }
}
