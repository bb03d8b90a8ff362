//! Writing what a person asked for: whole or not at all.

use std::{fs, io::Write, path::Path};

use crate::error::{Error, ErrorKind, Result};

/// Writes a file beside its final place and moves it there, so that an interrupted run leaves no half.
pub(super) fn write_whole(path: &Path, contents: &[u8]) -> Result<()> {
    let folder = folder_of(path);
    let failed = |e: std::io::Error| {
        Error::new(ErrorKind::System, format!("{} could not be written", path.display()))
            .because(e)
            .hint("Choose another place, or make room.")
    };
    fs::create_dir_all(folder).map_err(failed)?;
    let mut half = tempfile::NamedTempFile::new_in(folder).map_err(failed)?;
    half.write_all(contents).map_err(failed)?;
    half.as_file().sync_all().map_err(failed)?;
    half.persist(path).map_err(|e| failed(e.error))?;
    Ok(())
}

/// Makes sure, before any long work, that the result will have a place to go.
pub(super) fn check_place(path: &Path) -> Result<()> {
    let folder = folder_of(path);
    if path.is_dir() || !folder.is_dir() {
        return Err(Error::user(format!("{} is no place for a file", path.display()))
            .hint("Name a file in a folder that exists."));
    }
    tempfile::NamedTempFile::new_in(folder).map(drop).map_err(|e| {
        Error::new(ErrorKind::System, format!("nothing can be written to {}", folder.display())).because(e)
    })
}

/// The folder that a file lies in, or will.
pub(super) fn folder_of(path: &Path) -> &Path {
    path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."))
}
