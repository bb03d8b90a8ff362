//! What a person sees in the terminal: sentences on the standard output, progress on the standard error.
//!
//! Colour and moving bars appear only on a terminal; a pipe gets plain lines.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "screens print")]

use std::{
    io::{IsTerminal, Write},
    time::Duration,
};

use anstyle::{AnsiColor, Style};
use indicatif::{ProgressBar, ProgressStyle};

use crate::error::Error;

pub mod keys;

const STRONG: Style = Style::new().bold();
const FAINT: Style = Style::new().dimmed();
const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();
const CARE: Style = AnsiColor::Yellow.on_default();

/// Longest line of running text: what the eye follows easily.
const WIDEST: usize = 90;

/// Running text for the standard error: broken at words on a terminal, as it is in a pipe.
fn running(text: &str, indent: &str) -> String {
    if !std::io::stderr().is_terminal() {
        return format!("{indent}{text}");
    }
    let width = textwrap::termwidth().min(WIDEST);
    textwrap::fill(text, textwrap::Options::new(width).initial_indent(indent).subsequent_indent(indent))
}

/// Widest first column of a check, and where its details begin.
const COLUMN: usize = 34;
const DETAIL: usize = COLUMN + 5;

/// Text beside a column on the standard output: broken at words under itself on a terminal, as it is in a pipe.
fn in_column(text: &str, from: usize) -> String {
    if !std::io::stdout().is_terminal() {
        return text.to_owned();
    }
    let width = textwrap::termwidth().saturating_sub(from).max(20);
    textwrap::fill(text, width).replace('\n', &format!("\n{:from$}", ""))
}

/// Where Candor speaks.
#[derive(Clone, Copy, Debug)]
pub struct Screen {
    quiet: bool,
}

impl Screen {
    /// A screen that says everything, or only results and errors.
    #[must_use]
    pub fn new(quiet: bool) -> Self {
        Self { quiet }
    }

    /// A step of a longer work begins.
    pub fn step(self, what: &str) {
        if !self.quiet {
            anstream::eprintln!("{STRONG}{what}{STRONG:#}");
        }
    }

    /// Something worth knowing on the way.
    pub fn note(self, what: &str) {
        if !self.quiet {
            anstream::eprintln!("{}", running(what, "  "));
        }
    }

    /// Something that the person should look at.
    pub fn warn(self, what: &str) {
        anstream::eprintln!("{CARE}{}{CARE:#}", running(what, "  "));
    }

    /// Words that a person is to read before they answer; also when the rest is quiet.
    pub fn say(self, what: &str) {
        anstream::eprintln!("{}", running(what, ""));
    }

    /// A result, on the standard output.
    pub fn result(self, what: &str) {
        // A closed pipe (`candor ... | head`) is no error.
        let _ = writeln!(anstream::stdout(), "{what}");
    }

    /// A line of a check: what, whether it is well, and the detail.
    pub fn check(self, what: &str, well: Option<bool>, detail: &str) {
        let (style, mark) = match well {
            Some(true) => (GOOD, "on "),
            Some(false) => (BAD, "off"),
            None => (CARE, "-- "),
        };
        let detail = in_column(detail, DETAIL);
        let _ = writeln!(anstream::stdout(), "{style}{mark}{style:#} {what:<COLUMN$} {FAINT}{detail}{FAINT:#}");
    }

    /// An error with its hint, on the standard error.
    pub fn error(self, e: &Error) {
        anstream::eprintln!("{BAD}error{BAD:#}: {e}");
        if let Some(hint) = &e.hint {
            anstream::eprintln!("{STRONG}hint{STRONG:#}: {hint}");
        }
    }

    /// A bar with the time left, for work of a known size.
    #[must_use]
    pub fn progress(self, what: &str, total: u64) -> Progress {
        let bar = if self.quiet || !std::io::stderr().is_terminal() {
            ProgressBar::hidden()
        } else {
            ProgressBar::new(total)
        };
        let style = ProgressStyle::with_template("  {msg:<28} [{bar:24}] {percent:>3} %  {eta} left")
            .unwrap_or_else(|_| ProgressStyle::default_bar())
            .progress_chars("=> ");
        bar.set_style(style);
        bar.set_message(what.to_owned());
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress { bar, what: what.to_owned(), started: std::time::Instant::now(), screen: self }
    }

    /// Asks a question and gives the line that was typed, without blanks around; None at the end of input.
    #[must_use]
    pub fn ask(self, question: &str) -> Option<String> {
        anstream::eprint!("{STRONG}{question}{STRONG:#} ");
        let _ = std::io::stderr().flush();
        let mut line = String::new();
        match std::io::stdin().read_line(&mut line) {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(line.trim().to_owned()),
        }
    }

    /// Asks for a secret, which does not appear on the screen.
    #[must_use]
    pub fn ask_secret(self, question: &str) -> Option<String> {
        if std::io::stdin().is_terminal() {
            rpassword::prompt_password(format!("{question} ")).ok().map(|s| s.trim().to_owned())
        } else {
            self.ask(question)
        }
    }

    /// How long the recording is and how loud it is now, on one line that is written over.
    pub fn meter(self, seconds: f32, peak: f32) {
        if self.quiet || !std::io::stderr().is_terminal() {
            return;
        }
        let (minutes, rest) = (seconds as u32 / 60, seconds as u32 % 60);
        let bars = "#".repeat((peak.sqrt() * 30.0) as usize);
        anstream::eprint!("\r  {minutes:>3}:{rest:02}  {bars:<30}");
        let _ = std::io::stderr().flush();
    }

    /// Clears the screen between two people, so that nobody sees what the one before chose.
    pub fn clear(self) {
        if std::io::stderr().is_terminal() {
            anstream::eprint!("\x1b[2J\x1b[3J\x1b[H");
        }
    }
}

/// Long work of a known size.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
    what: String,
    started: std::time::Instant,
    screen: Screen,
}

impl Progress {
    /// So much of the total is done.
    pub fn at(&self, done: u64) {
        self.bar.set_position(done);
    }

    /// All is done; leaves one line with the time it took.
    pub fn done(self, result: &str) {
        self.bar.finish_and_clear();
        self.screen.note(&format!("{}: {result} ({:.0} s)", self.what, self.started.elapsed().as_secs_f32()));
    }
}
