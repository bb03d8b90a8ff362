//! The labelled circles: those under `tests/circles`, which figures come from, and those that were written to be trained on.

use std::{
    collections::{BTreeMap, HashMap},
    fs,
    path::{Path, PathBuf},
};

use candle_core::{Device, Tensor, safetensors};
use candor::{
    findings::Movement,
    mind::embed::{self, Embedder},
    session::{Circle, Meeting, Move, SignalId},
};
use serde::Deserialize;

use crate::{Failure, written};

/// A meeting with what a reader said of it.
#[derive(Clone)]
pub(crate) struct Labelled {
    pub(crate) meeting: Meeting,
    pub(crate) moves: Vec<Move>,
    pub(crate) signals: BTreeMap<SignalId, bool>,
    /// Utterances by theme.
    pub(crate) themes: BTreeMap<String, Vec<u32>>,
}

/// A circle with its labelled meetings.
#[derive(Clone)]
pub(crate) struct Gold {
    pub(crate) circle: Circle,
    /// Whether it is one of those that figures come from.
    pub(crate) ten: bool,
    /// Themes that come back, with what became of them; known of the ten only.
    pub(crate) recurring: BTreeMap<String, Movement>,
    pub(crate) meetings: Vec<Labelled>,
}

impl Gold {
    /// The meetings as the reading takes them.
    pub(crate) fn plain(&self) -> Vec<Meeting> {
        self.meetings.iter().map(|m| m.meeting.clone()).collect()
    }
}

#[derive(Deserialize)]
struct Labels {
    utterances: Vec<MoveLabel>,
    signals: BTreeMap<SignalId, u8>,
    themes: Vec<ThemeLabel>,
}

#[derive(Deserialize)]
struct Recurring {
    recurring: Vec<RecurringTheme>,
}

#[derive(Deserialize)]
struct RecurringTheme {
    id: String,
    movement: Movement,
}

#[derive(Deserialize)]
struct MoveLabel {
    #[serde(rename = "move")]
    label: Move,
}

#[derive(Deserialize)]
struct ThemeLabel {
    id: String,
    utterances: Vec<u32>,
}

/// Reads every circle under `dir`: a folder with `circle.json`, or a text file. `ten` is noted with each.
pub(crate) fn read(dir: &Path, ten: bool) -> Result<Vec<Gold>, Failure> {
    let mut paths: Vec<PathBuf> =
        fs::read_dir(dir)?.collect::<Result<Vec<_>, _>>()?.into_iter().map(|e| e.path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths {
        if path.join("circle.json").is_file() {
            found.push(folder(&path, ten)?);
        } else if path.extension().is_some_and(|e| e == "txt") {
            let (circle, meetings) =
                written::read(&fs::read_to_string(&path)?).map_err(|e| format!("{}: {e}", path.display()))?;
            found.push(Gold { circle, ten, recurring: BTreeMap::new(), meetings });
        }
    }
    Ok(found)
}

fn folder(dir: &Path, ten: bool) -> Result<Gold, Failure> {
    let file = fs::read(dir.join("circle.json"))?;
    let circle: Circle = serde_json::from_slice(&file)?;
    let Recurring { recurring } = serde_json::from_slice(&file)?;
    let mut meetings = Vec::new();
    for session in 1.. {
        let Ok(file) = fs::read(dir.join(format!("s{session}.json"))) else { break };
        let mut meeting: Meeting = serde_json::from_slice(&file)?;
        meeting.estimate_times();
        let labels: Labels = serde_json::from_slice(&file)?;
        meetings.push(Labelled {
            meeting,
            moves: labels.utterances.into_iter().map(|u| u.label).collect(),
            signals: labels.signals.into_iter().map(|(k, v)| (k, v != 0)).collect(),
            themes: labels.themes.into_iter().map(|t| (t.id, t.utterances)).collect(),
        });
    }
    let recurring = recurring.into_iter().map(|r| (r.id, r.movement)).collect();
    Ok(Gold { circle, ten, recurring, meetings })
}

/// What the utterances of a circle mean: meeting, utterance, value. Made once and kept in `cache`.
pub(crate) fn meanings(gold: &Gold, models: &Path, cache: &Path) -> Result<Vec<Vec<Vec<f32>>>, Failure> {
    let cached = cache.join(format!("{}.safetensors", gold.circle.name));
    if !cached.is_file() {
        fs::create_dir_all(cache)?;
        let weights = fs::read(models.join("minilm.safetensors"))?;
        let encoder = Embedder::load(weights, &fs::read(models.join("minilm-tokenizer.json"))?)?;
        let mut tensors = HashMap::new();
        for (k, m) in gold.meetings.iter().enumerate() {
            let texts: Vec<String> = m.meeting.utterances.iter().map(|u| u.text.clone()).collect();
            let rows = encoder.embed(&texts)?.concat();
            tensors.insert(k.to_string(), Tensor::from_vec(rows, (texts.len(), embed::WIDTH), &Device::Cpu)?);
        }
        safetensors::save(&tensors, &cached)?;
    }
    let tensors = safetensors::load(cached, &Device::Cpu)?;
    (0..gold.meetings.len()).map(|k| Ok(tensors[&k.to_string()].to_vec2()?)).collect()
}
