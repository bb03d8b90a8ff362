//! A data folder opened through the library, as the program opens it, to see what a run has left there.

use std::path::Path;

use candor::{
    spool::{SpoolKey, SpoolReader},
    store::Store,
    vault::{Passphrase, Vault},
};

use crate::run::PASSPHRASE;

pub(crate) fn open(data: &Path) -> Store {
    Store::new(Vault::open(data, &Passphrase::new(PASSPHRASE.into())).unwrap()).unwrap()
}

/// The recording of a meeting, by its number in the vault; it must hold all that was acknowledged.
pub(crate) fn sound(data: &Path, meeting: u32) -> SpoolReader {
    let store = open(data);
    let row = store.spool(meeting.into()).unwrap().unwrap();
    let key = SpoolKey::unwrap(&row.wrapped, &store.vault().spool_wrapping_key(), meeting.into()).unwrap();
    SpoolReader::open(&data.join("spool").join(&row.file), meeting.into(), &key, row.frames).unwrap()
}
