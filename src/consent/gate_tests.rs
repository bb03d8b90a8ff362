//! The promises of the design, one test each, told as meetings.

use super::{
    Analyse, Brief, Closed, Decision, Import, MeetingId, MemberId, Outcome, Record, Round, TellVoicesApart, Terms,
    Transcribe, Use,
    erasure::{Cause, Erasure},
    event::{Event, Mark, Part, Reach, Which},
    gate,
    ids::Digest,
    meeting::DAY,
    notice::Source,
    receipt::EventState,
    terms::{Audience, tests::WIDE},
    world::{World, yes},
};
use crate::session::{Circle, Setting};

const ONE: MeetingId = MeetingId(1);
const ANA: MemberId = MemberId(0);
const BEN: MemberId = MemberId(1);
const CHI: MemberId = MemberId(2);

/// Three people who have said yes and been recorded.
fn recorded() -> World {
    let mut world = World::new(3);
    world.all_say_yes(1);
    for mark in [Mark::Started, Mark::Stopped] {
        world.keep(Event::Recorded { meeting: ONE, mark }).unwrap();
    }
    world.store();
    world
}

fn take_back(world: &mut World, who: MemberId, reach: Reach) {
    world.act(who, Event::Withdrawn { which: Which::Meeting(ONE), reach }).unwrap();
    world.store();
}

fn carry_out(world: &mut World) -> Vec<Part> {
    let owed = world.ledger.state().owed(world.now);
    owed.iter().for_each(|e| world.keep(e.done()).unwrap());
    world.store();
    owed.into_iter().map(|e| e.part).collect()
}

#[test]
fn everyones_yes_opens_the_gate() {
    let world = recorded();
    let grant = world.gate::<Record>(1).unwrap();
    assert_eq!((grant.meeting(), grant.ledger()), (ONE, Some(world.ledger.state().id)));
    assert_eq!(grant.people().len(), 3);
    assert!(grant.allows(Use::Analyse) && grant.admits(Digest([1; 32])) && !grant.admits(Digest([2; 32])));
    assert!(world.gate::<Transcribe>(1).is_ok() && world.gate::<Brief>(1).is_ok());
}

#[test]
fn the_gate_waits_for_the_disk() {
    let mut world = World::new(2);
    world.ask(world.proposal(1)).unwrap();
    world.answer(1, |_, asked| yes(asked)).unwrap();
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::NotStored(3));
    world.store();
    assert!(world.gate::<Record>(1).is_ok());
}

#[test]
fn a_refusal_leaves_no_name_behind() {
    let mut world = World::new(3);
    world.ask(world.proposal(1)).unwrap();
    let asked = world.ledger.len();
    let outcome = world.answer(1, |who, asked| if who == BEN { Decision::No } else { yes(asked) });
    assert_eq!(outcome.unwrap(), Outcome::NotRecorded);
    let written: Vec<_> = world.ledger.entries()[asked as usize..].iter().map(|e| (e.author, &e.event)).collect();
    assert_eq!(written, [(super::event::Author::Keeper, &Event::Refused { meeting: ONE })]);
    world.store();
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::Refused(ONE));
    assert!(world.ask(world.proposal(1)).is_err(), "a no is not asked again");
    assert!(world.ask(world.proposal(2)).is_ok());
}

#[test]
fn a_no_asks_the_others_all_the_same() {
    let mut world = World::new(3);
    world.ask(world.proposal(1)).unwrap();
    let mut round = Round::begin(&world.ledger, ONE).unwrap();
    round.refuse(ANA).unwrap();
    assert_eq!(round.waiting().collect::<Vec<_>>(), [BEN, CHI]);
    assert!(round.close(&mut world.ledger, &world.keeper, world.now).is_err());
}

#[test]
fn the_strictest_holds_and_nobodys_own_choice_is_written() {
    let mut world = World::new(3);
    world.ask(world.proposal(1)).unwrap();
    let choice = |who, asked| match who {
        ANA => Decision::Yes(Terms { keep_audio_days: 0, ..asked }),
        BEN => Decision::Yes(Terms { brief_for: Audience::Present, ..asked }),
        _ => Decision::Yes(asked),
    };
    world.answer(1, choice).unwrap();
    world.store();
    let strict = Terms { keep_audio_days: 0, brief_for: Audience::Present, ..WIDE };
    assert_eq!(*world.gate::<Record>(1).unwrap().terms(), strict);
    let signed = world.ledger.entries().iter().filter_map(|e| match e.event {
        Event::Granted { terms, .. } => Some(terms),
        _ => None,
    });
    assert_eq!(signed.collect::<Vec<_>>(), [strict; 3]);
}

#[test]
fn one_item_refused_shuts_that_use_only() {
    let mut world = World::new(2);
    world.ask(world.proposal(1)).unwrap();
    world.answer(1, |_, asked| Decision::Yes(Terms { tell_voices_apart: false, ..asked })).unwrap();
    world.keep(Event::Recorded { meeting: ONE, mark: Mark::Started }).unwrap();
    world.store();
    let closed = world.gate::<TellVoicesApart>(1).unwrap_err();
    assert_eq!(closed, Closed::NotGranted(Use::TellVoicesApart));
    assert!(world.gate::<Transcribe>(1).is_ok() && world.gate::<Analyse>(1).is_ok());
}

#[test]
fn who_comes_late_is_asked_and_the_others_are_not() {
    let mut world = World::new(3);
    let invited = super::Proposal { present: vec![ANA, BEN], may_come: vec![CHI], ..world.proposal(1) };
    world.ask(invited).unwrap();
    world.answer(1, |_, asked| yes(asked)).unwrap();
    world.keep(Event::Recorded { meeting: ONE, mark: Mark::Started }).unwrap();
    let arrival = Event::Arrived { meeting: ONE, member: CHI };
    assert!(world.keep(arrival.clone()).is_err(), "the microphone must be closed first");
    world.keep(Event::Recorded { meeting: ONE, mark: Mark::Stopped }).unwrap();
    world.keep(arrival).unwrap();
    world.store();
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::Missing { missing: 1, present: 3 });
    let round = Round::begin(&world.ledger, ONE).unwrap();
    assert_eq!((round.waiting().collect(), round.before()), (vec![CHI], Some(WIDE)));
    world.answer(1, |_, asked| Decision::Yes(Terms { analyse: false, ..asked })).unwrap();
    world.store();
    assert!(!world.gate::<Record>(1).unwrap().allows(Use::Analyse), "the latest to come may be the strictest");
}

#[test]
fn a_late_no_ends_the_recording_and_keeps_what_was_granted() {
    let mut world = World::new(3);
    world.ask(super::Proposal { present: vec![ANA, BEN], may_come: vec![CHI], ..world.proposal(1) }).unwrap();
    world.answer(1, |_, asked| yes(asked)).unwrap();
    for mark in [Mark::Started, Mark::Stopped] {
        world.keep(Event::Recorded { meeting: ONE, mark }).unwrap();
    }
    world.keep(Event::Arrived { meeting: ONE, member: CHI }).unwrap();
    world.answer(1, |_, _| Decision::No).unwrap();
    world.store();
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::Refused(ONE));
    assert_eq!(world.gate::<Transcribe>(1).unwrap().people().len(), 2);
}

#[test]
fn a_guest_who_was_not_foreseen_needs_a_new_request() {
    let mut world = World::new(2);
    world.all_say_yes(1);
    let guest = world.enrol().unwrap();
    assert!(world.keep(Event::Arrived { meeting: ONE, member: guest }).is_err());
    world.ask(world.proposal(1)).unwrap();
    world.store();
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::Missing { missing: 3, present: 3 });
}

#[test]
fn taking_back_my_words_shuts_the_gate_until_they_are_erased() {
    let mut world = recorded();
    take_back(&mut world, BEN, Reach::MyWords);
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::Withdrawn(ONE));
    assert_eq!(world.gate::<Analyse>(1).unwrap_err(), Closed::ErasureDue(ONE));
    assert_eq!(carry_out(&mut world), [Part::Words(BEN)]);
    assert_eq!(*world.gate::<Analyse>(1).unwrap().people(), [ANA, CHI].into());
    assert_eq!(world.gate::<Transcribe>(1).unwrap_err(), Closed::AudioGone(ONE));
}

#[test]
fn taking_back_the_meeting_erases_it_for_all() {
    let mut world = recorded();
    take_back(&mut world, BEN, Reach::WholeMeeting);
    assert_eq!(world.gate::<Analyse>(1).unwrap_err(), Closed::Withdrawn(ONE));
    assert_eq!(carry_out(&mut world), [Part::Whole]);
    assert_eq!(world.gate::<Analyse>(1).unwrap_err(), Closed::Erased(ONE));
    assert_eq!(carry_out(&mut world), []);
}

#[test]
fn words_that_cannot_be_found_take_the_meeting_along() {
    let mut world = World::new(2);
    world.ask(world.proposal(1)).unwrap();
    world.answer(1, |_, asked| Decision::Yes(Terms { tell_voices_apart: false, ..asked })).unwrap();
    take_back(&mut world, ANA, Reach::MyWords);
    assert_eq!(carry_out(&mut world), [Part::Whole]);
}

#[test]
fn who_has_left_can_still_take_everything_back() {
    let mut world = recorded();
    world.all_say_yes(2);
    world.keep(Event::MemberLeft { member: BEN }).unwrap();
    world.act(BEN, Event::Withdrawn { which: Which::All, reach: Reach::WholeMeeting }).unwrap();
    let erasure = |meeting| Erasure { meeting, part: Part::Whole, cause: Cause::Withdrawn };
    assert_eq!(world.ledger.state().owed(world.now), [erasure(ONE), erasure(MeetingId(2))]);
}

#[test]
fn retention_runs_by_itself() {
    let mut world = recorded();
    world.now += 30 * DAY;
    assert_eq!(carry_out(&mut world), []);
    world.now += 1;
    assert_eq!(world.gate::<Transcribe>(1).unwrap_err(), Closed::Expired(ONE));
    assert_eq!(carry_out(&mut world), [Part::Audio]);
    world.now += 335 * DAY;
    assert_eq!(world.gate::<Analyse>(1).unwrap_err(), Closed::Expired(ONE));
    assert_eq!(carry_out(&mut world), [Part::Whole]);
}

#[test]
fn a_yes_is_for_one_evening() {
    let mut world = World::new(2);
    world.all_say_yes(1);
    world.now += gate::REQUEST_LIFE + 1;
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::Expired(ONE));
    world.now -= gate::REQUEST_LIFE + 2;
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::ClockBehind(ONE));
}

#[test]
fn setting_the_clock_back_revives_nothing() {
    let mut world = recorded();
    world.now += 366 * DAY;
    world.all_say_yes(2);
    world.now -= 300 * DAY;
    assert_eq!(world.gate::<Analyse>(1).unwrap_err(), Closed::Expired(ONE));
}

#[test]
fn other_models_need_a_fresh_yes() {
    let mut world = recorded();
    let mut proposal = world.proposal(1);
    proposal.models[0].sha256 = Digest([2; 32]);
    world.ask(proposal).unwrap();
    world.store();
    let admits = |world: &World, model| world.gate::<Analyse>(1).unwrap().admits(Digest([model; 32]));
    assert!(admits(&world, 1) && !admits(&world, 2));
    world.answer(1, |_, asked| yes(asked)).unwrap();
    world.store();
    assert!(!admits(&world, 1) && admits(&world, 2));
}

#[test]
fn a_file_passes_the_same_gate_and_somebody_vouches() {
    let mut world = World::new(2);
    let file = Digest([8; 32]);
    world.ask(super::Proposal { source: Source::File(file), ..world.proposal(1) }).unwrap();
    world.answer(1, |_, asked| yes(asked)).unwrap();
    world.store();
    assert_eq!(world.gate::<Import>(1).unwrap_err(), Closed::NobodyVouches(ONE));
    assert!(world.act(ANA, Event::Imported { meeting: ONE, file: Digest([7; 32]) }).is_err());
    world.act(ANA, Event::Imported { meeting: ONE, file }).unwrap();
    world.store();
    assert_eq!(world.gate::<Import>(1).unwrap().file(), Some(file));
    assert_eq!(world.gate::<Record>(1).unwrap_err(), Closed::OtherSource(ONE));
    assert!(world.gate::<Transcribe>(1).is_ok());
}

#[test]
fn fiction_is_for_fiction() {
    let mut circle = Circle {
        name: "Harbor".into(),
        setting: Setting::Product,
        cadence_days: 14,
        about: String::new(),
        fiction: false,
    };
    assert!(gate::fiction::<Analyse>(&circle, ONE).is_err());
    circle.fiction = true;
    let grant = gate::fiction::<Analyse>(&circle, ONE).unwrap();
    assert_eq!(grant.ledger(), None, "no vault on disk can take it");
}

#[test]
fn a_receipt_tells_its_member_and_nobody_else() {
    let mut world = recorded();
    world.ask(world.proposal(1)).unwrap();
    world.answer(1, |_, asked| yes(asked)).unwrap();
    take_back(&mut world, BEN, Reach::MyWords);
    let states = |world: &World, who| {
        let receipt = world.ledger.receipt(ONE, who).unwrap();
        receipt.events.iter().map(|e| e.event_state).collect::<Vec<_>>()
    };
    use EventState::{Expired, Given, Reconfirmed, Requested, Withdrawn};
    assert_eq!(states(&world, BEN), [Requested, Given, Requested, Reconfirmed, Withdrawn]);
    assert_eq!(states(&world, ANA), [Requested, Given, Requested, Reconfirmed]);
    carry_out(&mut world);
    assert_eq!(states(&world, BEN)[5..], [Expired]);
    let receipt = world.ledger.receipt(ONE, BEN).unwrap();
    assert_eq!(world.ledger.witness(&receipt.ledger_words), Ok(Some(world.ledger.len() - 1)));
    assert!(world.ledger.receipt(MeetingId(9), BEN).is_none());
}

#[test]
fn names_that_hide_something_are_turned_away() {
    for name in ["", "Ana\nNobody is recorded", "A\u{202e}na", " \u{200b}", &"a".repeat(61)] {
        let mut world = World::new(1);
        let card = super::Secret::Card(super::Card::generate().unwrap());
        assert!(world.ledger.enrol(&world.keeper, name, &card, world.now).is_err(), "{name:?}");
        assert!(world.ledger.enrol(&world.keeper, "member 0", &card, world.now).is_err(), "taken, in other case");
    }
}

#[test]
fn a_clock_at_the_end_of_time_breaks_nothing() {
    let mut world = World::new(2);
    world.now = i64::MAX;
    world.all_say_yes(1);
    assert!(world.gate::<Record>(1).is_ok());
    assert_eq!(world.ledger.state().owed(world.now), []);
}
