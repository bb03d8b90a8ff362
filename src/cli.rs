//! The verbs and their flags; no input, no output.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

pub use args::*;

mod args;

/// Candor: reflection for peer circles, on this machine alone.
#[derive(Debug, Parser)]
#[command(
    name = "candor",
    version,
    about = "Reflection for peer leadership circles. Records only when everyone present has agreed; nothing leaves this machine.",
    after_help = "Examples:\n  candor demo                      see the whole of it with an invented circle\n  candor circle new \"Tuesday table\" --setting organizations\n  candor member add Ruth --facilitator\n  candor meet                      a meeting from consent to brief\n\nData lies in the folder named by CANDOR_HOME, or in the usual place of your system; `candor doctor` shows where."
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Options that every verb takes.
    #[command(flatten)]
    pub common: Common,
}

/// Options that every verb takes.
#[derive(Debug, Args)]
pub struct Common {
    /// Folder with the vault and the recordings.
    #[arg(long, global = true, value_name = "DIR", env = "CANDOR_HOME", hide_env_values = true)]
    pub home: Option<PathBuf>,
    /// Folder with the models.
    #[arg(long, global = true, value_name = "DIR", env = "CANDOR_MODELS", hide_env_values = true)]
    pub models: Option<PathBuf>,
    /// File with the vault's passphrase on its first line, for scripts; otherwise it is asked for.
    #[arg(long, global = true, value_name = "FILE")]
    pub passphrase_file: Option<PathBuf>,
    /// Which circle, where the vault holds several.
    #[arg(long, global = true, value_name = "NAME")]
    pub circle: Option<String>,
    /// Threads for the models; by default one core is left free.
    #[arg(long, global = true, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=64))]
    pub threads: Option<u32>,
    /// Say less: no progress, only results and errors.
    #[arg(short, long, global = true)]
    pub quiet: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// The whole job with an invented circle that ships with Candor.
    #[command(after_help = "Example:\n  candor demo --out ~/candor-demo")]
    Demo(DemoArgs),
    /// Make a circle, or show one.
    #[command(subcommand)]
    Circle(CircleVerb),
    /// Enrol a member, or give one a new card.
    #[command(subcommand)]
    Member(MemberVerb),
    /// Plan a meeting and ask everyone present for their consent, one after another.
    #[command(
        after_help = "Example:\n  candor consent --present Ruth,Owen,Mina --date 2026-11-24\n\nEach person types the words of their own card and answers each question. A no is silent and costs nothing."
    )]
    Consent(ConsentArgs),
    /// Take in a recording that exists already (WAV, FLAC, MP3, M4A, OGG, Opus). Needs everyone's consent.
    #[command(after_help = "Example:\n  candor import meeting.m4a --session 4")]
    Import(ImportArgs),
    /// Record the meeting from the microphone. Needs everyone's consent.
    #[command(
        after_help = "Example:\n  candor record\n  candor record --device \"USB Microphone\"\n  candor record --list"
    )]
    Record(RecordArgs),
    /// Turn the recording into words, on this machine.
    #[command(
        after_help = "Example:\n  candor transcribe --session 4\n\nCtrl-C is safe: run it again and it goes on where it stopped."
    )]
    Transcribe(TranscribeArgs),
    /// Say whose voice is whose.
    #[command(
        after_help = "Example:\n  candor name                      asks, with three short passages for each voice\n  candor name --voice 1=Ruth --voice 2=Owen"
    )]
    Name(NameArgs),
    /// Read the circle: what recurs, what moves, signs of life and of decay.
    #[command(after_help = "Example:\n  candor reflect")]
    Reflect(SessionArgs),
    /// Write the brief of the newest meeting.
    #[command(after_help = "Example:\n  candor brief --out brief.html\n  candor brief --format markdown")]
    Brief(BriefArgs),
    /// A meeting from consent to brief.
    #[command(
        after_help = "Example:\n  candor meet --present Ruth,Owen,Mina\n  candor meet --present Ruth,Owen,Mina --file evening.m4a --out brief.html"
    )]
    Meet(MeetArgs),
    /// Keep a meeting that was not recorded: who came, and the facilitator's notes.
    #[command(
        after_help = "Example:\n  candor note --present Ruth,Owen --text \"Owen told of the move.\" --agreed \"Owen: ask the board for a date\""
    )]
    Note(NoteArgs),
    /// Take back a consent: my words or the whole meeting, from one meeting or all.
    #[command(after_help = "Example:\n  candor withdraw --member Mina --session 4 --scope words")]
    Withdraw(WithdrawArgs),
    /// Erase a whole meeting: its sound, its words, and all that was made from them.
    #[command(after_help = "Example:\n  candor erase --session 4")]
    Erase(EraseArgs),
    /// Each member's receipt for a meeting: what was asked, what holds, and the eight words to keep.
    #[command(
        after_help = "Example:\n  candor receipts                  all of the newest meeting, to read or to print\n  candor receipts --out receipts   one file for each member\n  candor receipts --member Mina --session 4 --json"
    )]
    Receipts(ReceiptsArgs),
    /// Give the vault another passphrase.
    #[command(after_help = "Example:\n  candor passphrase\n  candor passphrase --passphrase-file old --new new")]
    Passphrase(PassphraseArgs),
    /// The signed record of requests, consents, withdrawals and erasures.
    #[command(subcommand)]
    Ledger(LedgerVerb),
    /// Read a folder of invented meetings, leaving nothing behind.
    #[command(
        after_help = "Example:\n  candor rehearse ./circle --json out.json --brief out.html\n\nThe folder holds circle.json, marked \"fiction\": true, and s1.json, s2.json...; nothing else is taken."
    )]
    Rehearse(RehearseArgs),
    /// Check this machine: protections, models, microphone, data folder.
    #[command(after_help = "Example:\n  candor doctor")]
    Doctor,
}

/// `candor circle ...`.
#[derive(Debug, Subcommand)]
pub enum CircleVerb {
    /// Make a circle; the first one also makes the vault.
    #[command(after_help = "Example:\n  candor circle new \"Tuesday table\" --setting organizations --cadence 30")]
    New {
        /// What the circle calls itself.
        name: String,
        /// The preset of rules and thresholds.
        #[arg(long, value_enum)]
        setting: SettingArg,
        /// Days from one meeting to the next.
        #[arg(long, value_name = "DAYS", default_value_t = 30, value_parser = clap::value_parser!(u32).range(1..=366))]
        cadence: u32,
        /// A sentence about it.
        #[arg(long, value_name = "TEXT", default_value = "")]
        about: String,
    },
    /// Show the circle: members, meetings, what state each is in.
    #[command(after_help = "Example:\n  candor circle show")]
    Show {
        /// Which circle, where there are several.
        name: Option<String>,
    },
}

/// `candor member ...`.
#[derive(Debug, Subcommand)]
pub enum MemberVerb {
    /// Enrol a member and show their card, once.
    #[command(
        after_help = "Example:\n  candor member add Ruth --facilitator\n  candor member add Owen --card owen-card.svg"
    )]
    Add {
        /// Their name, as the brief will say it.
        name: String,
        /// They hold the room.
        #[arg(long)]
        facilitator: bool,
        /// Also write the card to this file (.svg with a QR code, otherwise text), to print it.
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
    },
    /// Give a member a new card; the old one opens and signs nothing any more.
    #[command(
        after_help = "Example:\n  candor member recard Owen --voucher Ruth\n\nAnother member vouches with their own card that it is them."
    )]
    Recard {
        /// Who lost their card.
        name: String,
        /// Who vouches for them.
        #[arg(long, value_name = "NAME")]
        voucher: String,
        /// Also write the card to this file.
        #[arg(long, value_name = "FILE")]
        card: Option<PathBuf>,
    },
}

/// `candor ledger ...`.
#[derive(Debug, Subcommand)]
pub enum LedgerVerb {
    /// Check every link and signature; with the eight words that a member took home, also that nothing was cut off.
    #[command(after_help = "Example:\n  candor ledger verify\n  candor ledger verify --words \"able baker ... zebra\"")]
    Verify {
        /// Eight words from a receipt.
        #[arg(long, value_name = "WORDS")]
        words: Option<String>,
    },
    /// Show what happened, without what was said.
    #[command(after_help = "Example:\n  candor ledger show")]
    Show,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definitions_hold_together_and_every_verb_has_an_example() {
        use clap::CommandFactory;
        let command = Cli::command();
        command.clone().debug_assert();
        fn check(c: &clap::Command) {
            for sub in c.get_subcommands() {
                let help = sub.get_after_help().map(ToString::to_string).unwrap_or_default();
                let group = sub.get_subcommands().next().is_some();
                assert!(group || help.contains("Example"), "{} lacks an example", sub.get_name());
                check(sub);
            }
        }
        check(&command);
    }
}
