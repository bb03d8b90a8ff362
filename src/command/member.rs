//! `candor member`: cards for people.

use std::path::Path;

use super::{
    asking::{self, AtTheKeyboard},
    book::{Book, now},
    context::{Context, store_error},
    output,
};
use crate::{
    cli::MemberVerb,
    consent::{Card, MemberId, SealedKey, Secret},
    error::{Error, ErrorKind, Result},
};

pub(super) fn run(c: &Context, verb: MemberVerb) -> Result<()> {
    match verb {
        MemberVerb::Add { name, facilitator, card } => add(c, name.trim(), facilitator, card.as_deref()),
        MemberVerb::Recard { name, voucher, card } => recard(c, &name, &voucher, card.as_deref()),
    }
}

fn add(c: &Context, name: &str, facilitator: bool, to: Option<&Path>) -> Result<()> {
    if let Some(path) = to {
        output::check_place(path)?;
    }
    let mut book = c.open()?;
    let (member, card) = enrol(&mut book, name)?;
    if facilitator {
        book.store.set_facilitator(book.circle.id, member).map_err(store_error)?;
    }
    hand_over(c, name, &card, to)
}

/// Enrols somebody with a new card, which is not stored.
pub(super) fn enrol(book: &mut Book, name: &str) -> Result<(MemberId, Card)> {
    let card = new_card()?;
    let secret = Secret::Card(new_copy(&card)?);
    let (member, sealed) = book.ledger.enrol(&book.circle.keeper, name, &secret, now()).map_err(|e| {
        Error::user(format!("{name} cannot be enrolled")).because(e).hint("Every member has a name of their own.")
    })?;
    keep(book, member, &sealed)?;
    Ok((member, card))
}

fn recard(c: &Context, name: &str, voucher: &str, to: Option<&Path>) -> Result<()> {
    let mut book = c.open()?;
    let member = book.member(name)?;
    c.screen.say(&format!("{voucher} vouches that this is {name}, with their own card."));
    let voucher = asking::key_of(&book, voucher, &mut AtTheKeyboard(c.screen))?;
    let card = new_card()?;
    let sealed = book
        .ledger
        .enrol_again(&voucher, member, &Secret::Card(new_copy(&card)?), now())
        .map_err(|e| Error::new(ErrorKind::Consent, format!("{name} cannot get a new card")).because(e))?;
    keep(&mut book, member, &sealed)?;
    c.screen.note("The old card opens and signs nothing any more, and the new one cannot sign for the past.");
    hand_over(c, name, &card, to)
}

fn keep(book: &mut Book, member: MemberId, sealed: &SealedKey) -> Result<()> {
    book.store.put_key(book.circle.id, member, sealed).map_err(store_error)?;
    book.commit()
}

fn new_card() -> Result<Card> {
    Card::generate().map_err(|e| Error::new(ErrorKind::System, "the system has no randomness to give").because(e))
}

/// The same card once more, through its words: a card itself cannot be copied.
fn new_copy(card: &Card) -> Result<Card> {
    Card::parse(&card.words().join(" "))
        .map_err(|e| Error::new(ErrorKind::System, "a new card makes no sense").because(e))
}

pub(super) fn hand_over(c: &Context, name: &str, card: &Card, to: Option<&Path>) -> Result<()> {
    let s = c.screen;
    let words = card.words();
    s.result(&format!(
        "The card of {name}. It is shown this once; {name} alone should photograph it or write it down."
    ));
    for row in words.chunks(4) {
        s.result(&format!("  {}", row.iter().map(|w| format!("{w:<10}")).collect::<String>()));
    }
    if let Ok(code) = card.blocks() {
        s.say(&code);
    }
    let Some(path) = to else { return Ok(()) };
    let text = if path.extension().is_some_and(|e| e == "svg") {
        card.svg().map_err(|e| Error::new(ErrorKind::System, "the QR code could not be drawn").because(e))?.to_string()
    } else {
        format!("Candor card of {name}\n{}\n", words.join(" "))
    };
    output::write_whole(path, text.as_bytes())?;
    s.note(&format!(
        "Also written to {}. Print it and delete the file: whoever has it can sign for {name}.",
        path.display()
    ));
    Ok(())
}
