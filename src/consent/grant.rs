//! Everyone's yes as a value.
//!
//! A [`Grant`] is made by the [gate](super::gate) and nowhere else: its fields are private, and it can be neither copied,
//! nor stored, nor made out of nothing. What needs consent takes one *by value*, so it is spent by being used, and each
//! use has a type of its own: a grant to read is no grant to record.
//!
//! The compiler says so. It cannot be made by hand:
//! ```compile_fail,E0451
//! use candor::consent::{Grant, Record, ids::MeetingId};
//! let forged: Grant<Record> = Grant { meeting: MeetingId(1), ..unimplemented!() };
//! ```
//! It has no default:
//! ```compile_fail,E0277
//! use candor::consent::{Grant, Record};
//! fn default<T: Default>() -> T { T::default() }
//! let forged: Grant<Record> = default();
//! ```
//! It cannot be copied:
//! ```compile_fail,E0277
//! use candor::consent::{Grant, Record};
//! fn cloned<T: Clone>(t: &T) -> T { t.clone() }
//! fn twice(grant: &Grant<Record>) -> Grant<Record> { cloned(grant) }
//! ```
//! It cannot be stored, nor read back:
//! ```compile_fail,E0277
//! use candor::consent::{Grant, Record};
//! fn store(grant: &Grant<Record>) -> Vec<u8> { serde_json::to_vec(grant).unwrap_or_default() }
//! ```
//! ```compile_fail,E0277
//! use candor::consent::{Grant, Record};
//! fn load(bytes: &[u8]) -> Option<Grant<Record>> { serde_json::from_slice(bytes).ok() }
//! ```
//! It is spent once:
//! ```compile_fail,E0382
//! use candor::consent::{Grant, Record};
//! fn record(_: Grant<Record>) {}
//! fn twice(grant: Grant<Record>) { record(grant); record(grant); }
//! ```
//! One use is not another:
//! ```compile_fail,E0308
//! use candor::consent::{Analyse, Grant, Record};
//! fn record(_: Grant<Record>) {}
//! fn sneak(grant: Grant<Analyse>) { record(grant); }
//! ```
//! Nobody can invent a use:
//! ```compile_fail,E0277
//! use candor::consent::grant::Purpose;
//! struct Anything;
//! impl Purpose for Anything { const USE: candor::consent::Use = candor::consent::Use::Record; }
//! ```

use std::{collections::BTreeSet, marker::PhantomData};

use super::{
    ids::{Digest, LedgerId, MeetingId, MemberId},
    permit::Use,
    terms::Terms,
};

mod sealed {
    pub trait Sealed {}
}

/// A use of a meeting, as a type.
pub trait Purpose: sealed::Sealed {
    /// The same as a value.
    const USE: Use;
}

/// A use that needs no microphone; only these can be had for fiction.
pub trait Offline: Purpose {}

macro_rules! purposes {
    ($($(#[$doc:meta])* $name:ident)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl sealed::Sealed for $name {}
        impl Purpose for $name {
            const USE: Use = Use::$name;
        }
    )*};
}

purposes! {
    /// To open the microphone.
    Record
    /// To bring in the one file that everybody was asked about.
    Import
    /// To turn sound into text.
    Transcribe
    /// To find out from the sound who spoke.
    TellVoicesApart
    /// To read the text for patterns.
    Analyse
    /// To show or hand out what was found.
    Brief
}

impl Offline for Import {}
impl Offline for Transcribe {}
impl Offline for TellVoicesApart {}
impl Offline for Analyse {}
impl Offline for Brief {}

/// Where the yes comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// People, whose signatures are in this ledger.
    Ledger(LedgerId),
    /// Nobody: the people are invented.
    Fiction,
}

/// Leave for one use of one meeting, from everybody concerned.
#[derive(Debug)]
#[must_use = "a grant that is not used permits nothing"]
pub struct Grant<P: Purpose> {
    pub(super) origin: Origin,
    pub(super) meeting: MeetingId,
    pub(super) terms: Terms,
    pub(super) people: BTreeSet<MemberId>,
    pub(super) models: BTreeSet<Digest>,
    pub(super) file: Option<Digest>,
    pub(super) until: i64,
    pub(super) purpose: PhantomData<P>,
}

impl<P: Purpose> Grant<P> {
    /// The one meeting that it is good for.
    #[must_use]
    pub const fn meeting(&self) -> MeetingId {
        self.meeting
    }

    /// The ledger, and so the vault, that it is good for; none for fiction. A vault on disk takes only grants of its own
    /// ledger; one that lives in memory for a rehearsal takes only fiction.
    #[must_use]
    pub const fn ledger(&self) -> Option<LedgerId> {
        match self.origin {
            Origin::Ledger(id) => Some(id),
            Origin::Fiction => None,
        }
    }

    /// The strictest of what everybody granted.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// Whether the same yes covers another use. To use it so, ask the gate again.
    #[must_use]
    pub const fn allows(&self, what: Use) -> bool {
        super::permit::allows(&self.terms, what)
    }

    /// Whose yes it rests on; empty for fiction.
    #[must_use]
    pub const fn people(&self) -> &BTreeSet<MemberId> {
        &self.people
    }

    /// Whether everybody has agreed to be read by the model whose file has this SHA-256. In fiction, any may.
    #[must_use]
    pub fn admits(&self, model: Digest) -> bool {
        self.origin == Origin::Fiction || self.models.contains(&model)
    }

    /// Unix seconds until which it is good.
    #[must_use]
    pub const fn until(&self) -> i64 {
        self.until
    }
}

impl Grant<Import> {
    /// SHA-256 of the one file that may be brought in; none in fiction, where any may.
    #[must_use]
    pub const fn file(&self) -> Option<Digest> {
        self.file
    }
}
