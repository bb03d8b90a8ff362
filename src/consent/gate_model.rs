//! Random lives of a circle, played against the gate and against a model of it that a reader can check by eye.
//!
//! The model keeps plain facts ("Ben said yes to the third request with his second card") and answers from them; it
//! shares no code with rules, state, permit or gate. After every step, for every meeting and every use, gate and model
//! must say the same. `CANDOR_CASES` sets the number of lives; the figures in THREATS.md are from 10,000.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::{
    Analyse, Brief, Decision, Import, Ledger, MeetingId, MemberId, Record, Signer, TellVoicesApart, Terms, Transcribe,
    Use,
    erasure::Erasure,
    event::{Event, Mark, Part, Reach, Which},
    ids::Digest,
    notice::Source,
    terms::tests::{WIDE, any_terms},
    world::World,
};

const DAY: i64 = 86_400;
const MEETINGS: [u32; 2] = [1, 2];

/// A step of a life. People are numbers; those that do not exist make the step mean nothing.
#[derive(Clone, Debug)]
enum Step {
    Enrol,
    /// The plain way: everybody who belongs is asked, says yes, and the microphone opens.
    Meet {
        meeting: u32,
        terms: Terms,
    },
    NewCard {
        who: u8,
        voucher: u8,
    },
    LeaveCircle {
        who: u8,
    },
    Ask {
        meeting: u32,
        present: u8,
        may_come: u8,
        terms: Terms,
        file: bool,
        model: u8,
    },
    Vouch {
        meeting: u32,
        who: u8,
    },
    AllAnswer {
        meeting: u32,
        noes: u8,
        terms: Terms,
    },
    HalfAnswer {
        meeting: u32,
    },
    ForgeYes {
        meeting: u32,
        who: u8,
        how: Forgery,
    },
    Arrive {
        meeting: u32,
        who: u8,
    },
    Depart {
        meeting: u32,
        who: u8,
    },
    Mark {
        meeting: u32,
        on: bool,
    },
    Withdraw {
        who: u8,
        meeting: Option<u32>,
        whole: bool,
    },
    Discard {
        meeting: u32,
    },
    EraseWhatIsOwed,
    Transcribed {
        meeting: u32,
    },
    Clock {
        seconds: i64,
    },
    Crash,
    Tamper {
        at: u16,
        bit: u16,
    },
}

#[derive(Clone, Copy, Debug)]
enum Forgery {
    OldCard,
    OtherWords,
    Wider,
    ByKeeper,
}

fn step() -> impl Strategy<Value = Step> {
    let who = || 0..5u8;
    let meeting = || prop::sample::select(MEETINGS.as_slice());
    let often = prop_oneof![3 => Just(WIDE), 1 => any_terms()];
    let forgery = prop::sample::select(vec![Forgery::OldCard, Forgery::OtherWords, Forgery::Wider, Forgery::ByKeeper]);
    let clock = prop::sample::select(vec![60, 3600, 13 * 3600, 8 * DAY, 31 * DAY, 400 * DAY, -60, -2 * DAY]);
    prop_oneof![
        2 => Just(Step::Enrol),
        3 => (meeting(), often.clone()).prop_map(|(meeting, terms)| Step::Meet { meeting, terms }),
        1 => (who(), who()).prop_map(|(who, voucher)| Step::NewCard { who, voucher }),
        1 => who().prop_map(|who| Step::LeaveCircle { who }),
        4 => (meeting(), any::<u8>(), any::<u8>(), often.clone(), prop::bool::weighted(0.2), 0..2u8).prop_map(
            |(meeting, present, may_come, mut terms, file, model)| {
                terms.record = true;
                let terms = super::terms::strictest([&terms]);
                Step::Ask { meeting, present, may_come, terms, file, model }
            }
        ),
        1 => (meeting(), who()).prop_map(|(meeting, who)| Step::Vouch { meeting, who }),
        6 => (meeting(), prop_oneof![9 => Just(0), 1 => any::<u8>()], often)
            .prop_map(|(meeting, noes, terms)| Step::AllAnswer { meeting, noes, terms }),
        1 => meeting().prop_map(|meeting| Step::HalfAnswer { meeting }),
        1 => (meeting(), who(), forgery).prop_map(|(meeting, who, how)| Step::ForgeYes { meeting, who, how }),
        2 => (meeting(), who()).prop_map(|(meeting, who)| Step::Arrive { meeting, who }),
        1 => (meeting(), who()).prop_map(|(meeting, who)| Step::Depart { meeting, who }),
        4 => (meeting(), prop::bool::weighted(0.7)).prop_map(|(meeting, on)| Step::Mark { meeting, on }),
        1 => (who(), prop::option::of(meeting()), any::<bool>())
            .prop_map(|(who, meeting, whole)| Step::Withdraw { who, meeting, whole }),
        1 => meeting().prop_map(|meeting| Step::Discard { meeting }),
        1 => Just(Step::EraseWhatIsOwed),
        1 => meeting().prop_map(|meeting| Step::Transcribed { meeting }),
        2 => clock.prop_map(|seconds| Step::Clock { seconds }),
        1 => Just(Step::Crash),
        1 => (any::<u16>(), any::<u16>()).prop_map(|(at, bit)| Step::Tamper { at, bit }),
    ]
}

// ------------------------------------------------------------------------------------------------ the model

#[derive(Clone, Debug, Default)]
struct Person {
    left: bool,
    cards: usize,
}

#[derive(Clone, Debug)]
struct Asking {
    at: i64,
    file: bool,
    model: u8,
    named: BTreeSet<u32>,
    terms: Terms,
}

#[derive(Clone, Debug)]
struct Yes {
    who: u32,
    asking: usize,
    card: usize,
    terms: Terms,
    at: i64,
}

#[derive(Clone, Debug, Default)]
struct Gathering {
    askings: Vec<Asking>,
    room: BTreeSet<u32>,
    yeses: Vec<Yes>,
    vouched: bool,
    heard: BTreeSet<u32>,
    on: bool,
    no: bool,
    back: BTreeMap<u32, bool>,
    words_erased: BTreeSet<u32>,
    discarded: bool,
    sound_gone: bool,
    all_gone: bool,
}

/// Facts, as somebody who watched the circle would note them down.
#[derive(Clone, Debug, Default)]
struct Model {
    people: Vec<Person>,
    gatherings: BTreeMap<u32, Gathering>,
    last_event: i64,
    unsaved: bool,
}

impl Gathering {
    fn latest_yes(&self, who: u32) -> Option<&Yes> {
        self.yeses.iter().rev().find(|y| y.who == who)
    }

    fn everyone_allows(&self, item: impl Fn(&Terms) -> bool) -> bool {
        !self.yeses.is_empty() && self.yeses.iter().all(|y| item(&y.terms))
    }

    fn days(&self, item: impl Fn(&Terms) -> u16) -> i64 {
        self.yeses.iter().map(|y| i64::from(item(&y.terms))).min().unwrap_or(0)
    }

    fn end(&self) -> i64 {
        self.yeses.first().map_or(0, |y| y.at) + self.days(|t| t.erase_after_days) * DAY
    }

    fn end_of_sound(&self) -> i64 {
        let days = match self.days(|t| t.keep_audio_days) {
            0 => 7,
            n => n,
        };
        self.end().min(self.yeses.first().map_or(0, |y| y.at) + days * DAY)
    }

    fn over(&self) -> bool {
        self.no || self.discarded || self.all_gone || !self.back.is_empty()
    }
}

impl Model {
    fn answered_now(&self, g: &Gathering, who: u32) -> bool {
        let person = &self.people[who as usize];
        g.latest_yes(who).is_some_and(|y| y.asking + 1 == g.askings.len() && y.card == person.cards && !person.left)
    }

    /// May this be done now? Straight from the promises in the design.
    fn allows(&self, meeting: u32, what: Use, now: i64) -> bool {
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

// ------------------------------------------------------------------------------------------------ both together

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
            Step::Meet { meeting, terms } => {
                let here = (0..).zip(&self.model.people).filter(|(_, p)| !p.left).map(|(i, _)| 1u8 << i).sum();
                let asked = super::terms::strictest([&Terms { record: true, ..terms }]);
                self.ask(meeting, here, 0, asked, false, 1);
                self.all_answer(meeting, 0, WIDE);
                self.store();
                self.mark(meeting, true);
            }
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
        let chosen = super::terms::strictest([&terms, &asking.terms]);
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
    let mut runner = proptest::test_runner::TestRunner::new(ProptestConfig { cases: cases(), ..Default::default() });
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
        assert!(times > cases() / 20, "{what:?} was open only {times} times");
    }
}
