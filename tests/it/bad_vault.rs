//! Passphrases, cards, ledgers and disks that are not as they should be.

use std::{fs, path::Path, process::Command};

use candor::vault::{Passphrase, Vault};

use crate::{
    circle::Table,
    run::{Candor, stderr},
    sound::Wav,
};

#[test]
fn without_a_vault_the_first_step_is_named() {
    let said = Candor::new().fails(&["circle", "show"], 1);
    assert!(said.contains("no vault") && said.contains("candor circle new"), "{said}");
}

#[test]
fn a_wrong_passphrase_opens_nothing() {
    let table = Table::new();
    fs::write(table.candor.path("pass"), "another one altogether\n").unwrap();
    let said = table.candor.fails(&["circle", "show"], 1);
    assert!(said.contains("does not open this vault"), "{said}");
}

#[test]
fn a_wrong_card_signs_nothing() {
    let table = Table::new();
    let file = table.candor.path("a.wav");
    Wav::tone(16_000, 1, 16, 1.0).write(&file);
    let stolen = format!("Ruth: {0}: all\nOwen: {0}: all\nMina: {0}: all\n", table.card("Ruth"));
    let answers = table.candor.path("answers");
    fs::write(&answers, stolen).unwrap();
    let said =
        table.candor.fails(&["consent", "--file", file.to_str().unwrap(), "--answers", answers.to_str().unwrap()], 3);
    assert!(said.contains("card of Owen was not accepted") && said.contains("recard"), "{said}");
    assert!(!said.contains(table.card("Ruth").split(' ').next().unwrap()), "the words of a card were shown");
    assert!(table.candor.fails(&["import", file.to_str().unwrap()], 1).contains("consent"));
}

#[test]
fn one_no_keeps_the_gate_shut_and_names_nobody() {
    let table = Table::new();
    let file = table.candor.path("a.wav");
    Wav::tone(16_000, 1, 16, 1.0).write(&file);
    let answers = table.answers(&["Ruth", "Owen"]);
    let said =
        table.candor.fails(&["consent", "--file", file.to_str().unwrap(), "--answers", answers.to_str().unwrap()], 3);
    assert!(said.contains("not recorded") && !said.contains("Mina"), "{said}");
    assert!(!table.candor.ok(&["ledger", "show"]).contains("Mina"));
    table.candor.fails(&["import", file.to_str().unwrap()], 1);
    table.candor.ok(&["note", "--present", "Ruth,Owen,Mina", "--text", "We met."]);
}

#[test]
fn a_damaged_database_is_told_from_a_wrong_passphrase() {
    let table = Table::new();
    let file = table.candor.path("data/vault.db");
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle..middle + 64].iter_mut().for_each(|b| *b ^= 0x55);
    fs::write(&file, bytes).unwrap();
    let out = table.candor.run(&["ledger", "verify"]);
    assert_eq!(out.status.code(), Some(4), "{}", stderr(&out));
}

#[test]
fn two_candors_do_not_share_a_vault() {
    let table = Table::new();
    let held =
        Vault::open(&table.candor.path("data"), &Passphrase::new("correct horse battery staple".into())).unwrap();
    let said = table.candor.fails(&["circle", "show"], 1);
    assert!(said.contains("another Candor"), "{said}");
    drop(held);
    table.candor.ok(&["circle", "show"]);
}

#[test]
fn a_full_disk_loses_nothing_that_was_stored() {
    let table = Table::new();
    let file = table.candor.path("long.wav");
    Wav::tone(16_000, 1, 16, 60.0).write(&file);
    let small = table.candor.path("small");
    let Some(_mounted) = Mounted::new(&small, "size=1m") else { return };
    // The data folder moves to a disk with room for the vault, but not for a minute of sound.
    for entry in fs::read_dir(table.candor.path("data")).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_file() {
            fs::copy(entry.path(), small.join(entry.file_name())).unwrap();
        }
    }
    let mut candor = Candor::new();
    candor.data = small.clone();
    let answers = table.candor.path("answers");
    candor.ok(&["consent", "--file", file.to_str().unwrap(), "--answers", answers.to_str().unwrap()]);
    let said = candor.fails(&["import", file.to_str().unwrap()], 5);
    assert!(said.contains("no space") && said.contains("Make room"), "{said}");
    assert!(candor.ok(&["circle", "show"]).contains("consented"));
}

#[test]
fn a_data_folder_that_may_not_be_written_is_named() {
    let home = tempfile::tempdir().unwrap();
    let closed = home.path().join("closed");
    let Some(_mounted) = Mounted::new(&closed, "ro") else { return };
    let mut candor = Candor::new();
    candor.data = closed.join("data");
    let said = candor.fails(&["circle", "new", "Tuesday table", "--setting", "product"], 5);
    assert!(said.contains("read-only") || said.contains("not open to this account"), "{said}");
}

/// A small disk in memory; only root can have one, and CI is root.
struct Mounted<'a>(&'a Path);

impl<'a> Mounted<'a> {
    fn new(at: &'a Path, options: &str) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "candor-test"]).arg(at).output();
        let mounted = mounted.is_ok_and(|o| o.status.success());
        if !mounted {
            eprintln!("skipped: only root can mount a small disk");
        }
        mounted.then_some(Self(at))
    }
}

impl Drop for Mounted<'_> {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(self.0).status();
    }
}

#[test]
fn a_new_passphrase_opens_the_vault_and_the_old_one_no_more() {
    let table = Table::new();
    let new = table.candor.path("new");
    std::fs::write(&new, "a second staple of horses\n").unwrap();
    table.candor.ok(&["passphrase", "--new", new.to_str().unwrap()]);
    assert!(table.candor.fails(&["circle", "show"], 1).contains("passphrase"));
    std::fs::copy(&new, table.candor.path("pass")).unwrap();
    table.candor.ok(&["circle", "show"]);
}

#[test]
fn what_was_agreed_without_a_recording_is_kept_and_a_stranger_agrees_to_nothing() {
    let table = Table::new();
    let note =
        |agreed: &str| table.candor.run(&["note", "--present", "Ruth,Owen", "--text", "Two came.", "--agreed", agreed]);
    assert!(note("Owen: ask the board for a date").status.success());
    for wrong in ["ask the board", "Nobody: ask the board"] {
        let said = crate::run::stderr(&note(wrong));
        assert!(said.contains("hint:"), "{said}");
    }
    let shown = table.candor.ok(&["circle", "show"]);
    assert!(shown.contains("2 of 3 present") && !shown.contains("\n    2  "), "{shown}");
}
