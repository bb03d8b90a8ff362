//! `candor note`: a meeting that was not recorded, kept as attendance and notes. It counts in the history.

use std::io::Read;

use super::context::{Context, store_error};
use crate::{
    cli::NoteArgs,
    error::{Error, Result},
    findings::{Promise, Quote},
    session::Meeting,
    store::{MeetingRow, MeetingState},
};

/// Notes are for people; more than this is something else.
const MOST: u64 = 1 << 20;

/// How a line of the notes begins that is a commitment.
const AGREED: &str = "Agreed: ";

pub(super) fn run(c: &Context, args: &NoteArgs) -> Result<()> {
    let mut text = match &args.text {
        Some(text) => text.clone(),
        None => typed()?,
    };
    for agreed in &args.agreed {
        text = format!("{}\n{AGREED}{agreed}", text.trim_end());
    }
    let book = c.open()?;
    for name in args.present.iter().map(String::as_str).chain(agreed(&text).map(|(name, _)| name)) {
        book.member(name)?;
    }
    if args.agreed.len() > agreed(&text).count() {
        return Err(
            Error::user("what was agreed needs a name").hint("Write it as --agreed \"Owen: ask the board for a date\"")
        );
    }
    let meetings = book.store.meetings(book.circle.id).map_err(store_error)?;
    let date = args.date.unwrap_or(c.today);
    let refused = meetings.iter().rev().find(|m| m.plan.date == date && m.state == MeetingState::NotRecorded);
    let session = if let Some(row) = refused {
        let mut row = row.clone();
        row.plan.present.clone_from(&args.present);
        row.notes = text;
        book.store.update_meeting(&row).map_err(store_error)?;
        row.plan.session
    } else {
        let roster = book.roster();
        let plan = Meeting {
            session: meetings.last().map_or(1, |m| m.plan.session + 1),
            date,
            facilitator: book.facilitator().unwrap_or_default(),
            roster,
            present: args.present.clone(),
            planned_minutes: 120,
            phases: vec![],
            utterances: vec![],
            from_audio: false,
        };
        book.store.add_meeting(book.circle.id, &plan, MeetingState::NotRecorded, &text).map_err(store_error)?;
        plan.session
    };
    c.screen.result(&format!("Meeting {session} is kept: who came, and the notes."));
    Ok(())
}

fn typed() -> Result<String> {
    let mut text = String::new();
    std::io::stdin()
        .take(MOST)
        .read_to_string(&mut text)
        .map_err(|e| Error::user("the notes cannot be read").because(e).hint("Notes are UTF-8 text."))?;
    Ok(text)
}

/// Who said they would do what.
fn agreed(notes: &str) -> impl Iterator<Item = (&str, &str)> {
    let lines = notes.lines().filter_map(|line| line.trim().strip_prefix(AGREED)?.split_once(':'));
    lines.map(|(who, what)| (who.trim(), what.trim())).filter(|(who, what)| !who.is_empty() && !what.is_empty())
}

/// The commitments in the notes of meetings that were not recorded.
pub(super) fn promises(meetings: &[MeetingRow]) -> Vec<Promise> {
    let noted = meetings.iter().filter(|m| m.state == MeetingState::NotRecorded);
    let all = noted.flat_map(|m| agreed(&m.notes).map(|(who, what)| (m.plan.session, who, what)));
    all.map(|(session, who, what)| Promise {
        member: who.to_owned(),
        // No utterance stands behind it.
        quote: Quote { session, i: u32::MAX, text: what.to_owned() },
        followed_up: None,
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_agreed_is_found_in_the_notes() {
        let notes = "Three came.\nAgreed: Owen: ask the board: by May\n  Agreed: Mina:\nAgreed nothing else.";
        assert_eq!(agreed(notes).collect::<Vec<_>>(), [("Owen", "ask the board: by May")]);
    }
}
