//! The eight lines that each person answers, in words that a tired person understands.

use super::{
    notice::Source,
    terms::{Audience, Terms, WAITING_DAYS},
};

/// One line of the notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Item {
    /// [`Terms::record`]
    Record,
    /// [`Terms::transcribe`]
    Transcribe,
    /// [`Terms::analyse`]
    Analyse,
    /// [`Terms::tell_voices_apart`]
    TellVoicesApart,
    /// [`Terms::keep_audio_days`]
    KeepAudio,
    /// [`Terms::erase_after_days`]
    EraseAfter,
    /// [`Terms::brief_for`]
    BriefFor,
    /// [`Terms::names_in_brief`]
    NamesInBrief,
}

/// What kind of answer an item takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// [`Answer::Yes`](super::Answer::Yes) or [`Answer::No`](super::Answer::No).
    YesOrNo,
    /// A number of days, both ends included.
    Days {
        /// The strictest that can be chosen.
        least: u16,
        /// What is asked.
        most: u16,
    },
    /// Any audience up to the one asked.
    Audience {
        /// What is asked.
        widest: Audience,
    },
    /// Not asked this time, so there is nothing to answer.
    NotAsked,
}

impl Item {
    /// In the order in which they are asked.
    pub const ALL: [Self; 8] = [
        Self::Record,
        Self::Transcribe,
        Self::Analyse,
        Self::TellVoicesApart,
        Self::KeepAudio,
        Self::EraseAfter,
        Self::BriefFor,
        Self::NamesInBrief,
    ];

    /// A heading of a few words, with its full stop.
    #[must_use]
    pub const fn title(self) -> &'static str {
        match self {
            Self::Record => "Record.",
            Self::Transcribe => "Write down.",
            Self::Analyse => "Look for patterns.",
            Self::TellVoicesApart => "Tell voices apart.",
            Self::KeepAudio => "Keep the sound.",
            Self::EraseAfter => "Keep the rest.",
            Self::BriefFor => "Hand out the findings.",
            Self::NamesInBrief => "Say names in the findings.",
        }
    }

    /// What kind of answer it takes under the terms that are asked.
    #[must_use]
    pub fn kind(self, asked: &Terms) -> Kind {
        let yes_or_no = |asked| if asked { Kind::YesOrNo } else { Kind::NotAsked };
        match self {
            Self::Record => yes_or_no(asked.record),
            Self::Transcribe => yes_or_no(asked.transcribe),
            Self::Analyse => yes_or_no(asked.analyse),
            Self::TellVoicesApart => yes_or_no(asked.tell_voices_apart),
            Self::KeepAudio if asked.keep_audio_days == 0 => Kind::NotAsked,
            Self::KeepAudio => Kind::Days { least: 0, most: asked.keep_audio_days },
            Self::EraseAfter => Kind::Days { least: 1, most: asked.erase_after_days },
            Self::BriefFor if matches!(asked.brief_for, Audience::Screen) => Kind::NotAsked,
            Self::BriefFor => Kind::Audience { widest: asked.brief_for },
            Self::NamesInBrief => yes_or_no(asked.names_in_brief),
        }
    }

    /// What is asked, or that it is not, in full sentences.
    #[must_use]
    pub fn question(self, asked: &Terms, source: Source) -> String {
        let from_room = source == Source::Room;
        match self {
            Self::Record if from_room => {
                "The sound of this meeting is recorded and locked on this machine. Anyone may \
                 press one key, without a password, to go off the record, to stop, or to stop and erase."
                    .into()
            }
            Self::Record => "The file named above is brought in and locked on this machine.".into(),
            Self::Transcribe if !asked.transcribe => "Not this time: no text is made.".into(),
            Self::Transcribe => "A program on this machine turns what was said into text.".into(),
            Self::Analyse if !asked.analyse => "Not this time.".into(),
            Self::Analyse => "Programs on this machine read the text, together with the circle's other meetings, and \
                 show what recurs. They give no advice and rate nobody."
                .into(),
            Self::TellVoicesApart if !asked.tell_voices_apart => {
                "Not this time: the text does not say who spoke.".into()
            }
            Self::TellVoicesApart => "The text says who spoke. For this your voice is measured; the measure is thrown \
                 away once the meeting is written down."
                .into(),
            Self::KeepAudio if asked.keep_audio_days == 0 => format!(
                "Not this time: the sound is destroyed as soon as it is written down, and after {} in any case.",
                days(WAITING_DAYS)
            ),
            Self::KeepAudio => format!(
                "The sound is kept for up to {}. You may choose fewer; 0 means that it is destroyed as soon as it is \
                 written down, and after {} in any case.",
                days(asked.keep_audio_days),
                days(WAITING_DAYS)
            ),
            Self::EraseAfter => format!(
                "The text and what was found in it are kept for up to {}, counted from the first yes. Then everything \
                 of this meeting is erased by itself. You may choose fewer, from 1.",
                days(asked.erase_after_days)
            ),
            Self::BriefFor => handing_out(asked.brief_for),
            Self::NamesInBrief if !asked.names_in_brief => "Not this time: people appear without their names.".into(),
            Self::NamesInBrief => "The page of findings says who said what. Without this, people appear without their \
                 names; those who were there may still recognise them."
                .into(),
        }
    }
}

fn handing_out(audience: Audience) -> String {
    let whom = match audience {
        Audience::Screen => {
            return "Not this time: the findings are shown on this machine and no page is handed out.".into();
        }
        Audience::Present => "everyone who was at this meeting",
        Audience::Circle => "everyone in the circle, also to those who were absent",
    };
    format!("A page of findings is given to {whom}. It is the same page for all, the facilitator included.")
}

/// "1 day", "30 days".
pub(super) fn days(n: u16) -> String {
    if n == 1 { "1 day".into() } else { format!("{n} days") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::terms::tests::WIDE;

    #[test]
    fn what_is_not_asked_needs_no_answer_and_says_so() {
        let bare = Terms { record: true, erase_after_days: 1, ..Terms::NONE };
        let asked: Vec<_> = Item::ALL.into_iter().filter(|i| i.kind(&bare) != Kind::NotAsked).collect();
        assert_eq!(asked, [Item::Record, Item::EraseAfter]);
        for item in Item::ALL.into_iter().filter(|i| i.kind(&bare) == Kind::NotAsked) {
            assert!(item.question(&bare, Source::Room).starts_with("Not this time"));
        }
    }

    #[test]
    fn the_words_of_an_item_follow_its_terms() {
        let shorter = Terms { keep_audio_days: 1, ..WIDE };
        let words = |terms| Item::KeepAudio.question(terms, Source::Room);
        assert!(words(&WIDE).contains("30 days") && words(&shorter).contains("up to 1 day."));
    }
}
