//! The front's side of the mind: typed questions and answers over the wire.
//!
//! A mind that crashes costs nothing but the question: what was stored stays, and the next question starts another.

use std::{
    io::Read,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};

use crate::{
    error::{Error, ErrorKind, Result},
    interrupt,
    process::Helper,
    session::MoveScores,
    wire::{
        self, Choice, Decoded, Failure, HearOptions, Heard, MeetingText, ModelFile, PhraseRequest, Reply, Request,
        WireError,
    },
};

/// Bytes of an audio file in one message.
const CHUNK: usize = 1 << 18;

/// A running mind.
#[derive(Debug)]
pub struct Mind {
    helper: Helper,
    watch: Option<Watch>,
}

impl Mind {
    /// Starts a mind that can read the files beneath `models`, and checks that it is locked down.
    ///
    /// # Errors
    /// When the process cannot start, cannot lock itself down (on Linux), or is another version.
    pub fn start(models: &Path) -> Result<Self> {
        let helper = Helper::mind(models)
            .map_err(|e| Error::new(ErrorKind::System, "the mind process could not be started").because(e))?;
        let watch = Watch::over(helper.id());
        let mut mind = Self { helper, watch: Some(watch) };
        mind.tell(&Request::Hello { version: wire::VERSION })?;
        match mind.hear_back()? {
            Reply::Hello { version: wire::VERSION, locked } if locked || !cfg!(target_os = "linux") => Ok(mind),
            Reply::Hello { locked: false, .. } => {
                Err(Error::new(ErrorKind::System, "the kernel does not let Candor lock its mind process down").hint(
                    "Linux 5.13 or later with Landlock and seccomp is needed; `candor doctor` shows what is missing.",
                ))
            }
            _ => Err(Error::new(ErrorKind::System, "the mind process speaks another version")
                .hint("Candor was replaced while it ran: start it again.")),
        }
    }

    /// Verifies a model and loads it.
    ///
    /// # Errors
    /// When the file is missing, has another hash or is broken.
    pub fn load(&mut self, file: ModelFile) -> Result<()> {
        self.tell(&Request::Load(file))?;
        match self.hear_back()? {
            Reply::Loaded(_) => Ok(()),
            other => Err(unexpected(&other)),
        }
    }

    /// Decodes an audio file to mono 16 kHz samples, handed to `take` a second at a time.
    ///
    /// # Errors
    /// When the file cannot be read, is no audio, or `take` fails. What `take` got before stays with it.
    pub fn decode(
        &mut self,
        mut file: impl Read + Send,
        mut take: impl FnMut(&[i16]) -> Result<()>,
    ) -> Result<Decoded> {
        let (input, output) = self.helper.split();
        std::thread::scope(|scope| {
            let feeder = scope.spawn(move || -> Result<(), WireError> {
                let mut chunk = vec![0; CHUNK];
                loop {
                    match file.read(&mut chunk).map_err(WireError::Io)? {
                        0 => return wire::send(input, &Request::AudioEnd),
                        n => wire::send(input, &Request::AudioBytes(chunk[..n].to_vec()))?,
                    }
                }
            });
            let mut refused = None;
            let decoded = loop {
                match wire::receive(output).map_err(gone) {
                    Ok(Reply::Pcm(samples)) if refused.is_none() => refused = take(&samples).err(),
                    Ok(Reply::Pcm(_)) => {}
                    Ok(Reply::Decoded(d)) => break Ok(d),
                    Ok(other) => break Err(unexpected(&other)),
                    Err(e) => break Err(e),
                }
            };
            let fed = feeder.join().unwrap_or(Err(WireError::Closed));
            match (refused, decoded, fed) {
                (Some(e), _, _) => Err(e),
                (None, Ok(_), Err(WireError::Io(e))) => {
                    Err(Error::user("the recording could not be read to its end").because(e))
                }
                (None, decoded, _) => decoded,
            }
        })
    }

    /// Transcribes seconds of audio as they come; `take` gets each finished window.
    ///
    /// # Errors
    /// When a second cannot be read, the mind fails, or `take` does. Finished windows stay with `take`.
    pub fn hear(
        &mut self,
        options: HearOptions,
        seconds: impl Iterator<Item = Result<Vec<i16>>> + Send,
        mut take: impl FnMut(Heard) -> Result<()>,
    ) -> Result<()> {
        let (input, output) = self.helper.split();
        std::thread::scope(|scope| {
            let feeder = scope.spawn(move || -> Result<()> {
                wire::send(input, &Request::Hear(options)).map_err(gone)?;
                let mut failed = None;
                for second in seconds {
                    match second {
                        Ok(samples) => wire::send(input, &Request::Pcm(samples)).map_err(gone)?,
                        Err(e) => {
                            failed = Some(e);
                            break;
                        }
                    }
                }
                wire::send(input, &Request::PcmEnd).map_err(gone)?;
                failed.map_or(Ok(()), Err)
            });
            let mut refused = None;
            let heard = loop {
                match wire::receive(output).map_err(gone) {
                    Ok(Reply::Heard(window)) if refused.is_none() => refused = take(window).err(),
                    Ok(Reply::Heard(_)) => {}
                    Ok(Reply::HearDone) => break Ok(()),
                    Ok(other) => break Err(unexpected(&other)),
                    Err(e) => break Err(e),
                }
            };
            let fed = feeder.join().unwrap_or_else(|_| Err(gone(WireError::Closed)));
            refused.map_or(heard, Err).and(fed)
        })
    }

    /// One unit-length vector a text.
    ///
    /// # Errors
    /// When the mind fails.
    pub fn embed(&mut self, texts: Vec<String>) -> Result<Vec<Vec<f32>>> {
        self.tell(&Request::Embed(texts))?;
        loop {
            match self.hear_back()? {
                Reply::Embedded(vectors) => return Ok(vectors),
                Reply::Progress { .. } => {}
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// A probability for every move of every utterance; `progress` gets units done and units in all.
    ///
    /// # Errors
    /// When the mind fails.
    pub fn moves(&mut self, meeting: MeetingText, mut progress: impl FnMut(u32, u32)) -> Result<Vec<MoveScores>> {
        self.tell(&Request::Moves(meeting))?;
        loop {
            match self.hear_back()? {
                Reply::Moves(rows) => return Ok(rows),
                Reply::Progress { done, total } => progress(done, total),
                other => return Err(unexpected(&other)),
            }
        }
    }

    /// How well each option answers.
    ///
    /// # Errors
    /// When the mind fails.
    pub fn choose(&mut self, choice: Choice) -> Result<Vec<f32>> {
        self.tell(&Request::Choose(choice))?;
        match self.hear_back()? {
            Reply::Chosen(scores) => Ok(scores),
            other => Err(unexpected(&other)),
        }
    }

    /// A few words out of what was said, as they were said.
    ///
    /// # Errors
    /// When no source has such a phrase, or the mind fails.
    pub fn phrase(&mut self, request: PhraseRequest) -> Result<String> {
        self.tell(&Request::Phrase(request))?;
        match self.hear_back()? {
            Reply::Phrased(words) => Ok(words),
            other => Err(unexpected(&other)),
        }
    }

    /// Number of the process.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.helper.id()
    }

    fn tell(&mut self, request: &Request) -> Result<()> {
        self.helper.send(request).map_err(gone)
    }

    fn hear_back(&mut self) -> Result<Reply> {
        match self.helper.receive().map_err(gone)? {
            Reply::Failed(why) => Err(failed(&why)),
            reply => Ok(reply),
        }
    }
}

impl Drop for Mind {
    fn drop(&mut self) {
        // The watch must be over before the process is reaped, or it could end a stranger with the same number.
        drop(self.watch.take());
    }
}

fn gone(e: WireError) -> Error {
    if interrupt::requested() {
        return Error::new(ErrorKind::Interrupted, "stopped")
            .hint("What was finished is kept; run the same again to go on.");
    }
    match e {
        WireError::Closed => Error::new(ErrorKind::System, "the mind process ended in the middle of its work")
            .hint("Nothing that was stored is lost. Run the same again to go on; if it ends at the same place, `candor doctor` checks the models and the memory."),
        other => Error::new(ErrorKind::System, "the mind process could not be understood").because(other),
    }
}

fn unexpected(reply: &Reply) -> Error {
    match reply {
        Reply::Failed(why) => failed(why),
        _ => Error::new(ErrorKind::System, "the mind process gave an answer to another question"),
    }
}

fn failed(why: &Failure) -> Error {
    let fetch = "Run `candor-fetch` to fetch it again.";
    match why {
        Failure::ModelUnreadable(role, reason) => {
            Error::user(format!("the model for {} cannot be read: {reason}", role.purpose())).hint(fetch)
        }
        Failure::ModelHash(role) => {
            Error::user(format!("the model for {} is not the file it should be: its SHA-256 differs", role.purpose()))
                .hint(fetch)
        }
        Failure::ModelBroken(role, reason) => {
            Error::user(format!("the model for {} could not be loaded: {reason}", role.purpose())).hint(fetch)
        }
        Failure::ModelMissing(role) => Error::user(format!("the model for {} is missing", role.purpose())).hint(fetch),
        Failure::NotAudio(reason) => Error::user(format!("the file is no audio that Candor can read: {reason}"))
            .hint("WAV, FLAC, MP3, M4A, OGG and Opus are read; convert it, or check that it is the right file."),
        Failure::AudioTruncated(seconds) => Error::user(format!("the recording breaks off after {seconds} s"))
            .hint("Copy it again from where it came from; if this is all there is, convert it to WAV first."),
        Failure::AudioEmpty => {
            Error::user("the recording holds no sound at all").hint("Check that it is the right file.")
        }
        Failure::OutOfOrder => Error::new(ErrorKind::System, "the mind process was asked in the wrong order"),
        Failure::TooLong { tokens, limit } => Error::new(
            ErrorKind::System,
            format!("a question of {tokens} tokens was put to the language model, which holds {limit}"),
        ),
        Failure::Internal(kind) => Error::new(ErrorKind::System, format!("the mind process failed ({kind})"))
            .hint("Nothing that was stored is lost; run the same again."),
    }
}

/// Ends the mind when the person presses Ctrl-C, so that a blocked read returns at once.
#[derive(Debug)]
struct Watch {
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    fn over(process: u32) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let seen = Arc::clone(&over);
        let thread = std::thread::spawn(move || {
            while !seen.load(Ordering::SeqCst) {
                if interrupt::requested() {
                    kill(process);
                    return;
                }
                std::thread::sleep(Duration::from_millis(50));
            }
        });
        Self { over, thread: Some(thread) }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(thread) = self.thread.take() {
            // It has nothing to tell.
            let _ = thread.join();
        }
    }
}

#[cfg(unix)]
fn kill(process: u32) {
    let number = i32::try_from(process).ok().and_then(rustix::process::Pid::from_raw);
    if let Some(pid) = number {
        // It may have ended by itself.
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::KILL);
    }
}

#[cfg(not(unix))]
fn kill(_process: u32) {
    // There the child gets Ctrl-C itself.
}
