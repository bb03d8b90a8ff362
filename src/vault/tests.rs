//! The vault as a whole: what opens it, what does not, and what stands on the disk.

use super::*;

const CANARY: &str = "the canary sang at noon";

fn typed(text: &str) -> Passphrase {
    Passphrase::new(text.into())
}

fn right() -> Passphrase {
    typed("correct horse")
}

/// A folder with a closed vault that holds the canary.
fn vault_with_canary() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let vault = Vault::create(folder.path(), &right()).unwrap();
    vault.connection().execute_batch("CREATE TABLE said (words TEXT)").unwrap();
    vault.connection().execute("INSERT INTO said VALUES (?1)", [CANARY]).unwrap();
    folder
}

fn words(vault: &Vault) -> String {
    vault.connection().query_row("SELECT words FROM said", [], |r| r.get(0)).unwrap()
}

#[test]
fn what_was_written_is_read_back_and_cannot_be_read_without_the_passphrase() {
    let folder = vault_with_canary();
    assert_eq!(words(&Vault::open(folder.path(), &right()).unwrap()), CANARY);
    assert!(matches!(Vault::open(folder.path(), &typed("wrong horse")), Err(VaultError::WrongPassphrase)));
    for entry in fs::read_dir(folder.path()).unwrap() {
        let bytes = fs::read(entry.unwrap().path()).unwrap();
        assert!(!bytes.windows(CANARY.len()).any(|w| w == CANARY.as_bytes()));
        assert!(!bytes.starts_with(b"SQLite format 3"));
    }
}

#[test]
fn the_database_of_one_vault_does_not_open_in_another() {
    let (one, other) = (vault_with_canary(), vault_with_canary());
    fs::copy(one.path().join("vault.db"), other.path().join("vault.db")).unwrap();
    let error = Vault::open(other.path(), &right()).unwrap_err();
    assert!(matches!(error, VaultError::Database(DatabaseError::Damaged)), "{error:?}");
}

#[test]
fn a_bent_page_is_damage_and_not_a_wrong_passphrase() {
    let folder = vault_with_canary();
    let path = folder.path().join("vault.db");
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = Vault::open(folder.path(), &right()).unwrap_err();
    assert!(matches!(error, VaultError::Database(DatabaseError::Damaged)), "{error:?}");
}

#[test]
fn only_one_candor_has_it_open() {
    let folder = vault_with_canary();
    let first = Vault::open(folder.path(), &right()).unwrap();
    assert!(matches!(Vault::open(folder.path(), &right()), Err(VaultError::InUse)));
    assert!(matches!(Vault::create(folder.path(), &right()), Err(VaultError::InUse)));
    drop(first);
    assert!(Vault::open(folder.path(), &right()).is_ok());
}

#[test]
fn a_vault_is_not_overwritten_and_a_missing_half_is_named() {
    let folder = vault_with_canary();
    assert!(matches!(Vault::create(folder.path(), &right()), Err(VaultError::AlreadyThere(_))));
    fs::rename(folder.path().join("vault.toml"), folder.path().join("aside")).unwrap();
    assert!(matches!(Vault::create(folder.path(), &right()), Err(VaultError::HeaderMissing)));
    assert!(matches!(Vault::open(folder.path(), &right()), Err(VaultError::HeaderMissing)));
    fs::rename(folder.path().join("aside"), folder.path().join("vault.toml")).unwrap();
    fs::remove_file(folder.path().join("vault.db")).unwrap();
    assert!(matches!(Vault::open(folder.path(), &right()), Err(VaultError::DatabaseMissing)));
    let empty = tempfile::tempdir().unwrap();
    assert!(matches!(Vault::open(empty.path(), &right()), Err(VaultError::NoVault(_))));
    assert!(matches!(Vault::create(empty.path(), &typed("short")), Err(VaultError::PassphraseTooShort { .. })));
    assert_eq!(fs::read_dir(empty.path()).unwrap().count(), 0);
}

#[test]
fn a_new_passphrase_replaces_the_old_one() {
    let folder = vault_with_canary();
    let vault = Vault::open(folder.path(), &right()).unwrap();
    assert!(vault.change_passphrase(&typed("short")).is_err());
    vault.change_passphrase(&typed("battery staple")).unwrap();
    drop(vault);
    assert!(matches!(Vault::open(folder.path(), &right()), Err(VaultError::WrongPassphrase)));
    assert_eq!(words(&Vault::open(folder.path(), &typed("battery staple")).unwrap()), CANARY);
}

#[cfg(unix)]
#[test]
fn every_file_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let folder = vault_with_canary();
    let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(folder.path()), 0o700);
    let names: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().path()).collect();
    assert!(names.len() >= 3);
    assert!(names.iter().all(|p| mode(p) == 0o600), "{names:?}");
}

#[test]
fn sqlcipher_runs_on_our_cryptography_and_the_version_whose_structure_we_copied() {
    let folder = vault_with_canary();
    let vault = Vault::open(folder.path(), &right()).unwrap();
    let ask = |pragma: &str| -> String {
        vault.connection().query_row(&format!("PRAGMA {pragma}"), [], |r| r.get(0)).unwrap()
    };
    assert!(ask("cipher_version").starts_with("4.19."), "compare Provider with the new sqlcipher.h");
    assert_eq!(ask("cipher_provider"), "rustcrypto");
    assert_eq!((ask("cipher_hmac_algorithm").as_str(), ask("journal_mode").as_str()), ("HMAC_SHA512", "truncate"));
    let broken = vault.connection().prepare("PRAGMA cipher_integrity_check").unwrap().exists([]).unwrap();
    assert!(!broken);
}
