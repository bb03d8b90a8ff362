//! `candor note`: a meeting that was not recorded, kept as attendance and notes. It counts in the history.

use std::io::Read;

use super::context::{Context, store_error};
use crate::{
    cli::NoteArgs,
    error::{Error, Result},
    session::Meeting,
    store::MeetingState,
};

/// Notes are for people; more than this is something else.
const MOST: u64 = 1 << 20;

pub(super) fn run(c: &Context, args: &NoteArgs) -> Result<()> {
    let text = match &args.text {
        Some(text) => text.clone(),
        None => {
            let mut text = String::new();
            std::io::stdin()
                .take(MOST)
                .read_to_string(&mut text)
                .map_err(|e| Error::user("the notes cannot be read").because(e).hint("Notes are UTF-8 text."))?;
            text
        }
    };
    let book = c.open()?;
    for name in &args.present {
        book.member(name)?;
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
