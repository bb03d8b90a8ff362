//! The integration tests, one binary: a module for each concern.
#![allow(clippy::disallowed_methods, reason = "tests start the program, and tools beside it")]

mod bad_models;
mod bad_sound;
mod bad_vault;
mod capture;
mod circle;
mod dependencies;
mod jail;
mod rehearsal;
mod run;
mod sound;
mod tidy;
mod whole;
