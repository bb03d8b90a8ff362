//! From sound to words: an audio file into the spool, the spool into what was heard, that into utterances.

use std::{fs::File, io::Read, path::Path};

use crate::{
    consent::{Digest, Grant, Import, Transcribe, Use},
    error::{Error, ErrorKind, Result},
    interrupt, models,
    remote::Mind,
    screen::{Progress, Screen},
    spool::{SpoolError, SpoolReader, SpoolWriter},
    wire::{Decoded, HearOptions, Heard, SECOND},
};

/// SHA-256 of a file, as the request and the grant name it.
pub(super) fn fingerprint(path: &Path) -> Result<Digest> {
    let hex = models::sha256(&mut open(path)?)
        .map_err(|e| Error::user(format!("{} cannot be read", path.display())).because(e))?;
    Digest::from_hex(&hex).ok_or_else(|| Error::new(ErrorKind::System, "a hash could not be computed"))
}

pub(super) fn open(path: &Path) -> Result<File> {
    let file = File::open(path).map_err(|e| Error::user(format!("{} cannot be opened", path.display())).because(e))?;
    let meta = file.metadata().map_err(|e| Error::user(format!("{} cannot be read", path.display())).because(e))?;
    if !meta.is_file() {
        return Err(Error::user(format!("{} is not a file", path.display())));
    }
    if meta.len() == 0 {
        return Err(Error::user(format!("{} is empty", path.display())).hint("Check that it is the right file."));
    }
    Ok(file)
}

/// Takes a recording that exists into the spool. The grant names the one file that may be brought in.
pub(super) fn bring_in(
    mind: &mut Mind,
    path: &Path,
    grant: Grant<Import>,
    mut spool: SpoolWriter,
    mut acknowledged: impl FnMut(u32) -> Result<()>,
    screen: Screen,
) -> Result<Decoded> {
    if let Some(agreed) = grant.file()
        && fingerprint(path)? != agreed
    {
        return Err(Error::new(ErrorKind::Consent, "this is not the file that everyone was asked about")
            .hint("Ask about this one: candor consent --file FILE"));
    }
    let file = open(path)?;
    let size = file.metadata().map_or(0, |m| m.len());
    let progress = screen.progress("Reading the recording", size);
    let read = Counted { file, progress: &progress, read: 0 };
    let decoded = mind.decode(read, |samples| {
        let so_far = spool.push(samples).map_err(spool_error)?;
        if so_far.frames % MARK_EVERY == 0 {
            acknowledged(so_far.frames)?;
        }
        if interrupt::requested() { Err(stopped()) } else { Ok(()) }
    });
    let decoded = decoded.map_err(|e| if e.kind == ErrorKind::Interrupted { e } else { e.about(path) })?;
    let all = spool.finish().map_err(spool_error)?;
    acknowledged(all.frames)?;
    progress.done(&format!("{:.1} minutes of {}", all.seconds / 60.0, decoded.format));
    Ok(decoded)
}

/// What somebody wants to know about how to listen.
pub(super) struct Listening<'a> {
    pub(super) language: &'a str,
    /// Names and terms that Whisper is told of.
    pub(super) terms: &'a str,
    pub(super) threads: u32,
    /// Seconds that are heard already.
    pub(super) from: f32,
}

/// Transcribes what is in the spool; `take` stores each finished window.
pub(super) fn transcribe(
    mind: &mut Mind,
    spool: &SpoolReader,
    grant: Grant<Transcribe>,
    how: &Listening<'_>,
    mut take: impl FnMut(Heard) -> Result<()>,
    screen: Screen,
) -> Result<()> {
    let options = HearOptions {
        language: (how.language != "auto").then(|| how.language.to_owned()),
        hints: how.terms.to_owned(),
        voices: grant.allows(Use::TellVoicesApart),
        from: how.from,
        threads: how.threads,
    };
    let progress = screen.progress("Writing down", spool.length() as u64);
    // Going on in the middle of a second: what was heard of it already is left out.
    let heard_of_it = (how.from.fract() * SECOND as f32) as usize;
    let seconds = spool.seconds(how.from as u32).enumerate().map(|(k, second)| {
        let mut samples = second.map_err(spool_error)?;
        if k == 0 {
            samples.drain(..heard_of_it.min(samples.len()));
        }
        Ok(samples)
    });
    mind.hear(options, seconds, |heard| {
        progress.at(heard.upto as u64);
        take(heard)
    })?;
    progress.done(&format!("{:.1} minutes", spool.length() / 60.0));
    Ok(())
}

/// Seconds after which the vault's mark of what was acknowledged is raised.
const MARK_EVERY: u32 = 10;

pub(super) fn spool_error(e: SpoolError) -> Error {
    let hint = match &e {
        SpoolError::Disk(_) => "Make room on the disk and run the same again; what was written before is kept.",
        _ => "The recording was changed or damaged; what is whole of it can still be read.",
    };
    let kind = if matches!(e, SpoolError::Disk(_)) { ErrorKind::System } else { ErrorKind::Tampered };
    Error::new(kind, "the locked recording failed").because(e).hint(hint)
}

fn stopped() -> Error {
    Error::new(ErrorKind::Interrupted, "stopped").hint("Nothing was kept of the import; run it again from the start.")
}

/// A file that tells how far it has been read.
struct Counted<'p> {
    file: File,
    progress: &'p Progress,
    read: u64,
}

impl Read for Counted<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.file.read(buffer)?;
        self.read += n as u64;
        self.progress.at(self.read);
        Ok(n)
    }
}
