//! How an event is written down so that nothing can be changed, dropped, moved or put in.
//!
//! `hash = SHA-256(domain, seq, prev, length, entry)`, where `prev` is the hash before; the author signs the hash, and so
//! everything that came earlier. Signatures are checked strictly (RFC 8032 without its malleable corners).

use ed25519_dalek::{Signature, VerifyingKey};
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{
    event::{Author, Event},
    ids::{Digest, MemberId},
    key::{Keeper, MemberKey},
    words,
};

/// What the first event has before it.
pub(super) const GENESIS: Digest = Digest([0; 32]);

/// Words that witness a ledger's head.
const HEAD_WORDS: usize = 8;

/// Bytes of an ed25519 signature, at the end of every body.
const SIGNATURE: usize = 64;

/// An event as it is stored. The store keeps the four fields as they are and gives them back in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredEvent {
    /// Place in the ledger, from 0 without holes.
    pub seq: u64,
    /// Hash of the record before; zeros for the first.
    pub prev: Digest,
    /// Hash of this one.
    pub hash: Digest,
    /// Entry in postcard, then 64 bytes of signature.
    pub body: Vec<u8>,
}

/// An event with its author and its time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Unix seconds, by the clock of that moment.
    pub at: i64,
    /// Who signed.
    pub author: Author,
    /// What happened.
    pub event: Event,
}

/// The key that signs an entry.
#[derive(Clone, Copy, Debug)]
pub enum Signer<'a> {
    /// For what is no person's act.
    Keeper(&'a Keeper),
    /// For what a member does.
    Member(&'a MemberKey),
}

impl Signer<'_> {
    pub(super) fn author(self) -> Author {
        match self {
            Self::Keeper(_) => Author::Keeper,
            Self::Member(key) => Author::Member(key.member()),
        }
    }

    pub(super) fn public(self) -> [u8; 32] {
        match self {
            Self::Keeper(key) => key.public(),
            Self::Member(key) => key.public(),
        }
    }

    fn sign(self, hash: Digest) -> Signature {
        match self {
            Self::Keeper(key) => key.sign(&to_sign(hash)),
            Self::Member(key) => key.sign(&to_sign(hash)),
        }
    }
}

/// Why a record is not as it was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Broken {
    #[error("is out of place")]
    Place,
    #[error("does not follow from the one before")]
    Link,
    #[error("has been changed")]
    Content,
    #[error("cannot be read")]
    Encoding,
}

impl StoredEvent {
    /// Writes an entry down after the record whose hash is `prev`.
    pub(super) fn write(seq: u64, prev: Digest, entry: &Entry, signer: Signer<'_>) -> Result<Self, postcard::Error> {
        let mut body = postcard::to_stdvec(entry)?;
        let hash = link(seq, prev, &body);
        body.extend_from_slice(&signer.sign(hash).to_bytes());
        Ok(Self { seq, prev, hash, body })
    }

    /// Reads the entry of the record that must come at `seq` after `prev`. Its signature is still to be checked, since
    /// whose key it takes is known only from what came before.
    pub(super) fn read(&self, seq: u64, prev: Digest) -> Result<Entry, Broken> {
        if self.seq != seq {
            return Err(Broken::Place);
        }
        if self.prev != prev {
            return Err(Broken::Link);
        }
        let (entry, _) = self.parts()?;
        if link(seq, prev, entry) != self.hash {
            return Err(Broken::Content);
        }
        match postcard::take_from_bytes(entry) {
            Ok((entry, [])) => Ok(entry),
            _ => Err(Broken::Encoding),
        }
    }

    /// True if the key signed this record.
    pub(super) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        self.parts().is_ok_and(|(_, signature)| {
            key.verify_strict(&to_sign(self.hash), &Signature::from_bytes(signature)).is_ok()
        })
    }

    fn parts(&self) -> Result<(&[u8], &[u8; SIGNATURE]), Broken> {
        self.body.split_last_chunk().ok_or(Broken::Encoding)
    }
}

/// The head of a ledger as eight words, 88 bits. To find another ledger for given words takes 2^88 trials. Whoever runs
/// an altered program can prepare a pair with equal words in 2^44; against that only the whole hash on a receipt helps.
#[must_use]
pub fn head_words(head: Digest) -> String {
    let hash = Sha256::new().chain_update(b"candor ledger head\0").chain_update(head.0).finalize();
    words::places(&hash[..11]).map(words::at).collect::<Vec<_>>().join(" ")
}

/// Eight words as people type them, in the spelling of [`head_words`].
pub(super) fn read_head_words(text: &str) -> Result<String, words::WordError> {
    let places = words::parse(text, HEAD_WORDS)?;
    Ok(places.iter().map(|p| words::at(*p)).collect::<Vec<_>>().join(" "))
}

fn link(seq: u64, prev: Digest, entry: &[u8]) -> Digest {
    let hash = Sha256::new()
        .chain_update(b"candor ledger entry\0")
        .chain_update(seq.to_le_bytes())
        .chain_update(prev.0)
        .chain_update((entry.len() as u64).to_le_bytes())
        .chain_update(entry)
        .finalize();
    Digest(hash.into())
}

fn to_sign(hash: Digest) -> Vec<u8> {
    [b"candor ledger signature\0".as_slice(), &hash.0].concat()
}

impl Author {
    /// The member who signed, if it was one.
    #[must_use]
    pub const fn member(self) -> Option<MemberId> {
        match self {
            Self::Keeper => None,
            Self::Member(member) => Some(member),
        }
    }
}
