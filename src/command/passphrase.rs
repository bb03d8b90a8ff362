//! `candor passphrase`: another passphrase for the vault. What it locks is not written anew, so it takes a moment.

use super::context::{Context, vault_error};
use crate::{cli::PassphraseArgs, error::Result};

pub(super) fn run(c: &Context, args: &PassphraseArgs) -> Result<()> {
    let book = c.open()?;
    let new = c.new_passphrase(args.new.as_deref())?;
    book.store.vault().change_passphrase(&new).map_err(vault_error)?;
    c.screen.result("The vault has a new passphrase. The old one opens it no more.");
    c.screen.note("A copy of the data folder that was made before still opens with the old one.");
    Ok(())
}
