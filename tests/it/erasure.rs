//! Erasing on disk, through the command line: what was taken back, or was kept long enough, stands on no page of the
//! database, free ones among them, and in no journal; and its sound cannot be opened by whoever kept a copy of the file.
//!
//! Before each erasure the same search finds everything, which shows that it can.

use crate::{
    held::{Held, SOUND_KEY},
    traces::{MINA, NOTES, OWEN, RUTH},
};

#[test]
fn words_that_are_taken_back_are_on_no_page_and_the_others_stay() {
    let meeting = Held::imported();
    meeting.assert_everything_is_there();
    meeting.withdraw("words");
    // What the models made of the meeting was made of Mina's words too.
    assert_eq!(meeting.left(), [RUTH.word, OWEN.word, NOTES]);
    meeting.assert_the_sound_is_gone();
}

#[test]
fn a_meeting_that_is_taken_back_is_on_no_page() {
    let meeting = Held::imported();
    meeting.assert_everything_is_there();
    meeting.withdraw("meeting");
    assert_eq!(meeting.left(), [""; 0]);
    meeting.assert_the_sound_is_gone();
    assert!(meeting.table.candor.ok(&["circle", "show"]).contains("3 of 3 present"), "that it took place stays");
}

#[test]
fn what_was_kept_long_enough_is_erased_at_the_next_start() {
    let meeting = Held::agreed(5, 2, 4);
    meeting.assert_everything_is_there();
    meeting.table.candor.ok(&["circle", "show"]);
    assert_eq!(meeting.left(), [""; 0]);
    meeting.assert_the_sound_is_gone();
}

#[test]
fn sound_that_was_kept_long_enough_goes_alone() {
    let meeting = Held::agreed(3, 2, 4);
    meeting.assert_everything_is_there();
    meeting.table.candor.ok(&["circle", "show"]);
    let words = [RUTH, OWEN, MINA].map(|m| m.word);
    let made = [RUTH, OWEN, MINA].map(|m| m.mark_name);
    assert_eq!(meeting.left(), [&words[..], &[NOTES], &made].concat(), "all but \"{SOUND_KEY}\"");
    meeting.assert_the_sound_is_gone();
}

#[test]
fn there_is_no_index_of_words() {
    // A full-text index cuts words up, and these searches would pass over it: whoever adds one has to look into it here.
    let meeting = Held::imported();
    let tables = "SELECT count(*) FROM sqlite_schema WHERE sql LIKE '%VIRTUAL TABLE%' OR name LIKE '%fts%'";
    let indexes: i64 = meeting.opened().sql().query_row(tables, [], |r| r.get(0)).unwrap();
    assert_eq!(indexes, 0);
}
