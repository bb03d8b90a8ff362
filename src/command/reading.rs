//! From words to findings: moves and embeddings from the mind, the rest from `reflect`.

use std::collections::BTreeMap;

use super::{
    context::{Context, store_error},
    naming,
    transcribe::check_models,
};
use crate::{
    consent::{Analyse, Grant},
    error::{Error, ErrorKind, Result},
    findings::Findings,
    mind, models,
    reflect::{self, Thresholds},
    remote::Mind,
    session::{Circle, Meeting},
    store::{Reading, Store},
    wire::{MeetingText, ModelFile, ModelRole},
};

/// Texts in one request for embeddings; keeps a message well under the wire's limit.
const BATCH: usize = 128;

/// What reads the words of a meeting.
const READERS: [ModelRole; 3] = [ModelRole::Meaning, ModelRole::MeaningTokenizer, ModelRole::Mind];

/// A meeting with the leave to read it.
pub(super) struct Readable {
    /// Its number in the vault, where it has one.
    pub(super) row: Option<i64>,
    pub(super) meeting: Meeting,
    /// Everyone's yes to this use, consumed by the reading.
    pub(super) grant: Grant<Analyse>,
}

/// Reads meetings, in order of session. Those in `gathered` were not recorded and count by who came.
pub(super) fn read(
    c: &Context,
    circle: &Circle,
    readable: Vec<Readable>,
    gathered: Vec<Meeting>,
    store: Option<&Store>,
) -> Result<Findings> {
    let files = c.model_files(&READERS)?;
    for r in &readable {
        check_models(&r.grant, &files)?;
    }
    let mut reader = c.mind(&files)?;
    let made_by = made_by(&files);
    let stamp = made_by.values().cloned().collect::<Vec<_>>().join(" ");

    let total: usize = readable.iter().map(|r| r.meeting.utterances.len()).sum();
    let progress = c.screen.progress("Reading the meetings", total as u64);
    let mut done = 0;
    let (mut meetings, mut moves, mut embeddings) = (Vec::new(), Vec::new(), Vec::new());
    for Readable { row, meeting, .. } in readable {
        let stored = match (store, row) {
            (Some(store), Some(row)) => store.reading(row, &stamp).map_err(store_error)?,
            _ => None,
        };
        let reading = match stored {
            Some(reading) => reading,
            None => {
                let fresh = ask(&mut reader, &meeting, |n| progress.at((done + n) as u64))?;
                if let (Some(store), Some(row)) = (store, row) {
                    store.put_reading(row, &stamp, &fresh).map_err(store_error)?;
                }
                fresh
            }
        };
        done += meeting.utterances.len();
        meetings.push(meeting);
        moves.push(reading.moves);
        embeddings.push(reading.embeddings);
    }
    progress.done(&format!("{total} utterances in {} meetings", meetings.len()));

    for meeting in gathered {
        meetings.push(meeting);
        moves.push(vec![]);
        embeddings.push(vec![]);
    }
    let mut order: Vec<usize> = (0..meetings.len()).collect();
    order.sort_by_key(|k| meetings[*k].session);
    let sorted =
        |k: &usize| (meetings[*k].clone(), std::mem::take(&mut moves[*k]), std::mem::take(&mut embeddings[*k]));
    let (meetings, (moves, embeddings)): (Vec<_>, (Vec<_>, Vec<_>)) =
        order.iter().map(sorted).map(|(a, b, c)| (a, (b, c))).unzip();

    let table = Thresholds::shipped()
        .map_err(|e| Error::new(ErrorKind::System, "the table of signs inside the program is broken").because(e))?;
    let mut namer = naming::ByMind::new(&mut reader, c.screen);
    let mut findings = reflect::read(circle, &meetings, &moves, &embeddings, &table, &mut namer);
    namer.finish()?;
    findings.models = made_by;
    Ok(findings)
}

fn ask(mind: &mut Mind, meeting: &Meeting, progress: impl Fn(usize)) -> Result<Reading> {
    let moves = mind.moves(MeetingText::of(meeting), |done, _| progress(done as usize))?;
    let texts: Vec<String> = meeting.utterances.iter().map(|u| u.text.clone()).collect();
    let mut embeddings = Vec::with_capacity(texts.len());
    for batch in texts.chunks(BATCH) {
        embeddings.extend(mind.embed(batch.to_vec())?);
    }
    progress(texts.len());
    Ok(Reading { moves, embeddings })
}

/// `role -> "name sha256"`, with the prompts and weights that are part of the program.
fn made_by(files: &[ModelFile]) -> BTreeMap<String, String> {
    let name = |f: &ModelFile| f.path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let role = |f: &ModelFile| serde_json::to_value(f.role).ok().and_then(|v| v.as_str().map(str::to_owned));
    let mut made_by: BTreeMap<String, String> =
        files.iter().filter_map(|f| Some((role(f)?, format!("{} {}", name(f), f.sha256)))).collect();
    let part = |role: &str, name: &str, bytes: &[u8]| {
        let hash = models::sha256(&mut &*bytes).unwrap_or_default();
        (role.to_owned(), format!("{name} {hash}"))
    };
    made_by.extend([
        part("moves", "moves.safetensors", mind::moves::SHIPPED),
        part("signals", "signals.toml", reflect::SHIPPED_TABLE.as_bytes()),
        part("theme_prompt", "theme-name.txt", naming::PROMPT.as_bytes()),
    ]);
    made_by
}
