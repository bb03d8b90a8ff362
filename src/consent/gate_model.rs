//! What the design promises about the gate, as simply as it can be put; for tests.
//!
//! The model keeps plain facts ("Ben said yes to the third request with his second card") and answers from them. It
//! shares no code with rules, state, permit or gate.

use std::collections::{BTreeMap, BTreeSet};

use super::{Terms, Use};

pub(super) const DAY: i64 = 86_400;

#[derive(Clone, Debug, Default)]
pub(super) struct Person {
    pub(super) left: bool,
    pub(super) cards: usize,
}

#[derive(Clone, Debug)]
pub(super) struct Asking {
    pub(super) at: i64,
    pub(super) file: bool,
    pub(super) model: u8,
    pub(super) named: BTreeSet<u32>,
    pub(super) terms: Terms,
}

#[derive(Clone, Debug)]
pub(super) struct Yes {
    pub(super) who: u32,
    pub(super) asking: usize,
    pub(super) card: usize,
    pub(super) terms: Terms,
    pub(super) at: i64,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Gathering {
    pub(super) askings: Vec<Asking>,
    pub(super) room: BTreeSet<u32>,
    pub(super) yeses: Vec<Yes>,
    pub(super) vouched: bool,
    pub(super) heard: BTreeSet<u32>,
    pub(super) on: bool,
    pub(super) no: bool,
    pub(super) back: BTreeMap<u32, bool>,
    pub(super) words_erased: BTreeSet<u32>,
    pub(super) discarded: bool,
    pub(super) sound_gone: bool,
    pub(super) all_gone: bool,
}

/// Facts, as somebody who watched the circle would note them down.
#[derive(Clone, Debug, Default)]
pub(super) struct Model {
    pub(super) people: Vec<Person>,
    pub(super) gatherings: BTreeMap<u32, Gathering>,
    pub(super) last_event: i64,
    pub(super) unsaved: bool,
}

impl Gathering {
    pub(super) fn latest_yes(&self, who: u32) -> Option<&Yes> {
        self.yeses.iter().rev().find(|y| y.who == who)
    }

    pub(super) fn everyone_allows(&self, item: impl Fn(&Terms) -> bool) -> bool {
        !self.yeses.is_empty() && self.yeses.iter().all(|y| item(&y.terms))
    }

    pub(super) fn days(&self, item: impl Fn(&Terms) -> u16) -> i64 {
        self.yeses.iter().map(|y| i64::from(item(&y.terms))).min().unwrap_or(0)
    }

    pub(super) fn end(&self) -> i64 {
        self.yeses.first().map_or(0, |y| y.at) + self.days(|t| t.erase_after_days) * DAY
    }

    pub(super) fn end_of_sound(&self) -> i64 {
        let days = match self.days(|t| t.keep_audio_days) {
            0 => 7,
            n => n,
        };
        self.end().min(self.yeses.first().map_or(0, |y| y.at) + days * DAY)
    }

    pub(super) fn over(&self) -> bool {
        self.no || self.discarded || self.all_gone || !self.back.is_empty()
    }
}

impl Model {
    pub(super) fn answered_now(&self, g: &Gathering, who: u32) -> bool {
        let person = &self.people[who as usize];
        g.latest_yes(who).is_some_and(|y| y.asking + 1 == g.askings.len() && y.card == person.cards && !person.left)
    }

    /// May this be done now? Straight from the promises in the design.
    pub(super) fn allows(&self, meeting: u32, what: Use, now: i64) -> bool {
        let Some(g) = self.gatherings.get(&meeting) else { return false };
        let Some(asking) = g.askings.last() else { return false };
        if self.unsaved || g.discarded || g.all_gone || g.back.values().any(|whole| *whole) {
            return false;
        }
        let later = now.max(self.last_event);
        if what == Use::Record || what == Use::Import {
            let everyone = !g.room.is_empty() && g.room.iter().all(|who| self.answered_now(g, *who));
            let in_time = asking.at <= now && later <= asking.at + 12 * 3600 && later <= g.end();
            let right_source = asking.file == (what == Use::Import) && (!asking.file || g.vouched);
            return everyone && in_time && right_source && !g.over();
        }
        let mut concerned = g.heard.clone();
        if asking.file {
            concerned.extend(&asking.named);
        }
        if !concerned.iter().all(|who| g.latest_yes(*who).is_some()) {
            return false;
        }
        if !g.back.keys().all(|who| g.words_erased.contains(who)) {
            return false;
        }
        concerned.retain(|who| !g.back.contains_key(who));
        let started = g.yeses.first().is_some_and(|y| y.at <= now);
        let sound = !g.sound_gone && g.words_erased.is_empty() && later <= g.end_of_sound();
        let granted = match what {
            Use::Transcribe => sound && g.everyone_allows(|t| t.transcribe),
            Use::TellVoicesApart => sound && g.everyone_allows(|t| t.tell_voices_apart),
            _ => g.everyone_allows(|t| t.analyse),
        };
        !concerned.is_empty() && started && later <= g.end() && granted
    }
}
