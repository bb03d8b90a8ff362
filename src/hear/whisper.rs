//! Whisper, through whisper.cpp.
//!
//! One window at a time, with nothing carried over from the window before: a mistake cannot spread, and the result depends
//! on the window alone. The encoder sees the window and a second of silence rather than its full 30 s: that takes a third of the
//! time off, and on the spoken recordings of the bench no more words were wrong.

use whisper_rs::{
    FullParams, SamplingStrategy, WhisperContext, WhisperContextParameters, WhisperError, WhisperSegment, WhisperState,
    WhisperTokenData, get_lang_str,
};

use super::RATE;

/// Tokens of hints that are given to the model at most.
const HINT_TOKENS: i32 = 100;

/// Silence that the encoder sees after the window, in seconds: without any, the last words suffer.
const MARGIN: f32 = 1.0;

/// States of the encoder a second, and their largest number.
const STATES_A_SECOND: f32 = 50.0;
const MOST_STATES: u32 = 1500;

/// The encoder's matrices are fastest at multiples of so many states.
const STATES_TOGETHER: u32 = 64;

/// A model in memory.
pub(super) struct Whisper {
    context: WhisperContext,
    state: WhisperState,
}

/// How to listen.
pub(super) struct Listening<'a> {
    pub(super) language: &'a str,
    pub(super) hints: &'a str,
    pub(super) threads: u32,
}

/// How the next token is chosen.
#[derive(Clone, Copy)]
pub(super) enum Search {
    /// The likeliest each time.
    Greedy,
    /// The likeliest sequence of five that are followed at once: slow.
    Beam,
}

/// A word in a window.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Spoken {
    /// Seconds from the start of the window.
    pub(super) start: f32,
    pub(super) end: f32,
    pub(super) text: String,
    /// Probability of its least likely token.
    pub(super) p: f32,
}

/// What Whisper took for one stretch of speech.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Said {
    /// Seconds from the start of the window.
    pub(super) start: f32,
    pub(super) end: f32,
    pub(super) words: Vec<Spoken>,
    /// Mean log-probability of its tokens.
    pub(super) logprob: f32,
    /// Probability that the window holds no speech.
    pub(super) no_speech: f32,
}

impl Said {
    /// The same, `seconds` later.
    pub(super) fn later(mut self, seconds: f32) -> Self {
        for word in &mut self.words {
            (word.start, word.end) = (word.start + seconds, word.end + seconds);
        }
        Self { start: self.start + seconds, end: self.end + seconds, ..self }
    }
}

impl Whisper {
    /// Loads a ggml model from its bytes.
    ///
    /// # Errors
    /// When the bytes are no model.
    pub(super) fn load(bytes: &[u8]) -> Result<Self, WhisperError> {
        whisper_rs::install_logging_hooks();
        let mut parameters = WhisperContextParameters::default();
        // whisper.cpp's flash attention for processors is slower than its matrix kernels, and hears less well.
        parameters.use_gpu(false).flash_attn(false);
        let context = WhisperContext::new_from_buffer_with_params(bytes, parameters)?;
        let state = context.create_state()?;
        Ok(Self { context, state })
    }

    /// Language of a window, two letters; English for a model that knows no other.
    pub(super) fn language(&mut self, samples: &[f32], threads: u32) -> Result<String, WhisperError> {
        if !self.context.is_multilingual() {
            return Ok("en".into());
        }
        let threads = threads.max(1) as usize;
        self.state.pcm_to_mel(samples, threads)?;
        let (language, _) = self.state.lang_detect(0, threads)?;
        Ok(get_lang_str(language).unwrap_or("en").to_owned())
    }

    /// What is said in a window of at most 30 s.
    pub(super) fn hear(
        &mut self,
        samples: &[f32],
        listening: &Listening<'_>,
        search: Search,
    ) -> Result<Vec<Said>, WhisperError> {
        let mut parameters = FullParams::new(match search {
            Search::Greedy => SamplingStrategy::Greedy { best_of: 1 },
            Search::Beam => SamplingStrategy::BeamSearch { beam_size: 5, patience: -1.0 },
        });
        parameters.set_n_threads(listening.threads.max(1) as i32);
        parameters.set_language(Some(listening.language));
        parameters.set_initial_prompt(listening.hints);
        parameters.set_n_max_text_ctx(if listening.hints.is_empty() { 0 } else { HINT_TOKENS });
        parameters.set_audio_ctx(states(samples.len()));
        parameters.set_no_context(true);
        parameters.set_suppress_nst(true);
        parameters.set_temperature_inc(0.0);
        parameters.set_token_timestamps(true);
        for set in [
            FullParams::set_print_special,
            FullParams::set_print_progress,
            FullParams::set_print_realtime,
            FullParams::set_print_timestamps,
        ] {
            set(&mut parameters, false);
        }
        self.state.full(parameters, samples)?;
        let end = samples.len() as f32 / RATE as f32;
        let first_special = self.context.token_eot();
        Ok(self.state.as_iter().map(|segment| said(&segment, first_special, end)).collect())
    }
}

/// States that the encoder makes for so many samples.
fn states(samples: usize) -> i32 {
    let needed = ((samples as f32 / RATE as f32 + MARGIN) * STATES_A_SECOND).ceil() as u32;
    needed.next_multiple_of(STATES_TOGETHER).min(MOST_STATES) as i32
}

/// Joins a segment's tokens into words: a token that begins with a blank begins a word.
fn said(segment: &WhisperSegment<'_>, first_special: i32, window_end: f32) -> Said {
    let seconds = |hundredths: i64| (hundredths as f32 / 100.0).clamp(0.0, window_end);
    let tokens: Vec<(WhisperTokenData, Vec<u8>)> = (0..segment.n_tokens())
        .filter_map(|n| segment.get_token(n))
        .filter(|t| t.token_id() < first_special)
        .filter_map(|t| Some((t.token_data(), t.to_bytes().ok()?.to_vec())))
        .collect();
    let logprob = tokens.iter().map(|(t, _)| t.plog).sum::<f32>() / tokens.len().max(1) as f32;
    let mut words: Vec<(Vec<u8>, Spoken)> = Vec::new();
    for (token, bytes) in tokens {
        match words.last_mut() {
            Some((text, word)) if !bytes.starts_with(b" ") => {
                text.extend(&bytes);
                word.end = seconds(token.t1);
                word.p = word.p.min(token.p);
            }
            _ => {
                let word = Spoken { start: seconds(token.t0), end: seconds(token.t1), text: String::new(), p: token.p };
                words.push((bytes, word));
            }
        }
    }
    let words = words
        .into_iter()
        .map(|(bytes, word)| Spoken { text: String::from_utf8_lossy(&bytes).trim().to_owned(), ..word })
        .filter(|word| !word.text.is_empty())
        .collect();
    Said {
        start: seconds(segment.start_timestamp()),
        end: seconds(segment.end_timestamp()),
        words,
        logprob,
        no_speech: segment.no_speech_probability(),
    }
}
