//! Opening the encrypted database, with the settings that keep it quiet and whole.
//!
//! | setting | why |
//! |---|---|
//! | `journal_mode = TRUNCATE`, `synchronous = EXTRA` | one process writes a few rows a second: a write-ahead log would only add two files and old pages to clean up; the journal is encrypted like the database, and empty after each commit |
//! | `locking_mode = EXCLUSIVE` | nobody else may read between our writes |
//! | `secure_delete = ON` | deleted rows are overwritten, not just forgotten |
//! | `temp_store = MEMORY` | sorting and `VACUUM` write no files (also fixed when SQLCipher is compiled) |
//! | `cipher_memory_security = ON` | memory that SQLite gives back is wiped first |
//! | `foreign_keys`, `recursive_triggers` | erasing cascades; `INSERT OR REPLACE` cannot go round a trigger |
//! | `cache_size` 16 MiB | a circle's years fit; the front stays small |

use std::path::Path;

use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{
    disk::{self, DiskError, Open},
    keys::DatabaseKey,
    provider,
};

/// What every connection is told after its key; public so that a plain file can be measured under the same settings.
pub const SETTINGS: &str = "
    PRAGMA journal_mode = TRUNCATE;
    PRAGMA synchronous = EXTRA;
    PRAGMA locking_mode = EXCLUSIVE;
    PRAGMA secure_delete = ON;
    PRAGMA temp_store = MEMORY;
    PRAGMA foreign_keys = ON;
    PRAGMA recursive_triggers = ON;
    PRAGMA trusted_schema = OFF;
    PRAGMA cell_size_check = ON;
    PRAGMA cache_size = -16384;
";

/// Why the database did not do what was asked. Holds no values of rows.
#[derive(Debug, thiserror::Error)]
pub enum DatabaseError {
    /// The disk is full or closed to us.
    #[error(transparent)]
    Disk(#[from] DiskError),
    /// The pages are not what the key expects: damaged, replaced, or no database at all.
    #[error("the database is damaged, or it belongs to another vault")]
    Damaged,
    /// Another process holds it.
    #[error("the database is in use by another process")]
    InUse,
    /// SQLCipher was built without our cryptography.
    #[error("this build of SQLCipher does not use Candor's cryptography")]
    WrongBuild,
    /// SQLite's own reason.
    #[error("the database failed")]
    Sql(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for DatabaseError {
    fn from(e: rusqlite::Error) -> Self {
        match e.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Disk(DiskError::Full),
            Some(ErrorCode::ReadOnly | ErrorCode::PermissionDenied | ErrorCode::CannotOpen) => {
                Self::Disk(DiskError::Denied)
            }
            Some(ErrorCode::NotADatabase | ErrorCode::DatabaseCorrupt) => Self::Damaged,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            _ => Self::Sql(e),
        }
    }
}

/// Makes a new, empty database.
///
/// # Errors
/// When a file is there already or the disk does not take it.
pub(super) fn create(path: &Path, key: &DatabaseKey) -> Result<Connection, DatabaseError> {
    // SQLite gives its journal the permissions of the database, so these are set before SQLite sees the file.
    disk::private_file(path, Open::New).map_err(DiskError::from)?;
    let connection = open(path, key)?;
    // An empty database has no pages; this writes the first, so that a wrong key is noticed ever after.
    connection.execute_batch("PRAGMA user_version = 0; VACUUM;")?;
    Ok(connection)
}

/// Opens a database.
///
/// # Errors
/// When it is missing, damaged, in use or not for this key.
pub(super) fn open(path: &Path, key: &DatabaseKey) -> Result<Connection, DatabaseError> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.execute_batch("PRAGMA cipher_memory_security = ON")?;
    connection.pragma_update(None, "key", key.pragma().as_str())?;
    let provider: String = connection.query_row("PRAGMA cipher_provider", [], |row| row.get(0))?;
    if provider.as_bytes() != provider::NAME.to_bytes() {
        return Err(DatabaseError::WrongBuild);
    }
    connection.execute_batch(SETTINGS)?;
    // Nothing was read so far. This reads the first page, which proves the key.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
    Ok(connection)
}

/// A database that never touches the disk.
///
/// # Errors
/// When memory is short.
pub(super) fn in_memory() -> Result<Connection, DatabaseError> {
    let connection = Connection::open_in_memory()?;
    connection.execute_batch("PRAGMA cipher_memory_security = ON")?;
    connection.execute_batch(SETTINGS)?;
    Ok(connection)
}
