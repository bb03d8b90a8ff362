//! What is set up before the front gives its rights up: the folders that it will write to, and its ears.
//!
//! Once locked down, the front opens no socket, starts no program but itself and writes nowhere else. The ears need unix
//! sockets, and what a process may not do its children may not either: so they are started first, for the verbs that use a
//! microphone. They open none before they are ordered to.

use std::path::{Path, PathBuf};

use super::output::folder_of;
use crate::{
    cli::{CircleVerb, Cli, Common, DemoArgs, MemberVerb, ReceiptsArgs, Verb},
    error::{Error, Result},
    process::Helper,
};

/// Where the front stands when it locks itself down.
#[derive(Debug)]
pub struct Footing {
    /// The folders that may be written to.
    pub writable: Vec<PathBuf>,
    /// The ears, for the verbs that use them.
    pub ears: Option<std::io::Result<Helper>>,
}

impl Footing {
    /// Makes the folders that the verb is to fill, and starts the ears if it uses them. What cannot be made is told later, by
    /// whoever finds it missing.
    #[must_use]
    pub fn take(cli: &Cli) -> Self {
        let home = home(&cli.common).ok();
        if let (Some(home), Verb::Circle(CircleVerb::New { .. })) = (&home, &cli.verb) {
            let _ = crate::vault::private_folder(home);
        }
        if let Verb::Demo(DemoArgs { out }) | Verb::Receipts(ReceiptsArgs { out: Some(out), .. }) = &cli.verb {
            let _ = std::fs::create_dir_all(out);
        }
        let mut outputs: Vec<PathBuf> = outputs(&cli.verb).into_iter().map(opened_for).collect();
        if let Verb::Rehearse(_) = &cli.verb {
            // Invented sound, locked, for as long as it is read.
            outputs.push(std::env::temp_dir());
        }
        let writable = home.into_iter().chain(outputs).filter(|f| f.is_dir()).collect();
        Self { writable, ears: uses_ears(&cli.verb).then(Helper::ears) }
    }
}

/// The folder with the vault: as named, or in the usual place of the system.
pub(super) fn home(common: &Common) -> Result<PathBuf> {
    if let Some(dir) = &common.home {
        return Ok(dir.clone());
    }
    let set = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    let found = if cfg!(target_os = "macos") {
        set("HOME").map(|h| h.join("Library/Application Support/candor"))
    } else {
        set("XDG_DATA_HOME").or_else(|| set("HOME").map(|h| h.join(".local/share"))).map(|d| d.join("candor"))
    };
    found.ok_or_else(|| {
        Error::user("no home folder is set, so the data folder cannot be found")
            .hint("Name it: --home DIR, or CANDOR_HOME.")
    })
}

fn uses_ears(verb: &Verb) -> bool {
    match verb {
        Verb::Record(_) | Verb::Doctor => true,
        Verb::Meet(args) => args.consent.file.is_none(),
        _ => false,
    }
}

/// The files that a verb was told to write.
fn outputs(verb: &Verb) -> Vec<&Path> {
    match verb {
        Verb::Demo(args) => return vec![&args.out],
        Verb::Brief(args) => args.out.as_deref(),
        Verb::Meet(args) => Some(args.out.as_path()),
        Verb::Member(MemberVerb::Add { card, .. } | MemberVerb::Recard { card, .. }) => card.as_deref(),
        Verb::Receipts(args) => args.out.as_deref(),
        Verb::Rehearse(args) => return args.json.iter().chain(&args.brief).map(PathBuf::as_path).collect(),
        _ => None,
    }
    .into_iter()
    .collect()
}

/// A file is written beside its place first, so its folder is what must be open; a folder is filled itself.
fn opened_for(place: &Path) -> PathBuf {
    if place.is_dir() { place.to_owned() } else { folder_of(place).to_owned() }
}
