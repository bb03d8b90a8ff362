//! Models that are missing, cut off or swapped: said before anything else happens.

use std::{fs, path::PathBuf};

use candor::models::Manifest;

use crate::{
    circle::Table,
    run::{Candor, borrow_models},
    sound::Wav,
};

/// A models folder that borrows the real files, but for the one that the test is about.
fn borrowed(except: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    borrow_models(folder.path(), except);
    let manifest = Manifest::embedded().unwrap();
    let target = folder.path().join(&manifest.model(except).unwrap().file);
    (folder, target)
}

fn ask(table: &Table) -> Vec<String> {
    let file = table.candor.path("a.wav");
    Wav::tone(16_000, 1, 16, 1.0).write(&file);
    let answers = table.candor.path("answers");
    ["consent", "--file", file.to_str().unwrap(), "--answers", answers.to_str().unwrap()].map(str::to_owned).to_vec()
}

fn refuses(candor: Candor) -> String {
    let table = Table::of(candor);
    let args = ask(&table);
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    table.candor.fails(&args, 1)
}

#[test]
fn a_missing_model_is_named_before_anyone_is_asked() {
    let (folder, _) = borrowed("silero-vad");
    let said = refuses(Candor::with_models(folder.path()));
    assert!(said.contains("candor-fetch"), "{said}");
}

#[test]
fn a_model_that_was_cut_off_is_noticed() {
    let (folder, target) = borrowed("ge2e");
    fs::write(&target, b"half a model").unwrap();
    let said = refuses(Candor::with_models(folder.path()));
    assert!(said.contains("bytes") && said.contains("candor-fetch"), "{said}");
}

#[test]
fn a_model_with_another_hash_is_never_loaded() {
    let (folder, target) = borrowed("minilm-tokenizer");
    let manifest = Manifest::embedded().unwrap();
    let model = manifest.model("minilm-tokenizer").unwrap();
    fs::write(&target, vec![b' '; model.size as usize]).unwrap();
    let circle = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/circles/ridge");
    let stripped = tempfile::tempdir().unwrap();
    crate::rehearsal::strip(circle.as_ref(), stripped.path());
    let candor = Candor::with_models(folder.path());
    let said = candor.fails(&["rehearse", stripped.path().to_str().unwrap()], 1);
    assert!(said.contains("SHA-256"), "{said}");
}
