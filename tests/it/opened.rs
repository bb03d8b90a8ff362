//! A vault opened without Candor's code, from what is published about it: `vault.toml` and the passphrase through Argon2id
//! and HKDF to SQLCipher's key. Tests that say "nothing readable" or "gone" look through the pages that this gives, and
//! `examples/ten_years` makes its plain copy with it.

use std::{fs, path::Path};

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use rusqlite::Connection;
use sha2::Sha256;

/// The database of a vault, with the settings that Candor gives it.
pub(crate) struct Opened(Connection);

impl Opened {
    /// Opens the vault of a folder, which may be a copy.
    pub(crate) fn new(folder: &Path, passphrase: &str) -> Self {
        let database = Connection::open(folder.join("vault.db")).unwrap();
        database.execute_batch("PRAGMA cipher_memory_security = ON").unwrap();
        database.pragma_update(None, "key", format!("x'{}'", hex(&key(folder, passphrase)))).unwrap();
        database.execute_batch(candor::vault::SETTINGS).unwrap();
        Self(database)
    }

    /// For questions in SQL.
    pub(crate) fn sql(&self) -> &Connection {
        &self.0
    }

    /// Every byte of every page in the clear, pages that are free among them.
    pub(crate) fn pages(&mut self) -> Vec<u8> {
        self.0.serialize("main").unwrap().to_vec()
    }

    /// Writes the same tables into a file without encryption.
    pub(crate) fn copy_plain(&self, to: &Path) {
        self.0.execute("ATTACH DATABASE ?1 AS plain KEY ''", [to.to_str().unwrap()]).unwrap();
        self.0.query_row("SELECT sqlcipher_export('plain')", [], |_| Ok(())).unwrap();
        self.0.execute_batch("DETACH DATABASE plain").unwrap();
    }
}

/// The database's key: 32 bytes for AES, 16 of salt.
fn key(folder: &Path, passphrase: &str) -> [u8; 48] {
    let header: toml::Table = fs::read_to_string(folder.join("vault.toml")).unwrap().parse().unwrap();
    let bytes = |name: &str| unhex(header[name].as_str().unwrap());
    let number = |name: &str| u32::try_from(header["argon2id"][name].as_integer().unwrap()).unwrap();
    let (memory, passes, lanes) = (number("memory_kib"), number("passes"), number("lanes"));
    let (salt, locked) = (bytes("salt"), bytes("locked_master_key"));

    let mut stretched = [0; 32];
    let params = Params::new(memory, passes, lanes, None).unwrap();
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    argon2.hash_password_into(passphrase.as_bytes(), &salt, &mut stretched).unwrap();

    let bound_to = [b"candor vault", [1, memory, passes, lanes].map(u32::to_le_bytes).as_flattened(), &salt].concat();
    let (nonce, sealed) = locked.split_first_chunk::<24>().unwrap();
    let master = XChaCha20Poly1305::new(&stretched.into())
        .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: &bound_to })
        .unwrap();

    let mut key = [0; 48];
    Hkdf::<Sha256>::new(None, &master).expand(b"candor v1 database", &mut key).unwrap();
    key
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|b| u8::from_str_radix(str::from_utf8(b).unwrap(), 16).unwrap()).collect()
}
