//! Parses the command line, runs the verb, renders the error. Started as a helper it becomes that helper and nothing else.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use candor::{
    cli::Cli,
    command::{self, Footing, Protections},
    jail::{self, Role},
    process,
    screen::Screen,
    vault::memory,
};
use clap::Parser;

fn main() -> ExitCode {
    let mut args = std::env::args_os().skip(1);
    match args.next().as_deref().and_then(|a| a.to_str()) {
        Some(process::MIND) => run_mind(args.next()),
        Some(process::EARS) => run_ears(),
        _ => run_front(),
    }
}

fn run_front() -> ExitCode {
    let cli = Cli::parse();
    let screen = Screen::new(cli.common.quiet);
    // The ears need what the front is about to give up, so they are started before.
    let Footing { writable, ears } = Footing::take(&cli);
    // A front that cannot be locked down still shows and erases; what records or reads refuses by itself.
    let lockdown = jail::lock(&Role::Front { writable });
    let hardened = memory::harden();
    match command::run(cli, screen, Protections { lockdown, hardened }, ears) {
        Ok(()) => ExitCode::SUCCESS,
        Err(e) => {
            screen.error(&e);
            ExitCode::from(e.exit_code())
        }
    }
}

fn run_mind(models: Option<OsString>) -> ExitCode {
    let models: Vec<PathBuf> = models.into_iter().map(PathBuf::from).collect();
    let locked = memory::harden().is_ok() & jail::lock(&Role::Mind { models }).is_ok();
    ended(candor::mind::serve::serve(&mut std::io::stdin().lock(), &mut std::io::stdout().lock(), locked))
}

fn run_ears() -> ExitCode {
    let locked = memory::harden().is_ok() & jail::lock(&Role::Ears).is_ok();
    ended(candor::capture::run(std::io::stdin(), std::io::stdout().lock(), locked))
}

/// A helper has nobody to tell: its pipe is how the front learns.
fn ended(served: Result<(), candor::wire::WireError>) -> ExitCode {
    if served.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
