//! The integration tests, one binary: a module for each concern.

#![allow(
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests start programs, knock at doors that must be shut, stop where something is missing, and say what they skip"
)]

mod audio_server;
mod bad_models;
mod bad_sound;
mod bad_vault;
mod broken_files;
mod canaries;
mod capture;
mod circle;
mod dependencies;
mod erasure;
mod held;
mod jail;
mod kills;
mod opened;
mod place;
mod plants;
mod recording;
mod rehearsal;
mod run;
mod search;
mod sound;
mod spoken;
mod standing;
mod terminal;
mod tidy;
mod trace;
mod traces;
mod vault;
mod whole;
mod writes;
