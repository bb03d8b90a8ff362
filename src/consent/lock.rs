//! The locks that keep a member's signing key from everybody else.
//!
//! A card holds 128 random bits, so HKDF-SHA256 is enough to stretch them; a passphrase is guessable and pays for every
//! guess with Argon2id (64 MiB, three passes). What they open is sealed with XChaCha20-Poly1305 and bound to its purpose:
//! a sealed key moved elsewhere does not open.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::{
    KeyInit, XChaCha20Poly1305,
    aead::{Aead, Payload},
};
use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::Zeroizing;

use super::{card::Card, key::KeyError};

/// Fewest characters of a member's passphrase.
pub const PASSPHRASE_CHARS: usize = 12;

/// What a member brings to unlock their key.
#[derive(Debug)]
pub enum Secret {
    /// The words of a card.
    Card(Card),
    /// A passphrase of their own.
    Passphrase(Passphrase),
}

/// Wiped when it goes; never printed by `Debug`.
pub struct Passphrase(Zeroizing<String>);

impl Passphrase {
    /// Takes a passphrase, blanks at its ends left out.
    ///
    /// # Errors
    /// [`KeyError::Short`].
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.chars().count() < PASSPHRASE_CHARS { Err(KeyError::Short) } else { Ok(Self(text.to_owned().into())) }
    }
}

impl std::fmt::Debug for Passphrase {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Passphrase")
    }
}

/// Thirty-two secret bytes under lock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Locked {
    lock: Lock,
    salt: [u8; 16],
    nonce: [u8; 24],
    sealed: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Lock {
    Card,
    Passphrase,
}

impl Locked {
    /// Locks bytes under a secret, bound to `purpose`.
    pub(super) fn seal(bytes: &[u8; 32], purpose: &[u8], secret: &Secret) -> Result<Self, KeyError> {
        let (mut salt, mut nonce) = ([0; 16], [0; 24]);
        getrandom::fill(&mut salt)?;
        getrandom::fill(&mut nonce)?;
        let payload = Payload { msg: bytes, aad: purpose };
        let sealed = cipher(secret, &salt)?.encrypt(&nonce.into(), payload).map_err(|_| KeyError::Derivation)?;
        Ok(Self { lock: Lock::of(secret), salt, nonce, sealed })
    }

    /// Unlocks them; none for another secret, another purpose, or after any change.
    pub(super) fn open(&self, purpose: &[u8], secret: &Secret) -> Result<Option<Zeroizing<[u8; 32]>>, KeyError> {
        if self.lock != Lock::of(secret) {
            return Ok(None);
        }
        let payload = Payload { msg: &self.sealed, aad: purpose };
        let opened = cipher(secret, &self.salt)?.decrypt(&self.nonce.into(), payload).map(Zeroizing::new);
        Ok(opened.ok().and_then(|bytes| bytes.as_slice().try_into().ok()).map(Zeroizing::new))
    }
}

impl Lock {
    const fn of(secret: &Secret) -> Self {
        match secret {
            Secret::Card(_) => Self::Card,
            Secret::Passphrase(_) => Self::Passphrase,
        }
    }
}

fn cipher(secret: &Secret, salt: &[u8; 16]) -> Result<XChaCha20Poly1305, KeyError> {
    let mut key = Zeroizing::new([0; 32]);
    match secret {
        Secret::Card(card) => Hkdf::<Sha256>::new(Some(salt), card.secret())
            .expand(b"candor card lock", &mut *key)
            .map_err(|_| KeyError::Derivation)?,
        Secret::Passphrase(text) => {
            let params = Params::new(64 * 1024, 3, 4, Some(32)).map_err(|_| KeyError::Derivation)?;
            Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
                .hash_password_into(text.0.as_bytes(), salt, &mut *key)
                .map_err(|_| KeyError::Derivation)?;
        }
    }
    XChaCha20Poly1305::new_from_slice(&*key).map_err(|_| KeyError::Derivation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(secret: &Secret, other: &Secret) {
        let locked = Locked::seal(&[7; 32], b"purpose", secret).unwrap();
        let open = |locked: &Locked, purpose: &[u8], secret| locked.open(purpose, secret).unwrap().map(|k| *k);
        assert_eq!(open(&locked, b"purpose", secret), Some([7; 32]));
        assert_eq!(open(&locked, b"another", secret), None);
        assert_eq!(open(&locked, b"purpose", other), None);
        let mut altered = locked.clone();
        altered.sealed[0] ^= 1;
        assert_eq!(open(&altered, b"purpose", secret), None);
    }

    #[test]
    fn only_the_same_card_opens() {
        let card = || Secret::Card(Card::generate().unwrap());
        check(&card(), &card());
    }

    #[test]
    fn only_the_same_passphrase_opens() {
        let phrase = |text| Secret::Passphrase(Passphrase::new(text).unwrap());
        check(&phrase(" a long enough phrase "), &phrase("a long enough phrase!"));
        check(&phrase("a long enough phrase"), &Secret::Card(Card::generate().unwrap()));
    }

    #[test]
    fn a_short_passphrase_is_turned_away() {
        assert!(matches!(Passphrase::new("123456"), Err(KeyError::Short)));
    }
}
