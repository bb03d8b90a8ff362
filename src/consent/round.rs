//! One round of answers: each person at the device, one after another, and nobody learns another's answer.
//!
//! Answers are held here, in memory, until the last is in. Only then is anything signed: if all said yes, every member's
//! key signs the same terms, the strictest of what each chose, so that the ledger holds no one's own choice; if anyone
//! said no, all answers are dropped and the ledger holds one event without a name. A round that is dropped halfway has
//! happened for nobody. A no takes as many steps as a yes and ends nothing early, so that its place in the order tells
//! nothing either.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    chain::Signer,
    choices::Decision,
    event::Event,
    ids::{Digest, MeetingId, MemberId},
    key::{Keeper, MemberKey},
    ledger::{Ledger, LedgerError},
    terms::{Terms, strictest},
};

/// Why an answer or the end of a round was not taken.
#[derive(Debug, thiserror::Error)]
pub enum RoundError {
    /// Nobody was asked about this meeting, or nobody's answer is missing.
    #[error("there is nothing to answer for meeting {0}")]
    NothingToAnswer(MeetingId),
    /// Not asked in this round, or answered already.
    #[error("member {0} is not to be asked in this round")]
    NotToAsk(MemberId),
    /// Somebody has not answered.
    #[error("{0} people have not answered yet")]
    Missing(usize),
    /// The request has changed since the round began.
    #[error("meeting {0} was asked about anew meanwhile")]
    Changed(MeetingId),
    /// It is wider than what was asked, or keeps nothing for even a day.
    #[error("the answer of member {0} does not fit what was asked")]
    DoesNotFit(MemberId),
    /// The ledger did not take it.
    #[error(transparent)]
    Ledger(#[from] LedgerError),
}

/// How a round ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Everyone said yes; these terms hold for all.
    Granted(Terms),
    /// The meeting is not recorded. Nobody learns more than that.
    NotRecorded,
}

/// Answers as they come in.
#[derive(Debug)]
pub struct Round {
    meeting: MeetingId,
    request: u64,
    notice: Digest,
    asked: Terms,
    /// What those who answered earlier granted to this same request; it holds for those who come late.
    before: Option<Terms>,
    waiting: BTreeSet<MemberId>,
    yes: BTreeMap<MemberId, (MemberKey, Terms)>,
    refused: bool,
}

impl Round {
    /// Begins a round for all in the room whose answer to the latest request is missing.
    ///
    /// # Errors
    /// [`RoundError::NothingToAnswer`].
    pub fn begin(ledger: &Ledger, meeting: MeetingId) -> Result<Self, RoundError> {
        let state = ledger.state().meetings.get(&meeting).filter(|m| !m.is_closed());
        let state = state.ok_or(RoundError::NothingToAnswer(meeting))?;
        let waiting: BTreeSet<_> = state.unanswered().collect();
        if waiting.is_empty() {
            return Err(RoundError::NothingToAnswer(meeting));
        }
        let earlier = state.in_room.iter().filter(|m| state.answered(**m)).filter_map(|m| state.consents.get(m));
        let earlier: Vec<_> = earlier.map(|c| c.terms).collect();
        Ok(Self {
            meeting,
            request: state.request_seq,
            notice: state.request.notice.hash(),
            asked: state.request.terms,
            before: (!earlier.is_empty()).then(|| strictest(&earlier)),
            waiting,
            yes: BTreeMap::new(),
            refused: false,
        })
    }

    /// Who is still to be asked.
    pub fn waiting(&self) -> impl Iterator<Item = MemberId> {
        self.waiting.iter().copied()
    }

    /// What is asked; [`Choices::blank`](super::Choices::blank) starts from it.
    #[must_use]
    pub const fn asked(&self) -> Terms {
        self.asked
    }

    /// What was agreed before somebody came late. A late arrival who chooses less should know that it will show.
    #[must_use]
    pub const fn before(&self) -> Option<Terms> {
        self.before
    }

    /// Takes a member's answer. Their unlocked key shows that it is theirs, whatever the answer is.
    ///
    /// # Errors
    /// [`RoundError::NotToAsk`], [`RoundError::DoesNotFit`].
    pub fn answer(&mut self, key: MemberKey, decision: Decision) -> Result<(), RoundError> {
        let member = key.member();
        if !self.waiting.contains(&member) {
            return Err(RoundError::NotToAsk(member));
        }
        match decision {
            Decision::No => self.refuse(member),
            Decision::Yes(terms) if !strictest([&terms]).can_be_asked() || !terms.within(&self.asked) => {
                Err(RoundError::DoesNotFit(member))
            }
            Decision::Yes(terms) => {
                self.waiting.remove(&member);
                if !self.refused {
                    self.yes.insert(member, (key, terms));
                }
                Ok(())
            }
        }
    }

    /// Takes a no from somebody who does not bring a card, or does not want to. A no needs no proof.
    ///
    /// # Errors
    /// [`RoundError::NotToAsk`].
    pub fn refuse(&mut self, member: MemberId) -> Result<(), RoundError> {
        if !self.waiting.remove(&member) {
            return Err(RoundError::NotToAsk(member));
        }
        // Keys are not needed any more: they are wiped here.
        self.refused = true;
        self.yes.clear();
        Ok(())
    }

    /// Ends the round when everybody has answered, and writes what came out of it.
    ///
    /// # Errors
    /// [`RoundError::Missing`], [`RoundError::Changed`], or what the ledger says.
    pub fn close(self, ledger: &mut Ledger, keeper: &Keeper, now: i64) -> Result<Outcome, RoundError> {
        if !self.waiting.is_empty() {
            return Err(RoundError::Missing(self.waiting.len()));
        }
        let meeting = self.meeting;
        if ledger.state().meetings.get(&meeting).is_none_or(|m| m.request_seq != self.request) {
            return Err(RoundError::Changed(meeting));
        }
        if self.refused {
            ledger.append(Signer::Keeper(keeper), Event::Refused { meeting }, now)?;
            return Ok(Outcome::NotRecorded);
        }
        let terms = strictest(self.yes.values().map(|(_, terms)| terms).chain(&self.before));
        let event = Event::Granted { meeting, notice: self.notice, terms };
        // All or none: a yes that the ledger will not take must not leave the others' behind.
        for (key, _) in self.yes.values() {
            ledger.may(Signer::Member(key), &event)?;
        }
        for (key, _) in self.yes.values() {
            ledger.append(Signer::Member(key), event.clone(), now)?;
        }
        Ok(Outcome::Granted(terms))
    }
}
