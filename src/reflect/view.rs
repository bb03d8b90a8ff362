//! A meeting as the reading sees it: every utterance beside its speaker, phase, moves and meaning.
//!
//! Joining once keeps the measures and signs short, and keeps "who" as a number: nothing downstream may depend on a name.

use crate::session::{Meeting, Move, MoveScores, Rule, Utterance};

/// Speaker name where voices were not told apart.
const SOMEONE: &str = "someone";

/// An utterance with all that is known of it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Turn<'a> {
    /// As it was said.
    pub(crate) said: &'a Utterance,
    /// Index into [`View::speakers`].
    pub(crate) speaker: usize,
    /// Whether the facilitator speaks.
    pub(crate) facilitator: bool,
    /// Whether it is the phase's presenter.
    pub(crate) presenter: bool,
    /// The phase's rule, if known.
    pub(crate) rule: Option<Rule>,
    /// Words.
    pub(crate) words: f64,
    /// What it does.
    pub(crate) moves: &'a MoveScores,
    /// What it means: unit length.
    pub(crate) meaning: &'a [f32],
}

impl Turn<'_> {
    /// The probability of a move.
    pub(crate) fn p(&self, m: Move) -> f64 {
        f64::from(self.moves.of(m))
    }
}

/// A meeting as the reading sees it.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    /// The meeting.
    pub(crate) meeting: &'a Meeting,
    /// In order.
    pub(crate) turns: Vec<Turn<'a>>,
    /// Names by number, in order of first speech.
    pub(crate) speakers: Vec<&'a str>,
    /// Whether speakers were told apart.
    pub(crate) voices: bool,
    /// Whether it is known which speaker is the facilitator.
    pub(crate) facilitator: bool,
}

impl<'a> View<'a> {
    /// Joins a meeting with its moves and meanings, one of each an utterance.
    ///
    /// # Panics
    /// Never: what is missing at the end of `moves` or `meanings` cuts the view short, and coverage says so.
    pub(crate) fn new(meeting: &'a Meeting, moves: &'a [MoveScores], meanings: &'a [Vec<f32>]) -> Self {
        let mut speakers: Vec<&str> = Vec::new();
        let turns = meeting
            .utterances
            .iter()
            .zip(moves.iter().zip(meanings))
            .map(|(said, (moves, meaning))| {
                let speaker = speakers.iter().position(|s| *s == said.speaker).unwrap_or_else(|| {
                    speakers.push(&said.speaker);
                    speakers.len() - 1
                });
                let phase = meeting.phase_of(said);
                Turn {
                    said,
                    speaker,
                    facilitator: said.speaker == meeting.facilitator,
                    presenter: phase.is_some_and(|p| p.presenter.as_deref() == Some(&said.speaker)),
                    rule: phase.map(|p| p.rule),
                    words: said.text.split_whitespace().count().max(1) as f64,
                    moves,
                    meaning,
                }
            })
            .collect::<Vec<_>>();
        let voices = !turns.is_empty() && turns.iter().all(|t| t.said.speaker != SOMEONE);
        let facilitator = voices && turns.iter().any(|t| t.facilitator);
        Self { meeting, turns, speakers, voices, facilitator }
    }

    /// All words.
    pub(crate) fn words(&self) -> f64 {
        self.turns.iter().map(|t| t.words).sum()
    }

    /// Expected share of the words that go to any of these moves, 0..1.
    pub(crate) fn share(&self, of: &[Move]) -> f64 {
        let part: f64 = self.turns.iter().map(|t| t.words * of.iter().map(|m| t.p(*m)).sum::<f64>()).sum();
        part / self.words().max(1.0)
    }

    /// Expected number of utterances with any of these moves.
    pub(crate) fn count(&self, of: &[Move]) -> f64 {
        self.turns.iter().map(|t| of.iter().map(|m| t.p(*m)).sum::<f64>()).sum()
    }

    /// Expected number of members (not the facilitator) who make the move at least once.
    pub(crate) fn members(&self, m: Move) -> f64 {
        self.by_speaker(m, |t| !t.facilitator).into_iter().sum()
    }

    /// Probability by speaker of making the move at least once, over the turns that `counts`.
    pub(crate) fn by_speaker(&self, m: Move, counts: impl Fn(&Turn<'_>) -> bool) -> Vec<f64> {
        let mut not = vec![1.0; self.speakers.len()];
        for t in self.turns.iter().filter(|t| counts(t)) {
            not[t.speaker] *= 1.0 - t.p(m);
        }
        not.into_iter().map(|n| 1.0 - n).collect()
    }

    /// The `most` utterances where `weight` is highest, at least `floor`, in the order of the meeting.
    pub(crate) fn top(&self, most: usize, floor: f64, weight: impl Fn(&Turn<'_>) -> f64) -> Vec<u32> {
        let mut ranked: Vec<(f64, u32)> =
            self.turns.iter().map(|t| (weight(t), t.said.i)).filter(|(w, _)| *w >= floor).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut found: Vec<u32> = ranked.into_iter().take(most).map(|(_, i)| i).collect();
        found.sort_unstable();
        found
    }
}
