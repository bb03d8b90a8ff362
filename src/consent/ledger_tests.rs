//! A ledger of fifty events against everything that can be done to it.

use std::io::Write;

use ed25519_dalek::SigningKey;

use super::{
    Ledger, MeetingId, MemberId, Signer, StoredEvent,
    chain::Entry,
    event::{Author, Event, Mark, Reach, Which},
    key::Keeper,
    ledger::TamperKind,
    world::{World, yes},
};

/// A circle's life in fifty events.
fn fifty() -> World {
    let mut world = World::new(4);
    for meeting in 1.. {
        world.all_say_yes(meeting);
        for mark in [Mark::Started, Mark::Stopped] {
            world.keep(Event::Recorded { meeting: MeetingId(meeting), mark }).unwrap();
        }
        world.store();
        if world.disk.len() >= 43 {
            break;
        }
    }
    world.act(MemberId(1), Event::Withdrawn { which: Which::All, reach: Reach::MyWords }).unwrap();
    world.enrol_again(MemberId(0), MemberId(2)).unwrap();
    world.store();
    while world.disk.len() < 50 {
        world.keep(Event::Discarded { meeting: MeetingId(1) }).unwrap();
        world.store();
    }
    world
}

fn found(events: Vec<StoredEvent>) -> bool {
    Ledger::verify(events).is_err()
}

#[test]
fn what_was_stored_reads_back_the_same() {
    let world = fifty();
    let read = Ledger::verify(world.disk.clone()).unwrap();
    assert_eq!((read.len(), read.head()), (50, world.ledger.head()));
    assert_eq!(read.entries(), world.ledger.entries());
    assert_eq!(format!("{:?}", read.state()), format!("{:?}", world.ledger.state()));
}

#[test]
fn every_flipped_bit_is_found() {
    let disk = fifty().disk;
    let mut flips = 0;
    for at in 0..disk.len() {
        let bits = 8 * (8 + 32 + 32 + disk[at].body.len());
        for bit in 0..bits {
            let mut events = disk.clone();
            flip(&mut events[at], bit);
            // What comes before is known to hold; reading it again each time would only cost minutes.
            let error = reread(&disk, at, &events[at]);
            assert!(error.is_some(), "event {at}, bit {bit}");
            flips += 1;
        }
    }
    assert!(flips > 50_000, "{flips} flips");
    writeln!(std::io::stderr(), "ledger: {flips} flipped bits in 50 events, 0 unseen").unwrap();
}

/// Reads one changed event after the honest ones before it.
fn reread(disk: &[StoredEvent], at: usize, changed: &StoredEvent) -> Option<TamperKind> {
    thread_local!(static HONEST: std::cell::RefCell<Option<(usize, Ledger)>> = const { std::cell::RefCell::new(None) });
    HONEST.with_borrow_mut(|honest| {
        if at == 0 {
            return Ledger::verify([changed.clone()]).err().map(|t| t.kind);
        }
        if honest.as_ref().is_none_or(|(len, _)| *len != at) {
            *honest = Some((at, Ledger::verify(disk[..at].to_vec()).unwrap()));
        }
        honest.as_mut().and_then(|(_, ledger)| ledger.take(changed).err())
    })
}

fn flip(event: &mut StoredEvent, bit: usize) {
    let (byte, mask) = (bit / 8, 1u8 << (bit % 8));
    match byte {
        0..8 => event.seq ^= 1 << bit,
        8..40 => event.prev.0[byte - 8] ^= mask,
        40..72 => event.hash.0[byte - 40] ^= mask,
        _ => event.body[byte - 72] ^= mask,
    }
}

#[test]
fn every_deletion_swap_doubling_and_splice_is_found() {
    let (disk, other) = (fifty().disk, fifty().disk);
    for at in 0..disk.len() - 1 {
        let mut gone = disk.clone();
        gone.remove(at);
        let mut doubled = disk.clone();
        doubled.insert(at, disk[at].clone());
        let mut foreign = disk.clone();
        foreign[at] = other[at].clone();
        let spliced = [&disk[..at + 1], &other[at + 1..]].concat();
        assert!(found(gone) && found(doubled) && found(foreign) && found(spliced), "event {at}");
        for with in at + 1..disk.len() {
            let mut swapped = disk.clone();
            swapped.swap(at, with);
            assert!(found(swapped), "events {at} and {with}");
        }
    }
}

#[test]
fn renumbering_does_not_hide_a_deletion() {
    let disk = fifty().disk;
    for at in 1..disk.len() - 1 {
        let mut events = disk.clone();
        events.remove(at);
        for i in at..events.len() {
            events[i].seq = i as u64;
            events[i].prev = events[i - 1].hash;
        }
        assert!(found(events), "event {at}");
    }
}

#[test]
fn a_foreign_signature_is_found_everywhere() {
    let world = fifty();
    let stranger = Keeper::from_bytes(&[9; 32]);
    for (at, entry) in world.ledger.entries().iter().enumerate() {
        let event = &world.disk[at];
        let forged = forge(event, entry, Signer::Keeper(&stranger));
        assert_eq!(forged.hash, event.hash, "only the signature differs");
        assert_eq!(reread(&world.disk, at, &forged), Some(TamperKind::Signature), "event {at}");
    }
}

#[test]
fn nobody_signs_for_another() {
    let mut world = fifty();
    world.ask(world.proposal(40)).unwrap();
    world.store();
    let event = |ledger: &Ledger| Event::Granted {
        meeting: MeetingId(40),
        notice: ledger.state().meetings[&MeetingId(40)].request.notice.hash(),
        terms: super::terms::tests::WIDE,
    };
    let (seq, prev) = (world.ledger.len(), world.ledger.head());
    let entry = Entry { at: 0, author: Author::Member(MemberId(0)), event: event(&world.ledger) };
    for signer in [Signer::Keeper(&world.keeper), Signer::Member(&world.key(MemberId(1)))] {
        let forged = StoredEvent::write(seq, prev, &entry, signer).unwrap();
        assert_eq!(world.ledger.take(&forged), Err(TamperKind::Signature));
    }
    let honest = StoredEvent::write(seq, prev, &entry, Signer::Member(&world.key(MemberId(0)))).unwrap();
    assert_eq!(world.ledger.take(&honest), Ok(()));
}

#[test]
fn a_lost_card_signs_nothing_any_more() {
    let mut world = World::new(2);
    world.ask(world.proposal(1)).unwrap();
    let old = world.key(MemberId(1));
    world.enrol_again(MemberId(0), MemberId(1)).unwrap();
    let event = Event::MemberLeft { member: MemberId(1) };
    assert!(world.ledger.append(Signer::Member(&old), event, world.now).is_err());
    let (card, sealed) = &world.cards[1][0];
    assert!(world.ledger.unlock(MemberId(1), sealed, card).is_err());
}

#[test]
fn only_words_that_somebody_kept_show_a_rollback() {
    let mut world = fifty();
    let kept = world.ledger.head_words();
    assert_eq!(kept.split(' ').count(), 8);
    assert_eq!(world.ledger.witness(&kept.to_uppercase()), Ok(Some(49)));
    world.keep(Event::Discarded { meeting: MeetingId(2) }).unwrap();
    assert_eq!(world.ledger.witness(&kept), Ok(Some(49)), "an earlier head stays good");
    for len in 1..50 {
        let cut = Ledger::verify(world.disk[..len].to_vec()).expect("a cut is not seen without words");
        assert_eq!(cut.witness(&kept), Ok(None), "cut to {len}");
    }
    assert!(world.ledger.witness("abandon ability").is_err());
}

#[test]
fn a_ledger_begins_with_its_circle() {
    let world = fifty();
    assert!(found(Vec::new()));
    assert!(found(world.disk[1..].to_vec()));
    let entry = Entry { at: 0, author: Author::Keeper, event: Event::Discarded { meeting: MeetingId(1) } };
    let first = StoredEvent::write(0, super::chain::GENESIS, &entry, Signer::Keeper(&world.keeper)).unwrap();
    assert!(found(vec![first]));
}

#[test]
fn a_weak_keeper_is_turned_away() {
    // The neutral element of the curve: every message would have a valid signature under it.
    let mut weak = [0; 32];
    weak[0] = 1;
    let event = Event::CircleCreated { ledger: super::LedgerId([0; 16]), circle: "Harbor".into(), keeper: weak };
    let key = Keeper::from_bytes(&SigningKey::from_bytes(&[5; 32]).to_bytes());
    let entry = Entry { at: 0, author: Author::Keeper, event };
    let first = StoredEvent::write(0, super::chain::GENESIS, &entry, Signer::Keeper(&key)).unwrap();
    assert!(found(vec![first]));
}

/// The same entry, signed by somebody else.
fn forge(event: &StoredEvent, entry: &Entry, signer: Signer<'_>) -> StoredEvent {
    StoredEvent::write(event.seq, event.prev, entry, signer).unwrap()
}

#[test]
fn a_yes_of_one_meeting_is_none_of_another() {
    let mut world = World::new(2);
    world.all_say_yes(1);
    world.ask(world.proposal(2)).unwrap();
    let granted = world.ledger.entries().iter().rev().find(|e| matches!(e.event, Event::Granted { .. })).unwrap();
    let Event::Granted { notice, terms, .. } = granted.event else { unreachable!() };
    let replayed = Event::Granted { meeting: MeetingId(2), notice, terms };
    assert!(world.act(MemberId(0), replayed).is_err());
    world.answer(2, |_, asked| yes(asked)).unwrap();
}
