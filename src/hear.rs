//! Hearing: audio files to samples, samples to words. Runs inside the mind.
//!
//! [`decode`] turns a file's bytes into mono 16 kHz samples. [`Hearing`] takes samples, from a file or from the microphone,
//! and gives what was heard, window by window: Silero finds the speech, windows of speech are packed, Whisper reads each,
//! guards take out what nobody said. Samples go through in blocks of fixed size and place, so that the words do not
//! depend on how they arrived: live and batch give the same.
//!
//! Invariant: only this module mentions symphonia and whisper_rs.

use crate::{
    resample::RATE,
    voices::ge2e::{Stretch, VoiceEncoder},
    wire::{Failure, HearOptions, Heard, ModelRole, Word},
};

use self::{
    silero::{FRAME, Memory, Silero},
    vad::{FRAMES_A_SECOND, Segment, Segmenter},
    whisper::{Listening, Said, Whisper},
    windows::{Packer, Window},
};

mod bytes;
pub mod decode;
#[cfg(test)]
mod decode_tests;
mod ggml;
mod guard;
mod reading;
mod silero;
mod vad;
mod whisper;
mod windows;

/// Samples that Silero is given at once: always so many, always at multiples, so that rounding is always the same.
const BLOCK: usize = 32 * FRAME;

/// A word takes at least so many seconds of the stretch of speech that it belongs to.
const SHORTEST_WORD: f32 = 0.08;

/// The models that hearing needs, in memory.
pub struct Models {
    whisper: Whisper,
    silero: Silero,
    voices: Option<VoiceEncoder>,
}

impl Models {
    /// Loads Whisper and Silero from the bytes of their ggml files, and the voice encoder, if there is one, from its
    /// safetensors. The bytes' hashes must have been checked: the loaders trust what they read.
    ///
    /// # Errors
    /// When a file makes no sense to its loader.
    pub fn load(whisper: &[u8], silero: &[u8], voices: Option<&[u8]>) -> Result<Self, Failure> {
        let broken = |role, e: &dyn std::fmt::Display| Failure::ModelBroken(role, e.to_string());
        Ok(Self {
            whisper: Whisper::load(whisper).map_err(|e| broken(ModelRole::Hear, &e))?,
            silero: Silero::from_ggml(silero).map_err(|e| broken(ModelRole::SpeechOrNot, &e))?,
            voices: voices
                .map(VoiceEncoder::from_safetensors)
                .transpose()
                .map_err(|e| broken(ModelRole::Voices, &e))?,
        })
    }
}

/// A recording on its way to words.
pub struct Hearing<'m> {
    models: &'m mut Models,
    options: HearOptions,
    language: Option<String>,
    memory: Memory,
    segmenter: Segmenter,
    packer: Packer,
    /// Samples that do not yet fill a block.
    waiting: Vec<i16>,
    samples: u64,
}

impl<'m> Hearing<'m> {
    /// Begins a recording.
    ///
    /// # Errors
    /// When voices are asked for and their model was not loaded.
    pub fn new(models: &'m mut Models, options: HearOptions) -> Result<Self, Failure> {
        if options.voices && models.voices.is_none() {
            return Err(Failure::ModelMissing(ModelRole::Voices));
        }
        Ok(Self {
            models,
            language: options.language.clone(),
            options,
            memory: Memory::default(),
            segmenter: Segmenter::default(),
            packer: Packer::default(),
            waiting: Vec::with_capacity(BLOCK),
            samples: 0,
        })
    }

    /// Takes the next samples (mono, 16 kHz); returns the windows that they complete, in order.
    ///
    /// # Errors
    /// When a model fails.
    pub fn push(&mut self, samples: &[i16]) -> Result<Vec<Heard>, Failure> {
        self.samples += samples.len() as u64;
        self.waiting.extend_from_slice(samples);
        let mut heard = Vec::new();
        let mut done = 0;
        while self.waiting.len() - done >= BLOCK {
            let block = self.waiting[done..done + BLOCK].to_vec();
            heard.extend(self.take_block(&block)?);
            done += BLOCK;
        }
        self.waiting.drain(..done);
        Ok(heard)
    }

    /// There are no more samples: returns what is left. The last one reaches to the end of the recording.
    ///
    /// # Errors
    /// When a model fails.
    pub fn finish(mut self) -> Result<Vec<Heard>, Failure> {
        let mut block = std::mem::take(&mut self.waiting);
        block.resize(BLOCK, 0);
        let mut heard = self.take_block(&block)?;
        let mut windows: Vec<Window> = Vec::new();
        if let Some(segment) = self.segmenter.finish() {
            windows.extend(self.packer.add_segment(segment));
        }
        windows.extend(self.packer.finish());
        for window in windows {
            heard.push(self.hear(&window)?);
        }
        let end = self.options.from + self.samples as f32 / RATE as f32;
        heard.push(Heard { upto: end, language: self.language.clone().unwrap_or_default(), ..Heard::default() });
        Ok(heard)
    }

    fn take_block(&mut self, block: &[i16]) -> Result<Vec<Heard>, Failure> {
        let samples: Vec<f32> = block.iter().map(|&s| f32::from(s) / 32_768.0).collect();
        let probabilities = self.models.silero.probabilities(&mut self.memory, &samples).map_err(internal)?;
        self.packer.add_samples(block);
        let mut windows = Vec::new();
        for probability in probabilities {
            if let Some(segment) = self.segmenter.push(probability) {
                windows.extend(self.packer.add_segment(segment));
            }
            windows.extend(self.packer.settle(self.segmenter.settled()));
        }
        windows.iter().map(|window| self.hear(window)).collect()
    }

    fn hear(&mut self, window: &Window) -> Result<Heard, Failure> {
        let Models { whisper, voices, .. } = &mut *self.models;
        let language = match &self.language {
            Some(known) => known.clone(),
            None => whisper.language(&window.samples, self.options.threads).map_err(internal)?,
        };
        self.language = Some(language.clone());
        let listening = Listening { language: &language, hints: &self.options.hints, threads: self.options.threads };
        let said = reading::read(whisper, window, &listening).map_err(Failure::Internal)?;
        let speech: Vec<(f32, f32)> = window.speech.iter().map(|s| seconds(*s)).collect();

        let from = self.options.from;
        let voice_windows = match voices {
            Some(encoder) if self.options.voices => {
                let stretch = |s: &Segment| Stretch { start: from + seconds(*s).0, samples: window.samples_of(*s) };
                encoder.windows(&window.speech.iter().map(stretch).collect::<Vec<_>>()).map_err(internal)?
            }
            _ => Vec::new(),
        };
        Ok(Heard {
            upto: from + speech.last().map_or(0.0, |s| s.1),
            speech: speech.iter().map(|(start, end)| (from + start, from + end)).collect(),
            words: said.iter().flat_map(|s| words(s, window, &speech, from)).collect(),
            voices: voice_windows,
            language,
        })
    }
}

/// Start and end of a segment in seconds of the recording.
fn seconds(segment: Segment) -> (f32, f32) {
    (segment.start as f32 / FRAMES_A_SECOND, segment.end as f32 / FRAMES_A_SECOND)
}

fn words<'a>(
    said: &'a Said,
    window: &'a Window,
    speech: &'a [(f32, f32)],
    from: f32,
) -> impl Iterator<Item = Word> + 'a {
    said.words.iter().enumerate().map(move |(n, word)| {
        let (start, end) = within_speech((window.to_meeting(word.start), window.to_meeting(word.end)), speech);
        Word { start: from + start, end: from + end, text: word.text.clone(), p: word.p, opens: n == 0 }
    })
}

/// Whisper stretches words into the silence around them: the part of a word's time that is speech, or the nearest moment
/// of speech.
fn within_speech((start, end): (f32, f32), speech: &[(f32, f32)]) -> (f32, f32) {
    let shared = |s: &(f32, f32)| end.min(s.1) - start.max(s.0);
    let long_enough = |s: &&(f32, f32)| shared(s) > SHORTEST_WORD;
    let most = || speech.iter().max_by(|a, b| shared(a).total_cmp(&shared(b)));
    speech
        .iter()
        .find(long_enough)
        .or_else(most)
        .map_or((start, end), |&(from, to)| (start.clamp(from, to), end.clamp(from, to)))
}

fn internal(e: impl std::fmt::Display) -> Failure {
    Failure::Internal(e.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_with_the_speech() {
        let speech = [(1.0, 2.0), (4.0, 5.0)];
        assert_eq!(within_speech((1.5, 3.9), &speech), (1.5, 2.0));
        assert_eq!(within_speech((1.95, 4.5), &speech), (4.0, 4.5));
        assert_eq!(within_speech((2.4, 3.0), &speech), (2.0, 2.0));
        assert_eq!(within_speech((0.5, 1.0), &[]), (0.5, 1.0));
    }
}
