//! The spool: the encrypted audio of one meeting while it is still needed.
//!
//! ```text
//! header    magic, sample rate, meeting, a random identity            36 bytes, in the clear
//! frame 0   start     proves the key and the header
//! frame k   sound     up to one second of mono 16 kHz samples
//!           pause     so long nothing was recorded: off the record, or a device lost
//! last      end       the recording was finished
//! ```
//! Every frame fills the same number of bytes, so its place follows from its number, and the file tells whoever sees it
//! only its length. Each is sealed alone with XChaCha20-Poly1305; the header and the frame's number are associated data, so
//! a frame that is moved, doubled, left out or taken from another spool does not open. The nonces are random, unlike those
//! of STREAM (Hoang, Reyhanitabar, Rogaway and Vizár 2015), whose counter would repeat when a frame that a crash tore is
//! written anew with other sound; 192 bits are enough for that.
//!
//! A frame counts once it is on the disk. A file without an end frame is not an error, it is an *interrupted* recording:
//! reading gives what is there, and writing goes on behind it. A cut at the edge of a frame looks the same as a crash, so
//! the vault keeps how many frames were acknowledged, and reading is told.
//!
//! The key is random for each meeting and stands, wrapped, in the vault; destroying it destroys the audio.

pub use {
    key::SpoolKey,
    reader::{Ending, Pause, Seconds, SpoolReader},
    writer::{Acknowledged, SpoolWriter, destroy},
};

use crate::vault::DiskError;

mod frame;
mod key;
mod reader;
mod writer;

/// Samples a second; the only rate there is.
pub const SAMPLE_RATE: u32 = 16_000;

/// Why a spool could not be written or read.
#[derive(Debug, thiserror::Error)]
pub enum SpoolError {
    /// The file does not begin like a spool, or it is of another meeting.
    #[error("the file is not the spool of this meeting")]
    NotThisSpool,
    /// The first frame does not open.
    #[error("the key does not open this spool, or its beginning was altered")]
    WrongKey,
    /// A frame does not open, or something follows the end.
    #[error("frame {0} of the spool is not as it was written")]
    Altered(u32),
    /// Frames are missing that were safely on the disk.
    #[error("the spool holds {found} frames of {acknowledged} that were recorded")]
    Lost {
        /// Frames that open.
        found: u32,
        /// Frames that the vault knows of.
        acknowledged: u32,
    },
    /// Nothing can be added to a finished recording.
    #[error("the recording was finished and cannot go on")]
    Finished,
    /// More than the frame counter holds.
    #[error("the recording is too long")]
    TooLong,
    /// The system gave no random bytes.
    #[error("the system gives no random numbers")]
    NoRandomness,
    /// The disk failed.
    #[error(transparent)]
    Disk(#[from] DiskError),
}

impl From<std::io::Error> for SpoolError {
    fn from(e: std::io::Error) -> Self {
        Self::Disk(e.into())
    }
}

#[cfg(test)]
mod crash_tests;
#[cfg(test)]
mod tamper_tests;
