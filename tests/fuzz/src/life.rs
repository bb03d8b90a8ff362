//! A short life of a circle, from its beginning to an erasure, and what is asked of every ledger that can be read.

use candor::consent::{
    Analyse, Brief, Digest, Event, Import, Ledger, Mark, MeetingId, MemberId, Part, Reach, Record,
    TellVoicesApart, Terms, Transcribe, Which,
    chain::Entry,
    event::{Author, Request},
    gate,
    notice::{self, Model, Notice, Source},
};
use time::macros::date;

use crate::{
    encoded,
    forge::{LEDGER, chain, introduce, key},
};

/// Noon of a day in 2026, Unix seconds.
pub const NOON: i64 = 1_773_316_800;

/// The meeting that is asked about.
pub const MEETING: MeetingId = MeetingId(1);

/// Terms with something in every item.
pub const TERMS: Terms = Terms { keep_audio_days: 7, erase_after_days: 90, ..Terms::EVERY_USE };

/// A request of three people, with words still to be put in.
pub fn request() -> Request {
    Request {
        meeting: MEETING,
        date: date!(2026 - 03 - 12),
        source: Source::Room,
        present: vec![MemberId(0), MemberId(1)],
        may_come: vec![MemberId(2)],
        terms: TERMS,
        models: vec![Model { task: "hear".into(), sha256: Digest([7; 32]) }],
        notice: Notice { version: notice::VERSION, text: String::new() },
    }
}

/// Encoded entries of twelve events that make a ledger.
pub fn entries() -> Vec<Vec<u8>> {
    let keeper = key(0).verifying_key().to_bytes();
    let mut said = vec![(Author::Keeper, Event::CircleCreated { ledger: LEDGER, circle: "Harbor".into(), keeper })];
    for (n, name) in (0..).zip(["Ana", "Ben", "Chi"]) {
        let member = MemberId(n);
        let key = introduce(member, n as u8 + 1);
        said.push((Author::Keeper, Event::MemberEnrolled { member, name: name.into(), key }));
    }
    let mut request = request();
    request.notice = Ledger::verify(chain(&bytes(&said))).expect("it begins well").state().notice(&request);
    let notice = request.notice.hash();
    said.push((Author::Keeper, Event::Requested(Box::new(request))));
    for member in [MemberId(0), MemberId(1)] {
        said.push((Author::Member(member), Event::Granted { meeting: MEETING, notice, terms: TERMS }));
    }
    said.push((Author::Keeper, Event::Recorded { meeting: MEETING, mark: Mark::Started }));
    said.push((Author::Keeper, Event::Recorded { meeting: MEETING, mark: Mark::Stopped }));
    let lost = MemberId(2);
    said.push((Author::Member(MemberId(0)), Event::MemberReEnrolled { member: lost, key: introduce(lost, 9) }));
    let (which, reach) = (Which::Meeting(MEETING), Reach::MyWords);
    said.push((Author::Member(MemberId(1)), Event::Withdrawn { which, reach }));
    said.push((Author::Keeper, Event::Erased { meeting: MEETING, part: Part::Words(MemberId(1)) }));
    bytes(&said)
}

fn bytes(said: &[(Author, Event)]) -> Vec<Vec<u8>> {
    (NOON..)
        .zip(said)
        .map(|(at, (author, event))| encoded(&Entry { at, author: *author, event: event.clone() }))
        .collect()
}

/// Asks a ledger everything that Candor asks of one, now, long ago and at the end of days.
pub fn inspect(ledger: &Ledger) {
    assert_eq!(ledger.witness(&ledger.head_words()), Ok(Some(ledger.len() - 1)));
    for (id, meeting) in &ledger.state().meetings {
        for member in ledger.state().members.keys() {
            if let Some(receipt) = ledger.receipt(*id, *member) {
                assert!(serde_json::to_string(&receipt).is_ok() && receipt.to_string().contains("receipt"));
            }
        }
        let _ = (meeting.is_closed(), meeting.models_for(&meeting.speakers()), meeting.unanswered().count());
    }
    for now in [NOON, i64::MIN, i64::MAX] {
        let _ = ledger.state().owed(now);
        for id in ledger.state().meetings.keys() {
            ask_gate(ledger, *id, now);
        }
    }
}

/// Nobody who has not said yes to the latest request is among those for whom the gate opens.
fn ask_gate(ledger: &Ledger, id: MeetingId, now: i64) {
    if let Ok(grant) = gate::open::<Record>(ledger, id, now) {
        let meeting = &ledger.state().meetings[&id];
        assert!(grant.people().iter().all(|p| meeting.consents.contains_key(p)) && !meeting.is_closed());
    }
    let _ = (gate::open::<Import>(ledger, id, now), gate::open::<Transcribe>(ledger, id, now));
    let _ = (gate::open::<TellVoicesApart>(ledger, id, now), gate::open::<Analyse>(ledger, id, now));
    let _ = gate::open::<Brief>(ledger, id, now);
}
