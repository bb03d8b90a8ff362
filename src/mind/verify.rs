//! Opens a model file and proves that it is the one that was asked for.
//!
//! The file is opened once; the hash is taken and the model loaded from that same descriptor, so that another file
//! cannot be slipped in between by a rename. Parsers of model files trust their headers too much: nothing is parsed
//! before the hash is right.

use std::{fs::File, io};

use crate::{
    models,
    wire::{Failure, ModelFile},
};

/// A file whose contents have the hash that was asked for, at its start.
///
/// # Errors
/// When the file cannot be read or has another hash.
pub fn open(model: &ModelFile) -> Result<File, Failure> {
    let unreadable = |e: io::Error| Failure::ModelUnreadable(model.role, e.kind().to_string());
    let mut file = File::open(&model.path).map_err(unreadable)?;
    match models::matches(&mut file, &model.sha256).map_err(unreadable)? {
        true => Ok(file),
        false => Err(Failure::ModelHash(model.role)),
    }
}

/// The same for a small file, read whole: what is returned is what was hashed.
///
/// # Errors
/// When the file cannot be read or has another hash.
pub fn read(model: &ModelFile) -> Result<Vec<u8>, Failure> {
    let bytes = std::fs::read(&model.path).map_err(|e| Failure::ModelUnreadable(model.role, e.kind().to_string()))?;
    if models::sha256(&mut bytes.as_slice()).ok().as_ref() != Some(&model.sha256) {
        return Err(Failure::ModelHash(model.role));
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::{Read, Write};

    use super::*;
    use crate::wire::ModelRole;

    const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    fn model(contents: &[u8], sha256: &str) -> (tempfile::NamedTempFile, ModelFile) {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(contents).unwrap();
        let model = ModelFile { role: ModelRole::Mind, path: file.path().into(), sha256: sha256.into() };
        (file, model)
    }

    #[test]
    fn the_right_file_is_given_from_its_start() {
        let (_keep, model) = model(b"abc", ABC);
        let mut contents = String::new();
        open(&model).unwrap().read_to_string(&mut contents).unwrap();
        assert_eq!(contents, "abc");
        assert_eq!(read(&model).unwrap(), b"abc");
    }

    #[test]
    fn another_or_a_missing_file_is_refused() {
        let (keep, model) = model(b"abd", ABC);
        assert_eq!(open(&model).unwrap_err(), Failure::ModelHash(ModelRole::Mind));
        assert_eq!(read(&model).unwrap_err(), Failure::ModelHash(ModelRole::Mind));
        drop(keep);
        assert!(matches!(open(&model), Err(Failure::ModelUnreadable(ModelRole::Mind, _))));
    }
}
