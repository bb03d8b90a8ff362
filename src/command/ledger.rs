//! `candor ledger`: the signed record, checked and shown.

use super::context::{Context, store_error};
use time::OffsetDateTime;

use crate::{
    cli::LedgerVerb,
    consent::{Event, Mark},
    error::{Error, ErrorKind, Result},
    session::iso_date,
};

pub(super) fn run(c: &Context, verb: LedgerVerb) -> Result<()> {
    // Opening verifies every link and every signature.
    let book = c.open()?;
    let s = c.screen;
    match verb {
        LedgerVerb::Verify { words: None } => {
            book.store.check().map_err(store_error)?;
            s.result(&format!("All {} entries hold together and are signed by whom they name.", book.ledger.len()));
            s.result(&format!("The eight words: {}", book.ledger.head_words()));
            s.note("Only with words that a member took home can it be told that nothing was cut off at the end.");
        }
        LedgerVerb::Verify { words: Some(words) } => {
            let place = book
                .ledger
                .witness(&words)
                .map_err(|e| Error::user("these are no eight words of a ledger").because(e))?;
            match place {
                Some(seq) => {
                    s.result(&format!("The words are those of entry {seq}, and all that follows continues from it."))
                }
                None => {
                    return Err(Error::new(ErrorKind::Tampered, "this ledger is no continuation of the one with these words")
                        .hint("It was cut short, rolled back or replaced since the words were taken home. Tell the other members."));
                }
            }
        }
        LedgerVerb::Show => {
            for (seq, entry) in book.ledger.entries().iter().enumerate() {
                s.result(&format!("{seq:>5}  {}  {}", day_of(entry.at), describe(&entry.event)));
            }
        }
    }
    Ok(())
}

/// What happened, without names: who did it stands in each member's own receipt.
fn describe(event: &Event) -> String {
    match event {
        Event::CircleCreated { .. } => "the circle was made".into(),
        Event::MemberEnrolled { .. } => "a member was enrolled".into(),
        Event::MemberReEnrolled { .. } => "a member got a new card".into(),
        Event::MemberLeft { .. } => "a member left the circle".into(),
        Event::Requested(r) => format!("meeting {}: {} people were asked", r.meeting, r.present.len()),
        Event::Imported { meeting, .. } => format!("meeting {meeting}: a member vouched for a file"),
        Event::Granted { meeting, .. } => format!("meeting {meeting}: a yes"),
        Event::Refused { meeting } => format!("meeting {meeting}: it is not recorded"),
        Event::Arrived { meeting, .. } => format!("meeting {meeting}: somebody came"),
        Event::Departed { meeting, .. } => format!("meeting {meeting}: somebody left"),
        Event::Recorded { meeting, mark: Mark::Started } => format!("meeting {meeting}: on the record"),
        Event::Recorded { meeting, mark: Mark::Stopped } => format!("meeting {meeting}: off the record"),
        Event::Withdrawn { .. } => "a yes was taken back".into(),
        Event::Discarded { meeting } => format!("meeting {meeting}: to be erased"),
        Event::Erased { meeting, .. } => format!("meeting {meeting}: something was erased"),
        Event::Expired { meeting, .. } => format!("meeting {meeting}: something was kept long enough and erased"),
    }
}

fn day_of(seconds: i64) -> String {
    OffsetDateTime::from_unix_timestamp(seconds).map_or_else(|_| "?".into(), |t| iso_date::to_string(t.date()))
}
