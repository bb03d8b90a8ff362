//! The verbs at work: one file a verb. Here, and nowhere else, the stages are joined.

mod asking;
mod book;
mod circle;
mod consent;
mod context;
mod demo;
mod doctor;
mod ears;
mod erase;
mod footing;
mod hearing;
mod import;
mod ledger;
mod meet;
mod member;
mod name;
mod naming;
mod note;
mod output;
mod passphrase;
mod reading;
mod receipts;
mod record;
mod reflect;
mod rehearse;
mod room;
mod transcribe;
mod withdraw;
mod write_brief;

pub use context::Protections;
pub use footing::Footing;

use crate::{
    cli::{Cli, Verb},
    error::Result,
    interrupt,
    process::Helper,
    screen::Screen,
};
use context::Context;

/// Runs the verb.
///
/// # Errors
/// What a person is to read; see [`crate::error::Error`].
pub fn run(cli: Cli, screen: Screen, protections: Protections, ears: Option<std::io::Result<Helper>>) -> Result<()> {
    let context = Context::new(cli.common, screen, protections, ears)?;
    interrupt::install();
    match cli.verb {
        Verb::Demo(args) => demo::run(&context, &args),
        Verb::Circle(verb) => circle::run(&context, verb),
        Verb::Member(verb) => member::run(&context, verb),
        Verb::Consent(args) => consent::run(&context, &args),
        Verb::Import(args) => import::run(&context, &args),
        Verb::Record(args) => record::run(&context, &args),
        Verb::Transcribe(args) => transcribe::run(&context, &args),
        Verb::Name(args) => name::run(&context, &args),
        Verb::Reflect(args) => reflect::run(&context, &args),
        Verb::Brief(args) => write_brief::run(&context, &args),
        Verb::Meet(args) => meet::run(&context, &args),
        Verb::Note(args) => note::run(&context, &args),
        Verb::Erase(args) => erase::run(&context, &args),
        Verb::Passphrase(args) => passphrase::run(&context, &args),
        Verb::Receipts(args) => receipts::run(&context, &args),
        Verb::Withdraw(args) => withdraw::run(&context, &args),
        Verb::Ledger(verb) => ledger::run(&context, verb),
        Verb::Rehearse(args) => rehearse::run(&context, &args),
        Verb::Doctor => doctor::run(&context),
    }
}
