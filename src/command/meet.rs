//! `candor meet`: from consent to brief, in one go.

use super::{book::Book, consent, context::Context, import, output, record, reflect, transcribe, write_brief};
use crate::{
    cli::{BriefFormat, MeetArgs},
    error::{Error, Result},
    store::MeetingRow,
};

pub(super) fn run(c: &Context, args: &MeetArgs) -> Result<()> {
    output::check_place(&args.out)?;
    let mut book = c.open()?;
    let mut row = match interrupted(c, &mut book)? {
        Some(Interrupted::GoesOn(row)) => row,
        Some(Interrupted::IsFinished(row)) => return from_sound_to_brief(c, &mut book, row, args),
        None => consent::ask(c, &mut book, &args.consent)?,
    };
    match &args.consent.file {
        Some(file) => import::take_in(c, &mut book, &mut row, file)?,
        None => record::record(c, &mut book, &mut row, args.device.as_deref(), args.seconds)?,
    }
    from_sound_to_brief(c, &mut book, row, args)
}

fn from_sound_to_brief(c: &Context, book: &mut Book, mut row: MeetingRow, args: &MeetArgs) -> Result<()> {
    transcribe::write_down(c, book, &mut row, &args.language, "")?;
    reflect::read(c, book, None)?;
    write_brief::write(c, book, None, Some(&args.out), BriefFormat::Html)?;
    book.offer_words(c.screen);
    Ok(())
}

enum Interrupted {
    GoesOn(MeetingRow),
    IsFinished(MeetingRow),
}

/// What is to become of a recording that broke off, before anything new begins.
fn interrupted(c: &Context, book: &mut Book) -> Result<Option<Interrupted>> {
    let Some(row) = book.interrupted()?.pop() else { return Ok(None) };
    loop {
        let question = "go on, finish with what there is, or erase it? (on, finish, erase)";
        let typed = c.screen.ask(question).ok_or_else(|| Error::user("nobody answered"))?;
        match typed.to_lowercase().as_str() {
            "on" | "go on" => return Ok(Some(Interrupted::GoesOn(row))),
            "finish" => return Ok(Some(Interrupted::IsFinished(row))),
            "erase" => {
                book.discard(&row, c.screen)?;
                return Ok(None);
            }
            _ => c.screen.say("Please answer as shown."),
        }
    }
}
