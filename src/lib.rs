//! Candor: on-device reflection for peer leadership circles.
//!
//! # Map
//! Values flow one way: `Grant -> Recording -> Spool -> Transcript -> Findings -> Brief`. Stages never call each other;
//! `command` joins them. A module may use those above it in this list, never those below (a test reads the
//! `use crate::` lines).
//!
//! | module | what it holds |
//! |---|---|
//! | [`error`] | the one error that reaches a person |
//! | [`session`] | the nouns: circle, meeting, utterance, move, signal |
//! | [`findings`] | what the reading gives and the brief shows |
//! | [`wire`] | messages between the processes |
//! | [`vault`] | keys, the passphrase, the encrypted database |
//! | [`spool`] | the encrypted audio of a meeting |

pub mod error;
pub mod findings;
pub mod session;
pub mod spool;
pub mod vault;
pub mod wire;
