//! Any events in any order, put to a ledger by people who hold their keys: what it takes it can read again.
#![no_main]

use std::{collections::BTreeMap, sync::LazyLock};

use candor::consent::{
    Card, Digest, Event, Keeper, Ledger, Mark, MeetingId, MemberId, MemberKey, Part, Proposal, Reach, SealedKey,
    Secret, Signer, StoredEvent, Which, event::NewKey, event::Request, ledger::LedgerError, notice,
};
use candor_fuzz::{
    decoded, encoded,
    life::{self, MEETING, NOON, TERMS},
    seed,
};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde::{Deserialize, Serialize};

/// Acts that are put to a ledger at most: signing takes time.
const MOST: usize = 24;

/// Somebody does something. What needs a fresh key, or words that follow from the ledger, gets them.
#[derive(Serialize, Deserialize)]
struct Act {
    at: i64,
    /// None is the keeper.
    by: Option<MemberId>,
    event: Event,
}

/// A circle of three, as it is stored.
struct Begun {
    records: Vec<StoredEvent>,
    keeper: Keeper,
    sealed: BTreeMap<MemberId, SealedKey>,
    card: Secret,
}

static BEGUN: LazyLock<Begun> = LazyLock::new(|| {
    let card = Secret::Card(Card::generate().expect("there is randomness"));
    let (mut ledger, keeper) = Ledger::create("Harbor", NOON).expect("a circle begins");
    let enrol = |name| ledger.enrol(&keeper, name, &card, NOON).expect("they are new");
    let sealed = ["Ana", "Ben", "Chi"].map(enrol).into();
    Begun { records: ledger.pending().to_vec(), keeper, sealed, card }
});

fuzz_target!(init: seed(seeds()), |data: &[u8]| -> Corpus {
    let Some(mut acts) = decoded::<Vec<Act>>(data) else { return Corpus::Reject };
    acts.truncate(MOST);
    let mut circle = Circle::begun();
    for act in acts {
        let length = circle.ledger.len();
        if circle.act(act).is_err() {
            assert_eq!(circle.ledger.len(), length, "what is refused changes nothing");
        }
    }
    circle.read_again();
    Corpus::Keep
});

struct Circle {
    ledger: Ledger,
    sealed: BTreeMap<MemberId, SealedKey>,
}

impl Circle {
    fn begun() -> Self {
        let ledger = Ledger::verify(BEGUN.records.clone()).expect("it begins well");
        Self { ledger, sealed: BEGUN.sealed.clone() }
    }

    fn act(&mut self, act: Act) -> Result<(), LedgerError> {
        let Act { at, by, event } = act;
        let keeper = &BEGUN.keeper;
        match event {
            Event::MemberEnrolled { name, .. } => {
                let (member, sealed) = self.ledger.enrol(keeper, &name, &BEGUN.card, at)?;
                self.sealed.insert(member, sealed);
            }
            Event::MemberReEnrolled { member, .. } if by.is_some() => {
                let sealed = self.ledger.enrol_again(&self.key(by)?, member, &BEGUN.card, at)?;
                self.sealed.insert(member, sealed);
            }
            Event::Requested(request) if request.notice.version == notice::VERSION => {
                let Request { meeting, date, source, present, may_come, terms, models, .. } = *request;
                let proposal = Proposal { meeting, date, source, present, may_come, terms, models };
                self.ledger.ask(keeper, proposal, at)?;
            }
            Event::Granted { meeting, terms, .. } => {
                let words = self.ledger.state().meetings.get(&meeting).map(|m| m.request.notice.hash());
                let event = Event::Granted { meeting, notice: words.unwrap_or(Digest([0; 32])), terms };
                self.ledger.append(Signer::Member(&self.key(by)?), event, at)?;
            }
            event if by.is_some() => self.ledger.append(Signer::Member(&self.key(by)?), event, at)?,
            event => self.ledger.append(Signer::Keeper(keeper), event, at)?,
        }
        Ok(())
    }

    fn key(&self, of: Option<MemberId>) -> Result<MemberKey, LedgerError> {
        let of = of.unwrap_or(MemberId(0));
        let of = if self.sealed.contains_key(&of) { of } else { MemberId(of.0 % 3) };
        Ok(self.ledger.unlock(of, &self.sealed[&of], &BEGUN.card)?)
    }

    /// Stores the ledger and reads it from its first event; then carries out what is owed.
    fn read_again(mut self) {
        let records = [BEGUN.records.as_slice(), self.ledger.pending()].concat();
        self.ledger.stored();
        let read = Ledger::verify(records).expect("what a ledger takes it can read");
        assert_eq!((read.head(), read.entries()), (self.ledger.head(), self.ledger.entries()));
        assert_eq!(format!("{:?}", read.state()), format!("{:?}", self.ledger.state()));
        life::inspect(&read);
        for erasure in self.ledger.state().owed(NOON) {
            self.ledger.append(Signer::Keeper(&BEGUN.keeper), erasure.done(), NOON).expect("it is owed");
        }
        assert_eq!(self.ledger.state().owed(NOON), [], "what is done is not owed");
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let act = |by: Option<u32>, event| Act { at: NOON, by: by.map(MemberId), event };
    let (meeting, notice, key) = (MEETING, Digest([0; 32]), NewKey { public: [0; 32], proof: [[0; 32]; 2] });
    let mut request = Box::new(life::request());
    let granted = || Event::Granted { meeting, notice, terms: TERMS };
    let asked = vec![act(None, Event::Requested(request.clone())), act(Some(0), granted()), act(Some(1), granted())];
    let recorded = vec![
        act(None, Event::Recorded { meeting, mark: Mark::Started }),
        act(None, Event::Departed { meeting, member: MemberId(1) }),
        act(None, Event::Recorded { meeting, mark: Mark::Stopped }),
        act(None, Event::Arrived { meeting, member: MemberId(2) }),
        act(Some(2), granted()),
    ];
    let over = vec![
        act(Some(1), Event::Withdrawn { which: Which::All, reach: Reach::MyWords }),
        act(None, Event::Erased { meeting, part: Part::Words(MemberId(1)) }),
        act(None, Event::Discarded { meeting }),
        act(None, Event::Expired { meeting, part: Part::Whole }),
        act(None, Event::Refused { meeting }),
    ];
    let people = vec![
        act(None, Event::MemberEnrolled { member: MemberId(3), name: "Dov".into(), key }),
        act(Some(0), Event::MemberReEnrolled { member: MemberId(1), key }),
        act(Some(2), Event::MemberLeft { member: MemberId(2) }),
    ];
    request.source = notice::Source::File(notice);
    request.meeting = MeetingId(2);
    let file = vec![
        act(None, Event::Requested(request)),
        act(Some(0), Event::Imported { meeting: MeetingId(2), file: notice }),
        act(Some(0), Event::Granted { meeting: MeetingId(2), notice, terms: TERMS }),
    ];
    let lives = [vec![&asked, &recorded, &over], vec![&people, &asked, &recorded], vec![&file, &people], vec![&over]];
    lives.iter().map(|life| encoded(&life.iter().flat_map(|part| part.iter()).collect::<Vec<_>>())).collect()
}
