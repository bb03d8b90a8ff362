//! The loop of the mind process: requests in, replies out, one at a time.
//!
//! A request that fails, or panics, fails alone: the front is told the kind of trouble and the mind goes on. Nothing
//! that was said may reach the terminal or a log, so the panic message, which can quote a text, is replaced.

use std::{
    fs::File,
    io::{Read, Write},
    panic::{self, AssertUnwindSafe},
};

use super::{MindError, embed::Embedder, language::Language, moves::MoveReader, sound, verify};
use crate::hear;
use crate::wire::{self, Failure, ModelFile, ModelRole, Reply, Request, VERSION, WireError};

/// Serves until the front closes the pipe. `locked` tells whether the kernel's lockdown is in force.
///
/// # Errors
/// When the pipe breaks or carries nonsense.
pub fn serve(input: &mut impl Read, output: &mut impl Write, locked: bool) -> Result<(), WireError> {
    hush_panics();
    let mut mind = Mind::default();
    loop {
        let request = match wire::receive(input) {
            Err(WireError::Closed) => return Ok(()),
            received => received?,
        };
        if let Request::Hello { version } = request {
            if version != VERSION {
                return Err(WireError::Malformed);
            }
            wire::send(output, &Reply::Hello { version: VERSION, locked })?;
            continue;
        }
        let answer = panic::catch_unwind(AssertUnwindSafe(|| match request {
            Request::AudioBytes(first) => sound::decode(first, input, output),
            Request::Hear(options) => sound::hear(mind.hearing(), options, input, output),
            request => Ok(mind.answer(request).unwrap_or_else(Reply::Failed)),
        }));
        let reply = match answer {
            Ok(reply) => reply?,
            Err(_) => {
                mind.recover();
                Reply::Failed(Failure::Internal("the mind stumbled over this request".into()))
            }
        };
        wire::send(output, &reply)?;
    }
}

/// The default hook prints the message, and a slice that fails quotes the text.
fn hush_panics() {
    panic::set_hook(Box::new(|_| ()));
}

/// What reads words without writing: what they mean, and what they do.
struct Reader {
    meaning: Embedder,
    moves: MoveReader,
}

impl Reader {
    fn load(weights: Vec<u8>, tokenizer: &[u8]) -> Result<Self, MindError> {
        Ok(Self { moves: MoveReader::shipped(&weights, tokenizer)?, meaning: Embedder::load(weights, tokenizer)? })
    }
}

/// The models that have been given, each loaded at most once.
#[derive(Default)]
struct Mind {
    meaning: Option<Vec<u8>>,
    meaning_tokenizer: Option<Vec<u8>>,
    reader: Option<Reader>,
    mind: Option<File>,
    language: Option<Language>,
    whisper: Option<Vec<u8>>,
    silero: Option<Vec<u8>>,
    voices: Option<Vec<u8>>,
    hearing: Option<hear::Models>,
}

impl Mind {
    fn answer(&mut self, request: Request) -> Result<Reply, Failure> {
        match request {
            Request::Load(model) => self.load(&model),
            Request::Embed(texts) => {
                let embedded = self.reader()?.meaning.embed(&texts);
                embedded.map(Reply::Embedded).map_err(|e| e.failure(ModelRole::Meaning))
            }
            Request::Moves(meeting) => {
                self.reader()?.moves.read(&meeting).map(Reply::Moves).map_err(|e| e.failure(ModelRole::Meaning))
            }
            Request::Choose(choice) => self.ask(|language| language.choose(&choice).map(Reply::Chosen)),
            Request::Phrase(request) => self.ask(|language| language.phrase(&request).map(Reply::Phrased)),
            _ => Err(Failure::OutOfOrder),
        }
    }

    /// Verifies a model. What is large or seldom needed is built at first use.
    fn load(&mut self, model: &ModelFile) -> Result<Reply, Failure> {
        match model.role {
            ModelRole::Meaning => self.meaning = Some(verify::read(model)?),
            ModelRole::MeaningTokenizer => self.meaning_tokenizer = Some(verify::read(model)?),
            ModelRole::Mind => self.mind = Some(verify::open(model)?),
            ModelRole::Hear => self.whisper = Some(verify::read(model)?),
            ModelRole::SpeechOrNot => self.silero = Some(verify::read(model)?),
            ModelRole::Voices => self.voices = Some(verify::read(model)?),
        }
        Ok(Reply::Loaded(model.role))
    }

    /// What hearing needs, loaded at the first recording.
    fn hearing(&mut self) -> Result<&mut hear::Models, Failure> {
        if self.hearing.is_none() {
            let whisper = self.whisper.take().ok_or(Failure::ModelMissing(ModelRole::Hear))?;
            let silero = self.silero.take().ok_or(Failure::ModelMissing(ModelRole::SpeechOrNot))?;
            let voices = self.voices.take();
            self.hearing = Some(hear::Models::load(&whisper, &silero, voices.as_deref())?);
        }
        self.hearing.as_mut().ok_or(Failure::ModelMissing(ModelRole::Hear))
    }

    fn reader(&mut self) -> Result<&Reader, Failure> {
        if self.reader.is_none() {
            let tokenizer = self.meaning_tokenizer.take().ok_or(Failure::ModelMissing(ModelRole::MeaningTokenizer))?;
            let weights = self.meaning.take().ok_or(Failure::ModelMissing(ModelRole::Meaning))?;
            self.reader = Some(Reader::load(weights, &tokenizer).map_err(|e| e.failure(ModelRole::Meaning))?);
        }
        self.reader.as_ref().ok_or(Failure::ModelMissing(ModelRole::Meaning))
    }

    /// Puts a question to the language model.
    fn ask(&mut self, question: impl FnOnce(&mut Language) -> Result<Reply, MindError>) -> Result<Reply, Failure> {
        if self.language.is_none() {
            let file = self.mind.take().ok_or(Failure::ModelMissing(ModelRole::Mind))?;
            self.language = Some(Language::load(file).map_err(|e| e.failure(ModelRole::Mind))?);
        }
        let language = self.language.as_mut().ok_or(Failure::ModelMissing(ModelRole::Mind))?;
        question(language).map_err(|e| {
            language.forget();
            e.failure(ModelRole::Mind)
        })
    }

    /// After a panic the cache may be half written.
    fn recover(&mut self) {
        if let Some(language) = &mut self.language {
            language.forget();
        }
    }
}
