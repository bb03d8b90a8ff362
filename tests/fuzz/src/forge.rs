//! A ledger as somebody could write it who holds every key: records that are linked and signed, whatever they say.
//!
//! The formats are written down here a second time, from what `consent::chain` and `consent::key` promise, since their
//! functions are rightly private.

use std::collections::BTreeMap;

use candor::consent::{
    Digest, Event, LedgerId, MemberId, StoredEvent,
    chain::Entry,
    event::{Author, NewKey},
};
use ed25519_dalek::{Signer as _, SigningKey};
use sha2::{Digest as _, Sha256};

/// The one ledger that is forged.
pub const LEDGER: LedgerId = LedgerId([3; 16]);

/// Keys that a forged ledger can name.
const KEYS: u8 = 16;

/// A key by its number; 0 is the keeper's.
pub fn key(number: u8) -> SigningKey {
    SigningKey::from_bytes(&[number % KEYS + 1; 32])
}

/// What enrols a member with one of the keys.
pub fn introduce(member: MemberId, number: u8) -> NewKey {
    let key = key(number);
    let public = key.verifying_key().to_bytes();
    let message = [b"candor member introduction\0".as_slice(), &LEDGER.0, &member.0.to_le_bytes(), &public].concat();
    let proof = key.sign(&message);
    NewKey { public, proof: [*proof.r_bytes(), *proof.s_bytes()] }
}

/// Links and signs entries, each under the key that the entries before it give to its author. What is no entry is signed
/// by the keeper.
pub fn chain(entries: &[Vec<u8>]) -> Vec<StoredEvent> {
    let known: BTreeMap<[u8; 32], u8> = (0..KEYS).map(|n| (key(n).verifying_key().to_bytes(), n)).collect();
    let mut keys: BTreeMap<MemberId, u8> = BTreeMap::new();
    let mut prev = Digest([0; 32]);
    let mut records = Vec::new();
    for (seq, bytes) in (0u64..).zip(entries) {
        let entry: Option<Entry> = postcard::from_bytes(bytes).ok();
        let signer = match entry.as_ref().map(|e| e.author) {
            Some(Author::Member(member)) => keys.get(&member).copied().unwrap_or(0),
            _ => 0,
        };
        if let Some(Event::MemberEnrolled { member, key, .. } | Event::MemberReEnrolled { member, key }) =
            entry.map(|e| e.event)
        {
            keys.insert(member, known.get(&key.public).copied().unwrap_or(0));
        }
        let record = record(seq, prev, bytes, signer);
        prev = record.hash;
        records.push(record);
    }
    records
}

fn record(seq: u64, prev: Digest, entry: &[u8], signer: u8) -> StoredEvent {
    let hash = Sha256::new()
        .chain_update(b"candor ledger entry\0")
        .chain_update(seq.to_le_bytes())
        .chain_update(prev.0)
        .chain_update((entry.len() as u64).to_le_bytes())
        .chain_update(entry)
        .finalize();
    let hash = Digest(hash.into());
    let signature = key(signer).sign(&[b"candor ledger signature\0".as_slice(), &hash.0].concat());
    StoredEvent { seq, prev, hash, body: [entry, &signature.to_bytes()].concat() }
}
