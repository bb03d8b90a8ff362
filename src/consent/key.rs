//! Signing keys (ed25519): one for each member, which only their card or passphrase unlocks, and the keeper's.

use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{
    event::NewKey,
    ids::{LedgerId, MemberId},
    lock::{Locked, PASSPHRASE_CHARS, Secret},
};
use crate::vault::memory::Resident;

/// Why a key could not be made, sealed or opened.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// Another card or passphrase, or a sealed key that was altered or belongs to somebody else.
    #[error("this card or passphrase does not open the key of member {0}")]
    WrongSecret(MemberId),
    /// The sealed key is not the one the ledger names: a newer card has replaced it.
    #[error("the card of member {0} was replaced by a newer one")]
    Replaced(MemberId),
    /// Nobody of that number.
    #[error("there is no member {0}")]
    Unknown(MemberId),
    /// A passphrase that is too easily guessed.
    #[error("a passphrase needs at least {PASSPHRASE_CHARS} characters")]
    Short,
    /// The system gave no random bytes.
    #[error("the system has no randomness to give")]
    Randomness(#[from] getrandom::Error),
    /// Key derivation or sealing failed; memory is short.
    #[error("the key could not be derived")]
    Derivation,
}

/// A member's key under lock; safe to store.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedKey {
    public: [u8; 32],
    locked: Locked,
}

/// A member's key, unlocked: whoever holds this value acts as the member. It cannot be copied or stored, and is wiped
/// from memory when it goes.
pub struct MemberKey {
    member: MemberId,
    key: Resident<SigningKey>,
}

impl MemberKey {
    /// A new key for somebody, and the same under lock.
    pub(super) fn create(ledger: LedgerId, member: MemberId, secret: &Secret) -> Result<(Self, SealedKey), KeyError> {
        let key = random_key()?;
        let public = key.verifying_key().to_bytes();
        let locked = Locked::seal(key.as_bytes(), &about("key", ledger, member, &public), secret)?;
        Ok((Self { member, key: Resident::new(key) }, SealedKey { public, locked }))
    }

    /// Whose it is.
    #[must_use]
    pub const fn member(&self) -> MemberId {
        self.member
    }

    pub(super) fn public(&self) -> [u8; 32] {
        self.key.verifying_key().to_bytes()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        self.key.sign(message)
    }

    /// The public half with the proof of possession that an enrolment carries.
    pub(super) fn introduce(&self, ledger: LedgerId) -> NewKey {
        let public = self.public();
        let proof = self.key.sign(&about("introduction", ledger, self.member, &public));
        NewKey { public, proof: [*proof.r_bytes(), *proof.s_bytes()] }
    }
}

impl std::fmt::Debug for MemberKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "MemberKey({})", self.member)
    }
}

impl SealedKey {
    /// Opens the key of the member whose public key the ledger names.
    pub(super) fn open(
        &self,
        ledger: LedgerId,
        member: MemberId,
        public: &VerifyingKey,
        secret: &Secret,
    ) -> Result<MemberKey, KeyError> {
        if self.public != public.to_bytes() {
            return Err(KeyError::Replaced(member));
        }
        let opened = self.locked.open(&about("key", ledger, member, &self.public), secret)?;
        let key = SigningKey::from_bytes(&*opened.ok_or(KeyError::WrongSecret(member))?);
        if key.verifying_key() == *public {
            Ok(MemberKey { member, key: Resident::new(key) })
        } else {
            Err(KeyError::WrongSecret(member))
        }
    }
}

impl NewKey {
    /// The public half, if the proof holds and the key is sound.
    pub(super) fn check(&self, ledger: LedgerId, member: MemberId) -> Option<VerifyingKey> {
        let public = VerifyingKey::from_bytes(&self.public).ok()?;
        let proof = Signature::from_components(self.proof[0], self.proof[1]);
        public.verify_strict(&about("introduction", ledger, member, &self.public), &proof).ok()?;
        Some(public)
    }
}

/// The vault's own key; the store keeps it inside the encrypted database. It signs what is no person's act.
pub struct Keeper(Resident<SigningKey>);

impl Keeper {
    pub(super) fn generate() -> Result<Self, KeyError> {
        random_key().map(Resident::new).map(Self)
    }

    /// From storage. A wrong key is found at the first event that it signs.
    #[must_use]
    pub fn from_bytes(bytes: &[u8; 32]) -> Self {
        Self(Resident::new(SigningKey::from_bytes(bytes)))
    }

    /// For storage in the vault and nowhere else.
    #[must_use]
    pub fn to_bytes(&self) -> Zeroizing<[u8; 32]> {
        self.0.to_bytes().into()
    }

    pub(super) fn public(&self) -> [u8; 32] {
        self.0.verifying_key().to_bytes()
    }

    pub(super) fn sign(&self, message: &[u8]) -> Signature {
        self.0.sign(message)
    }
}

impl std::fmt::Debug for Keeper {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Keeper")
    }
}

fn random_key() -> Result<SigningKey, KeyError> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)?;
    Ok(SigningKey::from_bytes(&seed))
}

/// What a sealed key is bound to, and what an introduction says.
fn about(what: &str, ledger: LedgerId, member: MemberId, public: &[u8; 32]) -> Vec<u8> {
    [b"candor member ".as_slice(), what.as_bytes(), b"\0", &ledger.0, &member.0.to_le_bytes(), public].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::card::Card;

    const LEDGER: LedgerId = LedgerId([3; 16]);
    const ANA: MemberId = MemberId(0);

    fn card() -> Secret {
        Secret::Card(Card::generate().unwrap())
    }

    #[test]
    fn a_key_opens_for_its_member_and_card_only() {
        let secret = card();
        let (key, sealed) = MemberKey::create(LEDGER, ANA, &secret).unwrap();
        let public = key.key.verifying_key();
        assert!(*sealed.open(LEDGER, ANA, &public, &secret).unwrap().key == *key.key);
        for wrong in [
            sealed.open(LEDGER, ANA, &public, &card()),
            sealed.open(LEDGER, MemberId(1), &public, &secret),
            sealed.open(LedgerId([4; 16]), ANA, &public, &secret),
        ] {
            assert!(matches!(wrong, Err(KeyError::WrongSecret(_))));
        }
    }

    #[test]
    fn a_replaced_card_is_named_as_such() {
        let secret = card();
        let (_, old) = MemberKey::create(LEDGER, ANA, &secret).unwrap();
        let (new, _) = MemberKey::create(LEDGER, ANA, &secret).unwrap();
        let error = old.open(LEDGER, ANA, &new.key.verifying_key(), &secret).unwrap_err();
        assert!(matches!(error, KeyError::Replaced(ANA)));
    }

    #[test]
    fn an_introduction_is_good_for_one_member_of_one_ledger() {
        let (key, _) = MemberKey::create(LEDGER, ANA, &card()).unwrap();
        let new = key.introduce(LEDGER);
        assert!(new.check(LEDGER, ANA).is_some());
        assert!(new.check(LEDGER, MemberId(1)).is_none());
        assert!(new.check(LedgerId([4; 16]), ANA).is_none());
    }
}
