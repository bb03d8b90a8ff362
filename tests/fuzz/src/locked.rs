//! What somebody can make who has the passphrase: vault headers whose checksum is right, and spools whose frames are sealed.
//!
//! The formats are written down here a second time, from what `vault::header`, `vault::keys` and `spool` promise, since
//! their functions are rightly private.

use argon2::{Algorithm, Argon2, Params, Version};
use candor::{
    spool::SpoolKey,
    vault::{Passphrase, Vault},
};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305, XNonce,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use toml::{Table, Value};

use crate::folder;

/// The passphrase of every vault here.
pub const PASSPHRASE: &str = "open sesame";

/// The least that a header may ask of Argon2id: memory in KiB, passes, lanes.
pub const LEAST: [u32; 3] = [19 << 10, 1, 1];

/// The key of every spool here, by its bytes.
const SPOOL_KEY: [u8; 32] = [7; 32];

/// A new vault with its header's text.
fn vault() -> (Vault, Table) {
    let folder = folder();
    let vault = Vault::create(folder.path(), &Passphrase::new(PASSPHRASE.into())).expect("a vault can be made");
    let text = std::fs::read_to_string(folder.path().join("vault.toml")).expect("it has a header");
    (vault, text.parse().expect("a header is TOML"))
}

/// The text of a good header.
pub fn header() -> Table {
    vault().1
}

/// What a header's lock is bound to, with the cost that it names.
fn bound_to([memory, passes, lanes]: [u32; 3], salt: &[u8]) -> Vec<u8> {
    let numbers = [1, memory, passes, lanes].map(u32::to_le_bytes);
    [b"candor vault", numbers.as_flattened(), salt].concat()
}

/// Numbers of the cost that a header names, if it does.
fn cost(header: &Table) -> Option<[u32; 3]> {
    let table = header.get("argon2id")?.as_table()?;
    let number = |name: &str| u32::try_from(table.get(name)?.as_integer()?).ok();
    Some([number("memory_kib")?, number("passes")?, number("lanes")?])
}

/// Bytes that a header holds in hexadecimal.
fn bytes(header: &Table, name: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> =
        header.get(name)?.as_str()?.chars().map(|c| Some(c.to_digit(16)? as u8)).collect::<Option<_>>()?;
    Some(digits.chunks(2).map(|pair| pair[0] << 4 | pair.last().copied().unwrap_or(0)).collect())
}

/// Puts the right checksum into a header, and the least cost in place of any that is allowed: else most of the time would
/// go into Argon2id.
pub fn with_checksum(mut header: Table) -> Table {
    let Some(mut cost) = cost(&header) else { return header };
    if cost.iter().zip(LEAST).all(|(n, least)| *n >= least) && cost[0] <= 1 << 20 && cost[1] <= 16 && cost[2] <= 8 {
        cost = LEAST;
        let named = ["memory_kib", "passes", "lanes"].map(String::from).into_iter().zip(LEAST);
        header.insert("argon2id".into(), Value::Table(named.map(|(k, n)| (k, i64::from(n).into())).collect()));
    }
    if let (Some(salt), Some(locked)) = (bytes(&header, "salt"), bytes(&header, "locked_master_key")) {
        let sum = Sha256::new().chain_update(bound_to(cost, &salt)).chain_update(locked).finalize();
        let sum: String = sum[..8].iter().map(|b| format!("{b:02x}")).collect();
        header.insert("checksum".into(), sum.into());
    }
    header
}

/// The spools' key: what a vault would give back that had locked these bytes.
pub fn spool_key(meeting: u64) -> SpoolKey {
    let (vault, header) = vault();
    let (cost, salt) = (cost(&header).expect("it names its cost"), bytes(&header, "salt").expect("it has salt"));
    let mut stretched = [0; 32];
    let params = Params::new(cost[0], cost[1], cost[2], None).expect("today's cost is allowed");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSPHRASE.as_bytes(), &salt, &mut stretched)
        .expect("there is memory");
    let locked = bytes(&header, "locked_master_key").expect("it holds the master key");
    let (nonce, sealed) = locked.split_first_chunk::<24>().expect("behind its nonce");
    let payload = Payload { msg: sealed, aad: &bound_to(cost, &salt) };
    let master = cipher(&stretched).decrypt(&XNonce::from(*nonce), payload).expect("the passphrase is right");
    let mut wrapping = [0; 32];
    Hkdf::<Sha256>::new(None, &master).expand(b"candor v1 spool keys", &mut wrapping).expect("32 bytes are few");
    let payload = Payload { msg: &SPOOL_KEY, aad: &meeting.to_le_bytes() };
    let sealed = cipher(&wrapping).encrypt(&XNonce::from([0; 24]), payload).expect("a key is short");
    SpoolKey::unwrap(&[&[0; 24][..], &sealed].concat(), &vault.spool_wrapping_key(), meeting).expect("it is its own")
}

/// Seals one frame of a spool with the spools' key.
pub fn seal(header: &[u8], number: u32, body: &[u8]) -> Vec<u8> {
    let mut nonce = [0; 24];
    nonce[..4].copy_from_slice(&number.to_le_bytes());
    let payload = Payload { msg: body, aad: &[header, &number.to_le_bytes()].concat() };
    let sealed = cipher(&SPOOL_KEY).encrypt(&XNonce::from(nonce), payload).expect("a second is short");
    [&nonce[..], &sealed].concat()
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}
