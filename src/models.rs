//! Which model files there are, where they lie, and whether a file is the one it should be.
//!
//! The manifest (`models/manifest.toml`) is part of the program, so that a hash cannot be changed on disk. `candor-fetch`
//! fetches by it; the front finds files by it and tells the mind which hash to demand. No network here.

mod folder;
mod manifest;

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

use sha2::{Digest, Sha256};

pub use folder::{Folder, Stamp, State};
pub use manifest::{Convert, Hub, Manifest, Model, Part, Pypi, Sets};

use crate::wire::{ModelFile, ModelRole};

/// Why a model cannot be had from disk.
#[derive(Debug, thiserror::Error)]
pub enum ModelsError {
    /// The manifest inside the program makes no sense; a mistake of the build.
    #[error("the list of models inside the program cannot be read")]
    Manifest(#[source] toml::de::Error),
    /// No model, or set of models, has this name.
    #[error("there is no model or set named {0:?}")]
    Unknown(String),
    /// Neither `CANDOR_MODELS` nor a home folder is set.
    #[error("no home folder is set, so the models folder cannot be found")]
    NoHome,
    /// None of the models for a role is in the folder.
    #[error("no model for the role {role:?} lies in {}", folder.display())]
    Missing {
        /// What it would be for.
        role: ModelRole,
        /// Where it was looked for.
        folder: PathBuf,
    },
    /// The file has another length: cut off, or another model.
    #[error("{} has {found} bytes, not {expected}", path.display())]
    WrongSize {
        /// The file.
        path: PathBuf,
        /// Bytes it should have.
        expected: u64,
        /// Bytes it has.
        found: u64,
    },
    /// The file has another hash.
    #[error("{} has another SHA-256 than the one expected, {found}", path.display())]
    WrongHash {
        /// The file.
        path: PathBuf,
        /// What it has.
        found: String,
    },
    /// The file cannot be read.
    #[error("{} cannot be read", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl ModelsError {
    /// What to type, if something can be done.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Missing { .. } => Some("Run `candor-fetch` to fetch the models."),
            Self::WrongSize { .. } | Self::WrongHash { .. } => {
                Some("Run `candor-fetch --verify` to fetch what is damaged again.")
            }
            Self::Unknown(_) => Some("Run `candor-fetch --list` to see the names."),
            Self::NoHome => Some("Set CANDOR_MODELS to a folder."),
            Self::Manifest(_) | Self::Unreadable { .. } => None,
        }
    }
}

/// SHA-256 of everything that is left to read, in lower-case hexadecimal.
///
/// # Errors
/// When reading fails.
pub fn sha256(from: &mut impl Read) -> io::Result<String> {
    let mut hash = Sha256::new();
    let mut chunk = vec![0; 1 << 20];
    loop {
        let n = match from.read(&mut chunk) {
            Ok(0) => break,
            Ok(n) => n,
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Err(e) => return Err(e),
        };
        hash.update(&chunk[..n]);
    }
    Ok(hash.finalize().iter().map(|b| format!("{b:02x}")).collect())
}

/// Whether an open file has this SHA-256. It is read from its start and left there, so that a loader can go on from the same
/// descriptor: what was hashed is what is loaded.
///
/// # Errors
/// When reading fails.
pub fn matches(file: &mut File, expected: &str) -> io::Result<bool> {
    file.seek(SeekFrom::Start(0))?;
    let found = sha256(file)?;
    file.seek(SeekFrom::Start(0))?;
    Ok(found == expected)
}

/// A model that a person chose by hand, with the hash it has now; to be shown and recorded.
///
/// # Errors
/// When the file cannot be read.
pub fn custom(role: ModelRole, path: &Path) -> Result<ModelFile, ModelsError> {
    let sha256 = File::open(path).and_then(|mut f| sha256(&mut f)).map_err(|source| unreadable(path, source))?;
    Ok(ModelFile { role, path: path.to_owned(), sha256 })
}

fn unreadable(path: &Path, source: io::Error) -> ModelsError {
    ModelsError::Unreadable { path: path.to_owned(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_standard() {
        let abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256(&mut &b"abc"[..]).unwrap(), abc);
    }

    #[test]
    fn a_verified_file_stands_at_its_start_again() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("m");
        std::fs::write(&path, "abc").unwrap();
        let mut file = File::open(&path).unwrap();
        let hash = custom(ModelRole::Mind, &path).unwrap().sha256;
        assert!(matches(&mut file, &hash).unwrap());
        assert!(!matches(&mut file, &hash.replace('b', "c")).unwrap());
        let mut text = String::new();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "abc");
    }
}
