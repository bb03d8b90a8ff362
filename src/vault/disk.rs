//! Files and folders that only the facilitator can read, and what can go wrong with them.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// Why the disk did not do what was asked.
#[derive(Debug, thiserror::Error)]
pub enum DiskError {
    /// Nothing more fits.
    #[error("no space is left on the disk")]
    Full,
    /// The folder or the disk may not be written, or the file not read.
    #[error("the folder or file is not open to this account, or the disk is read-only")]
    Denied,
    /// Nothing is there.
    #[error("the file or folder is not there")]
    Missing,
    /// Anything else.
    #[error("the disk failed")]
    Io(#[source] io::Error),
}

impl From<io::Error> for DiskError {
    fn from(e: io::Error) -> Self {
        match e.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::WriteZero => Self::Full,
            io::ErrorKind::PermissionDenied | io::ErrorKind::ReadOnlyFilesystem => Self::Denied,
            io::ErrorKind::NotFound => Self::Missing,
            _ => Self::Io(e),
        }
    }
}

/// Makes a folder, with its parents, that only this account can enter; tightens one that is there.
///
/// # Errors
/// When the folder cannot be made.
pub(crate) fn private_folder(path: &Path) -> Result<(), DiskError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::{DirBuilderExt, PermissionsExt};
        builder.mode(0o700).create(path)?;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    builder.create(path)?;
    Ok(())
}

/// How a private file is opened.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Open {
    /// For reading and writing; made if missing.
    OrCreate,
    /// For reading and writing; it must not be there yet.
    New,
}

/// Opens a file that only this account can read.
///
/// # Errors
/// When the file cannot be opened.
pub(crate) fn private_file(path: &Path, how: Open) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(how == Open::OrCreate).create_new(how == Open::New);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Puts a file in place whole or not at all, and on the disk before it returns.
///
/// # Errors
/// When the disk does not take it; an earlier file is then untouched.
pub(crate) fn replace_file(path: &Path, contents: &[u8]) -> Result<(), DiskError> {
    let unfinished = with_suffix(path, ".new");
    let write = || {
        let mut file = private_file(&unfinished, Open::OrCreate)?;
        file.set_len(0)?;
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&unfinished, path)
    };
    if let Err(e) = write() {
        // The half-written file is of no use; the first error is the one to tell.
        let _ = fs::remove_file(&unfinished);
        return Err(e.into());
    }
    sync_folder_of(path)
}

/// Makes a new or removed name durable.
///
/// # Errors
/// When the folder cannot be synchronised.
pub(crate) fn sync_folder_of(path: &Path) -> Result<(), DiskError> {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    name.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("vault.toml");
        replace_file(&path, b"first, and longer").unwrap();
        replace_file(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[cfg(unix)]
    #[test]
    fn folders_and_files_are_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let outer = tempfile::tempdir().unwrap();
        let folder = outer.path().join("data");
        fs::create_dir(&folder).unwrap();
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
        private_folder(&folder).unwrap();
        let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700);
        replace_file(&folder.join("x"), b"x").unwrap();
        assert_eq!(mode(&folder.join("x")), 0o600);
    }
}
