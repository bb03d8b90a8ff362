//! The labelled circles, and their sentence embeddings, made once and kept beside the build.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::Path,
};

use candle_core::{Device, Tensor, safetensors};
use candor::{
    mind::{
        embed::{self, Embedder},
        moves,
    },
    session::{Circle, Meeting, Move, SignalId},
    wire::{MeetingText, Spoken},
};
use serde::Deserialize;

use crate::Failure;

/// A meeting with what a reader said of it.
pub(crate) struct Labelled {
    pub(crate) meeting: Meeting,
    pub(crate) moves: Vec<Move>,
    pub(crate) signals: BTreeMap<SignalId, bool>,
    /// Features for the moves, a row an utterance.
    pub(crate) features: Vec<Vec<f32>>,
    /// Meanings, a row an utterance.
    pub(crate) meanings: Vec<Vec<f32>>,
}

/// A circle with its labelled meetings.
pub(crate) struct Gold {
    pub(crate) circle: Circle,
    pub(crate) meetings: Vec<Labelled>,
}

#[derive(Deserialize)]
struct Labels {
    utterances: Vec<MoveLabel>,
    signals: BTreeMap<SignalId, u8>,
}

#[derive(Deserialize)]
struct MoveLabel {
    #[serde(rename = "move")]
    label: Move,
}

/// Reads every circle under `dir`.
pub(crate) fn read(dir: &Path, models: &Path, cache: &Path) -> Result<Vec<Gold>, Failure> {
    let mut folders: Vec<_> =
        fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?.into_iter().map(|e| e.path()).collect();
    folders.retain(|f| f.join("circle.json").is_file());
    folders.sort();
    fs::create_dir_all(cache)?;
    let mut encoders = Encoders { models, loaded: None };
    folders.iter().map(|f| read_circle(f, &mut encoders, cache)).collect()
}

fn read_circle(dir: &Path, encoders: &mut Encoders<'_>, cache: &Path) -> Result<Gold, Failure> {
    let circle: Circle = serde_json::from_slice(&fs::read(dir.join("circle.json"))?)?;
    let mut meetings = Vec::new();
    for session in 1.. {
        let Ok(file) = fs::read(dir.join(format!("s{session}.json"))) else { break };
        let mut meeting: Meeting = serde_json::from_slice(&file)?;
        meeting.estimate_times();
        let labels: Labels = serde_json::from_slice(&file)?;
        let [lower, meanings] =
            embeddings(&meeting, encoders, &cache.join(format!("{}-{session}.safetensors", circle.name)))?;
        meetings.push(Labelled {
            features: moves::features(&text_of(&meeting), &lower),
            meanings,
            moves: labels.utterances.into_iter().map(|u| u.label).collect(),
            signals: labels.signals.into_iter().map(|(k, v)| (k, v != 0)).collect(),
            meeting,
        });
    }
    Ok(Gold { circle, meetings })
}

/// Both encoders, loaded when the cache lacks something.
struct Encoders<'a> {
    models: &'a Path,
    loaded: Option<[Embedder; 2]>,
}

/// States halfway up and meanings of a meeting's utterances.
fn embeddings(meeting: &Meeting, encoders: &mut Encoders<'_>, cached: &Path) -> Result<[Vec<Vec<f32>>; 2], Failure> {
    if !cached.is_file() {
        if encoders.loaded.is_none() {
            let weights = fs::read(encoders.models.join("minilm.safetensors"))?;
            let tokenizer = fs::read(encoders.models.join("minilm-tokenizer.json"))?;
            let lower = Embedder::load_layers(weights.clone(), &tokenizer, moves::LAYERS)?;
            encoders.loaded = Some([lower, Embedder::load(weights, &tokenizer)?]);
        }
        let texts: Vec<String> = meeting.utterances.iter().map(|u| u.text.clone()).collect();
        let mut tensors = HashMap::new();
        for (name, encoder) in ["lower", "meaning"].into_iter().zip(encoders.loaded.iter().flatten()) {
            let rows = encoder.embed(&texts)?.concat();
            tensors.insert(name, Tensor::from_vec(rows, (texts.len(), embed::WIDTH), &Device::Cpu)?);
        }
        safetensors::save(&tensors, cached)?;
    }
    let tensors = safetensors::load(cached, &Device::Cpu)?;
    Ok([tensors["lower"].to_vec2()?, tensors["meaning"].to_vec2()?])
}

/// A meeting as the mind is asked to read it.
pub(crate) fn text_of(meeting: &Meeting) -> MeetingText {
    let mut speakers: Vec<&str> = Vec::new();
    let mut number = |name| {
        let at = speakers.iter().position(|s| *s == name).unwrap_or_else(|| {
            speakers.push(name);
            speakers.len() - 1
        });
        u16::try_from(at).unwrap_or(u16::MAX)
    };
    let utterances = meeting.utterances.iter().map(|u| {
        let phase = meeting.phase_of(u);
        Spoken {
            speaker: number(u.speaker.as_str()),
            facilitator: u.speaker == meeting.facilitator,
            presenter: phase.and_then(|p| p.presenter.as_ref()) == Some(&u.speaker),
            rule: phase.map(|p| p.rule),
            text: u.text.clone(),
            pause_before: u.pause_before,
        }
    });
    MeetingText { utterances: utterances.collect(), from_audio: meeting.from_audio }
}
