//! The one error that reaches a person: what happened, and what to do.
//!
//! Modules have error enums of their own (thiserror); `command` turns them into this. Messages are lower case without a
//! full stop; the hint is a sentence and says what to type. Neither ever holds what was said in a meeting.

use std::fmt;

/// What kind of trouble it is; decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The person can mend it: wrong input, wrong passphrase, missing model. Exit code 1.
    User,
    /// Consent is missing or was refused. Exit code 3.
    Consent,
    /// The data on disk is not as Candor left it. Exit code 4.
    Tampered,
    /// The system failed: disk, microphone, helper process. Exit code 5.
    System,
    /// Ctrl-C. Exit code 130.
    Interrupted,
}

/// An error as it is shown.
#[derive(Debug)]
pub struct Error {
    /// Kind of trouble.
    pub kind: ErrorKind,
    /// What happened.
    pub what: String,
    /// What to do, as a sentence.
    pub hint: Option<String>,
    /// What caused it.
    pub source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Shorthand.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error without cause or hint.
    #[must_use]
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self { kind, what: what.into(), hint: None, source: None }
    }

    /// The same for mistakes that the person can mend.
    #[must_use]
    pub fn user(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::User, what)
    }

    /// Adds what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Adds the cause.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Says first which file it is about.
    #[must_use]
    pub fn about(mut self, file: &std::path::Path) -> Self {
        self.what = format!("{}: {}", file.display(), self.what);
        self
    }

    /// Exit code of the process.
    #[must_use]
    pub const fn exit_code(&self) -> u8 {
        match self.kind {
            ErrorKind::User => 1,
            ErrorKind::Consent => 3,
            ErrorKind::Tampered => 4,
            ErrorKind::System => 5,
            ErrorKind::Interrupted => 130,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)?;
        let mut cause = self.source.as_deref().map(|s| s as &dyn std::error::Error);
        while let Some(c) = cause {
            write!(f, ": {c}")?;
            cause = c.source();
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.source.as_deref().map(|s| s as &(dyn std::error::Error + 'static))
    }
}
