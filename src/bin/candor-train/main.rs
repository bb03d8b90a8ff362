//! Retrains what ships in `models/` from labelled circles, and measures how well Candor reads circles it has not seen.
//!
//!     candor-train moves                     teach the encoder the moves on all circles, write models/moves.safetensors
//!     candor-train moves --of written        the same without the ten under tests/circles, for `evaluate`
//!     candor-train moves --of even|odd       the same on half of the written circles, for `signals`
//!     candor-train signals                   fit the signs to moves read by weights that did not see the circle
//!     candor-train evaluate --out DIR        figures of the ten, and a file each for score.py
//!
//! Figures are only ever from circles that were left out whole: meetings of one circle share people, matters and words.

#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a tool for developers")]

mod data;
mod figures;
mod learn;
mod table;
mod written;

use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

use candle_core::{DType, Device, safetensors};
use candor::{
    mind::{
        encoder::Weights,
        moves::{MoveReader, bare_tokenizer},
    },
    reflect::{self, ByKeyness, Thresholds},
    session::{Circle, MoveScores},
    wire::MeetingText,
};
use clap::{Parser, Subcommand};

use data::Gold;
use learn::Lesson;

/// Anything that stops the program.
pub(crate) type Failure = Box<dyn std::error::Error>;

/// Where chance begins: the same circles give the same weights, but for the order in which threads add up.
const SEED: u64 = 20_261_125;

/// Retrain and measure the reading of a circle.
#[derive(Parser)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Labelled circles that figures come from.
    #[arg(long, global = true, default_value = "tests/circles")]
    circles: PathBuf,
    /// Labelled circles that were written to be trained on.
    #[arg(long, global = true, default_value = "models/circles")]
    written: PathBuf,
    /// Folder with minilm.safetensors and minilm-tokenizer.json, as candor-fetch leaves it.
    #[arg(long, global = true, env = "CANDOR_MODELS", default_value = "models")]
    models: PathBuf,
    /// Where embeddings and the halves' weights are kept from run to run.
    #[arg(long, global = true, default_value = "target/train")]
    cache: PathBuf,
}

#[derive(Subcommand)]
enum Verb {
    /// Teach the encoder the moves.
    Moves {
        /// On which circles.
        #[arg(long, value_enum, default_value_t = Of::All)]
        of: Of,
    },
    /// Fit the signs to moves read by weights that did not see the circle.
    Signals {
        /// The table to rewrite.
        #[arg(long, default_value = "models/signals.toml")]
        table: PathBuf,
    },
    /// Read the ten circles by what the written ones taught, and measure.
    Evaluate {
        /// Where to put what was read, a file a circle, as `candor rehearse --json` would.
        #[arg(long, default_value = "target/train/read")]
        out: PathBuf,
    },
}

/// Circles to teach on.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Of {
    /// All there are: what ships.
    All,
    /// Those that were written to be trained on: the ten are unseen.
    Written,
    /// Half of these, by the number of letters of their names: the other half is unseen.
    Even,
    /// The other half.
    Odd,
}

impl Of {
    /// Whether a circle is taught on; `ten` says that it is one of those that figures come from.
    fn includes(self, circle: &Circle, ten: bool) -> bool {
        match self {
            Self::All => true,
            Self::Written => !ten,
            Self::Even => !ten && circle.name.len().is_multiple_of(2),
            Self::Odd => !ten && !circle.name.len().is_multiple_of(2),
        }
    }

    /// Where what was learnt is kept.
    fn file(self, cache: &Path) -> PathBuf {
        match self {
            Self::All => "models/moves.safetensors".into(),
            Self::Written => cache.join("written.safetensors"),
            Self::Even => cache.join("even.safetensors"),
            Self::Odd => cache.join("odd.safetensors"),
        }
    }

    /// What has not seen a circle, and most else.
    const fn unseen(circle: &Circle, ten: bool) -> Self {
        match (ten, circle.name.len() % 2) {
            (true, _) => Self::Written,
            (_, 0) => Self::Odd,
            _ => Self::Even,
        }
    }
}

fn main() -> Result<(), Failure> {
    let cli = Cli::parse();
    let gold: Vec<Gold> = [data::read(&cli.circles, true)?, data::read(&cli.written, false)?].concat();
    let turns: usize = gold.iter().flat_map(|g| &g.meetings).map(|m| m.moves.len()).sum();
    eprintln!("{} circles, {turns} turns", gold.len());
    let models = Models::load(&cli.models)?;
    fs::create_dir_all(&cli.cache)?;
    match &cli.verb {
        Verb::Moves { of } => {
            let taught: Vec<&Gold> = gold.iter().filter(|g| of.includes(&g.circle, g.ten)).collect();
            models.teach(&taught, &of.file(&cli.cache))?;
        }
        Verb::Signals { table } => {
            let read = read_unseen(&cli, &gold, &models)?;
            let fitted = table::fit(&Thresholds::shipped()?, &rows(&gold, &read, |_| true));
            fs::write(table, table::rewrite(&fs::read_to_string(table)?, &fitted))?;
        }
        Verb::Evaluate { out } => evaluate(&gold, &read_unseen(&cli, &gold, &models)?, out)?,
    }
    Ok(())
}

/// The published encoder.
struct Models {
    weights: Weights,
    tokenizer: Vec<u8>,
}

impl Models {
    fn load(folder: &Path) -> Result<Self, Failure> {
        Ok(Self {
            weights: safetensors::load(folder.join("minilm.safetensors"), &Device::Cpu)?,
            tokenizer: fs::read(folder.join("minilm-tokenizer.json"))?,
        })
    }

    /// Teaches the moves and writes what was learnt in half precision: the weights are noise far above its rounding.
    fn teach(&self, circles: &[&Gold], out: &Path) -> Result<(), Failure> {
        let tokenizer = bare_tokenizer(&self.tokenizer)?;
        let meetings = circles.iter().flat_map(|c| &c.meetings);
        let lessons = meetings.map(|m| Lesson::new(m, &tokenizer)).collect::<Result<Vec<_>, _>>()?;
        let taught = learn::moves(&self.weights, &lessons.iter().collect::<Vec<_>>(), SEED)?;
        let halved: Weights =
            taught.into_iter().map(|(k, t)| Ok((k, t.to_dtype(DType::F16)?))).collect::<Result<_, Failure>>()?;
        Ok(safetensors::save(&halved, out)?)
    }

    fn reader(&self, taught: &Path) -> Result<MoveReader, Failure> {
        let taught = safetensors::load(taught, &Device::Cpu)?;
        Ok(MoveReader::new(&self.weights, &taught, bare_tokenizer(&self.tokenizer)?)?)
    }
}

/// A circle as it was read by weights that had not seen it.
struct Unseen {
    /// Meeting, utterance.
    moves: Vec<Vec<MoveScores>>,
    /// Meeting, utterance, value.
    meanings: Vec<Vec<Vec<f32>>>,
}

/// Reads every circle by what has not seen it, and keeps what was read until that is taught anew.
fn read_unseen(cli: &Cli, gold: &[Gold], models: &Models) -> Result<Vec<Unseen>, Failure> {
    let mut readers: HashMap<PathBuf, MoveReader> = HashMap::new();
    let mut one = |g: &Gold| {
        let taught = Of::unseen(&g.circle, g.ten).file(&cli.cache);
        let since = fs::metadata(&taught)
            .map_err(|_| format!("{} is missing: run `candor-train moves --of` first", taught.display()))?
            .modified()?;
        let kept = cli.cache.join(format!("{}.json", g.circle.name));
        let moves = if fs::metadata(&kept).and_then(|m| m.modified()).is_ok_and(|then| then > since) {
            serde_json::from_slice(&fs::read(kept)?)?
        } else {
            if !readers.contains_key(&taught) {
                readers.insert(taught.clone(), models.reader(&taught)?);
            }
            let read = |m: &data::Labelled| readers[&taught].read(&MeetingText::of(&m.meeting));
            let moves: Vec<Vec<MoveScores>> = g.meetings.iter().map(read).collect::<Result<_, _>>()?;
            fs::write(kept, serde_json::to_vec(&moves)?)?;
            moves
        };
        Ok(Unseen { moves, meanings: data::meanings(g, &cli.models, &cli.cache)? })
    };
    gold.iter().map(&mut one).collect()
}

/// Figures of the ten circles, and a file each for score.py. The signs of a circle are fitted without it.
fn evaluate(gold: &[Gold], read: &[Unseen], out: &Path) -> Result<(), Failure> {
    let ten: Vec<usize> = (0..gold.len()).filter(|k| gold[*k].ten).collect();
    figures::moves(ten.iter().map(|k| (&gold[*k], read[*k].moves.as_slice())));
    fs::create_dir_all(out)?;
    let (mut right, mut all) = (0, 0);
    for k in ten {
        let fitted = table::fit(&Thresholds::shipped()?, &rows(gold, read, |j| j != k));
        let (circle, meetings) = (&gold[k].circle, gold[k].plain());
        let found = reflect::read(circle, &meetings, &read[k].moves, &read[k].meanings, &fitted, &mut ByKeyness);
        let (r, n) = figures::movement(&gold[k], &found);
        (right, all) = (right + r, all + n);
        fs::write(out.join(format!("{}.json", circle.name)), serde_json::to_vec(&found)?)?;
    }
    println!("movement of themes that come back: {right} of {all} right");
    println!("What was read is in {}, for score.py.", out.display());
    Ok(())
}

/// Features of every meeting of the circles that are kept, and the signs that were flagged.
fn rows(gold: &[Gold], read: &[Unseen], kept: impl Fn(usize) -> bool) -> Vec<table::Row> {
    let circles = gold.iter().zip(read).enumerate().filter(|(k, _)| kept(*k));
    circles
        .flat_map(|(_, (gold, read))| {
            let features = reflect::features_of(&gold.circle, &gold.plain(), &read.moves, &read.meanings);
            features.into_iter().zip(&gold.meetings).map(|(f, m)| (f, m.signals.clone()))
        })
        .collect()
}
