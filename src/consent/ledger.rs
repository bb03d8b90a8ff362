//! The append-only record of requests, yeses, refusals, withdrawals and erasures.
//!
//! A ledger is read whole at every open: order, links, hashes, signatures and rules are checked from the first event to
//! the last. What it cannot see by itself is that its end was cut off; for that members keep the head as eight words
//! ([`Ledger::head_words`], [`Ledger::witness`]).
//!
//! Nothing here touches the disk. New records wait in [`Ledger::pending`] until the caller has stored them and says so
//! with [`Ledger::stored`]; until then the gate stays shut. If storing fails, drop the ledger and read it again.

use super::{
    chain::{self, Entry, GENESIS, Signer, StoredEvent, head_words, read_head_words},
    event::{Author, Event},
    ids::{Digest, LedgerId},
    key::{Keeper, KeyError},
    rules::{self, RuleError},
    state::State,
    words::WordError,
};

/// Why nothing was added.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// The event has no place here.
    #[error(transparent)]
    Rule(#[from] RuleError),
    /// A key could not be made or opened.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The signing key is not the one the ledger names.
    #[error("the signing key is not the one that the ledger names")]
    OtherKey,
    /// The event could not be written down.
    #[error("the event could not be encoded")]
    Encoding(#[from] postcard::Error),
}

/// What is wrong with a stored ledger, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {seq} of the ledger {kind}")]
pub struct Tampered {
    /// The first event that does not hold.
    pub seq: u64,
    /// What does not hold.
    pub kind: TamperKind,
}

/// How an event fails.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TamperKind {
    /// Missing, moved or doubled.
    #[error("is out of place")]
    Place,
    /// Its `prev` is not the hash of the event before.
    #[error("does not follow from the one before")]
    Link,
    /// Its hash is not that of its content.
    #[error("has been changed")]
    Content,
    /// No entry, or more than one.
    #[error("cannot be read")]
    Encoding,
    /// Not signed by whom it names.
    #[error("is not signed by its author")]
    Signature,
    /// The program would not have written it.
    #[error("breaks the rules: {0}")]
    Rule(RuleError),
}

/// A verified ledger, with what it adds up to.
#[derive(Debug)]
pub struct Ledger {
    entries: Vec<Entry>,
    heads: Vec<Digest>,
    state: State,
    pending: Vec<StoredEvent>,
}

impl Ledger {
    /// Begins the ledger of a new circle. The keeper belongs into the vault.
    ///
    /// # Errors
    /// [`RuleError::Name`], or when the system has no randomness.
    pub fn create(circle: &str, now: i64) -> Result<(Self, Keeper), LedgerError> {
        let circle = circle.trim();
        if !rules::is_name(circle) {
            return Err(RuleError::Name.into());
        }
        let keeper = Keeper::generate()?;
        let mut ledger = LedgerId([0; 16]);
        getrandom::fill(&mut ledger.0).map_err(KeyError::from)?;
        let event = Event::CircleCreated { ledger, circle: circle.into(), keeper: keeper.public() };
        let state = State::begin(&event).ok_or(LedgerError::OtherKey)?;
        let mut new = Self { entries: Vec::new(), heads: Vec::new(), state, pending: Vec::new() };
        new.write(Signer::Keeper(&keeper), event, now)?;
        Ok((new, keeper))
    }

    /// Reads a stored ledger from its first record to its last, and believes none of them.
    ///
    /// # Errors
    /// [`Tampered`], which names the first event that does not hold. A ledger without any event is out of place at 0.
    pub fn verify(records: impl IntoIterator<Item = StoredEvent>) -> Result<Self, Tampered> {
        let mut records = records.into_iter();
        let missing = Tampered { seq: 0, kind: TamperKind::Place };
        let mut ledger = Self::first(&records.next().ok_or(missing)?)?;
        for record in records {
            let seq = ledger.len();
            ledger.take(&record).map_err(|kind| Tampered { seq, kind })?;
        }
        Ok(ledger)
    }

    /// Adds an event. It waits among the [`pending`](Self::pending) records to be stored.
    ///
    /// # Errors
    /// [`LedgerError`]; nothing has changed then.
    pub fn append(&mut self, signer: Signer<'_>, event: Event, now: i64) -> Result<(), LedgerError> {
        self.may(signer, &event)?;
        self.write(signer, event, now)
    }

    /// Whether an event would be taken.
    pub(super) fn may(&self, signer: Signer<'_>, event: &Event) -> Result<(), LedgerError> {
        let key = rules::check(&self.state, signer.author(), event)?;
        if signer.public() == key.to_bytes() { Ok(()) } else { Err(LedgerError::OtherKey) }
    }

    /// Records that are not stored yet, in order.
    #[must_use]
    pub fn pending(&self) -> &[StoredEvent] {
        &self.pending
    }

    /// Says that all pending records are on disk.
    pub fn stored(&mut self) {
        self.pending.clear();
    }

    /// What the events add up to.
    #[must_use]
    pub const fn state(&self) -> &State {
        &self.state
    }

    /// Every event in order; the place in the list is its `seq`.
    #[must_use]
    pub fn entries(&self) -> &[Entry] {
        &self.entries
    }

    /// Number of events; at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "a ledger is never empty")]
    pub const fn len(&self) -> u64 {
        self.entries.len() as u64
    }

    /// Hash of the last event: it stands for the whole ledger.
    #[must_use]
    pub fn head(&self) -> Digest {
        self.heads.last().copied().unwrap_or(GENESIS)
    }

    /// The head as eight words, for members to take home.
    #[must_use]
    pub fn head_words(&self) -> String {
        head_words(self.head())
    }

    /// Looks for the event whose head somebody took home as eight words; the newest if there are several. None means
    /// that this ledger is not a continuation of the one that they saw: it was cut short, rolled back or replaced.
    ///
    /// # Errors
    /// [`WordError`], if they are not eight words of the list.
    pub fn witness(&self, words: &str) -> Result<Option<u64>, WordError> {
        let words = read_head_words(words)?;
        Ok(self.heads.iter().rposition(|head| head_words(*head) == words).map(|seq| seq as u64))
    }

    /// Unix seconds of the last event.
    pub(super) fn last_at(&self) -> i64 {
        self.entries.last().map_or(i64::MIN, |entry| entry.at)
    }

    fn write(&mut self, signer: Signer<'_>, event: Event, at: i64) -> Result<(), LedgerError> {
        let entry = Entry { at, author: signer.author(), event };
        let record = StoredEvent::write(self.len(), self.head(), &entry, signer)?;
        self.accept(entry, record.hash);
        self.pending.push(record);
        Ok(())
    }

    fn first(record: &StoredEvent) -> Result<Self, Tampered> {
        let wrong = |kind| Tampered { seq: 0, kind };
        let entry = record.read(0, GENESIS).map_err(|broken| wrong(broken.into()))?;
        let state = State::begin(&entry.event).ok_or(wrong(TamperKind::Place))?;
        if entry.author != Author::Keeper || !record.is_signed_by(&state.keeper) {
            return Err(wrong(TamperKind::Signature));
        }
        let mut ledger = Self { entries: Vec::new(), heads: Vec::new(), state, pending: Vec::new() };
        ledger.accept(entry, record.hash);
        Ok(ledger)
    }

    /// Takes in a stored event that must come next.
    pub(super) fn take(&mut self, record: &StoredEvent) -> Result<(), TamperKind> {
        let entry = record.read(self.len(), self.head())?;
        let key = rules::check(&self.state, entry.author, &entry.event).map_err(TamperKind::Rule)?;
        if !record.is_signed_by(&key) {
            return Err(TamperKind::Signature);
        }
        self.accept(entry, record.hash);
        Ok(())
    }

    fn accept(&mut self, entry: Entry, hash: Digest) {
        self.state.apply(&entry.event, entry.author.member(), self.len(), entry.at);
        self.entries.push(entry);
        self.heads.push(hash);
    }
}

impl From<chain::Broken> for TamperKind {
    fn from(broken: chain::Broken) -> Self {
        match broken {
            chain::Broken::Place => Self::Place,
            chain::Broken::Link => Self::Link,
            chain::Broken::Content => Self::Content,
            chain::Broken::Encoding => Self::Encoding,
        }
    }
}
