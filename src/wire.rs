//! Messages between the front and its helpers, over inherited pipes.
//!
//! A frame is a little-endian `u32` length and that many bytes of postcard. Frames are bounded, so that a helper gone
//! wrong cannot make the front allocate without end; the first message carries [`VERSION`].

use std::{
    io::{Read, Write},
    path::PathBuf,
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::session::{Meeting, MoveScores, Rule};

/// Both sides are the same binary; a mismatch means that it was replaced while running.
pub const VERSION: u16 = 1;

/// Largest frame either side accepts, in bytes.
pub const MAX_FRAME: usize = 8 << 20;

/// Samples in a full PCM message: one second at 16 kHz.
pub const SECOND: usize = 16_000;

/// What a model file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModelRole {
    /// Whisper, ggml.
    Hear,
    /// Silero voice activity detection, ggml.
    SpeechOrNot,
    /// GE2E speaker encoder, safetensors.
    Voices,
    /// MiniLM sentence encoder, safetensors.
    Meaning,
    /// Its tokenizer, JSON.
    MeaningTokenizer,
    /// Language model, GGUF.
    Mind,
}

impl ModelRole {
    /// In words, for messages: "the model for hearing speech".
    #[must_use]
    pub const fn purpose(self) -> &'static str {
        match self {
            Self::Hear => "hearing speech (Whisper)",
            Self::SpeechOrNot => "finding speech (Silero)",
            Self::Voices => "telling voices apart",
            Self::Meaning => "meaning (MiniLM)",
            Self::MeaningTokenizer => "meaning (its tokenizer)",
            Self::Mind => "language",
        }
    }
}

/// A file that the mind may open, with the hash it must have.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelFile {
    /// What it is for.
    pub role: ModelRole,
    /// Where it lies.
    pub path: PathBuf,
    /// SHA-256, lower-case hexadecimal.
    pub sha256: String,
}

/// From the front to the mind.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Request {
    /// First of all.
    Hello {
        /// [`VERSION`]
        version: u16,
    },
    /// Verify and load a model; answered by `Loaded`.
    Load(ModelFile),
    /// A piece of an audio file (WAV, FLAC, MP3, M4A, OGG/Opus), in order. No answer.
    AudioBytes(Vec<u8>),
    /// The audio file is complete: answered by `Pcm`... and `Decoded`.
    AudioEnd,
    /// Begin to transcribe; what follows is `Pcm`... and `PcmEnd`. `Heard` comes whenever a window is finished.
    Hear(HearOptions),
    /// Mono 16 kHz samples, at most [`SECOND`] of them.
    Pcm(Vec<i16>),
    /// No more samples: the last `Heard`, then `HearDone`.
    PcmEnd,
    /// Sentence embeddings; answered by `Embedded`.
    Embed(Vec<String>),
    /// Moves and embeddings of a whole meeting; answered by `Progress`... and `Moves`.
    Moves(MeetingText),
    /// How well each option continues the prompt; answered by `Chosen`.
    Choose(Choice),
    /// A few words copied from given texts; answered by `Phrased`.
    Phrase(PhraseRequest),
}

/// From the mind to the front.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum Reply {
    /// Ready, locked down.
    Hello {
        /// [`VERSION`]
        version: u16,
        /// Whether the kernel's lockdown is in force.
        locked: bool,
    },
    /// The model is in memory.
    Loaded(ModelRole),
    /// Mono 16 kHz samples of the decoded file.
    Pcm(Vec<i16>),
    /// The file is decoded.
    Decoded(Decoded),
    /// A window is finished.
    Heard(Heard),
    /// All that was sent has been transcribed.
    HearDone,
    /// One unit-length vector a text.
    Embedded(Vec<Vec<f32>>),
    /// Long work goes on.
    Progress {
        /// Units done.
        done: u32,
        /// Units in all.
        total: u32,
    },
    /// One row an utterance.
    Moves(Vec<MoveScores>),
    /// Mean log-probability a token of each option.
    Chosen(Vec<f32>),
    /// The request failed; the mind goes on.
    Failed(Failure),
    /// Words that stand in one of the texts as they are.
    Phrased(String),
}

/// Why the mind could not do what was asked. Never holds what was said in a meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Failure {
    /// The model file cannot be read, with the reason.
    ModelUnreadable(ModelRole, String),
    /// The model file has another hash.
    ModelHash(ModelRole),
    /// The model file's contents make no sense to its loader.
    ModelBroken(ModelRole, String),
    /// A model is needed that was not loaded.
    ModelMissing(ModelRole),
    /// Not an audio file that Candor can read, with the reason.
    NotAudio(String),
    /// The audio file stops before its end, after so many whole seconds.
    AudioTruncated(u32),
    /// The audio file holds no samples.
    AudioEmpty,
    /// The request came in the wrong order.
    OutOfOrder,
    /// Anything else, by kind.
    Internal(String),
    /// The prompt does not fit the language model.
    TooLong {
        /// Tokens in the prompt and what was to follow.
        tokens: u32,
        /// Tokens that the model can hold.
        limit: u32,
    },
}

/// What an audio file was.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decoded {
    /// Samples at 16 kHz that were sent.
    pub samples: u64,
    /// As in the file.
    pub sample_rate: u32,
    /// As in the file; they are mixed to one.
    pub channels: u32,
    /// "flac", "wav"...
    pub format: String,
}

/// How to transcribe.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HearOptions {
    /// Two letters; None lets Whisper find out.
    pub language: Option<String>,
    /// Names and terms of the circle, as a hint to Whisper.
    pub hints: String,
    /// Whether the terms allow telling voices apart.
    pub voices: bool,
    /// Time of the first sample to come, in seconds; not 0 when going on after an interruption.
    pub from: f32,
    /// Threads for Whisper.
    pub threads: u32,
}

/// What was heard in a finished window.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Heard {
    /// Everything before this second is final.
    pub upto: f32,
    /// Where there was speech: start and end in seconds.
    pub speech: Vec<(f32, f32)>,
    /// The words, in order.
    pub words: Vec<Word>,
    /// Voice embeddings of short windows; empty unless allowed.
    pub voices: Vec<VoiceWindow>,
    /// Language that was spoken, two letters.
    pub language: String,
}

/// A word as it was heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Word {
    /// Seconds.
    pub start: f32,
    /// Seconds.
    pub end: f32,
    /// With its punctuation, without blanks around.
    pub text: String,
    /// Probability, 0..1.
    pub p: f32,
    /// Whether Whisper began a new segment here.
    pub opens: bool,
}

/// The sound of a voice in a short window. Lives no longer than it takes to form the turns.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct VoiceWindow {
    /// Seconds.
    pub start: f32,
    /// Seconds.
    pub end: f32,
    /// Unit-length, 256 values.
    pub embedding: Vec<f32>,
}

/// A meeting's words for the reader of moves.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MeetingText {
    /// In order.
    pub utterances: Vec<Spoken>,
    /// Whether Whisper heard it.
    pub from_audio: bool,
}

impl MeetingText {
    /// A meeting's words as the reader of moves takes them: names are reduced to numbers.
    #[must_use]
    pub fn of(meeting: &Meeting) -> Self {
        let mut speakers: Vec<&str> = Vec::new();
        let utterances = meeting
            .utterances
            .iter()
            .map(|u| {
                let number = speakers.iter().position(|s| *s == u.speaker).unwrap_or_else(|| {
                    speakers.push(&u.speaker);
                    speakers.len() - 1
                });
                let phase = meeting.phase_of(u);
                Spoken {
                    speaker: u16::try_from(number).unwrap_or(u16::MAX),
                    facilitator: u.speaker == meeting.facilitator,
                    presenter: phase.and_then(|p| p.presenter.as_ref()) == Some(&u.speaker),
                    rule: phase.map(|p| p.rule),
                    text: u.text.clone(),
                    pause_before: u.pause_before,
                }
            })
            .collect();
        Self { utterances, from_audio: meeting.from_audio }
    }
}

/// An utterance for the reader of moves. Names are reduced to numbers: who it is must not matter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spoken {
    /// Number of the speaker within the meeting.
    pub speaker: u16,
    /// Whether it is the facilitator.
    pub facilitator: bool,
    /// Whether it is the phase's presenter.
    pub presenter: bool,
    /// The phase's rule, if known.
    pub rule: Option<Rule>,
    /// The words.
    pub text: String,
    /// Seconds; negative for an interruption.
    pub pause_before: f32,
}

/// A question to the language model that is answered by comparing options, without writing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    /// Role and rules; the same text for many questions is read once and cached.
    pub system: String,
    /// The question with its material. Data: never read as control tokens.
    pub user: String,
    /// Possible answers.
    pub options: Vec<String>,
    /// The same question without its material: what an option scores here is taken off, since a small model prefers
    /// some words whatever is asked.
    pub neutral: Option<String>,
}

/// A request for a few words out of what was said, such as the name of a theme.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PhraseRequest {
    /// Role and rules; the same text for many questions is read once and cached.
    pub system: String,
    /// The question with its material. Data: never read as control tokens.
    pub user: String,
    /// Texts to copy from; the phrase stands in one of them.
    pub sources: Vec<String>,
    /// Fewest words.
    pub min_words: u8,
    /// Most words.
    pub max_words: u8,
}

/// Why a message did not come through.
#[derive(Debug, thiserror::Error)]
pub enum WireError {
    /// The other side is gone.
    #[error("the other process has ended")]
    Closed,
    /// The frame is larger than [`MAX_FRAME`].
    #[error("a message of {0} bytes is over the limit")]
    TooLarge(usize),
    /// The bytes are no message.
    #[error("a message could not be understood")]
    Malformed,
    /// The pipe failed.
    #[error("the pipe to the other process failed")]
    Io(#[source] std::io::Error),
}

/// Writes one message and flushes.
///
/// # Errors
/// When the message is too large or the pipe is broken.
pub fn send<T: Serialize>(to: &mut impl Write, message: &T) -> Result<(), WireError> {
    let body = postcard::to_stdvec(message).map_err(|_| WireError::Malformed)?;
    if body.len() > MAX_FRAME {
        return Err(WireError::TooLarge(body.len()));
    }
    let length = u32::try_from(body.len()).map_err(|_| WireError::TooLarge(body.len()))?;
    let frame = [&length.to_le_bytes()[..], &body].concat();
    to.write_all(&frame).and_then(|()| to.flush()).map_err(io_error)
}

/// Reads one message.
///
/// # Errors
/// When the other side has closed, the frame is too large or makes no sense.
pub fn receive<T: DeserializeOwned>(from: &mut impl Read) -> Result<T, WireError> {
    let mut length = [0; 4];
    from.read_exact(&mut length).map_err(io_error)?;
    let length = u32::from_le_bytes(length) as usize;
    if length > MAX_FRAME {
        return Err(WireError::TooLarge(length));
    }
    let mut body = vec![0; length];
    from.read_exact(&mut body).map_err(io_error)?;
    let (message, rest) = postcard::take_from_bytes(&body).map_err(|_| WireError::Malformed)?;
    if rest.is_empty() { Ok(message) } else { Err(WireError::Malformed) }
}

fn io_error(e: std::io::Error) -> WireError {
    match e.kind() {
        std::io::ErrorKind::UnexpectedEof | std::io::ErrorKind::BrokenPipe => WireError::Closed,
        _ => WireError::Io(e),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_survives_the_pipe() {
        let mut pipe = Vec::new();
        send(&mut pipe, &Request::Pcm(vec![-1, 0, 1])).unwrap();
        let back: Request = receive(&mut pipe.as_slice()).unwrap();
        assert!(matches!(back, Request::Pcm(s) if s == [-1, 0, 1]));
    }

    #[test]
    fn cut_oversized_and_padded_frames_are_refused() {
        let mut pipe = Vec::new();
        send(&mut pipe, &Reply::HearDone).unwrap();
        assert!(matches!(receive::<Reply>(&mut &pipe[..pipe.len() - 1]), Err(WireError::Closed)));
        let huge = u32::MAX.to_le_bytes();
        assert!(matches!(receive::<Reply>(&mut &huge[..]), Err(WireError::TooLarge(_))));
        let mut padded = pipe.clone();
        padded[0] += 1;
        padded.push(0);
        assert!(matches!(receive::<Reply>(&mut padded.as_slice()), Err(WireError::Malformed)));
    }
}
