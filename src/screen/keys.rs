//! Single keys, as they are pressed: for anyone in the room, without Enter and without a password.

use std::time::Duration;

use crate::process::Helper;

/// The keys that are pressed while this lives. Where the standard input is no terminal there are none, and where the system
/// is no Unix there are none yet: there Ctrl-C ends a recording.
#[derive(Debug)]
pub struct Keys(Option<Unbuffered>);

impl Keys {
    /// Begins to listen. The terminal hands over each key at once and shows none; Ctrl-C stays what it is.
    #[must_use]
    pub fn listen() -> Self {
        Self(Unbuffered::new())
    }

    /// Does not listen; the keyboard gives whole lines.
    #[must_use]
    pub const fn none() -> Self {
        Self(None)
    }

    /// The next key, waited for so long.
    #[must_use]
    pub fn wait(&self, time: Duration) -> Option<char> {
        match &self.0 {
            Some(terminal) => terminal.key(time),
            None => {
                std::thread::sleep(time);
                None
            }
        }
    }

    /// Waits until a key is pressed or a helper has something to say. A key goes first: what the helper says waits.
    #[must_use]
    pub fn or_report(&self, helper: &Helper) -> Option<char> {
        self.0.as_ref().and_then(|terminal| terminal.key_or(helper))
    }
}

#[cfg(unix)]
use unix::Unbuffered;

#[cfg(unix)]
mod unix {
    use std::{
        io::{IsTerminal, stdin},
        time::Duration,
    };

    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        termios::{LocalModes, OptionalActions, Termios, tcgetattr, tcsetattr},
    };

    use crate::process::Helper;

    /// A terminal that does not wait for Enter; as it was before once this is dropped.
    #[derive(Debug)]
    pub(super) struct Unbuffered {
        before: Termios,
    }

    impl Unbuffered {
        pub(super) fn new() -> Option<Self> {
            if !stdin().is_terminal() {
                return None;
            }
            let before = tcgetattr(stdin()).ok()?;
            let mut now = before.clone();
            now.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
            tcsetattr(stdin(), OptionalActions::Now, &now).ok()?;
            Some(Self { before })
        }

        pub(super) fn key(&self, time: Duration) -> Option<char> {
            let input = stdin();
            let mut ready = [PollFd::new(&input, PollFlags::IN)];
            let time = Timespec::try_from(time).ok()?;
            // A signal ends the wait early; whoever asks looks whether it was one.
            poll(&mut ready, Some(&time)).ok().filter(|n| *n > 0)?;
            read_key()
        }

        pub(super) fn key_or(&self, helper: &Helper) -> Option<char> {
            if helper.is_waiting() {
                return self.key(Duration::ZERO);
            }
            let input = stdin();
            let mut ready = [PollFd::new(&input, PollFlags::IN), PollFd::new(helper.pipe(), PollFlags::IN)];
            poll(&mut ready, None).ok()?;
            if ready[0].revents().is_empty() { None } else { read_key() }
        }
    }

    /// One byte is enough: every key that means something is a letter.
    fn read_key() -> Option<char> {
        let mut byte = [0];
        match rustix::io::read(stdin(), &mut byte) {
            Ok(1) => Some(char::from(byte[0].to_ascii_lowercase())),
            _ => {
                // A terminal that is gone is always ready and never gives anything.
                std::thread::sleep(Duration::from_millis(10));
                None
            }
        }
    }

    impl Drop for Unbuffered {
        fn drop(&mut self) {
            // A terminal that is gone has nothing to be put back.
            let _ = tcsetattr(stdin(), OptionalActions::Now, &self.before);
        }
    }
}

#[cfg(not(unix))]
#[derive(Debug)]
struct Unbuffered;

#[cfg(not(unix))]
impl Unbuffered {
    fn new() -> Option<Self> {
        None
    }

    fn key(&self, time: Duration) -> Option<char> {
        std::thread::sleep(time);
        None
    }

    fn key_or(&self, _: &Helper) -> Option<char> {
        None
    }
}
