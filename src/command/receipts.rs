//! `candor receipts`: what each member takes home. One each, printable or for programs.

use std::path::Path;

use super::{book::Book, context::Context, output};
use crate::{
    cli::ReceiptsArgs,
    consent::{MeetingId, MemberId, Receipt},
    error::{Error, ErrorKind, Result},
};

pub(super) fn run(c: &Context, args: &ReceiptsArgs) -> Result<()> {
    let book = c.open()?;
    let newest = book.ledger.state().meetings.keys().next_back().copied();
    let meeting = args.session.map(MeetingId).or(newest);
    let meeting = meeting.ok_or_else(|| Error::user("nobody was asked about a meeting yet"))?;
    let receipts = match &args.member {
        Some(name) => {
            let receipt = book.ledger.receipt(meeting, book.member(name)?);
            vec![receipt.ok_or_else(|| Error::user(format!("{name} was not asked about that meeting")))?]
        }
        None => all(&book, meeting),
    };
    if receipts.is_empty() {
        return Err(Error::user(format!("nobody was asked about meeting {meeting}"))
            .hint("`candor circle show` lists the meetings."));
    }
    if let Some(folder) = &args.out {
        return write(c, &receipts, folder, args.json);
    }
    c.screen.result(&match receipts.as_slice() {
        [one] if args.json && args.member.is_some() => as_json(one)?,
        all if args.json => as_json(all)?,
        all => all.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n\x0c\n"),
    });
    Ok(())
}

fn all(book: &Book, meeting: MeetingId) -> Vec<Receipt> {
    let members = book.ledger.state().members.keys().copied();
    members.filter_map(|m: MemberId| book.ledger.receipt(meeting, m)).collect()
}

fn write(c: &Context, receipts: &[Receipt], folder: &Path, json: bool) -> Result<()> {
    for (k, receipt) in receipts.iter().enumerate() {
        let (ending, text) = if json { ("json", as_json(receipt)?) } else { ("txt", receipt.to_string()) };
        // Numbers, since a name need not make a file's name.
        let file = folder.join(format!("receipt-meeting-{}-{}.{ending}", receipt.meeting, k + 1));
        output::write_whole(&file, text.as_bytes())?;
        c.screen.result(&format!("{}: {}", receipt.pii_principal_id, file.display()));
    }
    Ok(())
}

fn as_json<T: serde::Serialize + ?Sized>(value: &T) -> Result<String> {
    serde_json::to_string_pretty(value)
        .map_err(|e| Error::new(ErrorKind::System, "the receipt could not be written").because(e))
}
