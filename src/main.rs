//! Parses the command line, runs the verb, renders the error. Started as a helper it becomes that helper and nothing else.

use std::{ffi::OsString, path::PathBuf, process::ExitCode};

use candor::{
    cli::Cli,
    command, interrupt,
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
        Some(process::EARS) => run_ears(args.next()),
        _ => run_front(),
    }
}

fn run_front() -> ExitCode {
    let cli = Cli::parse();
    let screen = Screen::new(cli.common.quiet);
    // A front that cannot be locked down still shows and erases; what records or reads refuses by itself.
    let lockdown = jail::lock(&Role::Front);
    let hardened = memory::harden();
    interrupt::install();
    match command::run(cli, screen, command::Protections { lockdown, hardened }) {
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
    candor::mind::prepare();
    candor::mind::serve(std::io::stdin().lock(), std::io::stdout().lock(), locked);
    ExitCode::SUCCESS
}

fn run_ears(device: Option<OsString>) -> ExitCode {
    let locked = memory::harden().is_ok() & jail::lock(&Role::Ears).is_ok();
    let device = device.and_then(|d| d.into_string().ok());
    candor::capture::serve(std::io::stdin(), std::io::stdout(), device.as_deref(), locked);
    ExitCode::SUCCESS
}
