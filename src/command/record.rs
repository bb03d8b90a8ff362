//! `candor record`: the microphone, once everyone has said yes.

use std::time::{Duration, Instant};

use super::{
    book::{Book, ledger_id},
    consent::note_terms,
    context::Context,
    ears::{self, close_microphone, deaf, open_microphone},
    hearing, import, room,
};
use crate::{
    capture::{Level, Report},
    cli::RecordArgs,
    consent::{Event, Grant, Mark, MemberId, Record},
    error::{Error, ErrorKind, Result},
    interrupt,
    process::Helper,
    screen::keys::Keys,
    spool::SpoolWriter,
    store::{MeetingRow, MeetingState},
};

/// Seconds of perfect silence after which the microphone is taken to be dead: no working one gives zeros.
const DEAD: f32 = 3.0;

const RECORDING: &str = "RECORDING, everyone agreed.\n\
     p: off the record   a: somebody comes   l: somebody leaves   s: stop   e: stop and erase";
const OFF_THE_RECORD: &str =
    "OFF THE RECORD.\np: go on   a: somebody comes   l: somebody leaves   s: stop   e: stop and erase";

pub(super) fn run(c: &Context, args: &RecordArgs) -> Result<()> {
    if args.list {
        return ears::list_microphones(c, &mut ears::greeted(c)?);
    }
    let mut book = c.open()?;
    let mut row = book.find(
        args.session,
        |s| matches!(s, MeetingState::Consented | MeetingState::Recording),
        "that everyone has consented to and that is not recorded yet",
    )?;
    record(c, &mut book, &mut row, args.device.as_deref(), args.seconds)?;
    c.screen.note("Next: candor transcribe");
    Ok(())
}

/// Records one meeting, or goes on with one that was interrupted. Opening the microphone takes everyone's yes by value.
pub(super) fn record(
    c: &Context,
    book: &mut Book,
    row: &mut MeetingRow,
    device: Option<&str>,
    limit: Option<u32>,
) -> Result<()> {
    c.need_lockdown()?;
    let grant = book.grant::<Record>(row)?;
    c.screen.note("What everybody has agreed to:");
    note_terms(c, grant.terms());
    let mut session = Session::open(c, book, row, grant, device)?;
    let ended = session.listen(limit);
    session.close(ended)
}

/// How a recording came to its end.
#[derive(Debug, PartialEq, Eq)]
enum End {
    Stopped,
    Erased,
}

struct Session<'s> {
    c: &'s Context,
    book: &'s mut Book,
    row: &'s mut MeetingRow,
    ears: Helper,
    device: Option<&'s str>,
    spool: SpoolWriter,
    keys: Keys,
    guests: Vec<MemberId>,
    silent: f32,
}

impl<'s> Session<'s> {
    fn open(
        c: &'s Context,
        book: &'s mut Book,
        row: &'s mut MeetingRow,
        grant: Grant<Record>,
        device: Option<&'s str>,
    ) -> Result<Self> {
        debug_assert_eq!(grant.meeting(), ledger_id(&row.plan));
        let mut ears = ears::greeted(c)?;
        // A recording that may not go on is told before the microphone opens; a new one begins only once it is open.
        let before = (row.state == MeetingState::Recording).then(|| import::resume_spool(book, row.id)).transpose()?;
        open_microphone(&mut ears, device)?;
        let spool = before.map_or_else(|| import::new_spool(book, row.id), Ok)?;
        book.set_state(row, MeetingState::Recording)?;
        mark(book, row, Mark::Started)?;
        c.screen.say(RECORDING);
        Ok(Self { c, book, row, ears, device, spool, keys: Keys::listen(), guests: vec![], silent: 0.0 })
    }

    fn listen(&mut self, limit: Option<u32>) -> Result<End> {
        let mut shown = Instant::now();
        let mut marked = self.spool.acknowledged().frames;
        loop {
            if interrupt::requested() {
                return Ok(End::Stopped);
            }
            // A key goes before the sound that came in meanwhile: that is let go with the rest.
            if let Some(key) = self.keys.or_report(&self.ears) {
                if let Some(end) = self.obey(key)? {
                    return Ok(end);
                }
                continue;
            }
            match self.ears.receive::<Report>().map_err(deaf)? {
                Report::Sound { samples, level } => {
                    let so_far = self.spool.push(&samples).map_err(hearing::spool_error)?;
                    // Sound comes in tenths of a second, frames are whole ones.
                    if so_far.frames > marked {
                        marked = so_far.frames;
                        import::mark(self.book, self.row.id, marked)?;
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

    /// A key while the microphone is open.
    fn obey(&mut self, key: char) -> Result<Option<End>> {
        match key {
            's' => Ok(Some(End::Stopped)),
            'e' => Ok(Some(End::Erased)),
            'p' | 'a' | 'l' => self.off_the_record(key),
            _ => Ok(None),
        }
    }

    /// Off the record: the microphone is closed, and what is said now reaches no process. People come and go meanwhile.
    fn off_the_record(&mut self, first: char) -> Result<Option<End>> {
        close_microphone(&mut self.ears)?;
        let since = Instant::now();
        mark(self.book, self.row, Mark::Stopped)?;
        self.c.screen.say(OFF_THE_RECORD);
        let end = self.meanwhile(first);
        self.spool.pause(since.elapsed()).map_err(hearing::spool_error)?;
        let end = end?;
        if end.is_none() {
            // Somebody may have left or come meanwhile: the gate is asked again.
            drop(self.book.grant::<Record>(self.row)?);
            open_microphone(&mut self.ears, self.device)?;
            mark(self.book, self.row, Mark::Started)?;
            self.c.screen.say(RECORDING);
        }
        Ok(end)
    }

    /// What happens off the record: none when the recording goes on.
    fn meanwhile(&mut self, first: char) -> Result<Option<End>> {
        let mut key = (first != 'p').then_some(first);
        loop {
            match key {
                Some('p') => return Ok(None),
                Some('s') => return Ok(Some(End::Stopped)),
                Some('e') => return Ok(Some(End::Erased)),
                Some('a') => {
                    if !self.with_lines(room::somebody_comes)? {
                        return Ok(Some(End::Stopped));
                    }
                    self.c.screen.say(OFF_THE_RECORD);
                }
                Some('l') => {
                    self.with_lines(|c, book, row, _| room::somebody_leaves(c, book, row))?;
                    self.c.screen.say(OFF_THE_RECORD);
                }
                _ if interrupt::requested() => return Ok(Some(End::Stopped)),
                _ => {}
            }
            key = self.keys.wait(Duration::from_millis(100));
        }
    }

    /// Gives the keyboard back to whole lines while people are asked something.
    fn with_lines<T>(
        &mut self,
        ask: impl FnOnce(&Context, &mut Book, &mut MeetingRow, &mut Vec<MemberId>) -> Result<T>,
    ) -> Result<T> {
        self.keys = Keys::none();
        let answered = ask(self.c, self.book, self.row, &mut self.guests);
        self.keys = Keys::listen();
        answered
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

    fn close(self, ended: Result<End>) -> Result<()> {
        let Self { c, book, row, ears, spool, guests, keys, .. } = self;
        let meeting = ledger_id(&row.plan);
        // The microphone closes with the process, whatever else happens.
        drop((ears, keys));
        let all = spool.finish().map_err(hearing::spool_error)?;
        import::mark(book, row.id, all.frames)?;
        if book.ledger.state().meetings.get(&meeting).is_some_and(|m| m.running) {
            mark(book, row, Mark::Stopped)?;
        }
        for guest in guests {
            book.note(Event::MemberLeft { member: guest })?;
        }
        if matches!(ended, Ok(End::Erased)) {
            book.discard(row, c.screen)?;
            c.screen.result(&format!("Meeting {} is erased: its sound, and the key to it.", row.plan.session));
        } else {
            book.set_state(row, MeetingState::Recorded)?;
            let minutes = all.seconds / 60.0;
            c.screen.result(&format!("Meeting {} is recorded: {minutes:.1} minutes, locked.", row.plan.session));
        }
        book.offer_words(c.screen);
        c.screen.note("Everyone can have a receipt: candor receipts");
        ended.map(drop)
    }
}

fn mark(book: &mut Book, row: &MeetingRow, mark: Mark) -> Result<()> {
    book.note(Event::Recorded { meeting: ledger_id(&row.plan), mark })
}
