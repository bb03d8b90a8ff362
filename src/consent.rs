//! Consent as a value: who may do what with a meeting, on whose word, and until when.
//!
//! ```text
//! Proposal -> Notice -> Choices -> Round -> Ledger -> gate -> Grant
//! ```
//! The facilitator proposes [`Terms`]; the [`Notice`](notice::Notice) says them in words; each member makes their
//! [`Choices`] and answers in a [`Round`] with the key that their [`Card`] unlocks; the round writes either everyone's
//! yes or one nameless no into the [`Ledger`]; the [`gate`] reads the ledger and makes a [`Grant`]. What was taken back
//! or has been kept long enough comes out as [`Erasure`]s, and a [`Receipt`] tells a member where they stand.
//!
//! From enrolment to a grant; "store" is where the caller writes [`Ledger::pending`] to the vault:
//! ```
//! use candor::consent::{*, notice::{Model, Source}};
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let (now, words) = (1_773_316_800, Digest([7; 32]));
//! let (mut ledger, keeper) = Ledger::create("Harbor", now)?;
//! let card = Secret::Card(Card::generate()?); // its words are shown once, and only to Ana
//! let (ana, sealed) = ledger.enrol(&keeper, "Ana", &card, now)?;
//!
//! let terms = Terms { record: true, transcribe: true, erase_after_days: 90, ..Terms::NONE };
//! let notice = ledger.ask(&keeper, Proposal {
//!     meeting: MeetingId(1),
//!     date: time::macros::date!(2026 - 03 - 12),
//!     source: Source::Room,
//!     present: vec![ana],
//!     may_come: vec![],
//!     terms,
//!     models: vec![Model { task: "hear".into(), sha256: words }],
//! }, now)?;
//! assert!(notice.text.contains("90 days"));
//!
//! let mut round = Round::begin(&ledger, MeetingId(1))?;
//! let mut choices = Choices::blank(round.asked());
//! choices.answer(Item::Record, Answer::Yes)?;
//! choices.answer(Item::Transcribe, Answer::Yes)?;
//! choices.answer(Item::EraseAfter, Answer::Days(30))?;
//! round.answer(ledger.unlock(ana, &sealed, &card)?, choices.decide()?)?;
//! assert!(matches!(round.close(&mut ledger, &keeper, now)?, Outcome::Granted(_)));
//! assert!(gate::open::<Record>(&ledger, MeetingId(1), now).is_err(), "not stored yet");
//!
//! let disk = ledger.pending().to_vec(); // store
//! ledger.stored();
//! let grant = gate::open::<Record>(&ledger, MeetingId(1), now)?; // Recording::start takes it by value
//! assert_eq!(grant.terms().erase_after_days, 30);
//! let mark = Event::Recorded { meeting: MeetingId(1), mark: Mark::Started };
//! ledger.append(Signer::Keeper(&keeper), mark, now)?;
//!
//! let mut ledger = Ledger::verify(disk)?; // at the next start
//! let which = Which::Meeting(MeetingId(1));
//! let key = ledger.unlock(ana, &sealed, &card)?;
//! ledger.append(Signer::Member(&key), Event::Withdrawn { which, reach: Reach::WholeMeeting }, now)?;
//! for erasure in ledger.state().owed(now) {
//!     // the store erases it, then:
//!     ledger.append(Signer::Keeper(&keeper), erasure.done(), now)?;
//! }
//! # Ok(())
//! # }
//! ```
//!
//! Architecture invariants: no input, no output, no clock and no database in here. Time comes in as Unix seconds,
//! records go out and come in as bytes. Nothing in here has ever seen a word that was spoken.

pub mod acts;
pub mod card;
pub mod chain;
pub mod choices;
pub mod erasure;
pub mod event;
pub mod gate;
pub mod grant;
pub mod ids;
pub mod item;
pub mod key;
pub mod ledger;
pub mod lock;
pub mod meeting;
pub mod notice;
pub mod permit;
pub mod receipt;
mod receipt_text;
pub mod round;
pub mod rules;
pub mod standing;
pub mod state;
pub mod terms;
pub mod words;

pub use acts::Proposal;
pub use card::Card;
pub use chain::{Signer, StoredEvent};
pub use choices::{Answer, Choices, Decision};
pub use erasure::Erasure;
pub use event::{Event, Mark, Part, Reach, Which};
pub use grant::{Analyse, Brief, Grant, Import, Record, TellVoicesApart, Transcribe};
pub use ids::{Digest, LedgerId, MeetingId, MemberId};
pub use item::Item;
pub use key::{Keeper, MemberKey, SealedKey};
pub use ledger::{Ledger, LedgerError, Tampered};
pub use lock::{Passphrase, Secret};
pub use permit::{Closed, Use};
pub use receipt::Receipt;
pub use round::{Outcome, Round};
pub use standing::Standing;
pub use terms::{Audience, Terms};

#[cfg(test)]
mod gate_lives;
#[cfg(test)]
mod gate_model;
#[cfg(test)]
mod gate_steps;
#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
mod world;
