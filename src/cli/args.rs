//! What each verb takes.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use time::Date;

use crate::session::{Setting, iso_date};

/// `candor demo`.
#[derive(Debug, Args)]
pub struct DemoArgs {
    /// Folder for the brief.
    #[arg(long, value_name = "DIR", default_value = "candor-demo")]
    pub out: PathBuf,
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
    /// What somebody said they would do, as "Owen: ask the board for a date"; as often as needed. It is listed with the other
    /// commitments. A line of the notes that begins with "Agreed: " does the same.
    #[arg(long = "agreed", value_name = "NAME: WHAT")]
    pub agreed: Vec<String>,
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
    /// Do not read the rest of the circle's history again at once.
    #[arg(long)]
    pub later: bool,
    /// File with the words of the card, for scripts.
    #[arg(long, value_name = "FILE", hide = true)]
    pub card_file: Option<PathBuf>,
}

/// `candor erase`.
#[derive(Debug, Args)]
pub struct EraseArgs {
    /// Which meeting.
    #[arg(long, value_name = "N")]
    pub session: u32,
    /// Do not ask again.
    #[arg(long)]
    pub yes: bool,
}

/// `candor receipts`.
#[derive(Debug, Args)]
pub struct ReceiptsArgs {
    /// Which meeting; the newest by default.
    #[arg(long, value_name = "N")]
    pub session: Option<u32>,
    /// One member's only.
    #[arg(long, value_name = "NAME")]
    pub member: Option<String>,
    /// JSON with the fields of ISO/IEC TS 27560 instead of text.
    #[arg(long)]
    pub json: bool,
    /// Write one file for each into this folder.
    #[arg(long, value_name = "DIR")]
    pub out: Option<PathBuf>,
}

/// `candor passphrase`.
#[derive(Debug, Args)]
pub struct PassphraseArgs {
    /// File with the new passphrase on its first line, for scripts; otherwise it is asked for, twice.
    #[arg(long, value_name = "FILE")]
    pub new: Option<PathBuf>,
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
