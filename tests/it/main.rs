//! The integration tests, one binary: a module for each concern.

#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "tests start programs, stop where something is missing, and say what they skip"
)]

mod bad_models;
mod bad_sound;
mod bad_vault;
mod canaries;
mod capture;
mod circle;
mod dependencies;
mod erasure;
mod held;
mod jail;
mod opened;
mod place;
mod rehearsal;
mod run;
mod search;
mod sound;
mod spoken;
mod tidy;
mod traces;
mod whole;
mod writes;
