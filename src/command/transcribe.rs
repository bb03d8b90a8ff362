//! `candor transcribe`: from the spool to utterances. Each finished window is stored, so an interruption loses nothing.

use super::{
    book::Book,
    context::{Context, store_error},
    hearing::{self, Listening},
    import,
};
use crate::{
    cli::TranscribeArgs,
    consent::{Digest, Grant, Transcribe, Use, grant::Purpose},
    error::{Error, ErrorKind, Result},
    spool::SpoolReader,
    store::{MeetingRow, MeetingState},
    voices,
    wire::{ModelFile, ModelRole},
};

pub(super) fn run(c: &Context, args: &TranscribeArgs) -> Result<()> {
    let mut book = c.open()?;
    let heard = |s| matches!(s, MeetingState::Recorded | MeetingState::Recording);
    let mut row = book.find(args.session, heard, "that is recorded and not written down yet")?;
    if row.state == MeetingState::Recording {
        c.screen.warn("This recording was interrupted. What is whole of it is written down.");
    }
    write_down(c, &mut book, &mut row, &args.language, &args.terms)?;
    c.screen.note("Next: candor name, then candor reflect");
    Ok(())
}

pub(super) fn write_down(
    c: &Context,
    book: &mut Book,
    row: &mut MeetingRow,
    language: &str,
    terms: &str,
) -> Result<()> {
    let grant = book.grant::<Transcribe>(row)?;
    let apart = grant.allows(Use::TellVoicesApart);
    let roles: &[ModelRole] = if apart {
        &[ModelRole::Hear, ModelRole::SpeechOrNot, ModelRole::Voices]
    } else {
        &[ModelRole::Hear, ModelRole::SpeechOrNot]
    };
    let files = c.model_files(roles)?;
    check_models(&grant, &files)?;
    let mut mind = c.mind(&files)?;
    let (key, spool) = import::key_of(book, row.id)?;
    let path = book.spool_path(&spool.file)?;
    let reader = SpoolReader::open(&path, row.id.cast_unsigned(), &key, spool.frames).map_err(hearing::spool_error)?;
    let done = book.store.heard(row.id).map_err(store_error)?;
    let from = done.last().map_or(0.0, |h| h.upto);
    if from > 0.0 {
        c.screen.note(&format!("Going on from {:.1} minutes.", from / 60.0));
    }
    let how = Listening { language, terms, threads: c.threads, from };
    hearing::transcribe(
        &mut mind,
        &reader,
        grant,
        &how,
        |heard| book.store.add_heard(row.id, heard).map_err(store_error),
        c.screen,
    )?;
    let heard = book.store.heard(row.id).map_err(store_error)?;
    let utterances = voices::turns(&heard, row.plan.present.len(), apart);
    if utterances.is_empty() {
        return Err(Error::user("nobody speaks in this recording")
            .hint("If somebody should: check that it is the right file, and the microphone with `candor doctor`. To erase it: candor withdraw"));
    }
    book.store.put_utterances(row.id, &utterances).map_err(store_error)?;
    book.set_state(row, MeetingState::Transcribed)?;
    let keep = book.ledger.state().meetings.get(&super::book::ledger_id(&row.plan)).and_then(|m| m.agreed);
    if keep.is_none_or(|terms| terms.keep_audio_days == 0) {
        book.erase_sound(row.id)?;
        c.screen.note("The sound is destroyed, as agreed.");
    }
    let words: usize = utterances.iter().map(|u| u.text.split_whitespace().count()).sum();
    c.screen.result(&format!(
        "Meeting {} is written down: {} utterances, {words} words.",
        row.plan.session,
        utterances.len()
    ));
    Ok(())
}

/// Everyone agreed to certain models; others need a fresh yes.
pub(super) fn check_models<P: Purpose>(grant: &Grant<P>, files: &[ModelFile]) -> Result<()> {
    let other = files.iter().find(|f| Digest::from_hex(&f.sha256).is_none_or(|d| !grant.admits(d)));
    match other {
        None => Ok(()),
        Some(file) => Err(Error::new(
            ErrorKind::Consent,
            format!("the model for {} is not the one that everyone agreed to", file.role.purpose()),
        )
        .hint("Put back the model that was there, or ask everyone again about the next meeting.")),
    }
}
