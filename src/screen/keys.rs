//! Single keys, as they are pressed: for anyone in the room, without Enter and without a password.

use std::{
    io::IsTerminal,
    sync::mpsc::{Receiver, TryRecvError, channel},
    time::Duration,
};

/// The keys that are pressed while this lives. Where the standard input is no terminal there are none.
#[derive(Debug)]
pub struct Keys {
    pressed: Receiver<char>,
    _unbuffered: Option<Unbuffered>,
}

impl Keys {
    /// Begins to listen. The terminal hands over each key at once and shows none; Ctrl-C stays what it is.
    #[must_use]
    pub fn listen() -> Self {
        let (send, pressed) = channel();
        let unbuffered = std::io::stdin().is_terminal().then(Unbuffered::new).flatten();
        if unbuffered.is_some() {
            std::thread::spawn(move || {
                use std::io::Read;
                for byte in std::io::stdin().lock().bytes().map_while(Result::ok) {
                    if send.send(char::from(byte.to_ascii_lowercase())).is_err() {
                        return;
                    }
                }
            });
        }
        Self { pressed, _unbuffered: unbuffered }
    }

    /// The next key that was pressed, if there is one.
    #[must_use]
    pub fn next(&self) -> Option<char> {
        self.pressed.try_recv().ok()
    }

    /// The next key, waited for so long.
    #[must_use]
    pub fn wait(&self, time: Duration) -> Option<char> {
        match self.pressed.try_recv() {
            Ok(key) => Some(key),
            Err(TryRecvError::Empty) => self.pressed.recv_timeout(time).ok(),
            Err(TryRecvError::Disconnected) => {
                std::thread::sleep(time);
                None
            }
        }
    }
}

/// A terminal that does not wait for Enter; as it was before once this is dropped.
#[derive(Debug)]
struct Unbuffered {
    #[cfg(unix)]
    before: rustix::termios::Termios,
}

#[cfg(unix)]
impl Unbuffered {
    fn new() -> Option<Self> {
        use rustix::termios::{LocalModes, OptionalActions, tcgetattr, tcsetattr};
        let before = tcgetattr(std::io::stdin()).ok()?;
        let mut now = before.clone();
        now.local_modes.remove(LocalModes::ICANON | LocalModes::ECHO);
        tcsetattr(std::io::stdin(), OptionalActions::Now, &now).ok()?;
        Some(Self { before })
    }
}

#[cfg(unix)]
impl Drop for Unbuffered {
    fn drop(&mut self) {
        use rustix::termios::{OptionalActions, tcsetattr};
        // A terminal that is gone has nothing to be put back.
        let _ = tcsetattr(std::io::stdin(), OptionalActions::Now, &self.before);
    }
}

#[cfg(not(unix))]
impl Unbuffered {
    /// There each key waits for Enter.
    fn new() -> Option<Self> {
        Some(Self {})
    }
}
