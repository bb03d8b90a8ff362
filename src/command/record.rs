//! `candor record`: the microphone, once everyone has said yes.

use std::time::{Duration, Instant};

use super::{
    book::{Book, ledger_id},
    context::Context,
    hearing, import,
};
use crate::{
    capture::{Level, Order, Report},
    cli::RecordArgs,
    consent::{Event, Grant, Mark, Record},
    error::{Error, ErrorKind, Result},
    interrupt,
    process::Helper,
    screen::keys::Keys,
    store::{MeetingRow, MeetingState},
    wire::{self, WireError},
};

/// Seconds of perfect silence after which the microphone is taken to be dead: no working one gives zeros.
const DEAD: f32 = 3.0;

const RECORDING: &str = "RECORDING, everyone agreed.   p: off the record   s: stop   e: stop and erase";
const OFF_THE_RECORD: &str = "OFF THE RECORD.   p: go on   s: stop   e: stop and erase";

pub(super) fn run(c: &Context, args: &RecordArgs) -> Result<()> {
    if args.list {
        return list_devices(c);
    }
    let mut book = c.open()?;
    let mut row = book.find(
        args.session,
        |s| s == MeetingState::Consented,
        "that everyone has consented to and that is not recorded yet",
    )?;
    record(c, &mut book, &mut row, args.device.as_deref(), args.seconds)?;
    c.screen.note("Next: candor transcribe");
    Ok(())
}

/// Lists the microphones.
pub(super) fn list_devices(c: &Context) -> Result<()> {
    let mut ears = ears()?;
    ears.send(&Order::List).map_err(deaf)?;
    match ears.receive::<Report>().map_err(deaf)? {
        Report::Devices(devices) if devices.is_empty() => c.screen.check("microphone", Some(false), "none was found"),
        Report::Devices(devices) => {
            for d in devices {
                c.screen.check(&d.name, Some(true), &d.id);
            }
        }
        Report::Trouble(t) => c.screen.check("microphone", Some(false), &t.to_string()),
        _ => return Err(deaf(WireError::Malformed)),
    }
    Ok(())
}

/// Records one meeting. Opening the microphone takes everyone's yes by value.
pub(super) fn record(
    c: &Context,
    book: &mut Book,
    row: &mut MeetingRow,
    device: Option<&str>,
    limit: Option<u32>,
) -> Result<()> {
    c.need_lockdown()?;
    let grant = book.grant::<Record>(row)?;
    let mut session = Session::open(c, book, row, grant, device)?;
    let keys = Keys::listen();
    c.screen.say(RECORDING);
    let ended = session.listen(book, row, &keys, limit);
    drop(keys);
    session.close(c, book, row, ended)
}

/// How a recording came to its end.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Stopped,
    Erased,
}

struct Session<'c> {
    c: &'c Context,
    ears: Helper,
    device: Option<String>,
    spool: crate::spool::SpoolWriter,
    silent: f32,
}

impl<'c> Session<'c> {
    fn open(
        c: &'c Context,
        book: &mut Book,
        row: &mut MeetingRow,
        grant: Grant<Record>,
        device: Option<&str>,
    ) -> Result<Self> {
        debug_assert_eq!(grant.meeting(), ledger_id(&row.plan));
        let mut ears = ears()?;
        open_microphone(&mut ears, device)?;
        let spool = import::new_spool(book, row.id)?;
        book.set_state(row, MeetingState::Recording)?;
        book.note(Event::Recorded { meeting: grant.meeting(), mark: Mark::Started })?;
        Ok(Self { c, ears, device: device.map(str::to_owned), spool, silent: 0.0 })
    }

    fn listen(&mut self, book: &mut Book, row: &MeetingRow, keys: &Keys, limit: Option<u32>) -> Result<End> {
        let mut shown = Instant::now();
        let mut marked = 0;
        loop {
            if interrupt::requested() {
                return Ok(End::Stopped);
            }
            match keys.next() {
                Some('s') => return Ok(End::Stopped),
                Some('e') => return Ok(End::Erased),
                Some('p') => {
                    if let Some(end) = self.pause(book, row, keys)? {
                        return Ok(end);
                    }
                }
                _ => {}
            }
            match self.ears.receive::<Report>().map_err(deaf)? {
                Report::Sound { samples, level } => {
                    let so_far = self.spool.push(&samples).map_err(hearing::spool_error)?;
                    // Sound comes in tenths of a second, frames are whole ones.
                    if so_far.frames > marked {
                        marked = so_far.frames;
                        import::mark(book, row.id, marked)?;
                    }
                    self.heed(level, samples.len())?;
                    if shown.elapsed() > Duration::from_secs(1) {
                        shown = Instant::now();
                        self.c.screen.meter(so_far.seconds, level.peak);
                    }
                    if limit.is_some_and(|n| so_far.seconds >= n as f32) {
                        return Ok(End::Stopped);
                    }
                }
                Report::Trouble(t) if t.ends() => {
                    self.c.screen.warn(&format!("{t}. The recording has stopped; what was recorded is kept."));
                    return Ok(End::Stopped);
                }
                Report::Trouble(t) => self.c.screen.warn(&t.to_string()),
                Report::Stopped => return Ok(End::Stopped),
                _ => {}
            }
        }
    }

    /// Off the record: the microphone is closed, and what is said now reaches no process.
    fn pause(&mut self, book: &mut Book, row: &MeetingRow, keys: &Keys) -> Result<Option<End>> {
        self.hush()?;
        let since = Instant::now();
        let meeting = ledger_id(&row.plan);
        book.note(Event::Recorded { meeting, mark: Mark::Stopped })?;
        self.c.screen.say(OFF_THE_RECORD);
        let end = loop {
            match keys.wait(Duration::from_millis(100)) {
                Some('s') => break Some(End::Stopped),
                Some('e') => break Some(End::Erased),
                Some('p') => break None,
                _ if interrupt::requested() => break Some(End::Stopped),
                _ => {}
            }
        };
        self.spool.pause(since.elapsed()).map_err(hearing::spool_error)?;
        if end.is_none() {
            // Somebody may have left or come meanwhile: the gate is asked again.
            drop(book.grant::<Record>(row)?);
            open_microphone(&mut self.ears, self.device.as_deref())?;
            book.note(Event::Recorded { meeting, mark: Mark::Started })?;
            self.c.screen.say(RECORDING);
        }
        Ok(end)
    }

    /// Closes the microphone and lets what was still on its way go.
    fn hush(&mut self) -> Result<()> {
        self.ears.send(&Order::Stop).map_err(deaf)?;
        while !matches!(self.ears.receive::<Report>().map_err(deaf)?, Report::Stopped) {}
        Ok(())
    }

    fn heed(&mut self, level: Level, samples: usize) -> Result<()> {
        self.silent = if level.rms == 0.0 { self.silent + samples as f32 / 16_000.0 } else { -1e9 };
        if self.silent > DEAD {
            return Err(Error::new(ErrorKind::System, "the microphone gives nothing but digital silence")
                .hint("Choose another with --device, or switch it on in the system's settings; `candor record --list` shows them."));
        }
        if level.clipped > 0 {
            self.c.screen.warn("The microphone is too loud: move it away or turn it down.");
        }
        Ok(())
    }

    fn close(self, c: &Context, book: &mut Book, row: &mut MeetingRow, ended: Result<End>) -> Result<()> {
        let meeting = ledger_id(&row.plan);
        // The microphone closes with the process, whatever else happens.
        drop(self.ears);
        let all = self.spool.finish().map_err(hearing::spool_error)?;
        import::mark(book, row.id, all.frames)?;
        if book.ledger.state().meetings.get(&meeting).is_some_and(|m| m.running) {
            book.note(Event::Recorded { meeting, mark: Mark::Stopped })?;
        }
        if matches!(ended, Ok(End::Erased)) {
            book.note(Event::Discarded { meeting })?;
            book.erase_what_is_due(c.screen)?;
            row.state = MeetingState::Erased;
            c.screen.result(&format!("Meeting {} is erased.", row.plan.session));
            return Ok(());
        }
        book.set_state(row, MeetingState::Recorded)?;
        c.screen.result(&format!(
            "Meeting {} is recorded: {:.1} minutes, locked.",
            row.plan.session,
            all.seconds / 60.0
        ));
        ended.map(drop)
    }
}

fn ears() -> Result<Helper> {
    let mut ears = Helper::ears()
        .map_err(|e| Error::new(ErrorKind::System, "the ears process could not be started").because(e))?;
    match ears.receive::<Report>().map_err(deaf)? {
        Report::Hello { version: wire::VERSION, locked } if locked || !cfg!(target_os = "linux") => Ok(ears),
        Report::Hello { locked: false, .. } => {
            Err(Error::new(ErrorKind::System, "the kernel does not let Candor lock its ears process down")
                .hint("`candor doctor` shows what is missing; Candor does not record without it."))
        }
        _ => Err(deaf(WireError::Malformed)),
    }
}

fn open_microphone(ears: &mut Helper, device: Option<&str>) -> Result<()> {
    ears.send(&Order::Open { device: device.map(str::to_owned) }).map_err(deaf)?;
    loop {
        match ears.receive::<Report>().map_err(deaf)? {
            Report::Opened(_) => return Ok(()),
            Report::Trouble(t) => {
                return Err(Error::new(ErrorKind::System, t.to_string())
                    .hint("`candor record --list` shows the microphones; choose one with --device."));
            }
            _ => {}
        }
    }
}

fn deaf(e: WireError) -> Error {
    Error::new(ErrorKind::System, "the ears process ended in the middle of its work")
        .because(e)
        .hint("What was recorded until then is kept: candor transcribe")
}
