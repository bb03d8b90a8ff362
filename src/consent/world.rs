//! A circle to test with: people with cards, a ledger, a disk that can lose what was not stored, and a clock.

use time::macros::date;

use super::{
    Card, Choices, Closed, Decision, Grant, Keeper, Ledger, MeetingId, MemberId, MemberKey, Outcome, Proposal, Round,
    SealedKey, Secret, Signer, StoredEvent, Terms,
    choices::Answer,
    event::Event,
    gate,
    grant::Purpose,
    ids::Digest,
    item::{Item, Kind},
    ledger::LedgerError,
    notice::{Model, Source},
    round::RoundError,
    terms::tests::WIDE,
};

/// Noon of some day, Unix seconds.
pub(super) const NOON: i64 = 1_773_316_800;

pub(super) struct World {
    pub(super) ledger: Ledger,
    pub(super) keeper: Keeper,
    /// Every card that each member ever had, the newest last.
    pub(super) cards: Vec<Vec<(Secret, SealedKey)>>,
    pub(super) disk: Vec<StoredEvent>,
    pub(super) now: i64,
}

impl World {
    /// A circle with so many members.
    pub(super) fn new(members: usize) -> Self {
        let (ledger, keeper) = Ledger::create("Harbor", NOON).unwrap();
        let mut world = Self { ledger, keeper, cards: Vec::new(), disk: Vec::new(), now: NOON };
        for _ in 0..members {
            world.enrol().unwrap();
        }
        world.store();
        world
    }

    pub(super) fn enrol(&mut self) -> Result<MemberId, LedgerError> {
        let card = Secret::Card(Card::generate().unwrap());
        let name = format!("Member {}", self.cards.len());
        let (member, sealed) = self.ledger.enrol(&self.keeper, &name, &card, self.now)?;
        self.cards.push(vec![(card, sealed)]);
        Ok(member)
    }

    pub(super) fn enrol_again(&mut self, voucher: MemberId, member: MemberId) -> Result<(), LedgerError> {
        let card = Secret::Card(Card::generate().unwrap());
        let voucher = self.key(voucher);
        let sealed = self.ledger.enrol_again(&voucher, member, &card, self.now)?;
        self.cards[member.0 as usize].push((card, sealed));
        Ok(())
    }

    pub(super) fn key(&self, member: MemberId) -> MemberKey {
        let (card, sealed) = self.cards[member.0 as usize].last().unwrap();
        self.ledger.unlock(member, sealed, card).unwrap()
    }

    pub(super) fn everyone(&self) -> Vec<MemberId> {
        self.ledger.state().members.keys().copied().collect()
    }

    pub(super) fn proposal(&self, meeting: u32) -> Proposal {
        Proposal {
            meeting: MeetingId(meeting),
            date: date!(2026 - 03 - 12),
            source: Source::Room,
            present: self.everyone(),
            may_come: Vec::new(),
            terms: WIDE,
            models: vec![Model { task: "hear".into(), sha256: Digest([1; 32]) }],
        }
    }

    pub(super) fn ask(&mut self, proposal: Proposal) -> Result<(), LedgerError> {
        self.ledger.ask(&self.keeper, proposal, self.now).map(|_| ())
    }

    /// Everybody who is waited for answers; `decide` says what.
    pub(super) fn answer(
        &mut self,
        meeting: u32,
        decide: impl Fn(MemberId, Terms) -> Decision,
    ) -> Result<Outcome, RoundError> {
        let mut round = Round::begin(&self.ledger, MeetingId(meeting))?;
        for member in round.waiting().collect::<Vec<_>>() {
            round.answer(self.key(member), decide(member, round.asked()))?;
        }
        round.close(&mut self.ledger, &self.keeper, self.now)
    }

    /// The whole way to a yes of everybody.
    pub(super) fn all_say_yes(&mut self, meeting: u32) {
        self.ask(self.proposal(meeting)).unwrap();
        self.answer(meeting, |_, asked| yes(asked)).unwrap();
        self.store();
    }

    pub(super) fn keep(&mut self, event: Event) -> Result<(), LedgerError> {
        self.ledger.append(Signer::Keeper(&self.keeper), event, self.now)
    }

    pub(super) fn act(&mut self, member: MemberId, event: Event) -> Result<(), LedgerError> {
        let key = self.key(member);
        self.ledger.append(Signer::Member(&key), event, self.now)
    }

    pub(super) fn gate<P: Purpose>(&self, meeting: u32) -> Result<Grant<P>, Closed> {
        gate::open(&self.ledger, MeetingId(meeting), self.now)
    }

    pub(super) fn store(&mut self) {
        self.disk.extend_from_slice(self.ledger.pending());
        self.ledger.stored();
    }

    /// Starts anew from what is on disk.
    pub(super) fn restart(&mut self) {
        self.ledger = Ledger::verify(self.disk.iter().cloned()).unwrap();
        self.cards.truncate(self.ledger.state().members.len());
        for (id, member) in &self.ledger.state().members {
            self.cards[id.0 as usize].truncate(member.epoch as usize + 1);
        }
    }
}

/// A yes to everything, item by item.
pub(super) fn yes(asked: Terms) -> Decision {
    let mut choices = Choices::blank(asked);
    for item in Item::ALL {
        let answer = match item.kind(&asked) {
            Kind::YesOrNo => Answer::Yes,
            Kind::Days { most, .. } => Answer::Days(most),
            Kind::Audience { widest } => Answer::Audience(widest),
            Kind::NotAsked => continue,
        };
        choices.answer(item, answer).unwrap();
    }
    choices.decide().unwrap()
}
