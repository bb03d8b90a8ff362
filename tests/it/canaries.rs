//! Nothing readable anywhere: a circle meets, its recording is brought in, written down and read, and all the while every
//! file that the program could have written is searched for what was said, typed and named. None of it is found.
//!
//! The control for "while the same search on a build without encryption does find them" is a decrypted copy of the very
//! same data, the tables exported and the sound unlocked: there the same search finds all of it.

use std::{fs, time::SystemTime};

use crate::{
    place::{Place, found_openly},
    search::Needle,
    spoken::{NOTE, SPOKEN, Spoken},
};

#[test]
fn what_is_said_typed_and_named_can_be_read_nowhere() {
    let table = Spoken::new();
    let needles = table.needles();
    let kept = table.kept();
    let wav = table.recording();

    let mut printed = vec![table.consent(&wav)];
    for verb in [&["import", &wav][..], &["transcribe"], &["name", "--voice", "1=Zephyrine"], &["reflect"]] {
        printed.push(table.place.watch(verb, &needles));
    }
    let brief = table.place.held("brief.html");
    for verb in [
        &["brief", "--out", brief.to_str().unwrap()][..],
        &["circle", "show"],
        &["ledger", "show"],
        &["ledger", "verify"],
        &["receipts", "--member", "Zephyrine", "--json"],
        &["doctor"],
    ] {
        printed.push(table.place.watch(verb, &needles));
    }
    // Names may be shown to whoever opened the vault; what was said and noted is shown by the brief alone.
    let said: Vec<Needle> = SPOKEN.iter().chain([&NOTE]).map(|w| Needle::text(w)).collect();
    printed.iter().for_each(|p| Place::assert_silent(p, &said));

    let open = table.decrypted();
    let names = |needles: &[Needle]| needles.iter().map(|n| n.name.clone()).collect::<Vec<_>>();
    assert_eq!(found_openly(open.path(), &kept), names(&kept), "the search must be able to find it");
    let hands = table.place.held("");
    assert_eq!(found_openly(&hands, &table.secret()), names(&table.secret()), "the search must be able to find it");
}

#[test]
fn a_kill_in_the_middle_leaves_nothing_readable() {
    let table = Spoken::new();
    let needles = table.needles();
    let wav = table.recording();
    table.consent(&wav);
    let spool = table.place.data().join("spool/meeting-2.spool");
    let ten_seconds = || fs::metadata(&spool).is_ok_and(|m| m.len() > 320_000);
    if table.place.kill(&["import", &wav], &needles, ten_seconds).is_some() {
        table.place.watch(&["import", &wav], &needles);
    }
    // The first words are in the vault when it has changed and its journal is empty again.
    let began = SystemTime::now();
    let of = |file: &str| fs::metadata(table.place.data().join(file));
    let first_words = || {
        let changed = of("vault.db").unwrap().modified().unwrap() > began;
        changed && of("vault.db-journal").is_ok_and(|m| m.len() == 0)
    };
    let killed = table.place.kill(&["transcribe"], &needles, first_words);
    Place::assert_silent(&killed.expect("it must not be done yet"), &needles);

    let open = table.decrypted();
    let found = found_openly(open.path(), &needles);
    assert!(found.contains(&SPOKEN[0].to_owned()), "the first words must have been there: {found:?}");
}
