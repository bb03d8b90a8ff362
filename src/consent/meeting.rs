//! Where one meeting stands, as the ledger tells it.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    event::{Part, Reach, Request},
    ids::{Digest, MemberId},
    notice::Source,
    terms::{Terms, WAITING_DAYS, strictest},
};

/// Seconds.
pub(super) const DAY: i64 = 24 * 60 * 60;

/// A member's yes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Consent {
    /// Place of the latest request that it answers.
    pub request: u64,
    /// Which of the member's keys signed; 0 for the first card, 1 for the next.
    pub epoch: u32,
    /// What was granted.
    pub terms: Terms,
    /// Unix seconds.
    pub at: i64,
}

/// What the ledger says of one meeting.
#[derive(Clone, Debug)]
pub struct MeetingState {
    /// The latest request.
    pub request: Request,
    /// Its place in the ledger.
    pub request_seq: u64,
    /// Hashes of the models that each request named, by its place.
    pub models: BTreeMap<u64, BTreeSet<Digest>>,
    /// When it was made, Unix seconds.
    pub asked_at: i64,
    /// Who is in the room.
    pub in_room: BTreeSet<MemberId>,
    /// The latest yes of each who gave one.
    pub consents: BTreeMap<MemberId, Consent>,
    /// The strictest of every yes so far.
    pub agreed: Option<Terms>,
    /// When the first yes was given, Unix seconds; days are counted from here.
    pub first_yes: Option<i64>,
    /// Who vouches for the file that is brought in.
    pub voucher: Option<MemberId>,
    /// Who was in the room while the microphone was open, or said yes to a file that has them in it.
    pub heard: BTreeSet<MemberId>,
    /// True while the microphone is open.
    pub running: bool,
    /// True once somebody said no.
    pub refused: bool,
    /// Who took their yes back, and how far.
    pub withdrawn: BTreeMap<MemberId, Reach>,
    /// True once somebody asked that everything be erased.
    pub discarded: bool,
    /// What is gone.
    pub gone: BTreeSet<Part>,
}

impl MeetingState {
    pub(super) fn new(request: Request, seq: u64, at: i64) -> Self {
        Self {
            models: BTreeMap::from([(seq, hashes(&request))]),
            in_room: request.present.iter().copied().collect(),
            request,
            request_seq: seq,
            asked_at: at,
            consents: BTreeMap::new(),
            agreed: None,
            first_yes: None,
            voucher: None,
            heard: BTreeSet::new(),
            running: false,
            refused: false,
            withdrawn: BTreeMap::new(),
            discarded: false,
            gone: BTreeSet::new(),
        }
    }

    /// A new request replaces the one before; what was recorded under that one stays under its terms.
    pub(super) fn ask_again(&mut self, request: Request, seq: u64, at: i64) {
        self.models.insert(seq, hashes(&request));
        self.in_room = request.present.iter().copied().collect();
        self.request = request;
        self.request_seq = seq;
        self.asked_at = at;
        self.voucher = None;
        self.running = false;
    }

    pub(super) fn consent(&mut self, member: MemberId, terms: Terms, epoch: u32, at: i64) {
        let consent = Consent { request: self.request_seq, epoch, terms, at };
        self.consents.insert(member, consent);
        self.agreed = Some(self.agreed.map_or(terms, |before| strictest([&before, &terms])));
        self.first_yes.get_or_insert(at);
        if matches!(self.request.source, Source::File(_)) {
            self.heard.insert(member);
        }
    }

    pub(super) fn withdraw(&mut self, member: MemberId, reach: Reach) {
        let reach = if self.words_can_be_found() { reach } else { Reach::WholeMeeting };
        let before = self.withdrawn.entry(member).or_insert(reach);
        *before = reach.max(*before);
        self.running = false;
    }

    /// Everybody whose voice or words the meeting holds.
    #[must_use]
    pub fn speakers(&self) -> BTreeSet<MemberId> {
        let mut speakers = self.heard.clone();
        if matches!(self.request.source, Source::File(_)) {
            speakers.extend(&self.request.present);
        }
        speakers
    }

    /// Hashes of the models to which every one of these people has said yes.
    #[must_use]
    pub fn models_for(&self, people: &BTreeSet<MemberId>) -> BTreeSet<Digest> {
        let each = people.iter().map(|p| self.consents.get(p).and_then(|c| self.models.get(&c.request)));
        let each = each.map(|models| models.cloned().unwrap_or_default());
        each.reduce(|a, b| &a & &b).unwrap_or_default()
    }

    /// True if nothing can be recorded for this meeting any more: somebody refused, took back or asked to erase.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.refused || self.is_doomed() || !self.withdrawn.is_empty()
    }

    /// True if the whole meeting is erased, or must be.
    #[must_use]
    pub fn is_doomed(&self) -> bool {
        self.discarded
            || self.gone.contains(&Part::Whole)
            || self.withdrawn.values().any(|reach| *reach == Reach::WholeMeeting)
    }

    /// Whose answer to the latest request is missing.
    pub fn unanswered(&self) -> impl Iterator<Item = MemberId> {
        self.in_room.iter().copied().filter(|m| !self.answered(*m))
    }

    pub(super) fn answered(&self, member: MemberId) -> bool {
        self.consents.get(&member).is_some_and(|c| c.request == self.request_seq)
    }

    /// Until when anything may be kept, in Unix seconds; none before the first yes.
    #[must_use]
    pub fn keep_until(&self) -> Option<i64> {
        Some(days_after(self.first_yes?, self.agreed?.erase_after_days))
    }

    /// Until when the sound may be kept, in Unix seconds; none before the first yes. Sound that is not to be kept may
    /// wait for its transcript a while.
    #[must_use]
    pub fn keep_audio_until(&self) -> Option<i64> {
        let days = match self.agreed?.keep_audio_days {
            0 => WAITING_DAYS,
            days => days,
        };
        Some(days_after(self.first_yes?, days).min(self.keep_until()?))
    }

    /// Whether one person's words can be told from the others'.
    fn words_can_be_found(&self) -> bool {
        self.agreed.is_some_and(|terms| terms.tell_voices_apart)
    }
}

/// A clock may have been anywhere when an event was signed; the end of time is late enough.
fn days_after(time: i64, days: u16) -> i64 {
    time.saturating_add(i64::from(days) * DAY)
}

fn hashes(request: &Request) -> BTreeSet<Digest> {
    request.models.iter().map(|m| m.sha256).collect()
}
