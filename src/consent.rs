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
pub mod round;
pub mod rules;
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
pub use terms::{Audience, Terms};

#[cfg(test)]
mod gate_model;
#[cfg(test)]
mod gate_tests;
#[cfg(test)]
mod ledger_tests;
#[cfg(test)]
mod world;
