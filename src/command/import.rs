//! `candor import`: an existing recording, through the same gate as the microphone.

use std::{path::Path, time::Duration};

use super::{
    book::Book,
    context::{Context, store_error},
    hearing,
};
use crate::{
    cli::ImportArgs,
    consent::Import,
    error::{Error, ErrorKind, Result},
    spool::{self, SpoolKey, SpoolWriter},
    store::{MeetingRow, MeetingState, SpoolRow},
};

pub(super) fn run(c: &Context, args: &ImportArgs) -> Result<()> {
    drop(hearing::open(&args.file)?);
    let mut book = c.open()?;
    let mut row = book
        .find(
            args.session,
            |s| s == MeetingState::Consented,
            "that everyone has consented to and that is not recorded yet",
        )
        .map_err(|e| e.hint(format!("Ask everyone first: candor consent --file \"{}\"", args.file.display())))?;
    take_in(c, &mut book, &mut row, &args.file)?;
    c.screen.note("Next: candor transcribe");
    Ok(())
}

/// Opens the gate, makes the spool, and takes the file in. What fails leaves nothing behind.
pub(super) fn take_in(c: &Context, book: &mut Book, row: &mut MeetingRow, file: &Path) -> Result<()> {
    let grant = book.grant::<Import>(row)?;
    let mut mind = c.mind(&[])?;
    let spool = new_spool(book, row.id)?;
    let taken = hearing::bring_in(&mut mind, file, grant, spool, |n| mark(book, row.id, n), c.screen);
    let decoded = taken.inspect_err(|_| {
        // The file is still where it was: an import is whole or not at all. A second failure adds nothing to the first.
        let _ = book.erase_sound(row.id);
    })?;
    book.set_state(row, MeetingState::Recorded)?;
    let minutes = decoded.samples as f64 / 16_000.0 / 60.0;
    c.screen.result(&format!("Meeting {} is recorded: {minutes:.1} minutes, locked.", row.plan.session));
    if minutes < MUCH_TOO_SHORT {
        c.screen.warn("That is very short for a meeting. Check that it is the right file.");
    }
    Ok(())
}

/// Minutes under which a recording is hardly a meeting.
const MUCH_TOO_SHORT: f64 = 1.0;

/// A new spool for a meeting. Its key is stored before the first second is written.
pub(super) fn new_spool(book: &Book, meeting: i64) -> Result<SpoolWriter> {
    let file = format!("meeting-{meeting}.spool");
    let number = meeting.cast_unsigned();
    let failed = hearing::spool_error;
    let key = SpoolKey::random().map_err(failed)?;
    let wrapped = key.wrap(&book.store.vault().spool_wrapping_key(), number).map_err(failed)?;
    let path = book.spool_path(&file)?;
    // What an interrupted run left: a key without its file, or noise without its key.
    book.erase_sound(meeting)?;
    spool::destroy(&path).map_err(failed)?;
    book.store.add_spool(meeting, &SpoolRow { file, wrapped, frames: 0 }).map_err(store_error)?;
    SpoolWriter::create(&path, number, &key).map_err(failed)
}

/// How long after it broke off a recording may go on. Later it is another gathering, whatever the people said at the first.
const SAME_MEETING: Duration = Duration::from_secs(30 * 60);

/// Goes on with the spool of an interrupted recording. What the clock ran on meanwhile is a pause in it.
pub(super) fn resume_spool(book: &Book, meeting: i64) -> Result<SpoolWriter> {
    let (key, row) = key_of(book, meeting)?;
    let path = book.spool_path(&row.file)?;
    let quiet = std::fs::metadata(&path).and_then(|m| m.modified()).ok().and_then(|t| t.elapsed().ok());
    if quiet.is_none_or(|t| t > SAME_MEETING) {
        return Err(Error::new(ErrorKind::Consent, "this recording broke off more than half an hour ago")
            .hint("Finish it with what there is: candor transcribe. To record on, ask everyone anew: candor consent"));
    }
    let mut spool =
        SpoolWriter::resume(&path, meeting.cast_unsigned(), &key, row.frames).map_err(hearing::spool_error)?;
    spool.pause(quiet.unwrap_or_default()).map_err(hearing::spool_error)?;
    Ok(spool)
}

pub(super) fn mark(book: &Book, meeting: i64, frames: u32) -> Result<()> {
    book.store.mark_spool(meeting, frames).map_err(store_error)
}

/// The key and the place of a meeting's recording.
pub(super) fn key_of(book: &Book, meeting: i64) -> Result<(SpoolKey, SpoolRow)> {
    let row = book.store.spool(meeting).map_err(store_error)?;
    let row = row.ok_or_else(|| Error::new(ErrorKind::Consent, "the sound of this meeting no longer exists"))?;
    let under = book.store.vault().spool_wrapping_key();
    let key = SpoolKey::unwrap(&row.wrapped, &under, meeting.cast_unsigned()).map_err(hearing::spool_error)?;
    Ok((key, row))
}
