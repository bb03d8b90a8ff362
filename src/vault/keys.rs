//! The vault's secrets, one type each: none can be printed, copied by accident, or left in memory.
//!
//! `passphrase -> Argon2id -> key that locks -> master key (random) -> HKDF -> one key a purpose`. The master key is random
//! and only locked under the passphrase, so that a new passphrase or costlier parameters rewrite one small file.

use std::fmt;

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{VaultError, memory::Resident};

/// Bytes of the nonce of XChaCha20-Poly1305; so long that random ones never meet.
pub(crate) const NONCE: usize = 24;
/// Bytes by which sealing lengthens a message, nonce apart.
pub(crate) const TAG: usize = 16;

/// Fewest characters of a new passphrase.
pub const SHORTEST_PASSPHRASE: usize = 8;

/// Secret bytes: never swapped out, wiped when dropped, silent when printed.
pub(crate) struct Secret<const N: usize>(Resident<Zeroizing<[u8; N]>>);

impl<const N: usize> Secret<N> {
    /// Fills a secret in place.
    ///
    /// # Errors
    /// As `fill`.
    pub(crate) fn made_by<E>(fill: impl FnOnce(&mut [u8; N]) -> Result<(), E>) -> Result<Self, E> {
        let mut bytes = Resident::new(Zeroizing::new([0; N]));
        fill(&mut bytes)?;
        Ok(Self(bytes))
    }

    /// Bytes from the system's generator.
    ///
    /// # Errors
    /// When the system has none to give.
    pub(crate) fn random() -> Result<Self, VaultError> {
        Self::made_by(|bytes| getrandom::fill(bytes).map_err(|_| VaultError::NoRandomness))
    }

    /// The bytes, for the cipher only.
    pub(crate) fn expose(&self) -> &[u8; N] {
        &self.0
    }
}

impl<const N: usize> fmt::Debug for Secret<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

/// What the facilitator types.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes over what was typed. Length is asked for only where a passphrase is set.
    #[must_use]
    pub fn new(typed: String) -> Self {
        Self(Zeroizing::new(typed))
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    pub(super) fn long_enough(&self) -> Result<(), VaultError> {
        if self.0.chars().count() < SHORTEST_PASSPHRASE {
            return Err(VaultError::PassphraseTooShort { least: SHORTEST_PASSPHRASE });
        }
        Ok(())
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Passphrase(secret)")
    }
}

/// The root of all keys of one vault.
#[derive(Debug)]
pub(super) struct MasterKey(Secret<32>);

impl MasterKey {
    pub(super) fn random() -> Result<Self, VaultError> {
        Secret::random().map(Self)
    }

    pub(super) fn lock(&self, under: &WrappingKey, bound_to: &[u8]) -> Result<Vec<u8>, VaultError> {
        under.wrap(&self.0, bound_to)
    }

    /// None when the key does not fit or the bytes were altered.
    pub(super) fn unlock(locked: &[u8], under: &WrappingKey, bound_to: &[u8]) -> Option<Self> {
        under.unwrap(locked, bound_to).map(Self)
    }

    /// The key of the database.
    pub(super) fn database(&self) -> DatabaseKey {
        DatabaseKey(self.derive(b"candor v1 database"))
    }

    /// The key that locks the keys of the spools.
    pub(super) fn spools(&self) -> WrappingKey {
        WrappingKey(self.derive(b"candor v1 spool keys"))
    }

    fn derive<const N: usize>(&self, purpose: &[u8]) -> Secret<N> {
        let hkdf = Hkdf::<Sha256>::new(None, self.0.expose());
        Secret::made_by(|bytes| hkdf.expand(purpose, bytes)).expect("HKDF-SHA256 gives up to 8160 bytes")
    }
}

/// SQLCipher's raw key: 32 bytes for AES, 16 of salt.
#[derive(Debug)]
pub(super) struct DatabaseKey(Secret<48>);

impl DatabaseKey {
    /// As `PRAGMA key` takes it: `x'...'`, without a passphrase derivation of SQLCipher's own.
    pub(super) fn pragma(&self) -> Zeroizing<String> {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = Zeroizing::new(String::with_capacity(2 * self.0.expose().len() + 3));
        text.push_str("x'");
        for byte in self.0.expose() {
            text.push(DIGITS[usize::from(byte >> 4)].into());
            text.push(DIGITS[usize::from(byte & 15)].into());
        }
        text.push('\'');
        text
    }
}

/// A key that locks other keys (XChaCha20-Poly1305).
#[derive(Debug)]
pub struct WrappingKey(Secret<32>);

impl WrappingKey {
    pub(crate) const fn new(secret: Secret<32>) -> Self {
        Self(secret)
    }

    /// Locks a secret: nonce, ciphertext, tag. It opens only together with the same `bound_to`.
    ///
    /// # Errors
    /// When the system has no random bytes to give.
    pub(crate) fn wrap<const N: usize>(&self, secret: &Secret<N>, bound_to: &[u8]) -> Result<Vec<u8>, VaultError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| VaultError::NoRandomness)?;
        let sealed = XChaCha20Poly1305::new(self.0.expose().into())
            .encrypt(&XNonce::from(nonce), Payload { msg: secret.expose(), aad: bound_to })
            .expect("a key is far shorter than the cipher's limit");
        Ok([&nonce[..], &sealed].concat())
    }

    /// Unlocks a secret; None when the key does not fit or something was altered.
    pub(crate) fn unwrap<const N: usize>(&self, locked: &[u8], bound_to: &[u8]) -> Option<Secret<N>> {
        let (nonce, sealed) = locked.split_first_chunk::<NONCE>()?;
        let open = XChaCha20Poly1305::new(self.0.expose().into())
            .decrypt(&XNonce::from(*nonce), Payload { msg: sealed, aad: bound_to })
            .map(Zeroizing::new)
            .ok()?;
        Secret::made_by(|bytes| (open.len() == N).then(|| bytes.copy_from_slice(&open)).ok_or(())).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_differ_by_purpose_and_come_back_the_same() {
        let master = MasterKey(
            Secret::made_by(|b| {
                b.fill(7);
                Ok::<_, ()>(())
            })
            .unwrap(),
        );
        assert_ne!(master.database().0.expose()[..32], master.spools().0.expose()[..]);
        assert_eq!(master.database().0.expose(), master.database().0.expose());
        let pragma = master.database().pragma();
        assert!(pragma.len() == 99 && pragma.starts_with("x'") && pragma.ends_with('\''));
    }

    #[test]
    fn a_wrapped_key_opens_only_whole_and_in_its_place() {
        let (wrapping, other) = (WrappingKey(Secret::random().unwrap()), WrappingKey(Secret::random().unwrap()));
        let secret = Secret::<32>::random().unwrap();
        let locked = wrapping.wrap(&secret, b"meeting 1").unwrap();
        assert_eq!(wrapping.unwrap::<32>(&locked, b"meeting 1").unwrap().expose(), secret.expose());
        assert!(wrapping.unwrap::<32>(&locked, b"meeting 2").is_none());
        assert!(wrapping.unwrap::<16>(&locked, b"meeting 1").is_none());
        assert!(other.unwrap::<32>(&locked, b"meeting 1").is_none());
        for n in 0..locked.len() {
            assert!(wrapping.unwrap::<32>(&locked[..n], b"meeting 1").is_none());
            let mut bent = locked.clone();
            bent[n] ^= 1;
            assert!(wrapping.unwrap::<32>(&bent, b"meeting 1").is_none());
        }
    }

    #[test]
    fn secrets_do_not_print() {
        let shown = format!("{:?} {:?}", MasterKey::random().unwrap(), Passphrase::new("open sesame".into()));
        assert!(!shown.contains("sesame") && !shown.chars().any(|c| c.is_ascii_digit()), "{shown}");
    }
}
