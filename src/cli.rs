//! The verbs and their flags; no input, no output.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use time::Date;

use crate::session::{Setting, iso_date};

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
    #[command(after_help = "Example:\n  candor note --present Ruth,Owen --text \"We agreed to meet at Owen's.\"")]
    Note(NoteArgs),
    /// Take back a consent: my words or the whole meeting, from one meeting or all.
    #[command(after_help = "Example:\n  candor withdraw --member Mina --session 4 --scope words")]
    Withdraw(WithdrawArgs),
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

/// `candor demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for the brief.
    #[arg(long, value_name = "DIR", default_value = "candor-demo")]
    pub out: PathBuf,
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
    /// A member's receipt for a meeting: what was asked, what they gave, and the eight words.
    #[command(after_help = "Example:\n  candor ledger receipt --member Mina --session 4 --json")]
    Receipt {
        /// Whose receipt.
        #[arg(long)]
        member: String,
        /// Which meeting; the newest by default.
        #[arg(long, value_name = "N")]
        session: Option<u32>,
        /// JSON with the fields of ISO/IEC TS 27560 instead of text.
        #[arg(long)]
        json: bool,
    },
}

/// Which meeting, and who is there.
#[derive(Debug, Args)]
pub struct ConsentArgs {
    /// The day; today by default.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub date: Option<Date>,
    /// Who is present, with the facilitator; everyone by default.
    #[arg(long, value_delimiter = ',', value_name = "NAMES")]
    pub present: Vec<String>,
    /// How long it is meant to last.
    #[arg(long, default_value_t = 120, value_parser = clap::value_parser!(u32).range(5..=600))]
    pub minutes: u32,
    /// File with the phases, as JSON: [{"name", "rule", "presenter", "from_s", "to_s"}, ...].
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
    /// Ask about bringing in this recording instead of the microphone.
    #[arg(long, value_name = "RECORDING")]
    pub file: Option<PathBuf>,
    /// What is asked.
    #[command(flatten)]
    pub terms: TermsArgs,
    /// File with everyone's answers, for rehearsals and scripts: lines of `name: word word ...: all` or `name: words: none`.
    #[arg(long, value_name = "FILE", hide = true)]
    pub answers: Option<PathBuf>,
}

/// What everyone is asked; each may grant less.
#[derive(Debug, Args)]
pub struct TermsArgs {
    /// Days to keep the sound; 0 destroys it as soon as it is written down.
    #[arg(long, value_name = "DAYS", default_value_t = 0, value_parser = clap::value_parser!(u16).range(0..=3650))]
    pub keep_audio: u16,
    /// Days until everything of the meeting is erased.
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=3650))]
    pub keep: u16,
    /// Ask for a brief without names.
    #[arg(long)]
    pub no_names: bool,
}

/// `candor import`.
#[derive(Debug, Args)]
pub struct ImportArgs {
    /// The recording.
    pub file: PathBuf,
    /// Which meeting; the newest that everyone consented to by default.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
}

/// `candor record`.
#[derive(Debug, Args)]
pub struct RecordArgs {
    /// Which meeting; the newest that everyone consented to by default.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
    /// Which microphone; the system's default otherwise.
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// List the microphones and stop.
    #[arg(long)]
    pub list: bool,
    /// Stop by itself after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u32>,
}

/// `candor transcribe`.
#[derive(Debug, Args)]
pub struct TranscribeArgs {
    /// Which meeting; the newest recorded one by default.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
    /// Language spoken, two letters; English by default.
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub language: String,
    /// Names and terms to listen for, such as "Tomasz, Helle, Nørrebro": they come out better spelled, and everything stands
    /// less exactly at its time.
    #[arg(long, value_name = "WORDS", default_value = "", hide_default_value = true)]
    pub terms: String,
}

/// `candor name`.
#[derive(Debug, Args)]
pub struct NameArgs {
    /// Which meeting; the newest by default.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
    /// `VOICE=NAME`, as often as there are voices; asked for otherwise.
    #[arg(long = "voice", value_name = "N=NAME")]
    pub voices: Vec<String>,
}

/// Which meeting.
#[derive(Debug, Args)]
pub struct SessionArgs {
    /// Read the meetings up to this one; all by default.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
}

/// `candor brief`.
#[derive(Debug, Args)]
pub struct BriefArgs {
    /// Which meeting; the newest that was read by default.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
    /// Where to write; to the terminal otherwise.
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// How to write; by the file's ending, else Markdown.
    #[arg(long, value_enum)]
    pub format: Option<BriefFormat>,
}

/// `candor meet`.
#[derive(Debug, Args)]
pub struct MeetArgs {
    /// As for `candor consent`.
    #[command(flatten)]
    pub consent: ConsentArgs,
    /// Which microphone.
    #[arg(long, value_name = "NAME")]
    pub device: Option<String>,
    /// Stop recording by itself after so many seconds.
    #[arg(long, value_name = "SECONDS")]
    pub seconds: Option<u32>,
    /// Language spoken, two letters, or "auto".
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub language: String,
    /// Where to write the brief.
    #[arg(long, value_name = "FILE", default_value = "brief.html")]
    pub out: PathBuf,
}

/// `candor note`.
#[derive(Debug, Args)]
pub struct NoteArgs {
    /// The day; today by default.
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = parse_date)]
    pub date: Option<Date>,
    /// Who was present.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", required = true)]
    pub present: Vec<String>,
    /// The notes; read from the standard input otherwise.
    #[arg(long, value_name = "TEXT")]
    pub text: Option<String>,
}

/// `candor withdraw`.
#[derive(Debug, Args)]
pub struct WithdrawArgs {
    /// Who withdraws; they need their card.
    #[arg(long)]
    pub member: String,
    /// Which meeting; all of them otherwise.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
    /// What is to be erased.
    #[arg(long, value_enum, default_value = "words")]
    pub scope: ScopeArg,
    /// File with the words of the card, for scripts.
    #[arg(long, value_name = "FILE", hide = true)]
    pub card_file: Option<PathBuf>,
}

/// `candor rehearse`.
#[derive(Debug, Args)]
pub struct RehearseArgs {
    /// The folder.
    pub dir: PathBuf,
    /// Write everything that was found, as JSON.
    #[arg(long, value_name = "OUT")]
    pub json: Option<PathBuf>,
    /// Write the brief, as one HTML page.
    #[arg(long, value_name = "OUT")]
    pub brief: Option<PathBuf>,
    /// Language spoken in recordings, two letters.
    #[arg(long, value_name = "LANG", default_value = "en")]
    pub language: String,
}

/// What a withdrawal erases.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ScopeArg {
    /// The member's own words.
    Words,
    /// The whole meeting.
    Meeting,
}

/// How a brief is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BriefFormat {
    /// One self-contained page.
    Html,
    /// Text.
    Markdown,
    /// For programs.
    Json,
}

/// [`Setting`] on the command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum SettingArg {
    /// Leaders of companies or charities.
    Organizations,
    /// Officials.
    Government,
    /// Organisers.
    Movements,
    /// Leads of product teams.
    Product,
}

impl From<SettingArg> for Setting {
    fn from(s: SettingArg) -> Self {
        match s {
            SettingArg::Organizations => Self::Organizations,
            SettingArg::Government => Self::Government,
            SettingArg::Movements => Self::Movements,
            SettingArg::Product => Self::Product,
        }
    }
}

fn parse_date(text: &str) -> Result<Date, String> {
    iso_date::parse(text).map_err(|_| "a date is written YYYY-MM-DD, as 2026-11-24".into())
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
