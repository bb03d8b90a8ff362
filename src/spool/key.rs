//! The key of one spool.

use super::SpoolError;
use crate::vault::{WrappingKey, keys::Secret};

/// 32 random bytes that seal one meeting's audio. They stand nowhere but, wrapped, in the vault.
#[derive(Debug)]
pub struct SpoolKey(Secret<32>);

impl SpoolKey {
    /// A new key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn random() -> Result<Self, SpoolError> {
        Secret::random().map(Self).map_err(|_| SpoolError::NoRandomness)
    }

    /// Locks the key for keeping; it opens again only as the key of the same meeting.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn wrap(&self, under: &WrappingKey, meeting: u64) -> Result<Vec<u8>, SpoolError> {
        under.wrap(&self.0, &meeting.to_le_bytes()).map_err(|_| SpoolError::NoRandomness)
    }

    /// Unlocks a kept key.
    ///
    /// # Errors
    /// When it was locked under another key, for another meeting, or altered.
    pub fn unwrap(wrapped: &[u8], under: &WrappingKey, meeting: u64) -> Result<Self, SpoolError> {
        under.unwrap(wrapped, &meeting.to_le_bytes()).map(Self).ok_or(SpoolError::WrongKey)
    }

    pub(super) fn expose(&self) -> &[u8; 32] {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_belongs_to_its_meeting() {
        let under = WrappingKey::new(Secret::random().unwrap());
        let key = SpoolKey::random().unwrap();
        let wrapped = key.wrap(&under, 7).unwrap();
        assert_eq!(SpoolKey::unwrap(&wrapped, &under, 7).unwrap().expose(), key.expose());
        assert!(SpoolKey::unwrap(&wrapped, &under, 8).is_err());
    }
}
