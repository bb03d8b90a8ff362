//! An open vault at the page of one circle: its rows, its verified ledger, and what must be erased today.

use std::{
    path::PathBuf,
    time::{SystemTime, UNIX_EPOCH},
};

use super::context::store_error;
use crate::{
    consent::{Closed, Erasure, Event, Grant, Ledger, MeetingId, MemberId, Part, Signer, gate, grant::Purpose},
    error::{Error, ErrorKind, Result},
    screen::Screen,
    session::Meeting,
    spool,
    store::{CircleRow, MeetingRow, MeetingState, Store},
};

pub(super) struct Book {
    pub(super) store: Store,
    pub(super) circle: CircleRow,
    pub(super) ledger: Ledger,
}

impl Book {
    /// Finds the circle, believes nothing of its ledger before it is verified, and erases what is due.
    pub(super) fn open(store: Store, name: Option<&str>, screen: Screen) -> Result<Self> {
        let mut circles = store.circles().map_err(store_error)?;
        let names = circles.iter().map(|c| c.circle.name.clone()).collect::<Vec<_>>().join(", ");
        if let Some(name) = name {
            circles.retain(|c| c.circle.name == name);
        }
        let circle = match (circles.len(), circles.pop()) {
            (1, Some(circle)) => circle,
            (0, _) if names.is_empty() => return Err(super::context::no_vault()),
            (0, _) => return Err(Error::user("there is no circle of this name").hint(format!("There are: {names}"))),
            _ => {
                return Err(Error::user("the vault holds several circles")
                    .hint(format!("Say which: --circle NAME. There are: {names}")));
            }
        };
        let records = store.ledger(circle.id).map_err(store_error)?;
        let ledger = Ledger::verify(records).map_err(|e| {
            Error::new(ErrorKind::Tampered, "the ledger is not as Candor wrote it").because(e).hint(
                "Somebody or something changed the data. Show this to the members; restore the data folder from a backup and check it with the eight words that they took home.",
            )
        })?;
        let mut book = Self { store, circle, ledger };
        book.erase_what_is_due(screen)?;
        Ok(book)
    }

    /// Stores what was added to the ledger.
    pub(super) fn commit(&mut self) -> Result<()> {
        self.store.append_to_ledger(self.circle.id, self.ledger.pending()).map_err(store_error)?;
        self.ledger.stored();
        Ok(())
    }

    /// Adds what is no person's act, and stores it.
    pub(super) fn note(&mut self, event: Event) -> Result<()> {
        self.ledger
            .append(Signer::Keeper(&self.circle.keeper), event, now())
            .map_err(|e| Error::new(ErrorKind::Consent, "the ledger does not take this").because(e))?;
        self.commit()
    }

    /// Leave for one use of a meeting, from everybody concerned.
    pub(super) fn grant<P: Purpose>(&self, meeting: &MeetingRow) -> Result<Grant<P>> {
        gate::open(&self.ledger, ledger_id(&meeting.plan), now()).map_err(closed)
    }

    pub(super) fn member(&self, name: &str) -> Result<MemberId> {
        let state = self.ledger.state();
        state.find(name).ok_or_else(|| {
            let names = state.members.values().map(|m| m.name.as_str()).collect::<Vec<_>>().join(", ");
            Error::user(format!("nobody in the circle is called {name}"))
                .hint(format!("The members are: {names}. To enrol somebody: candor member add NAME"))
        })
    }

    /// Names of those who belong, in order of enrolment.
    pub(super) fn roster(&self) -> Vec<String> {
        self.ledger.state().members.values().filter(|m| m.active).map(|m| m.name.clone()).collect()
    }

    /// Who holds the room, once enrolled.
    pub(super) fn facilitator(&self) -> Option<String> {
        let member = self.ledger.state().members.get(&self.circle.facilitator?)?;
        Some(member.name.clone())
    }

    /// A meeting by its session, or the newest that fits.
    pub(super) fn find(
        &self,
        session: Option<u32>,
        fits: impl Fn(MeetingState) -> bool,
        what: &str,
    ) -> Result<MeetingRow> {
        let meetings = self.store.meetings(self.circle.id).map_err(store_error)?;
        let found = match session {
            Some(n) => meetings.into_iter().find(|m| m.plan.session == n),
            None => meetings.into_iter().rev().find(|m| fits(m.state)),
        };
        let found = found.ok_or_else(|| {
            Error::user(
                session.map_or_else(|| format!("there is no meeting {what}"), |n| format!("there is no meeting {n}")),
            )
            .hint("`candor circle show` lists the meetings and how far each has got.")
        })?;
        if fits(found.state) {
            Ok(found)
        } else {
            Err(Error::user(format!("meeting {} is not one {what}: it is {}", found.plan.session, found.state.name()))
                .hint("`candor circle show` lists the meetings and how far each has got."))
        }
    }

    /// Shows the ledger's eight words at the end of something that people may want to witness.
    pub(super) fn offer_words(&self, screen: Screen) {
        screen.note(&format!("The ledger's eight words, for whoever wants to note them: {}", self.ledger.head_words()));
    }

    /// Meetings whose recording broke off.
    pub(super) fn interrupted(&self) -> Result<Vec<MeetingRow>> {
        let mut rows = self.store.meetings(self.circle.id).map_err(store_error)?;
        rows.retain(|m| m.state == MeetingState::Recording);
        Ok(rows)
    }

    pub(super) fn set_state(&self, meeting: &mut MeetingRow, state: MeetingState) -> Result<()> {
        meeting.state = state;
        self.store.update_meeting(meeting).map_err(store_error)
    }

    /// Where a recording of this name lies.
    pub(super) fn spool_path(&self, file: &str) -> Result<PathBuf> {
        let folder = self.store.vault().folder();
        let folder = folder.ok_or_else(|| Error::new(ErrorKind::System, "this vault has no folder for recordings"))?;
        Ok(folder.join("spool").join(file))
    }

    /// Erases the sound: first its key, then the file, which nobody can read by then.
    pub(super) fn erase_sound(&self, meeting: i64) -> Result<()> {
        let Some(spool) = self.store.spool(meeting).map_err(store_error)? else { return Ok(()) };
        self.store.erase_sound(meeting).map_err(store_error)?;
        spool::destroy(&self.spool_path(&spool.file)?)
            .map_err(|e| Error::new(ErrorKind::System, "the locked recording could not be removed").because(e))
    }

    /// Erases a whole meeting at somebody's word.
    pub(super) fn discard(&mut self, row: &MeetingRow, screen: Screen) -> Result<()> {
        let meeting = ledger_id(&row.plan);
        if self.ledger.state().meetings.contains_key(&meeting) {
            self.note(Event::Discarded { meeting })?;
            self.erase_what_is_due(screen)
        } else {
            // Kept as notes: nobody was asked, so the ledger knows nothing of it.
            self.store.erase_meeting(self.circle.id, row.id).map_err(store_error)
        }
    }

    /// Carries out what withdrawals and lapsed times ask for. What is owed follows from the ledger alone, so an
    /// interruption only means that the same is owed at the next start.
    pub(super) fn erase_what_is_due(&mut self, screen: Screen) -> Result<()> {
        for owed in self.ledger.state().owed(now()) {
            self.carry_out(owed)?;
            screen.note(&format!("Erased as agreed, from meeting {}.", owed.meeting));
        }
        Ok(())
    }

    fn carry_out(&mut self, owed: Erasure) -> Result<()> {
        let row = self.store.meeting(self.circle.id, owed.meeting.0).map_err(store_error)?;
        if let Some(row) = row {
            self.erase_sound(row.id)?;
            match owed.part {
                Part::Audio => {}
                Part::Words(member) => {
                    let name = self.ledger.state().members.get(&member).map(|m| m.name.clone()).unwrap_or_default();
                    if self.unnamed(&row)? {
                        // Nobody can tell whose words are whose, so all of them go.
                        self.store.erase_meeting(self.circle.id, row.id).map_err(store_error)?;
                    } else {
                        self.store.erase_words(self.circle.id, row.id, &name).map_err(store_error)?;
                    }
                }
                Part::Whole => self.store.erase_meeting(self.circle.id, row.id).map_err(store_error)?,
            }
        }
        self.note(owed.done())
    }

    /// Whether some of a meeting's words carry no member's name.
    fn unnamed(&self, row: &MeetingRow) -> Result<bool> {
        let words = self.store.utterances(row.id).map_err(store_error)?;
        let pieces = self.store.heard(row.id).map_err(store_error)?;
        Ok(!pieces.is_empty() || words.iter().any(|u| !row.plan.roster.contains(&u.speaker)))
    }
}

/// A meeting's number in the ledger is its session.
pub(super) fn ledger_id(plan: &Meeting) -> MeetingId {
    MeetingId(plan.session)
}

/// Unix seconds by this machine's clock.
pub(super) fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

fn closed(e: Closed) -> Error {
    Error::new(ErrorKind::Consent, "the gate is closed")
        .because(e)
        .hint("Everyone present has to agree, each with their own card: candor consent. Nothing was opened or read.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        consent::{Card, Secret},
        session::{Circle, Setting},
        vault::Vault,
    };

    #[test]
    fn a_ledger_that_was_edited_is_noticed_at_the_next_open() {
        let store = Store::new(Vault::in_memory().unwrap()).unwrap();
        let (mut ledger, keeper) = Ledger::create("Tuesday table", now()).unwrap();
        let circle = Circle {
            name: "Tuesday table".into(),
            setting: Setting::Product,
            cadence_days: 30,
            about: String::new(),
            fiction: false,
        };
        let id = store.add_circle(&circle, &keeper).unwrap();
        ledger.enrol(&keeper, "Owen", &Secret::Card(Card::generate().unwrap()), now()).unwrap();
        store.append_to_ledger(id, ledger.pending()).unwrap();
        let book = Book::open(store, None, Screen::new(true)).unwrap();

        book.store.tamper(
            "DROP TRIGGER ledger_is_not_changed;
             UPDATE ledger SET body = cast(x'00' || substr(body, 2) AS BLOB) WHERE seq = 1;",
        );
        let Err(e) = Book::open(book.store, None, Screen::new(true)) else { panic!("the edited ledger was believed") };
        assert_eq!(e.kind, ErrorKind::Tampered);
    }
}
