//! One person's answers. Nothing is ticked beforehand, and silence is not a yes.

use super::{
    item::{Item, Kind},
    terms::{Audience, Terms},
};

/// An answer to one item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// As asked.
    Yes,
    /// Not at all.
    No,
    /// That many days.
    Days(u16),
    /// Those and nobody else.
    Audience(Audience),
}

/// What a person's answers come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// A yes, to these terms or stricter ones.
    Yes(Terms),
    /// No recording.
    No,
}

/// Why an answer was not taken, or the answers do not make a decision.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChoiceError {
    /// It is of another kind than the item takes, or wider than what was asked.
    #[error("this answer does not fit item {}", *.0 as usize + 1)]
    DoesNotFit(Item),
    /// Items have no answer yet.
    #[error("{} items have no answer yet", .0.len())]
    Unanswered(Vec<Item>),
}

/// Answers as they are being given. It begins empty.
#[derive(Debug)]
pub struct Choices {
    asked: Terms,
    given: [Option<Answer>; Item::ALL.len()],
}

impl Choices {
    /// Nothing answered yet.
    #[must_use]
    pub const fn blank(asked: Terms) -> Self {
        Self { asked, given: [None; Item::ALL.len()] }
    }

    /// Answers one item, or answers it anew.
    ///
    /// # Errors
    /// [`ChoiceError::DoesNotFit`].
    pub fn answer(&mut self, item: Item, answer: Answer) -> Result<(), ChoiceError> {
        let fits = match (item.kind(&self.asked), answer) {
            (Kind::YesOrNo, Answer::Yes | Answer::No) => true,
            (Kind::Days { least, most }, Answer::Days(n)) => (least..=most).contains(&n),
            (Kind::Audience { widest }, Answer::Audience(a)) => a <= widest,
            _ => false,
        };
        if !fits {
            return Err(ChoiceError::DoesNotFit(item));
        }
        self.given[item as usize] = Some(answer);
        Ok(())
    }

    /// What is still to be answered, in order. After a no to recording, nothing is.
    #[must_use]
    pub fn unanswered(&self) -> Vec<Item> {
        if self.given[Item::Record as usize] == Some(Answer::No) {
            return Vec::new();
        }
        let open = |i: &Item| self.given[*i as usize].is_none() && i.kind(&self.asked) != Kind::NotAsked;
        Item::ALL.into_iter().filter(open).collect()
    }

    /// Takes the answers together.
    ///
    /// # Errors
    /// [`ChoiceError::Unanswered`].
    pub fn decide(&self) -> Result<Decision, ChoiceError> {
        let open = self.unanswered();
        if !open.is_empty() {
            return Err(ChoiceError::Unanswered(open));
        }
        if !self.said_yes(Item::Record) {
            return Ok(Decision::No);
        }
        let days = |item: Item| match self.given[item as usize] {
            Some(Answer::Days(n)) => n,
            _ => 0,
        };
        Ok(Decision::Yes(Terms {
            record: true,
            transcribe: self.said_yes(Item::Transcribe),
            analyse: self.said_yes(Item::Analyse),
            tell_voices_apart: self.said_yes(Item::TellVoicesApart),
            keep_audio_days: days(Item::KeepAudio),
            erase_after_days: days(Item::EraseAfter),
            brief_for: match self.given[Item::BriefFor as usize] {
                Some(Answer::Audience(a)) => a,
                _ => Audience::Screen,
            },
            names_in_brief: self.said_yes(Item::NamesInBrief),
        }))
    }

    fn said_yes(&self, item: Item) -> bool {
        self.given[item as usize] == Some(Answer::Yes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::terms::tests::WIDE;

    #[test]
    fn nothing_is_ticked_beforehand() {
        assert_eq!(Choices::blank(WIDE).decide(), Err(ChoiceError::Unanswered(Item::ALL.to_vec())));
    }

    #[test]
    fn every_item_needs_its_own_yes() {
        let mut choices = Choices::blank(WIDE);
        for item in Item::ALL {
            assert!(matches!(choices.decide(), Err(ChoiceError::Unanswered(open)) if open.contains(&item)));
            let answer = match item.kind(&WIDE) {
                Kind::YesOrNo => Answer::Yes,
                Kind::Days { most, .. } => Answer::Days(most),
                Kind::Audience { widest } => Answer::Audience(widest),
                Kind::NotAsked => unreachable!(),
            };
            choices.answer(item, answer).unwrap();
        }
        assert_eq!(choices.decide(), Ok(Decision::Yes(WIDE)));
    }

    #[test]
    fn one_no_is_enough() {
        let mut choices = Choices::blank(WIDE);
        choices.answer(Item::Record, Answer::No).unwrap();
        assert_eq!(choices.decide(), Ok(Decision::No));
    }

    #[test]
    fn nobody_can_grant_more_than_was_asked() {
        let mut choices = Choices::blank(Terms { brief_for: Audience::Present, ..WIDE });
        for (item, answer) in [
            (Item::KeepAudio, Answer::Days(31)),
            (Item::EraseAfter, Answer::Days(0)),
            (Item::BriefFor, Answer::Audience(Audience::Circle)),
            (Item::Record, Answer::Days(1)),
        ] {
            assert_eq!(choices.answer(item, answer), Err(ChoiceError::DoesNotFit(item)));
        }
    }
}
