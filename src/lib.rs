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
//! | [`models`] | which model files there are, where they lie, whether they are right |
//! | [`vault`] | one passphrase, one encrypted database |
//! | [`consent`] | terms, cards, ledger, gate and grant |
//! | [`store`] | what the vault holds, in typed functions |
//! | [`mind`] | the models, in the mind process: embeddings, choosing, quoting |
//! | [`brief`] | the sheet that facilitator and members read |
//! | [`interrupt`] | Ctrl-C |
//! | [`jail`] | what the kernel refuses each process |
//! | [`process`] | starting a helper in its role |
//! | [`fiction`] | invented circles on disk |
//! | [`remote`] | the front's side of the mind |
//! | [`cli`] | the verbs; no input, no output |
//! | [`screen`] | what a person sees in the terminal |

pub mod brief;
pub mod cli;
pub mod consent;
pub mod error;
pub mod fiction;
pub mod findings;
pub mod interrupt;
pub mod jail;
pub mod mind;
pub mod models;
pub mod process;
pub mod remote;
pub mod screen;
pub mod session;
pub mod store;
pub mod vault;
pub mod wire;
