//! Helpers: this same binary, started in a role with the least authority, joined by two pipes.
//!
//! Like OpenSSH's privilege separation. The child gets an empty environment, no inherited descriptors but its pipes, and
//! its own process group, so that Ctrl-C reaches the front alone and the front decides.

#![allow(clippy::disallowed_methods, reason = "the one place that starts processes")]

use std::{
    ffi::OsString,
    io::{BufReader, BufWriter},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde::{Serialize, de::DeserializeOwned};

use crate::wire::{self, WireError};

/// First argument that turns the program into its mind.
pub const MIND: &str = "__mind";
/// First argument that turns the program into its ears.
pub const EARS: &str = "__ears";

/// What the ears need to find the audio server, and nothing else.
const EARS_ENVIRONMENT: [&str; 7] = [
    "HOME",
    "XDG_RUNTIME_DIR",
    "XDG_CONFIG_HOME",
    "PULSE_SERVER",
    "PULSE_RUNTIME_PATH",
    "ALSA_CONFIG_PATH",
    "PIPEWIRE_REMOTE",
];
/// How the mind may use the processor.
const MIND_ENVIRONMENT: [&str; 2] = ["RAYON_NUM_THREADS", "CANDLE_NUM_THREADS"];

/// A running helper. Dropping it ends the process.
#[derive(Debug)]
pub struct Helper {
    child: Child,
    input: BufWriter<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Helper {
    /// Starts the mind, which will be able to read the files beneath `models` and nothing else.
    ///
    /// # Errors
    /// When the system cannot start the process.
    pub fn mind(models: &Path) -> std::io::Result<Self> {
        Self::start(MIND, &[models.as_os_str().to_owned()], &MIND_ENVIRONMENT)
    }

    /// Starts the ears, which open a microphone only when ordered to.
    ///
    /// # Errors
    /// When the system cannot start the process.
    pub fn ears() -> std::io::Result<Self> {
        Self::start(EARS, &[], &EARS_ENVIRONMENT)
    }

    fn start(role: &str, args: &[OsString], environment: &[&str]) -> std::io::Result<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(role).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        command.env_clear();
        for name in environment {
            if let Some(value) = std::env::var_os(name) {
                command.env(name, value);
            }
        }
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let mut child = command.spawn()?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(std::io::Error::other("the helper has no pipes"));
        };
        Ok(Self { child, input: BufWriter::new(input), output: BufReader::new(output) })
    }

    /// Sends one message.
    ///
    /// # Errors
    /// When the helper is gone or the message is too large.
    pub fn send<T: Serialize>(&mut self, message: &T) -> Result<(), WireError> {
        wire::send(&mut self.input, message)
    }

    /// Waits for one message.
    ///
    /// # Errors
    /// When the helper is gone or its message makes no sense.
    pub fn receive<T: DeserializeOwned>(&mut self) -> Result<T, WireError> {
        wire::receive(&mut self.output)
    }

    /// Both directions at once, for a stream that is sent by one thread and read by another: with a single thread both
    /// processes could wait on a full pipe for ever.
    pub fn split(&mut self) -> (&mut BufWriter<ChildStdin>, &mut BufReader<ChildStdout>) {
        (&mut self.input, &mut self.output)
    }

    /// Whether something that it said has come in already and waits to be received.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        !self.output.buffer().is_empty()
    }

    /// The pipe that it speaks through, to wait on.
    #[must_use]
    pub fn pipe(&self) -> &ChildStdout {
        self.output.get_ref()
    }

    /// Number of the process, for `doctor` and tests.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.child.id()
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        // It may be gone already; there is nothing to be done about either failure.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
