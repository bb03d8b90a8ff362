//! The integration tests, one binary: a module for each concern.

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
