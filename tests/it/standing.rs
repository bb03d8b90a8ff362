//! A second meeting under the same words: nobody is skipped, and whoever has said yes before may be brief.

use std::{thread::sleep, time::Duration};

use crate::{circle::Table, recording::answers_with_yes, terminal::Terminal};

#[test]
fn whoever_said_yes_to_the_same_may_say_same_and_is_asked_all_the_same() {
    let table = Table::new();
    table.consent_to_record("Ruth,Owen,Mina");
    let mut room = Terminal::start(&table.candor.command(&["consent"]));
    room.expect("Ruth: press Enter");
    room.line("");
    room.expect("you said yes to the same words for meeting 1");
    room.line("");
    room.expect("Please answer as shown");
    room.line("same");
    shows(&mut room, "Ruth", &table.card("Ruth"));
    room.expect("Owen: press Enter");
    room.line("");
    room.expect("same, read or no:");
    room.line("read");
    room.expect("For the record");
    answers_with_yes(&mut room, "Owen", &table.card("Owen"), false);
    room.expect("Mina: press Enter");
    room.line("");
    room.expect("same, read or no:");
    room.line("same");
    shows(&mut room, "Mina", &table.card("Mina"));
    room.expect("Everyone has agreed to meeting 2");
    assert_eq!(room.end(), Some(0), "{}", room.shown());
    let happened = table.candor.ok(&["ledger", "show"]);
    assert_eq!(happened.matches("meeting 2: a yes").count(), 3, "{happened}");
}

fn shows(room: &mut Terminal, name: &str, card: &str) {
    room.expect(&format!("{name}, the twelve words"));
    sleep(Duration::from_millis(200));
    room.line(card);
}
