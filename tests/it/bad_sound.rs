//! Recordings that are none, or are unusual: an error that says what to do, and nothing half-written.

use crate::{circle::Table, sound::Wav};

/// Asks about a file and tries to bring it in; gives what was said.
fn refused(name: &str, bytes: &[u8]) -> String {
    let table = Table::new();
    let file = table.candor.path(name);
    std::fs::write(&file, bytes).unwrap();
    table.consent_to(&file);
    let said = table.candor.fails(&["import", file.to_str().unwrap()], 1);
    assert!(said.contains("hint:"), "{said}");
    assert_no_spool(&table);
    assert!(table.candor.ok(&["circle", "show"]).contains("consented"), "it can be tried again");
    said
}

fn assert_no_spool(table: &Table) {
    let left = std::fs::read_dir(table.candor.path("data/spool")).map_or(0, Iterator::count);
    assert_eq!(left, 0, "the import left a file behind");
}

/// Asks about a file and brings it in; gives what was said.
fn taken(name: &str, bytes: &[u8]) -> String {
    let table = Table::new();
    let file = table.candor.path(name);
    std::fs::write(&file, bytes).unwrap();
    table.consent_to(&file);
    table.candor.ok(&["import", file.to_str().unwrap()])
}

#[test]
fn what_is_no_sound_is_refused() {
    assert!(refused("letter.wav", b"Dear circle, this is a letter and no recording at all.").contains("no audio"));
    assert!(refused("picture.mp3", &[0x89, b'P', b'N', b'G', 13, 10, 26, 10, 0, 0, 0, 13]).contains("no audio"));
    assert!(refused("header.wav", &Wav::silence(0).bytes()).contains("no sound"));
}

#[test]
fn an_empty_file_is_refused_before_anyone_is_asked() {
    let table = Table::new();
    let file = table.candor.path("empty.wav");
    std::fs::write(&file, b"").unwrap();
    let said = table.candor.fails(&["consent", "--file", file.to_str().unwrap()], 1);
    assert!(said.contains("is empty"), "{said}");
    assert!(table.candor.ok(&["circle", "show"]).contains("none yet"));
}

#[test]
fn a_truncated_file_says_how_far_it_goes() {
    let whole = Wav::tone(16_000, 1, 16, 5.0).bytes();
    let said = refused("cut.wav", &whole[..whole.len() / 2]);
    assert!(said.contains("breaks off after 2 s"), "{said}");
}

#[test]
fn unusual_but_whole_recordings_are_taken() {
    for (name, wav) in [
        ("eight-bit.wav", Wav::tone(8_000, 1, 8, 2.0)),
        ("studio.wav", Wav::tone(96_000, 2, 24, 2.0)),
        ("five.wav", Wav::tone(48_000, 5, 16, 2.0)),
    ] {
        let said = taken(name, &wav.bytes());
        assert!(said.contains("Meeting 1 is recorded"), "{name}: {said}");
    }
    // The name does not count, the contents do.
    assert!(taken("renamed.mp3", &Wav::tone(16_000, 1, 16, 1.0).bytes()).contains("is recorded"));
}

#[test]
fn silence_is_recorded_and_gives_no_words() {
    let table = Table::new();
    let file = table.candor.path("silence.wav");
    Wav::silence(20).write(&file);
    table.consent_to(&file);
    table.candor.ok(&["import", file.to_str().unwrap()]);
    let said = table.candor.fails(&["transcribe"], 1);
    assert!(said.contains("nobody speaks"), "{said}");
}

#[test]
fn another_file_than_the_one_agreed_to_is_refused() {
    let table = Table::new();
    let (agreed, other) = (table.candor.path("a.wav"), table.candor.path("b.wav"));
    Wav::tone(16_000, 1, 16, 1.0).write(&agreed);
    Wav::tone(16_000, 1, 16, 2.0).write(&other);
    table.consent_to(&agreed);
    let said = table.candor.fails(&["import", other.to_str().unwrap()], 3);
    assert!(said.contains("not the file"), "{said}");
    assert_no_spool(&table);
}

#[test]
fn many_hours_pass_through_in_constant_memory() {
    // Ten hours are 36,000 seconds; CANDOR_TEST_HOURS=10 takes them all.
    let hours: u32 = std::env::var("CANDOR_TEST_HOURS").ok().and_then(|h| h.parse().ok()).unwrap_or(1);
    let table = Table::new();
    let file = table.candor.path("long.wav");
    Wav { rate: 8_000, channels: 1, bits: 8, data: vec![128; hours as usize * 3_600 * 8_000] }.write(&file);
    table.consent_to(&file);
    let said = table.candor.ok(&["import", file.to_str().unwrap()]);
    assert!(said.contains(&format!("{}.0 minutes", hours * 60)), "{said}");
}
