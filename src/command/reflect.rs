//! `candor reflect`: read the circle.

use super::{
    book::Book,
    context::{Context, store_error},
    reading::{self, Readable},
};
use crate::{
    cli::SessionArgs,
    consent::Analyse,
    error::{Error, Result},
    session::Meeting,
    store::MeetingState,
};

pub(super) fn run(c: &Context, args: &SessionArgs) -> Result<()> {
    let mut book = c.open()?;
    read(c, &mut book, args.session)?;
    c.screen.note("Next: candor brief --out brief.html");
    Ok(())
}

/// Reads all meetings up to this one that everyone agreed to have read, and stores what was found.
pub(super) fn read(c: &Context, book: &mut Book, upto: Option<u32>) -> Result<()> {
    let mut readable = Vec::new();
    let mut gathered = Vec::new();
    for row in book.store.meetings(book.circle.id).map_err(store_error)? {
        if upto.is_some_and(|n| row.plan.session > n) {
            continue;
        }
        match row.state {
            MeetingState::Transcribed => match book.grant::<Analyse>(&row) {
                Ok(grant) => {
                    let utterances = book.store.utterances(row.id).map_err(store_error)?;
                    readable.push(Readable { row: Some(row.id), meeting: Meeting { utterances, ..row.plan }, grant });
                }
                // Not everyone agreed to be read: it counts by who came.
                Err(_) => gathered.push(row.plan),
            },
            MeetingState::NotRecorded | MeetingState::Erased => gathered.push(row.plan),
            _ => {}
        }
    }
    if readable.is_empty() {
        return Err(Error::user("there is nothing to read yet").hint(
            "A meeting has to be recorded or imported, and written down: `candor circle show` tells how far each is.",
        ));
    }
    let findings = reading::read(c, &book.circle.circle, readable, gathered, Some(&book.store))?;
    book.store.put_findings(book.circle.id, &findings).map_err(store_error)?;
    let n = findings.meetings.len();
    c.screen.result(&format!("{n} {} read.", if n == 1 { "meeting is" } else { "meetings are" }));
    Ok(())
}
