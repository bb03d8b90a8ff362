//! What the person sees: a bar on a terminal, plain lines elsewhere.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "this is the screen")]

use std::{cell::Cell, error::Error};

use candor::models::{Folder, Manifest, ModelsError, State};
use indicatif::{HumanBytes, HumanDuration, ProgressBar, ProgressStyle};

use crate::error::FetchError;

/// A status line, a full sentence.
pub(crate) fn say(line: &str) {
    eprintln!("{line}");
}

/// The error with its causes, and what to do.
pub(crate) fn error(e: &FetchError) {
    let mut line = format!("Error: {e}");
    let mut cause = e.source();
    while let Some(c) = cause {
        line = format!("{line}: {c}");
        cause = c.source();
    }
    eprintln!("{line}");
    if let Some(hint) = e.hint() {
        eprintln!("{hint}");
    }
}

/// The table of `--list`.
///
/// # Errors
/// When the models folder cannot be read.
pub(crate) fn list(manifest: &Manifest, folder: &Folder) -> Result<(), ModelsError> {
    println!("Models folder: {}\n", folder.path().display());
    for m in &manifest.models {
        let here = match folder.state(m)? {
            State::Missing => "not there",
            State::WrongSize(_) => "damaged",
            State::Present { stamped: Some(_) } => "there, verified",
            State::Present { stamped: None } => "there, not yet verified",
        };
        println!("{} ({}, {})", m.id, HumanBytes(m.size), here);
        println!("    {}{}", m.about, if m.measured { "" } else { "; not measured by the project" });
        println!("    licence: {}\n    SHA-256: {}", m.licence, m.sha256);
    }
    println!("\nSet default: {}\nSet test: {}", manifest.sets.default.join(", "), manifest.sets.test.join(", "));
    Ok(())
}

/// Progress of one model.
pub(crate) struct Progress {
    bar: ProgressBar,
    label: String,
    tenths: Cell<u64>,
}

impl Progress {
    /// A new bar for so many bytes.
    pub(crate) fn new(label: &str, total: u64) -> Self {
        let bar = ProgressBar::new(total);
        let template = "{prefix} {bar:24} {percent:>3} % of {total_bytes}, {eta} left  {msg}";
        if let Ok(style) = ProgressStyle::with_template(template) {
            bar.set_style(style);
        }
        bar.set_prefix(label.to_owned());
        let progress = Self { bar, label: label.to_owned(), tenths: Cell::new(0) };
        progress.stage("fetching");
        progress
    }

    /// What is being done now: "part 3 of 22", "converting".
    pub(crate) fn stage(&self, stage: &str) {
        self.bar.set_message(stage.to_owned());
    }

    /// How many bytes there are to fetch, once it is known.
    pub(crate) fn total(&self, bytes: u64) {
        self.bar.set_length(bytes);
    }

    /// How many bytes have come in all.
    pub(crate) fn reached(&self, bytes: u64) {
        let total = self.bar.length().unwrap_or(0).max(1);
        self.bar.set_position(bytes.min(total));
        let tenths = bytes.min(total) * 10 / total;
        if self.bar.is_hidden() && tenths > self.tenths.get() {
            self.tenths.set(tenths);
            let left = HumanDuration(self.bar.eta());
            eprintln!("{}: {} %, {}, about {left} left.", self.label, tenths * 10, self.bar.message());
        }
    }

    /// A status line above the bar.
    pub(crate) fn say(&self, line: &str) {
        self.bar.suspend(|| say(line));
    }

    /// Takes the bar away.
    pub(crate) fn done(&self) {
        self.bar.finish_and_clear();
    }
}
