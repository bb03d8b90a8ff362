//! Retrains what ships in `models/` from the labelled circles, and measures how well Candor reads circles it has not seen.
//!
//!     candor-train moves                 train the moves on all circles, write models/moves.safetensors
//!     candor-train evaluate [--out DIR]  leave each circle out in turn; figures, and one file a circle for score.py
//!
//! Figures are only ever from circles that were left out whole: meetings of one circle share people, matters and words.

#![allow(clippy::print_stdout, reason = "this program's whole output is its figures")]

mod data;
mod figures;
mod learn;
mod softmax;

use std::path::{Path, PathBuf};

use candor::{
    mind::{MindError, moves::MoveReader},
    session::MoveScores,
};
use clap::{Parser, Subcommand};

use data::{Gold, Labelled};

/// Anything that stops the program.
pub(crate) type Failure = Box<dyn std::error::Error>;

#[derive(Parser)]
#[command(about = "Retrains what ships in models/ and measures the reading")]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
    /// Labelled circles, a folder each.
    #[arg(long, global = true, default_value = "tests/circles")]
    circles: PathBuf,
    /// Folder with minilm.safetensors and minilm-tokenizer.json, as candor-fetch leaves it.
    #[arg(long, global = true, env = "CANDOR_MODELS", default_value = "models")]
    models: PathBuf,
    /// Where embeddings are kept from run to run.
    #[arg(long, global = true, default_value = "target/train")]
    cache: PathBuf,
}

#[derive(Subcommand)]
enum Verb {
    /// Train the moves on all circles.
    Moves {
        /// The file to write.
        #[arg(long, default_value = "models/moves.safetensors")]
        out: PathBuf,
    },
    /// Leave each circle out in turn and measure.
    Evaluate {
        /// Where to put what was read, a file a circle, as `candor rehearse --json` would.
        #[arg(long)]
        out: Option<PathBuf>,
    },
}

fn main() -> Result<(), Failure> {
    let cli = Cli::parse();
    let circles = data::read(&cli.circles, &cli.models, &cli.cache)?;
    match &cli.verb {
        Verb::Moves { out } => {
            let all: Vec<&Labelled> = circles.iter().flat_map(|c| &c.meetings).collect();
            candle_core::safetensors::save(&learn::moves(&all)?, out)?;
        }
        Verb::Evaluate { out } => evaluate(&circles, out.as_deref())?,
    }
    Ok(())
}

fn evaluate(circles: &[Gold], _out: Option<&Path>) -> Result<(), Failure> {
    let moves = left_out(circles)?;
    figures::moves(circles, &moves);
    Ok(())
}

/// Moves of every meeting by weights that never saw its circle: circle, meeting, utterance.
fn left_out(circles: &[Gold]) -> Result<Vec<Vec<Vec<MoveScores>>>, Failure> {
    let one = |(k, left): (usize, &Gold)| {
        let others = circles.iter().enumerate().filter(|(j, _)| *j != k);
        let seen: Vec<&Labelled> = others.flat_map(|(_, c)| &c.meetings).collect();
        let reader = MoveReader::from_tensors(learn::moves(&seen)?)?;
        let read = left.meetings.iter().map(|m| reader.judge(&m.features)).collect::<Result<Vec<_>, MindError>>()?;
        Ok(read)
    };
    circles.iter().enumerate().map(one).collect()
}
