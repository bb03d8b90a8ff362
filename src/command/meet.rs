//! `candor meet`: from consent to brief, in one go.

use super::{consent, context::Context, import, output, record, reflect, transcribe, write_brief};
use crate::{
    cli::{BriefFormat, MeetArgs},
    error::Result,
};

pub(super) fn run(c: &Context, args: &MeetArgs) -> Result<()> {
    output::check_place(&args.out)?;
    let mut book = c.open()?;
    let mut row = consent::ask(c, &mut book, &args.consent)?;
    match &args.consent.file {
        Some(file) => import::take_in(c, &mut book, &mut row, file)?,
        None => record::record(c, &mut book, &mut row, args.device.as_deref(), args.seconds)?,
    }
    transcribe::write_down(c, &mut book, &mut row, &args.language, "")?;
    reflect::read(c, &mut book, None)?;
    write_brief::write(c, &book, None, Some(&args.out), BriefFormat::Html)
}
