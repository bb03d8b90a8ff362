//! `vault.toml` as somebody could leave it: any text, and any text whose checksum is right.
#![no_main]

use candor::vault::{Passphrase, Vault, VaultError};
use candor_fuzz::{
    folder,
    locked::{PASSPHRASE, header, with_checksum},
    seed, tagged,
};
use libfuzzer_sys::fuzz_target;
use toml::Table;

/// In the tag: the checksum is put right before the header is read.
const PUT_RIGHT: u8 = 1;

fuzz_target!(init: seed(seeds()), |data: &[u8]| {
    let Some((tag, bytes)) = data.split_first() else { return };
    let text = match String::from_utf8_lossy(bytes).parse::<Table>() {
        Ok(table) if *tag == PUT_RIGHT => with_checksum(table).to_string().into_bytes(),
        _ => bytes.to_vec(),
    };
    let folder = folder();
    std::fs::write(folder.path().join("vault.toml"), text).expect("there is room");
    match Vault::open(folder.path(), &Passphrase::new(PASSPHRASE.into())) {
        Ok(_) => panic!("there is no database"),
        Err(
            VaultError::HeaderDamaged
            | VaultError::HeaderVersion(_)
            | VaultError::WrongPassphrase
            | VaultError::DatabaseMissing,
        ) => {}
        Err(other) => panic!("{other}"),
    }
});

fn seeds() -> Vec<Vec<u8>> {
    let good = header();
    let mut damaged = good.clone();
    damaged.insert("checksum".into(), "0123456789abcdef".into());
    vec![
        tagged(0, damaged.to_string()),
        tagged(0, "version = 2\n"),
        tagged(PUT_RIGHT, good.to_string()),
        tagged(PUT_RIGHT, damaged.to_string()),
    ]
}
