//! Names as the terms allow: shown, or replaced by "a member" wherever the sheet would say them.

use std::collections::BTreeSet;

use crate::findings::Findings;

use super::context::Context;

/// What stands for a member whose name may not appear.
pub(super) const A_MEMBER: &str = "a member";

/// Speakers that are nobody's name.
const NAMELESS: [&str; 2] = ["voice", "someone"];

/// Knows every name of the circle, and whether they may appear.
pub(super) struct Names {
    shown: bool,
    /// Longest first, so that "Anna Berg" is replaced before "Anna".
    known: Vec<String>,
}

impl Names {
    /// Gathers names from roll, speakers and promises.
    pub(super) fn new(findings: &Findings, context: &Context) -> Self {
        let mut known = BTreeSet::new();
        let roll = context.gatherings.iter().flat_map(|g| g.roster.iter().chain(&g.present).chain([&g.facilitator]));
        let heard = findings.meetings.iter().flat_map(|m| m.measures.talk_share.keys());
        let quoted = findings.meetings.iter().flat_map(|m| m.utterances.iter().map(|u| &u.speaker));
        let promised = findings.commitments.iter().map(|p| &p.member);
        for name in roll.chain(heard).chain(quoted).chain(promised) {
            let mut parts = name.split_whitespace().peekable();
            if parts.peek().is_none_or(|first| NAMELESS.contains(first)) {
                continue;
            }
            known.extend(parts.filter(|p| p.starts_with(char::is_uppercase)).map(str::to_owned));
            known.insert(name.trim().to_owned());
        }
        let mut known: Vec<String> = known.into_iter().collect();
        known.sort_by_key(|name| std::cmp::Reverse(name.len()));
        Self { shown: context.names, known }
    }

    /// Whether names may appear.
    pub(super) fn shown(&self) -> bool {
        self.shown
    }

    /// A speaker as the sheet calls them.
    pub(super) fn who(&self, speaker: &str) -> String {
        if self.shown { speaker.to_owned() } else { A_MEMBER.to_owned() }
    }

    /// Text with each name replaced by `instead` where names may not appear.
    pub(super) fn mask(&self, text: &str, instead: &str) -> String {
        if self.shown {
            return text.to_owned();
        }
        self.known.iter().fold(text.to_owned(), |text, name| replace_word(&text, name, instead))
    }
}

/// Replaces `word` where no letter or digit touches it. Only Latin, Greek and Cyrillic letters count: scripts after them
/// set words, prefixes and particles without a space, and there a name too many is hidden rather than one too few.
fn replace_word(text: &str, word: &str, instead: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(word) {
        let end = at + word.len();
        let before = rest[..at].chars().next_back().or_else(|| out.chars().next_back());
        let touches = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() && c < '\u{0590}');
        out.push_str(&rest[..at]);
        let free = !touches(before) && !touches(rest[end..].chars().next());
        out.push_str(if free { instead } else { word });
        rest = &rest[end..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(shown: bool, known: &[&str]) -> Names {
        Names { shown, known: known.iter().map(|n| (*n).to_owned()).collect() }
    }

    #[test]
    fn hidden_names_go_from_sentences_and_quotes_but_words_stay() {
        let n = names(false, &["Anna Berg", "Anna", "Jo"]);
        assert_eq!(n.mask("Anna Berg asked Jo's sister Joanna.", A_MEMBER), "a member asked a member's sister Joanna.");
        assert_eq!(n.mask("Jo, Jo?", "[a member]"), "[a member], [a member]?");
        assert_eq!(names(false, &["花子"]).mask("花子さんは", A_MEMBER), "a memberさんは");
        assert_eq!(n.who("Anna"), A_MEMBER);
    }

    #[test]
    fn shown_names_stay() {
        let n = names(true, &["Jo"]);
        assert_eq!(n.mask("Jo spoke.", A_MEMBER), "Jo spoke.");
        assert_eq!(n.who("voice 2"), "voice 2");
    }
}
