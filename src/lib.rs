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
//! | [`resample`] | mono 16 kHz from any rate and channels |
//! | [`capture`] | the ears: the microphone, resampled, through a pipe |
//! | [`voices`] | speakers told apart, turns formed |
//! | [`hear`] | audio files to samples, samples to words |

pub mod capture;
pub mod error;
pub mod findings;
pub mod hear;
pub mod resample;
pub mod session;
pub mod voices;
pub mod wire;
