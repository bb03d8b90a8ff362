//! The vault: one folder, one passphrase, one database that cannot be read without it.
//!
//! ```text
//! data folder (0700)
//!   vault.toml   Argon2id's parameters and the locked master key
//!   vault.db     SQLCipher, keyed from the master key
//!   lock         held while a Candor has the vault open
//! ```
//! Both files are needed: without `vault.toml` nobody opens `vault.db` again. The master key is the root of all others;
//! [`crate::vault`] is the only place that derives keys, and only it and `store` speak to SQLite.

use std::{
    fmt,
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use rusqlite::Connection;

pub use database::{DatabaseError, SETTINGS};
pub use disk::DiskError;
pub(crate) use disk::private_folder;
pub use keys::{Passphrase, SHORTEST_PASSPHRASE, WrappingKey};

use {header::Header, keys::MasterKey};

mod database;
pub(crate) mod disk;
mod header;
pub(crate) mod keys;
pub mod memory;
mod provider;

/// Why a vault could not be made or opened.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// Nothing was made there yet.
    #[error("there is no vault in {}", .0.display())]
    NoVault(PathBuf),
    /// A vault must not be overwritten.
    #[error("there is a vault in {} already", .0.display())]
    AlreadyThere(PathBuf),
    /// Another Candor has it open.
    #[error("another Candor has this vault open")]
    InUse,
    /// The passphrase does not fit; the vault is sound.
    #[error("the passphrase does not open this vault")]
    WrongPassphrase,
    /// Too easily guessed.
    #[error("a passphrase needs at least {least} characters")]
    PassphraseTooShort {
        /// Fewest characters.
        least: usize,
    },
    /// `vault.toml` is gone, `vault.db` is there.
    #[error("vault.toml is missing beside vault.db, and without it the database cannot be opened")]
    HeaderMissing,
    /// `vault.db` is gone, `vault.toml` is there.
    #[error("vault.db is missing beside vault.toml")]
    DatabaseMissing,
    /// `vault.toml` is not as it was written.
    #[error("vault.toml is damaged")]
    HeaderDamaged,
    /// A later Candor made it.
    #[error("vault.toml has version {0}, which this Candor does not know")]
    HeaderVersion(u32),
    /// The system gave no random bytes.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

/// An open vault. While it lives, no other process can open it.
pub struct Vault {
    connection: Connection,
    master: MasterKey,
    home: Option<Home>,
}

/// A vault whose passphrase has proved right and whose database is still closed: what Argon2id takes is behind it, and no
/// other process can open it meanwhile.
pub struct Unlocked {
    master: MasterKey,
    home: Home,
}

struct Home {
    folder: PathBuf,
    _lock: File,
}

impl Vault {
    /// Makes a vault in a folder, which is created if need be.
    ///
    /// # Errors
    /// When there is one, the passphrase is short, or the disk does not take it.
    pub fn create(folder: &Path, passphrase: &Passphrase) -> Result<Self, VaultError> {
        passphrase.long_enough()?;
        disk::private_folder(folder)?;
        let home = Home::lock(folder)?;
        match (home.header().exists(), home.database().exists()) {
            (true, _) => return Err(VaultError::AlreadyThere(folder.into())),
            (false, true) => return Err(VaultError::HeaderMissing),
            (false, false) => {}
        }
        let master = MasterKey::random()?;
        let header = Header::lock(&master, passphrase)?;
        // The header last: it is what makes the folder a vault.
        let made = database::create(&home.database(), &master.database())
            .map_err(VaultError::from)
            .and_then(|connection| Ok((connection, disk::replace_file(&home.header(), header.to_toml().as_bytes())?)));
        match made {
            Ok((connection, ())) => Ok(Self { connection, master, home: Some(home) }),
            Err(e) => {
                // Without a header the database is of no use, and it would stand in the way of a second try.
                let _ = fs::remove_file(home.database());
                Err(e)
            }
        }
    }

    /// Opens the vault of a folder.
    ///
    /// # Errors
    /// When there is none, it is in use, damaged, or the passphrase does not fit.
    pub fn open(folder: &Path, passphrase: &Passphrase) -> Result<Self, VaultError> {
        Self::unlock(folder, passphrase)?.open()
    }

    /// The first half of opening: the slow one, from the passphrase to the master key.
    ///
    /// # Errors
    /// When there is no vault, it is in use, `vault.toml` is damaged, or the passphrase does not fit.
    pub fn unlock(folder: &Path, passphrase: &Passphrase) -> Result<Unlocked, VaultError> {
        if !Self::exists(folder) {
            let orphan = folder.join(Home::DATABASE).exists();
            return Err(if orphan { VaultError::HeaderMissing } else { VaultError::NoVault(folder.into()) });
        }
        let home = Home::lock(folder)?;
        let header = fs::read_to_string(home.header()).map_err(|e| match e.kind() {
            std::io::ErrorKind::InvalidData => VaultError::HeaderDamaged,
            _ => DiskError::from(e).into(),
        })?;
        let master = Header::from_toml(&header)?.unlock(passphrase)?;
        Ok(Unlocked { master, home })
    }

    /// A vault that never touches the disk, for `rehearse` and for tests.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn in_memory() -> Result<Self, VaultError> {
        Ok(Self { connection: database::in_memory()?, master: MasterKey::random()?, home: None })
    }

    /// Whether a folder holds a vault.
    #[must_use]
    pub fn exists(folder: &Path) -> bool {
        folder.join(Home::HEADER).exists()
    }

    /// Sets another passphrase, at today's cost. Copies of the old `vault.toml` still open with the old one.
    ///
    /// # Errors
    /// When it is too short or the disk does not take it; the old one is then still good.
    pub fn change_passphrase(&self, new: &Passphrase) -> Result<(), VaultError> {
        new.long_enough()?;
        let header = Header::lock(&self.master, new)?;
        if let Some(home) = &self.home {
            disk::replace_file(&home.header(), header.to_toml().as_bytes())?;
        }
        Ok(())
    }

    /// The data folder; None for a vault in memory.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        self.home.as_ref().map(|home| home.folder.as_path())
    }

    /// The key that locks the keys of the spools.
    #[must_use]
    pub fn spool_wrapping_key(&self) -> WrappingKey {
        self.master.spools()
    }

    /// The database, to be copied page by page.
    #[cfg(test)]
    pub(crate) fn connection_mut(&mut self) -> &mut Connection {
        &mut self.connection
    }

    /// The database, for `store`.
    pub(crate) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Unlocked {
    /// The second half of opening: the database.
    ///
    /// # Errors
    /// When it is missing, damaged or of another vault.
    pub fn open(self) -> Result<Vault, VaultError> {
        let Self { master, home } = self;
        if !home.database().exists() {
            return Err(VaultError::DatabaseMissing);
        }
        let connection = database::open(&home.database(), &master.database())?;
        Ok(Vault { connection, master, home: Some(home) })
    }
}

impl Home {
    const HEADER: &str = "vault.toml";
    const DATABASE: &str = "vault.db";
    const LOCK: &str = "lock";

    fn lock(folder: &Path) -> Result<Self, VaultError> {
        let lock = disk::private_file(&folder.join(Self::LOCK), disk::Open::OrCreate).map_err(DiskError::from)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { folder: folder.into(), _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(VaultError::InUse),
            Err(TryLockError::Error(e)) => Err(DiskError::from(e).into()),
        }
    }

    fn header(&self) -> PathBuf {
        self.folder.join(Self::HEADER)
    }

    fn database(&self) -> PathBuf {
        self.folder.join(Self::DATABASE)
    }
}

impl fmt::Debug for Unlocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unlocked").field("folder", &self.home.folder).finish_non_exhaustive()
    }
}

impl fmt::Debug for Vault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Vault").field("folder", &self.folder()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
