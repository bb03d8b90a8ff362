//! What the vault holds, in typed functions; all SQL is here.
//!
//! | table | what |
//! |---|---|
//! | `circle`, `sealed_key`, `ledger` | the circle, its members' locked keys, what was agreed |
//! | `meeting` | date, who was present, plan, state, notes |
//! | `spool` | the locked key of a meeting's sound |
//! | `heard`, `voice` | pieces of a transcript while it is being made; voices go when the turns are formed |
//! | `utterance`, `reading` | the words, what the mind made of them |
//! | `findings`, `found` | what was found in the circle, and in each meeting |
//!
//! Everything that was said, or made from it, hangs on `meeting` and goes with it.

use rusqlite::Connection;

use crate::vault::{DatabaseError, Vault};

mod circles;
mod erase;
mod findings;
mod ledgers;
mod meetings;
mod sound;
mod words;

pub use circles::CircleRow;
pub use meetings::{MeetingRow, MeetingState};
pub use sound::SpoolRow;
pub use words::Reading;

/// Each entry brings the database from the version of its place to the next; never edit one that has shipped.
const MIGRATIONS: [&str; 2] = [include_str!("store/schema.sql"), include_str!("store/found.sql")];

/// Why the store did not do what was asked. Holds no values of rows.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// A later Candor wrote it.
    #[error("the vault has version {found}, and this Candor knows up to {known}")]
    Newer {
        /// Version of the database.
        found: usize,
        /// Newest version known.
        known: usize,
    },
    /// A row cannot be read back.
    #[error("a row of {0} cannot be understood")]
    Row(&'static str),
}

impl From<rusqlite::Error> for StoreError {
    fn from(e: rusqlite::Error) -> Self {
        Self::Database(e.into())
    }
}

/// Shorthand.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

/// The open store. Holds the vault, and with it the lock against other processes.
#[derive(Debug)]
pub struct Store {
    vault: Vault,
}

impl Store {
    /// Takes over a vault and brings its tables up to date.
    ///
    /// # Errors
    /// When a later Candor wrote it, or the database fails.
    pub fn new(vault: Vault) -> Result<Self> {
        let store = Self { vault };
        let known = MIGRATIONS.len();
        let found: u32 = store.db().query_row("PRAGMA user_version", [], |row| row.get(0))?;
        let found = found as usize;
        if found > known {
            return Err(StoreError::Newer { found, known });
        }
        for (version, sql) in MIGRATIONS.iter().enumerate().skip(found) {
            store.atomically(|db| {
                db.execute_batch(sql)?;
                Ok(db.pragma_update(None, "user_version", version as u32 + 1)?)
            })?;
        }
        Ok(store)
    }

    /// Checks the seal of every page, also of those that no verb reads today.
    ///
    /// # Errors
    /// When a page is not as it was written.
    pub fn check(&self) -> Result<()> {
        let mut query = self.db().prepare("PRAGMA cipher_integrity_check")?;
        if query.query([])?.next()?.is_some() {
            return Err(DatabaseError::Damaged.into());
        }
        Ok(())
    }

    /// The vault, for its keys.
    #[must_use]
    pub const fn vault(&self) -> &Vault {
        &self.vault
    }

    /// What somebody could do who has the passphrase and a database browser.
    #[cfg(test)]
    pub(crate) fn tamper(&self, sql: &str) {
        self.db().execute_batch(sql).unwrap();
    }

    fn db(&self) -> &Connection {
        self.vault.connection()
    }

    /// All of it or none.
    fn atomically<T>(&self, work: impl FnOnce(&Connection) -> Result<T>) -> Result<T> {
        let transaction = self.db().unchecked_transaction()?;
        let done = work(&transaction)?;
        transaction.commit()?;
        Ok(done)
    }
}

fn to_blob<T: serde::Serialize>(value: &T, table: &'static str) -> Result<Vec<u8>> {
    postcard::to_stdvec(value).map_err(|_| StoreError::Row(table))
}

fn from_blob<T: serde::de::DeserializeOwned>(blob: &[u8], table: &'static str) -> Result<T> {
    postcard::from_bytes(blob).map_err(|_| StoreError::Row(table))
}

fn to_json<T: serde::Serialize>(value: &T, table: &'static str) -> Result<String> {
    serde_json::to_string(value).map_err(|_| StoreError::Row(table))
}

fn from_json<T: serde::de::DeserializeOwned>(text: &str, table: &'static str) -> Result<T> {
    serde_json::from_str(text).map_err(|_| StoreError::Row(table))
}

#[cfg(test)]
mod tests;
