//! `vault.toml`: what turns the passphrase into the vault's master key.
//!
//! The file holds Argon2id's parameters and salt (RFC 9106) and the master key, locked. The parameters are part of what
//! the lock is bound to, so nobody can lower them unseen, and they are bounded before any memory is taken. The checksum
//! tells a damaged file from a wrong passphrase; it protects nothing.

use argon2::{Algorithm, Argon2, Params, Version};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    VaultError,
    keys::{MasterKey, Passphrase, Secret, WrappingKey},
};

/// Format of the file.
const VERSION: u32 = 1;
const SALT: usize = 16;
/// RFC 9106's second choice has 64 MiB and three passes; one lane, since the crate fills lanes in turn.
const TODAY: Cost = Cost { memory_kib: 64 << 10, passes: 3, lanes: 1 };
/// Below it a guess gets cheap.
const LEAST: Cost = Cost { memory_kib: 19 << 10, passes: 1, lanes: 1 };
/// Above it opening the vault would exhaust a small machine.
const MOST: Cost = Cost { memory_kib: 1 << 20, passes: 16, lanes: 8 };

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Cost {
    fn within_bounds(self) -> bool {
        (LEAST.memory_kib..=MOST.memory_kib).contains(&self.memory_kib)
            && (LEAST.passes..=MOST.passes).contains(&self.passes)
            && (LEAST.lanes..=MOST.lanes).contains(&self.lanes)
    }
}

/// The file's contents; bytes are written in hexadecimal.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Header {
    version: u32,
    salt: String,
    locked_master_key: String,
    checksum: String,
    argon2id: Cost,
}

impl Header {
    /// Locks a master key under a passphrase at today's cost.
    pub(super) fn lock(master: &MasterKey, passphrase: &Passphrase) -> Result<Self, VaultError> {
        Self::lock_at(TODAY, master, passphrase)
    }

    fn lock_at(cost: Cost, master: &MasterKey, passphrase: &Passphrase) -> Result<Self, VaultError> {
        let mut salt = [0; SALT];
        getrandom::fill(&mut salt).map_err(|_| VaultError::NoRandomness)?;
        let bound = bound_to(cost, &salt);
        let locked = master.lock(&stretch(cost, &salt, passphrase)?, &bound)?;
        Ok(Self {
            version: VERSION,
            salt: hex(&salt),
            checksum: checksum(&bound, &locked),
            locked_master_key: hex(&locked),
            argon2id: cost,
        })
    }

    /// Gives the master key back.
    ///
    /// # Errors
    /// A damaged file, parameters out of bounds or a wrong passphrase.
    pub(super) fn unlock(&self, passphrase: &Passphrase) -> Result<MasterKey, VaultError> {
        if self.version != VERSION {
            return Err(VaultError::HeaderVersion(self.version));
        }
        if !self.argon2id.within_bounds() {
            return Err(VaultError::HeaderDamaged);
        }
        let (Some(salt), Some(locked)) = (unhex(&self.salt), unhex(&self.locked_master_key)) else {
            return Err(VaultError::HeaderDamaged);
        };
        let bound = bound_to(self.argon2id, &salt);
        if salt.len() != SALT || checksum(&bound, &locked) != self.checksum {
            return Err(VaultError::HeaderDamaged);
        }
        let key = stretch(self.argon2id, &salt, passphrase)?;
        MasterKey::unlock(&locked, &key, &bound).ok_or(VaultError::WrongPassphrase)
    }

    pub(super) fn to_toml(&self) -> String {
        toml::to_string(self).expect("a table of strings and numbers is TOML")
    }

    pub(super) fn from_toml(text: &str) -> Result<Self, VaultError> {
        toml::from_str(text).map_err(|_| VaultError::HeaderDamaged)
    }
}

fn stretch(cost: Cost, salt: &[u8], passphrase: &Passphrase) -> Result<WrappingKey, VaultError> {
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, None).map_err(|_| VaultError::HeaderDamaged)?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    Secret::made_by(|out| argon2.hash_password_into(passphrase.as_bytes(), salt, out))
        .map(WrappingKey::new)
        .map_err(|_| VaultError::HeaderDamaged)
}

fn bound_to(cost: Cost, salt: &[u8]) -> Vec<u8> {
    let numbers = [VERSION, cost.memory_kib, cost.passes, cost.lanes].map(u32::to_le_bytes);
    [b"candor vault", numbers.as_flattened(), salt].concat()
}

fn checksum(bound: &[u8], locked: &[u8]) -> String {
    hex(&Sha256::new().chain_update(bound).chain_update(locked).finalize()[..8])
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.chars().map(|c| c.to_digit(16).map(|d| d as u8)).collect::<Option<_>>()?;
    let (pairs, rest) = digits.as_chunks::<2>();
    rest.is_empty().then(|| pairs.iter().map(|[high, low]| high << 4 | low).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn typed(text: &str) -> Passphrase {
        Passphrase::new(text.into())
    }

    /// A cheap header, as text.
    fn sample() -> String {
        Header::lock_at(LEAST, &MasterKey::random().unwrap(), &typed("right")).unwrap().to_toml()
    }

    fn unlock(text: &str, passphrase: &str) -> Result<MasterKey, VaultError> {
        Header::from_toml(text)?.unlock(&typed(passphrase))
    }

    #[test]
    fn the_right_passphrase_opens_and_another_is_told_apart_from_damage() {
        let text = sample();
        assert!(unlock(&text, "right").is_ok());
        assert!(matches!(unlock(&text, "wrong"), Err(VaultError::WrongPassphrase)));
        assert!(matches!(unlock(&text, ""), Err(VaultError::WrongPassphrase)));
    }

    #[test]
    fn no_altered_character_opens_it_or_passes_for_a_wrong_passphrase() {
        let text = sample();
        for (at, old) in text.char_indices().filter(|(_, c)| c.is_ascii_alphanumeric()) {
            let mut bent = text.clone();
            bent.replace_range(at..=at, if old == '1' { "2" } else { "1" });
            let result = unlock(&bent, "right");
            assert!(
                matches!(result, Err(VaultError::HeaderDamaged | VaultError::HeaderVersion(_))),
                "at {at}: {result:?}"
            );
        }
        for n in 0..text.trim_end().len() {
            assert!(unlock(&text[..n], "right").is_err());
        }
    }

    #[test]
    fn parameters_out_of_bounds_are_refused_before_memory_is_taken() {
        for (memory_kib, passes, lanes) in [(8, 3, 1), (u32::MAX, 3, 1), (65536, 0, 1), (65536, 3, 9), (65536, 17, 1)] {
            let mut header = Header::from_toml(&sample()).unwrap();
            header.argon2id = Cost { memory_kib, passes, lanes };
            let bound = bound_to(header.argon2id, &unhex(&header.salt).unwrap());
            header.checksum = checksum(&bound, &unhex(&header.locked_master_key).unwrap());
            assert!(matches!(header.unlock(&typed("right")), Err(VaultError::HeaderDamaged)));
        }
    }

    #[test]
    fn todays_cost_is_within_the_bounds() {
        assert!(TODAY.within_bounds() && LEAST.within_bounds() && MOST.within_bounds());
    }
}
