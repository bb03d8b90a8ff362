//! What every verb needs: the screen, the folders, the passphrase, a mind with its models.

use std::{
    cell::RefCell,
    path::{Path, PathBuf},
};

use time::{Date, OffsetDateTime};

use super::{book::Book, footing};
use crate::{
    cli::Common,
    error::{Error, ErrorKind, Result},
    jail::{JailError, Lockdown},
    models::{Folder, Manifest, ModelsError},
    process::Helper,
    remote::Mind,
    screen::Screen,
    store::{Store, StoreError},
    vault::{DiskError, Passphrase, Vault, VaultError},
    wire::{ModelFile, ModelRole},
};

/// What the process that runs the verbs is protected by.
#[derive(Debug)]
pub struct Protections {
    /// The kernel's lockdown.
    pub lockdown: Result<Lockdown, JailError>,
    /// Core dumps and debuggers.
    pub hardened: std::io::Result<()>,
}

pub(super) struct Context {
    pub(super) screen: Screen,
    pub(super) home: PathBuf,
    pub(super) models: Folder,
    pub(super) threads: u32,
    /// Today where this machine is; by Greenwich where the system does not say.
    pub(super) today: Date,
    pub(super) protections: Protections,
    ears: RefCell<Option<std::io::Result<Helper>>>,
    common: Common,
}

impl Context {
    pub(super) fn new(
        common: Common,
        screen: Screen,
        protections: Protections,
        ears: Option<std::io::Result<Helper>>,
    ) -> Result<Self> {
        let home = footing::home(&common)?;
        let models = Folder::locate(common.models.as_deref()).map_err(models_error)?;
        let cores = std::thread::available_parallelism().map_or(1, |n| u32::try_from(n.get()).unwrap_or(1));
        // One core is left to the microphone and to the person.
        let threads = common.threads.unwrap_or_else(|| cores.saturating_sub(1).max(1));
        // Asked before any thread starts: the system's time zone cannot be read safely beside others.
        let today = OffsetDateTime::now_local().unwrap_or_else(|_| OffsetDateTime::now_utc()).date();
        Ok(Self { screen, home, models, threads, today, protections, ears: RefCell::new(ears), common })
    }

    /// Recording and reading refuse where the kernel cannot hold this process back (on Linux).
    pub(super) fn need_lockdown(&self) -> Result<()> {
        match (&self.protections.lockdown, &self.protections.hardened) {
            (Err(e), _) => Err(e.to_string()),
            (_, Err(e)) => Err(e.to_string()),
            _ => Ok(()),
        }
        .map_err(|why| {
            Error::new(ErrorKind::System, format!("this process cannot be locked down: {why}"))
                .hint("Candor does not record or read without it; `candor doctor` shows what is missing.")
        })
    }

    /// The ears that were started before the lockdown. There is one pair, and no other can be had.
    pub(super) fn ears(&self) -> Result<Helper> {
        let gone = || std::io::Error::other("they have ended");
        let started = self.ears.borrow_mut().take().unwrap_or_else(|| Err(gone()));
        started.map_err(|e| {
            Error::new(ErrorKind::System, "the ears process could not be started")
                .because(e)
                .hint("Run the same again: what was recorded is kept, and it goes on from there.")
        })
    }

    /// Starts a mind with these models.
    pub(super) fn mind(&self, models: &[ModelFile]) -> Result<Mind> {
        self.need_lockdown()?;
        let mut mind = Mind::start(self.models.path())?;
        for file in models {
            mind.load(file.clone())?;
        }
        Ok(mind)
    }

    /// The files of these roles, as the mind will have to find them.
    pub(super) fn model_files(&self, roles: &[ModelRole]) -> Result<Vec<ModelFile>> {
        let manifest = Manifest::embedded().map_err(models_error)?;
        roles.iter().map(|role| self.models.find(&manifest, *role).map_err(models_error)).collect()
    }

    /// Opens the vault and the circle in it.
    pub(super) fn open(&self) -> Result<Book> {
        self.open_named(None)
    }

    /// The same, with a circle that is named by its verb.
    pub(super) fn open_named(&self, name: Option<&str>) -> Result<Book> {
        if !Vault::exists(&self.home) {
            return Err(no_vault());
        }
        let vault = Vault::open(&self.home, &self.passphrase("Passphrase of the vault:")?).map_err(vault_error)?;
        let store = Store::new(vault).map_err(store_error)?;
        let book = Book::open(store, name.or(self.common.circle.as_deref()), self.screen)?;
        self.tell_of_interruptions(&book)?;
        Ok(book)
    }

    /// A recording that broke off waits until somebody decides: it can go on, be written down as it is, or be erased.
    fn tell_of_interruptions(&self, book: &Book) -> Result<()> {
        for row in book.interrupted()? {
            let n = row.plan.session;
            self.screen.warn(&format!(
                "The recording of meeting {n} was interrupted. To go on: candor record --session {n}. To finish with what \
                 there is: candor transcribe --session {n}. To erase it: candor erase --session {n}"
            ));
        }
        Ok(())
    }

    /// Opens the vault, or makes it, with a passphrase that is asked for twice.
    pub(super) fn open_or_create(&self) -> Result<Store> {
        let vault = if Vault::exists(&self.home) {
            Vault::open(&self.home, &self.passphrase("Passphrase of the vault:")?)
        } else {
            self.screen.note("A new vault is made. Without its passphrase nobody, not even you, can open it again.");
            Vault::create(&self.home, &self.new_passphrase(self.common.passphrase_file.as_deref())?)
        };
        Store::new(vault.map_err(vault_error)?).map_err(store_error)
    }

    /// A new passphrase: out of a file, or typed blind and so asked for twice.
    pub(super) fn new_passphrase(&self, file: Option<&Path>) -> Result<Passphrase> {
        if let Some(file) = file {
            return first_line(file);
        }
        let first = self.typed("A passphrase for the vault, eight characters or more:")?;
        if self.typed("The same again:")? == first {
            Ok(Passphrase::new(first))
        } else {
            Err(Error::user("the two passphrases differ").hint("Start again; nothing was changed."))
        }
    }

    fn passphrase(&self, question: &str) -> Result<Passphrase> {
        match &self.common.passphrase_file {
            Some(file) => first_line(file),
            None => self.typed(question).map(Passphrase::new),
        }
    }

    fn typed(&self, question: &str) -> Result<String> {
        self.screen.ask_secret(question).ok_or_else(|| {
            Error::user("no passphrase was given").hint("Type it in a terminal, or name a file: --passphrase-file FILE")
        })
    }
}

/// A passphrase from a file, for scripts.
fn first_line(file: &Path) -> Result<Passphrase> {
    let text = std::fs::read_to_string(file)
        .map_err(|e| Error::user(format!("{} cannot be read", file.display())).because(e))?;
    Ok(Passphrase::new(text.lines().next().unwrap_or_default().to_owned()))
}

pub(super) fn no_vault() -> Error {
    Error::user("there is no vault yet")
        .hint("Make a circle first: candor circle new \"Its name\" --setting organizations")
}

pub(super) fn models_error(e: ModelsError) -> Error {
    let hint = e.hint();
    let error = Error::user(e.to_string());
    hint.map_or_else(|| Error::user(e.to_string()), |h| error.hint(h))
}

pub(super) fn vault_error(e: VaultError) -> Error {
    let (kind, hint) = match &e {
        VaultError::WrongPassphrase => (ErrorKind::User, "Try again. Nobody can reset it."),
        VaultError::InUse => (ErrorKind::User, "Close the other one first; only one Candor works with a vault."),
        VaultError::NoVault(_) => return no_vault(),
        VaultError::PassphraseTooShort { .. } => {
            (ErrorKind::User, "Four or five unrelated words are easy to remember.")
        }
        VaultError::AlreadyThere(_) => (ErrorKind::User, "Use it, or name another folder: --home DIR"),
        VaultError::Disk(d) | VaultError::Database(crate::vault::DatabaseError::Disk(d)) => {
            (ErrorKind::System, disk_hint(d))
        }
        VaultError::HeaderVersion(_) => (ErrorKind::User, "Install the Candor that wrote it, or a later one."),
        _ => (
            ErrorKind::Tampered,
            "Put back the data folder from a backup; the ledger's eight words tell whether it is a late one.",
        ),
    };
    Error::new(kind, e.to_string()).hint(hint)
}

pub(super) fn store_error(e: StoreError) -> Error {
    match e {
        StoreError::Database(d) => vault_error(VaultError::Database(d)),
        StoreError::Newer { .. } => {
            Error::user(e.to_string()).hint("Install the Candor that wrote it, or a later one.")
        }
        StoreError::Row(_) => Error::new(ErrorKind::Tampered, e.to_string()),
    }
}

fn disk_hint(e: &DiskError) -> &'static str {
    match e {
        DiskError::Full => "Make room on the disk and run the same again; nothing that was stored is lost.",
        DiskError::Denied => "Check that the data folder and what is in it may be written by you.",
        DiskError::Missing => "Check that the data folder is whole.",
        DiskError::Io(_) => "Check the disk; nothing that was stored before is lost.",
    }
}
