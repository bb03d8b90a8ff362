//! Naming concerns with the language model: it chooses among the members' own phrases and writes nothing.

use crate::{
    error::{Error, ErrorKind, Result},
    reflect::ThemeNamer,
    remote::Mind,
    screen::Screen,
    wire::Choice,
};

/// What the model is told; part of every finding by its hash.
pub(super) const PROMPT: &str = include_str!("../../prompts/theme-name.txt");

/// Letters of a passage that are shown to the model: the choice does not get better with more, only slower.
const LETTERS: usize = 700;

/// Phrases among which it chooses; the rule that found them has put the best first.
const CANDIDATES: usize = 4;

pub(super) struct ByMind<'m> {
    mind: &'m mut Mind,
    screen: Screen,
    failed: Option<Error>,
    named: usize,
}

impl<'m> ByMind<'m> {
    pub(super) fn new(mind: &'m mut Mind, screen: Screen) -> Self {
        Self { mind, screen, failed: None, named: 0 }
    }

    /// Says how many were named, or what stopped it: an interrupted reading is no reading.
    pub(super) fn finish(self) -> Result<()> {
        match self.failed {
            Some(e) if e.kind == ErrorKind::Interrupted => Err(e),
            Some(e) => {
                self.screen.warn(&format!("Some concerns are named by rule alone: {e}"));
                Ok(())
            }
            None => {
                self.screen.note(&format!("{} concerns named in the members' own words.", self.named));
                Ok(())
            }
        }
    }
}

impl ThemeNamer for ByMind<'_> {
    fn choose(&mut self, candidates: &[String], said: &[&str]) -> Option<usize> {
        let options = &candidates[..candidates.len().min(CANDIDATES)];
        if options.len() < 2 || self.failed.is_some() {
            return None;
        }
        let choice = Choice {
            system: PROMPT.trim().to_owned(),
            user: user(options, &passage(said)),
            options: options.to_vec(),
            neutral: Some(user(options, "(nothing was said)")),
        };
        match self.mind.choose(choice) {
            Ok(scores) => {
                self.named += 1;
                (0..scores.len()).max_by(|a, b| scores[*a].total_cmp(&scores[*b]).then(b.cmp(a)))
            }
            Err(e) => {
                self.failed = Some(e);
                None
            }
        }
    }
}

fn user(options: &[String], passage: &str) -> String {
    format!("Passage:\n{passage}\n\nPhrases:\n- {}\n\nThe best label:", options.join("\n- "))
}

/// The beginning of what was said, up to a limit, cut between utterances.
fn passage(said: &[&str]) -> String {
    let mut text = String::new();
    for line in said {
        if !text.is_empty() && text.len() + line.len() > LETTERS {
            break;
        }
        text.extend(line.chars().take(LETTERS));
        text.push('\n');
    }
    text
}
