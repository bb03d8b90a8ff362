//! `candor brief`: the sheet for facilitator and members alike.

use std::path::Path;

use super::{
    book::{Book, ledger_id},
    consent::in_words,
    context::{Context, store_error},
    note, output,
};
use crate::{
    brief::{self, Gathering, Sheet},
    cli::{BriefArgs, BriefFormat},
    consent::{self, Audience},
    error::{Error, ErrorKind, Result},
    findings::Findings,
    store::{MeetingRow, MeetingState},
};

pub(super) fn run(c: &Context, args: &BriefArgs) -> Result<()> {
    if let Some(out) = &args.out {
        output::check_place(out)?;
    }
    let format = args.format.unwrap_or_else(|| by_ending(args.out.as_deref()));
    let book = c.open()?;
    write(c, &book, args.session, args.out.as_deref(), format)
}

fn by_ending(out: Option<&Path>) -> BriefFormat {
    match out.and_then(Path::extension).and_then(|e| e.to_str()) {
        Some("html" | "htm") => BriefFormat::Html,
        Some("json") => BriefFormat::Json,
        _ => BriefFormat::Markdown,
    }
}

/// Writes the brief of a meeting to a file, or shows it.
pub(super) fn write(
    c: &Context,
    book: &Book,
    session: Option<u32>,
    out: Option<&Path>,
    format: BriefFormat,
) -> Result<()> {
    let row = book.find(session, |s| s == MeetingState::Transcribed, "that is written down")?;
    let grant = book.grant::<consent::Brief>(&row)?;
    let terms = *grant.terms();
    if out.is_some() && terms.brief_for == Audience::Screen {
        return Err(Error::new(ErrorKind::Consent, "not everyone agreed to a page that is handed out")
            .hint("Show it on this machine: candor brief"));
    }
    let findings = book.store.findings(book.circle.id, row.plan.session).map_err(store_error)?;
    let mut findings = findings.ok_or_else(|| {
        Error::user("the circle has not been read since something changed").hint("Run: candor reflect")
    })?;
    let mut upto = book.store.meetings(book.circle.id).map_err(store_error)?;
    upto.retain(|m| m.plan.session <= row.plan.session);
    findings.commitments.retain(|p| p.quote.session <= row.plan.session);
    findings.commitments.extend(note::promises(&upto));
    findings.commitments.sort_by_key(|p| p.quote.session);
    let context = context(book, &row, &upto, terms);
    let text = render(&findings, &context, format)?;
    match out {
        Some(path) => {
            output::write_whole(path, text.as_bytes())?;
            c.screen.result(&format!("The brief lies in {}", path.display()));
        }
        None => c.screen.result(&text),
    }
    Ok(())
}

/// The sheet in one of its forms.
pub(super) fn render(findings: &Findings, context: &brief::Context, format: BriefFormat) -> Result<String> {
    let sheet = Sheet::new(findings, context);
    match format {
        BriefFormat::Html => brief::html(&sheet),
        BriefFormat::Markdown => brief::markdown(&sheet),
        BriefFormat::Json => brief::json(&sheet),
    }
    .map_err(|e| Error::new(ErrorKind::System, "the brief could not be written").because(e))
}

fn context(book: &Book, row: &MeetingRow, upto: &[MeetingRow], terms: consent::Terms) -> brief::Context {
    let gatherings = upto
        .iter()
        .filter(|m| m.state != MeetingState::Erased)
        .map(|m| Gathering {
            recorded: m.state == MeetingState::Transcribed,
            notes: (!m.notes.is_empty()).then(|| m.notes.clone()),
            ..Gathering::from(&m.plan)
        })
        .collect();
    let agreed = book.ledger.state().meetings.get(&ledger_id(&row.plan));
    let gone = agreed.is_some_and(|m| m.gone.contains(&consent::Part::Audio)) || terms.keep_audio_days == 0;
    let sound = if gone { "The sound is destroyed." } else { "The sound is still kept, locked." };
    brief::Context {
        names: terms.names_in_brief,
        gatherings,
        terms: in_words(&terms),
        erased: vec![
            sound.into(),
            format!("Everything of this meeting is erased {} days after the first yes.", terms.erase_after_days),
        ],
        ledger: Some(book.ledger.head_words()),
        language: Some("en".into()),
    }
}
