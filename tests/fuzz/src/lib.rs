//! What the fuzz targets share: seeds, a folder to write broken files into, and forgers of what is signed or sealed.
//!
//! A target writes its seeds itself, before libFuzzer reads the folder of the corpus, so that fuzzing begins with whole
//! messages, ledgers and recordings and not with noise.

use std::{env, fs, path::PathBuf};

use tempfile::TempDir;

pub mod forge;
pub mod life;
pub mod locked;

/// Writes seeds into the folder that libFuzzer was given, its first argument that is no option. Nothing is written where a
/// single input is looked at again.
pub fn seed(inputs: Vec<Vec<u8>>) {
    let given = env::args_os().skip(1).map(PathBuf::from).find(|a| !a.to_string_lossy().starts_with('-'));
    let Some(corpus) = given.filter(|folder| folder.is_dir()) else { return };
    for (n, input) in inputs.into_iter().enumerate() {
        fs::write(corpus.join(format!("seed-{n:02}")), input).expect("the corpus can be written");
    }
}

/// An input of a target that tells several things apart by its first byte.
pub fn tagged(tag: u8, rest: impl AsRef<[u8]>) -> Vec<u8> {
    [&[tag], rest.as_ref()].concat()
}

/// A folder that goes when it is dropped, in memory where the system has such a place.
pub fn folder() -> TempDir {
    let memory = PathBuf::from("/dev/shm");
    let place = if memory.is_dir() { memory } else { env::temp_dir() };
    tempfile::Builder::new().prefix("candor-fuzz").tempdir_in(place).expect("a folder can be made")
}

/// Decodes an input; what is no value of this shape is not worth keeping.
pub fn decoded<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::take_from_bytes(bytes).ok().map(|(value, _)| value)
}

/// The bytes that [`decoded`] reads.
pub fn encoded(value: &impl serde::Serialize) -> Vec<u8> {
    postcard::to_stdvec(value).expect("a value of memory encodes")
}
