//! Random lives of a circle, played against the gate and against a model of it that a reader can check by eye.
//!
//! After every step, for every meeting and every use, gate and model must say the same. `CANDOR_CASES` sets the number
//! of lives; the figures in THREATS.md are from 10,000.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

use proptest::{prelude::*, test_runner::TestRunner};

use super::{
    Analyse, Brief, Decision, Import, Ledger, MeetingId, MemberId, Record, Signer, TellVoicesApart, Terms, Transcribe,
    Use,
    erasure::Erasure,
    event::{Event, Mark, Part, Reach, Which},
    gate_model::{Asking, Gathering, Model, Person, Yes},
    gate_steps::{Forgery, MEETINGS, Step, step},
    ids::Digest,
    notice::Source,
    terms::{strictest, tests::WIDE},
    world::World,
};

struct Play {
    world: World,
    model: Model,
    saved: Model,
    /// How often the gate opened, by use.
    opened: BTreeMap<Use, u32>,
}

impl Play {
    fn new() -> Self {
        let world = World::new(3);
        let people = vec![Person { left: false, cards: 1 }; 3];
        let model = Model { people, last_event: world.now, ..Model::default() };
        Self { world, saved: model.clone(), model, opened: BTreeMap::new() }
    }

    fn exists(&self, who: u8) -> Option<MemberId> {
        (usize::from(who) < self.model.people.len()).then_some(MemberId(who.into()))
    }

    /// A fact that the ledger took.
    fn note(&mut self, taken: bool, fact: impl FnOnce(&mut Model, i64)) {
        if taken {
            fact(&mut self.model, self.world.now);
            self.model.last_event = self.world.now;
            self.model.unsaved = true;
        }
    }

    fn note_of(&mut self, taken: bool, meeting: u32, fact: impl FnOnce(&mut Gathering)) {
        self.note(taken, |model, _| fact(model.gatherings.entry(meeting).or_default()));
    }

    fn play(&mut self, step: &Step) {
        match *step {
            Step::Enrol if self.model.people.len() < 5 => {
                let taken = self.world.enrol().is_ok();
                self.note(taken, |m, _| m.people.push(Person { left: false, cards: 1 }));
            }
            Step::Enrol => {}
            Step::Meet { meeting, terms, file } => self.meet(meeting, terms, file),
            Step::NewCard { who, voucher } => {
                let (Some(who), Some(voucher)) = (self.exists(who), self.exists(voucher)) else { return };
                let taken = self.world.enrol_again(voucher, who).is_ok();
                let sound = who != voucher && !self.model.people[voucher.0 as usize].left;
                assert_eq!(taken, sound, "only another member vouches for a new card");
                self.note(taken, |m, _| {
                    let person = &mut m.people[who.0 as usize];
                    *person = Person { left: false, cards: person.cards + 1 };
                });
            }
            Step::LeaveCircle { who } => {
                let Some(who) = self.exists(who) else { return };
                let taken = self.world.keep(Event::MemberLeft { member: who }).is_ok();
                self.note(taken, |m, _| m.people[who.0 as usize].left = true);
            }
            Step::Ask { meeting, present, may_come, terms, file, model } => {
                self.ask(meeting, present, may_come & !present, terms, file, model);
            }
            Step::Vouch { meeting, who } => {
                let Some(who) = self.exists(who) else { return };
                let file = Digest([9; 32]);
                let taken = self.world.act(who, Event::Imported { meeting: MeetingId(meeting), file }).is_ok();
                self.note_of(taken, meeting, |g| g.vouched = true);
            }
            Step::AllAnswer { meeting, noes, terms } => self.all_answer(meeting, noes, terms),
            Step::HalfAnswer { meeting } => {
                // Everybody but the last answers, then the round is dropped: nothing may come of it.
                let before = self.world.ledger.head();
                if let Ok(mut round) = super::Round::begin(&self.world.ledger, MeetingId(meeting)) {
                    let all: Vec<_> = round.waiting().collect();
                    for who in &all[1..] {
                        round.answer(self.world.key(*who), Decision::Yes(round.asked())).unwrap();
                    }
                    assert!(round.close(&mut self.world.ledger, &self.world.keeper, self.world.now).is_err());
                }
                assert_eq!(self.world.ledger.head(), before);
            }
            Step::ForgeYes { meeting, who, how } => self.forge(meeting, who, how),
            Step::Arrive { meeting, who } => {
                let Some(member) = self.exists(who) else { return };
                let taken = self.world.keep(Event::Arrived { meeting: MeetingId(meeting), member }).is_ok();
                let on = self.model.gatherings.get(&meeting).filter(|g| g.on);
                let heard = on.is_some_and(|g| !self.model.answered_now(g, member.0));
                assert!(!(taken && heard), "somebody came in before an open microphone without a yes");
                self.note_of(taken, meeting, |g| {
                    g.room.insert(member.0);
                    if g.on {
                        g.heard.insert(member.0);
                    }
                });
            }
            Step::Depart { meeting, who } => {
                let Some(member) = self.exists(who) else { return };
                let taken = self.world.keep(Event::Departed { meeting: MeetingId(meeting), member }).is_ok();
                self.note_of(taken, meeting, |g| {
                    g.room.remove(&member.0);
                });
            }
            Step::Mark { meeting, on } => self.mark(meeting, on),
            Step::Withdraw { who, meeting, whole } => self.withdraw(who, meeting, whole),
            Step::Discard { meeting } => {
                let taken = self.world.keep(Event::Discarded { meeting: MeetingId(meeting) }).is_ok();
                self.note_of(taken, meeting, |g| (g.discarded, g.on) = (true, false));
            }
            Step::EraseWhatIsOwed => self.erase(),
            Step::Transcribed { meeting } => {
                let event = Event::Expired { meeting: MeetingId(meeting), part: Part::Audio };
                let taken = self.world.keep(event).is_ok();
                self.note_of(taken, meeting, |g| g.sound_gone = true);
            }
            Step::Clock { seconds } => self.world.now += seconds,
            Step::Crash => {
                self.world.restart();
                self.model = self.saved.clone();
            }
            Step::Tamper { at, bit } => {
                let mut disk = self.world.disk.clone();
                let at = usize::from(at) % disk.len();
                let bits = disk[at].body.len() * 8;
                let bit = usize::from(bit) % bits;
                disk[at].body[bit / 8] ^= 1 << (bit % 8);
                assert!(Ledger::verify(disk).is_err(), "a changed ledger was believed");
            }
        }
    }

    fn meet(&mut self, meeting: u32, terms: Terms, file: bool) {
        let people = (0..).zip(&self.model.people);
        let here: Vec<u8> = people.filter(|(_, p)| !p.left).map(|(i, _)| i).collect();
        let asked = strictest([&Terms { record: true, ..terms }]);
        self.ask(meeting, here.iter().map(|i| 1 << i).sum(), 0, asked, file, 1);
        if let (true, Some(who)) = (file, here.first()) {
            self.play(&Step::Vouch { meeting, who: *who });
        }
        self.all_answer(meeting, 0, WIDE);
        self.store();
        self.mark(meeting, true);
    }

    fn store(&mut self) {
        self.world.store();
        self.model.unsaved = false;
        self.saved = self.model.clone();
    }

    fn ask(&mut self, meeting: u32, present: u8, may_come: u8, terms: Terms, file: bool, model: u8) {
        let people = self.model.people.len() as u32;
        let of = |bits: u8| (0..people).filter(|i| bits >> i & 1 == 1).map(MemberId).collect::<Vec<_>>();
        let mut proposal = self.world.proposal(meeting);
        (proposal.present, proposal.may_come, proposal.terms) = (of(present), of(may_come), terms);
        proposal.models[0].sha256 = Digest([model; 32]);
        if file {
            proposal.source = Source::File(Digest([9; 32]));
        }
        let named: BTreeSet<u32> = proposal.present.iter().map(|m| m.0).collect();
        let taken = self.world.ask(proposal).is_ok();
        self.note(taken, |m, now| {
            let g = m.gatherings.entry(meeting).or_default();
            assert!(!g.over(), "a meeting that is over was asked about again");
            g.room = named.clone();
            g.askings.push(Asking { at: now, file, model, named, terms });
            (g.vouched, g.on) = (false, false);
        });
    }

    fn all_answer(&mut self, meeting: u32, noes: u8, terms: Terms) {
        let Some(g) = self.model.gatherings.get(&meeting) else { return };
        let Some(asking) = g.askings.last() else { return };
        let last = g.askings.len() - 1;
        let asked_now = |y: &Yes| y.asking == last;
        let waiting: Vec<u32> =
            g.room.iter().copied().filter(|who| !g.latest_yes(*who).is_some_and(asked_now)).collect();
        let says_no = |who: u32| noes >> who & 1 == 1 || !terms.record;
        let chosen = strictest([&terms, &asking.terms]);
        let outcome = self.world.answer(meeting, |who, _| match says_no(who.0) {
            true => Decision::No,
            false => Decision::Yes(chosen),
        });
        let taken = outcome.is_ok();
        let refused = waiting.iter().any(|who| says_no(*who));
        self.note(taken, |m, now| {
            let people = m.people.clone();
            let g = m.gatherings.entry(meeting).or_default();
            assert!(!g.over(), "a meeting that is over was answered");
            if refused {
                (g.no, g.on) = (true, false);
                return;
            }
            for who in waiting {
                let card = people[who as usize].cards;
                assert!(!people[who as usize].left, "somebody who left has answered");
                g.yeses.push(Yes { who, asking: last, card, terms: chosen, at: now });
                if g.askings[last].file {
                    g.heard.insert(who);
                }
            }
        });
    }

    fn forge(&mut self, meeting: u32, who: u8, how: Forgery) {
        let Some(who) = self.exists(who) else { return };
        let Some(state) = self.world.ledger.state().meetings.get(&MeetingId(meeting)) else { return };
        let (notice, asked) = (state.request.notice.hash(), state.request.terms);
        let honest = Event::Granted { meeting: MeetingId(meeting), notice, terms: asked };
        let taken = match how {
            Forgery::ByKeeper => self.world.keep(honest).is_ok(),
            Forgery::OtherWords => {
                let event = Event::Granted { meeting: MeetingId(meeting), notice: Digest([0; 32]), terms: asked };
                self.world.act(who, event).is_ok()
            }
            Forgery::Wider => {
                let terms = Terms { erase_after_days: asked.erase_after_days + 1, ..asked };
                self.world.act(who, Event::Granted { meeting: MeetingId(meeting), notice, terms }).is_ok()
            }
            Forgery::OldCard => {
                let cards = &self.world.cards[who.0 as usize];
                let [old @ .., _] = cards.as_slice() else { return };
                old.iter().any(|(card, sealed)| {
                    let key = self.world.ledger.unlock(who, sealed, card);
                    key.is_ok_and(|key| self.world.ledger.may(Signer::Member(&key), &honest).is_ok())
                })
            }
        };
        assert!(!taken, "a forged yes was taken: {how:?}");
    }

    fn mark(&mut self, meeting: u32, on: bool) {
        if on && self.world.gate::<Record>(meeting).is_err() {
            return; // the program would not open the microphone
        }
        let mark = if on { Mark::Started } else { Mark::Stopped };
        let taken = self.world.keep(Event::Recorded { meeting: MeetingId(meeting), mark }).is_ok();
        let now = self.world.now;
        assert!(!(on && taken) || self.model.allows(meeting, Use::Record, now), "the microphone opened");
        self.note_of(taken, meeting, |g| {
            g.on = on;
            if on {
                g.heard.extend(&g.room);
            }
        });
    }

    fn withdraw(&mut self, who: u8, meeting: Option<u32>, whole: bool) {
        let Some(who) = self.exists(who) else { return };
        let which = meeting.map_or(Which::All, |m| Which::Meeting(MeetingId(m)));
        let reach = if whole { Reach::WholeMeeting } else { Reach::MyWords };
        let taken = self.world.act(who, Event::Withdrawn { which, reach }).is_ok();
        let said_yes = |g: &Gathering| g.latest_yes(who.0).is_some();
        let concerned = |id: u32| meeting.is_none_or(|m| m == id);
        let some = self.model.gatherings.iter().any(|(id, g)| concerned(*id) && said_yes(g));
        assert_eq!(taken, some, "whoever said yes can take it back, at any time");
        self.note(taken, |m, _| {
            for (_, g) in m.gatherings.iter_mut().filter(|(id, g)| concerned(**id) && said_yes(g)) {
                let whole = whole || !g.everyone_allows(|t| t.tell_voices_apart);
                *g.back.entry(who.0).or_default() |= whole;
                g.on = false;
            }
        });
    }

    fn erase(&mut self) {
        for owed in self.world.ledger.state().owed(self.world.now) {
            let Erasure { meeting, part, .. } = owed;
            let taken = self.world.keep(owed.done()).is_ok();
            assert!(taken, "an erasure must always be taken");
            self.note_of(taken, meeting.0, |g| match part {
                Part::Audio => g.sound_gone = true,
                Part::Words(who) => drop(g.words_erased.insert(who.0)),
                Part::Whole => g.all_gone = true,
            });
        }
        assert!(self.world.ledger.state().owed(self.world.now).is_empty(), "something is still owed");
    }

    /// Gate and model agree on everything.
    fn check(&mut self) {
        for meeting in MEETINGS {
            let gates = [
                (Use::Record, self.world.gate::<Record>(meeting).is_ok()),
                (Use::Import, self.world.gate::<Import>(meeting).is_ok()),
                (Use::Transcribe, self.world.gate::<Transcribe>(meeting).is_ok()),
                (Use::TellVoicesApart, self.world.gate::<TellVoicesApart>(meeting).is_ok()),
                (Use::Analyse, self.world.gate::<Analyse>(meeting).is_ok()),
                (Use::Brief, self.world.gate::<Brief>(meeting).is_ok()),
            ];
            for (what, open) in gates {
                assert_eq!(open, self.model.allows(meeting, what, self.world.now), "{what:?} of meeting {meeting}");
                *self.opened.entry(what).or_default() += u32::from(open);
            }
            self.check_models(meeting);
        }
    }

    /// Only models to which everybody concerned has said yes are admitted.
    fn check_models(&self, meeting: u32) {
        let Ok(grant) = self.world.gate::<Analyse>(meeting) else { return };
        let g = &self.model.gatherings[&meeting];
        for model in 0..2u8 {
            let agreed = |who: &MemberId| g.latest_yes(who.0).is_some_and(|y| g.askings[y.asking].model == model);
            assert_eq!(grant.admits(Digest([model; 32])), grant.people().iter().all(agreed));
        }
    }
}

/// Lives to play; 10,000 by `CANDOR_CASES=10000`.
fn cases() -> u32 {
    std::env::var("CANDOR_CASES").ok().and_then(|n| n.parse().ok()).unwrap_or(1_000)
}

#[test]
fn the_gate_opens_only_for_everyones_valid_yes() {
    let opened = std::cell::RefCell::new(BTreeMap::<Use, u32>::new());
    let mut runner =
        TestRunner::new(ProptestConfig { cases: cases(), failure_persistence: None, ..Default::default() });
    // Now and then the program dies before it has stored what a step did.
    let lives = prop::collection::vec((step(), prop::bool::weighted(0.85)), 0..40);
    let result = runner.run(&lives, |steps| {
        let mut play = Play::new();
        for (step, stored) in &steps {
            play.play(step);
            play.check();
            if *stored {
                play.store();
                play.check();
            }
        }
        play.opened.iter().for_each(|(what, n)| *opened.borrow_mut().entry(*what).or_default() += n);
        Ok(())
    });
    result.unwrap();
    // A gate that never opens would agree with every promise; each use must have been had many times.
    for (what, times) in opened.into_inner() {
        writeln!(std::io::stderr(), "gate: {} lives, {what:?} was open {times} times, each as the model says", cases())
            .unwrap();
        assert!(times > cases() / 20, "{what:?} was open only {times} times");
    }
}
