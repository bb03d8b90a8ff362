//! From sound to words: an audio file into the spool, the spool into what was heard, that into utterances.

use std::{fs::File, path::Path};

use sha2::{Digest as _, Sha256};

use super::context::Context;
use crate::{
    consent::{Digest, Grant, Import, Transcribe},
    error::{Error, Result},
    remote::Mind,
    screen::Screen,
    spool::{SpoolReader, SpoolWriter},
    wire::{Decoded, Heard, HearOptions, SECOND},
};

/// SHA-256 of a file, as the request and the grant name it.
pub(super) fn fingerprint(path: &Path) -> Result<Digest> {
    let mut hash = Sha256::new();
    let mut file = open(path)?;
    std::io::copy(&mut file, &mut hash)
        .map_err(|e| Error::user(format!("{} cannot be read", path.display())).because(e))?;
    Ok(Digest(hash.finalize().into()))
}

pub(super) fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|e| Error::user(format!("{} cannot be opened", path.display())).because(e))?;
    let meta = file.metadata().map_err(|e| Error::user(format!("{} cannot be read", path.display())).because(e))?;
    if !meta.is_file() {
        return Err(Error::user(format!("{} is not a file", path.display())));
    }
    if meta.len() == 0 {
        return Err(Error::user(format!("{} is empty", path.display())).hint("Check that it is the right file."));
    }
    Ok(file)
}
