//! The ledger of those ten years: for each meeting a request, everyone's yes, the microphone open and closed, and the sound
//! that was kept long enough.

use candor::consent::{
    Card, Decision, Digest, Event, Keeper, Ledger, Mark, MeetingId, Outcome, Part, Proposal, Round, Secret, Signer,
    Terms,
    notice::{Model, Source},
};

use crate::circle::{MEETINGS, MEMBERS, about, day};

const WEEK: i64 = 7 * 24 * 60 * 60;
const BEGINNING: i64 = 1_451_980_800;
const TERMS: Terms = Terms::EVERY_USE;
/// As the program names what reads a meeting.
const TASKS: [&str; 6] = [
    "hearing speech (Whisper)",
    "finding speech (Silero)",
    "telling voices apart",
    "meaning (MiniLM)",
    "meaning (its tokenizer)",
    "reading",
];

pub(crate) fn ten_years() -> (Ledger, Keeper) {
    let (mut ledger, keeper) = Ledger::create(&about().name, BEGINNING).unwrap();
    let mut people = Vec::new();
    for name in MEMBERS {
        let card = Secret::Card(Card::generate().unwrap());
        let (member, sealed) = ledger.enrol(&keeper, name, &card, BEGINNING).unwrap();
        people.push((member, sealed, card));
    }
    let models: Vec<Model> =
        TASKS.iter().zip(1..).map(|(task, n)| Model { task: (*task).into(), sha256: Digest([n; 32]) }).collect();
    for n in 1..=MEETINGS {
        let (meeting, now) = (MeetingId(n), BEGINNING + WEEK * i64::from(n));
        let proposal = Proposal {
            meeting,
            date: day(n),
            source: Source::Room,
            present: people.iter().map(|(member, ..)| *member).collect(),
            may_come: vec![],
            terms: TERMS,
            models: models.clone(),
        };
        ledger.ask(&keeper, proposal, now).unwrap();
        let mut round = Round::begin(&ledger, meeting).unwrap();
        for (member, sealed, card) in &people {
            round.answer(ledger.unlock(*member, sealed, card).unwrap(), Decision::Yes(TERMS)).unwrap();
        }
        assert!(matches!(round.close(&mut ledger, &keeper, now), Ok(Outcome::Granted(_))));
        for mark in [Mark::Started, Mark::Stopped] {
            ledger.append(Signer::Keeper(&keeper), Event::Recorded { meeting, mark }, now).unwrap();
        }
        let over = Event::Expired { meeting, part: Part::Audio };
        ledger.append(Signer::Keeper(&keeper), over, now + WEEK).unwrap();
    }
    (ledger, keeper)
}
