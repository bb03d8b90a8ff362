//! `candor withdraw`: taking a yes back, as easily as it was given.

use super::{
    asking::{self, AtTheKeyboard, Prepared, consent_error},
    book::{Book, now},
    context::{Context, store_error},
    reflect,
};
use crate::{
    cli::{ScopeArg, WithdrawArgs},
    consent::{Event, MeetingId, Reach, Signer, Which},
    error::Result,
};

pub(super) fn run(c: &Context, args: &WithdrawArgs) -> Result<()> {
    let mut book = c.open()?;
    let key = match &args.card_file {
        Some(file) => asking::key_of(&book, &args.member, &mut Prepared::card_alone(&args.member, file)?),
        None => asking::key_of(&book, &args.member, &mut AtTheKeyboard(c.screen)),
    }?;
    let which = args.session.map_or(Which::All, |n| Which::Meeting(MeetingId(n)));
    let reach = match args.scope {
        ScopeArg::Words => Reach::MyWords,
        ScopeArg::Meeting => Reach::WholeMeeting,
    };
    book.ledger.append(Signer::Member(&key), Event::Withdrawn { which, reach }, now()).map_err(consent_error)?;
    book.commit()?;
    let was_read = book.store.has_findings(book.circle.id).map_err(store_error)?;
    book.erase_what_is_due(c.screen)?;
    c.screen.result("It is taken back, and what hung on it is erased.");
    c.screen.note("What cannot be reached: briefs that were handed out, and backups made before today.");
    if was_read && !args.later {
        c.screen.note("What was found without these words is worked out again. Ctrl-C leaves it for later.");
        read_again(c, &mut book);
    }
    Ok(())
}

/// The words are gone whether or not the rest can be read anew, so a failure here is no failure of the withdrawal.
fn read_again(c: &Context, book: &mut Book) {
    if let Err(e) = reflect::read(c, book, None) {
        c.screen.note(&format!("That is still to be done: {e}. Later: candor reflect"));
    }
}
