//! `candor erase`: a whole meeting, by whoever holds the vault. It needs nobody's card: less is never against a consent.

use super::context::Context;
use crate::{
    cli::EraseArgs,
    error::{Error, ErrorKind, Result},
    store::MeetingState,
};

pub(super) fn run(c: &Context, args: &EraseArgs) -> Result<()> {
    let mut book = c.open()?;
    let row = book.find(Some(args.session), |s| s != MeetingState::Erased, "that is still there")?;
    if !args.yes {
        let typed = c.screen.ask(&format!(
            "Meeting {0} and all that was made from it will be gone for good. Type {0} to erase it:",
            args.session
        ));
        if typed.as_deref() != Some(args.session.to_string().as_str()) {
            return Err(Error::new(ErrorKind::Interrupted, "nothing was erased")
                .hint("Type the number of the meeting, or say --yes."));
        }
    }
    book.discard(&row, c.screen)?;
    c.screen.result(&format!("Meeting {} is erased.", args.session));
    c.screen.note("What cannot be reached: briefs that were handed out, and backups made before today.");
    Ok(())
}
