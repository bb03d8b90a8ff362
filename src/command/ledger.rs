//! `candor ledger`: the signed record, checked and shown.

use super::context::Context;
use crate::{
    cli::LedgerVerb,
    consent::MeetingId,
    error::{Error, ErrorKind, Result},
};

pub(super) fn run(c: &Context, verb: LedgerVerb) -> Result<()> {
    // Opening verifies every link and every signature.
    let book = c.open()?;
    let s = c.screen;
    match verb {
        LedgerVerb::Verify { words: None } => {
            s.result(&format!("All {} entries hold together and are signed by whom they name.", book.ledger.len()));
            s.result(&format!("The eight words: {}", book.ledger.head_words()));
            s.note("Only with words that a member took home can it be told that nothing was cut off at the end.");
        }
        LedgerVerb::Verify { words: Some(words) } => {
            let place = book.ledger.witness(&words).map_err(|e| Error::user("these are no eight words of a ledger").because(e))?;
            match place {
                Some(seq) => s.result(&format!("The words are those of entry {seq}, and all that follows continues from it.")),
                None => {
                    return Err(Error::new(ErrorKind::Tampered, "this ledger is no continuation of the one with these words")
                        .hint("It was cut short, rolled back or replaced since the words were taken home. Tell the other members."));
                }
            }
        }
        LedgerVerb::Show => {
            for line in book.ledger.in_words() {
                s.result(&line);
            }
        }
        LedgerVerb::Receipt { member, session, json } => {
            let id = book.member(&member)?;
            let newest = book.ledger.state().meetings.keys().next_back().copied();
            let meeting = session.map(MeetingId).or(newest).ok_or_else(|| Error::user("nobody was asked about a meeting yet"))?;
            let receipt = book.ledger.receipt(id, meeting).ok_or_else(|| Error::user(format!("{member} was not asked about that meeting")))?;
            s.result(&if json { receipt.to_json() } else { receipt.to_text() });
        }
    }
    Ok(())
}
