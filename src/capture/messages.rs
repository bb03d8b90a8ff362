//! What the front and the ears say to each other, framed as in [`crate::wire`].

use serde::{Deserialize, Serialize};

/// From the front to the ears.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Order {
    /// Name the microphones; answered by [`Report::Devices`].
    List,
    /// Listen; answered by [`Report::Opened`] and then `Sound`, or by `Trouble`. The front sends this only while it holds
    /// a grant, or for a sound check of which nothing is kept.
    Open {
        /// A device's `id`; None takes the system's default.
        device: Option<String>,
    },
    /// Stop listening; answered by [`Report::Stopped`].
    Stop,
}

/// From the ears to the front.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Report {
    /// The process is up.
    Hello {
        /// [`crate::wire::VERSION`]
        version: u16,
        /// Whether the kernel's lockdown is in force.
        locked: bool,
    },
    /// The microphones that the system names.
    Devices(Vec<Microphone>),
    /// The first real sound has arrived: only now is anything recorded.
    Opened(Format),
    /// A tenth of a second.
    Sound {
        /// Mono, 16 kHz.
        samples: Vec<i16>,
        /// How loud it is.
        level: Level,
    },
    /// Something is wrong; if [`Trouble::ends`], the microphone is closed and can be opened again.
    Trouble(Trouble),
    /// The microphone is closed; all its sound has been sent.
    Stopped,
}

/// A microphone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Microphone {
    /// For [`Order::Open`].
    pub id: String,
    /// For people.
    pub name: String,
}

/// What the device gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Format {
    /// The device.
    pub device: Microphone,
    /// Frames a second.
    pub rate: u32,
    /// Samples a frame.
    pub channels: u32,
}

/// Loudness of a stretch of sound, 1 being full scale.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Level {
    /// Largest sample.
    pub peak: f32,
    /// Root of the mean square; exactly 0 is digital silence, which no working microphone gives.
    pub rms: f32,
    /// Samples at full scale: the input is too loud.
    pub clipped: u32,
}

/// What can go wrong with a microphone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Trouble {
    /// There is none, or none of that name.
    #[error("there is no such microphone")]
    NoDevice,
    /// Another program holds it.
    #[error("the microphone is in use by another program")]
    Busy,
    /// The system does not let this program listen.
    #[error("the system refuses access to the microphone")]
    Denied,
    /// It gives a kind of sound that Candor cannot use.
    #[error("the microphone's format is not supported: {0}")]
    Unsupported(String),
    /// It was unplugged or its driver failed.
    #[error("the microphone is gone")]
    Lost,
    /// The system moved to another microphone by itself; people should confirm it.
    #[error("the system switched to another microphone")]
    Changed,
    /// Nothing has come for so many seconds.
    #[error("the microphone has sent nothing for {0} seconds")]
    Stalled(u32),
    /// So many samples were lost because the machine was too busy.
    #[error("{0} samples were lost because the machine was too busy")]
    Overrun(u64),
    /// The audio system's own words.
    #[error("the audio system failed: {0}")]
    Other(String),
}

impl Trouble {
    /// Whether the microphone is closed after this.
    #[must_use]
    pub fn ends(&self) -> bool {
        !matches!(self, Self::Overrun(_) | Self::Stalled(_))
    }
}
