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
//! | [`brief`] | the sheet that facilitator and members read |
//! | [`wire`] | messages between the processes |

pub mod brief;
pub mod error;
pub mod findings;
pub mod session;
pub mod wire;
