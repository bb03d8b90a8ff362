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
//! | [`spool`] | the locked sound of a meeting |
//! | [`resample`] | any sound to 16 kHz mono |
//! | [`capture`] | the ears: the process with the microphone |
//! | [`voices`] | telling voices apart; words to utterances |
//! | [`hear`] | from sound to words, in the mind process |
//! | [`mind`] | the models, in the mind process: moves, embeddings, choosing, quoting |
//! | [`reflect`] | the reading of a circle: measures, signals, themes, claims |
//! | [`brief`] | the sheet that facilitator and members read |
//! | [`interrupt`] | Ctrl-C |
//! | [`jail`] | what the kernel refuses each process |
//! | [`process`] | starting a helper in its role |
//! | [`fiction`] | invented circles on disk |
//! | [`demo`] | the invented circle that ships |
//! | [`remote`] | the front's side of the mind |
//! | [`cli`] | the verbs; no input, no output |
//! | [`screen`] | what a person sees in the terminal |
//! | [`command`] | the verbs at work; joins the stages |

pub mod brief;
pub mod capture;
pub mod cli;
pub mod command;
pub mod consent;
pub mod demo;
pub mod error;
pub mod fiction;
pub mod findings;
pub mod hear;
pub mod interrupt;
pub mod jail;
pub mod mind;
pub mod models;
pub mod process;
pub mod reflect;
pub mod remote;
pub mod resample;
pub mod screen;
pub mod session;
pub mod spool;
pub mod store;
pub mod vault;
pub mod voices;
pub mod wire;
