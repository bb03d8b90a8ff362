//! What a yes covers, item by item, and how several people's answers become one.
//!
//! Terms are ordered by strictness in each item; what a group gets is the meet of all that its members granted
//! ([`strictest`]). An item stands on those before it: there is no reading without text and no text without sound.

use serde::{Deserialize, Serialize};

/// Longest time that a circle may ask to keep anything, in days: ten years.
pub const MAX_DAYS: u16 = 3650;

/// Days after which sound that waits to be written down is destroyed, where none is to be kept.
pub const WAITING_DAYS: u16 = 7;

/// Who gets the page of findings. It is the same page for everybody: one for the facilitator alone would make the
/// others the observed, so there is no such choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Audience {
    /// Shown on this machine only; no file is made for anyone.
    Screen,
    /// Those who were at the meeting.
    Present,
    /// The whole circle, with those who were absent.
    Circle,
}

/// What may be done with a meeting, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Terms {
    /// The sound may be recorded, or a recording brought in.
    pub record: bool,
    /// What was said may be written down.
    pub transcribe: bool,
    /// The text may be read for patterns, with earlier meetings.
    pub analyse: bool,
    /// The text may say who spoke.
    pub tell_voices_apart: bool,
    /// Days the sound is kept; 0 destroys its key as soon as the transcript is stored.
    pub keep_audio_days: u16,
    /// Days until everything of the meeting is erased.
    pub erase_after_days: u16,
    /// Who gets the page of findings.
    pub brief_for: Audience,
    /// The page may say names.
    pub names_in_brief: bool,
}

impl Terms {
    /// Every use, for as long as can be asked; but the sound goes as soon as it is written down.
    pub const EVERY_USE: Self = Self {
        record: true,
        transcribe: true,
        analyse: true,
        tell_voices_apart: true,
        keep_audio_days: 0,
        erase_after_days: MAX_DAYS,
        brief_for: Audience::Circle,
        names_in_brief: true,
    };

    /// Nothing at all.
    pub const NONE: Self = Self {
        record: false,
        transcribe: false,
        analyse: false,
        tell_voices_apart: false,
        keep_audio_days: 0,
        erase_after_days: 0,
        brief_for: Audience::Screen,
        names_in_brief: false,
    };

    /// True if these terms allow nothing that the others do not.
    #[must_use]
    pub fn within(&self, wider: &Self) -> bool {
        strictest([self, wider]) == strictest([self])
    }

    /// True if a circle may be asked this: it asks to record, for a bounded time, and no item lacks what it stands on.
    #[must_use]
    pub fn can_be_asked(&self) -> bool {
        self.record && (1..=MAX_DAYS).contains(&self.erase_after_days) && self.consistent() == *self
    }

    /// The same without what hangs in the air.
    fn consistent(self) -> Self {
        if !self.record {
            return Self::NONE;
        }
        let analyse = self.analyse && self.transcribe;
        Self {
            analyse,
            tell_voices_apart: self.tell_voices_apart && self.transcribe,
            keep_audio_days: self.keep_audio_days.min(self.erase_after_days),
            brief_for: if analyse { self.brief_for } else { Audience::Screen },
            names_in_brief: self.names_in_brief && analyse && self.tell_voices_apart,
            ..self
        }
    }
}

/// What several people allow together: in every item, the least that any of them allows. Of nobody, nothing.
pub fn strictest<'a>(all: impl IntoIterator<Item = &'a Terms>) -> Terms {
    all.into_iter()
        .copied()
        .reduce(|a, b| Terms {
            record: a.record && b.record,
            transcribe: a.transcribe && b.transcribe,
            analyse: a.analyse && b.analyse,
            tell_voices_apart: a.tell_voices_apart && b.tell_voices_apart,
            keep_audio_days: a.keep_audio_days.min(b.keep_audio_days),
            erase_after_days: a.erase_after_days.min(b.erase_after_days),
            brief_for: a.brief_for.min(b.brief_for),
            names_in_brief: a.names_in_brief && b.names_in_brief,
        })
        .map_or(Terms::NONE, Terms::consistent)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) const WIDE: Terms = Terms { keep_audio_days: 30, erase_after_days: 365, ..Terms::EVERY_USE };

    prop_compose! {
        pub(crate) fn any_terms()(flags in any::<[bool; 5]>(), audio in 0u16..40, all in 1u16..400, who in 0..3)
            -> Terms
        {
            let [record, transcribe, analyse, tell_voices_apart, names_in_brief] = flags;
            let brief_for = [Audience::Screen, Audience::Present, Audience::Circle][who as usize];
            Terms {
                record, transcribe, analyse, tell_voices_apart, keep_audio_days: audio, erase_after_days: all,
                brief_for, names_in_brief,
            }
        }
    }

    #[test]
    fn no_text_no_reading() {
        let got = strictest([&WIDE, &Terms { transcribe: false, ..WIDE }]);
        assert!(got.record && !got.analyse && !got.tell_voices_apart && !got.names_in_brief);
        assert_eq!(got.brief_for, Audience::Screen);
    }

    #[test]
    fn one_no_to_recording_leaves_nothing() {
        assert_eq!(strictest([&WIDE, &Terms { record: false, ..WIDE }]), Terms::NONE);
        assert_eq!(strictest([]), Terms::NONE);
    }

    #[test]
    fn nothing_endless_is_asked() {
        assert!(WIDE.can_be_asked());
        assert!(!Terms { erase_after_days: 0, ..WIDE }.can_be_asked());
        assert!(!Terms { erase_after_days: MAX_DAYS + 1, ..WIDE }.can_be_asked());
        assert!(!Terms { keep_audio_days: 366, ..WIDE }.can_be_asked());
        assert!(!Terms { transcribe: false, ..WIDE }.can_be_asked());
    }

    proptest! {
        #[test]
        fn the_strictest_is_within_each_and_in_any_order(a in any_terms(), b in any_terms(), c in any_terms()) {
            let all = strictest([&a, &b, &c]);
            prop_assert!(all.within(&a) && all.within(&b) && all.within(&c));
            prop_assert_eq!(all, strictest([&c, &a, &b]));
            prop_assert_eq!(all, strictest([&strictest([&a, &b]), &c]));
        }
    }
}
