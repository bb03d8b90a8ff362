//! What the verbs do with the vault of ten years, each through the functions that the verbs use.

use std::path::Path;

use candor::{
    consent::Ledger,
    store::Store,
    vault::{Passphrase, Vault},
};

use crate::{
    PASSPHRASE,
    circle::MEETINGS,
    timing::{peak_memory, timed},
};

/// Opens the vault as every verb does, and asks what they ask.
pub(crate) fn ask(folder: &Path) {
    let passphrase = Passphrase::new(PASSPHRASE.into());
    let unlocked = timed("passphrase to key (Argon2id)", || Vault::unlock(folder, &passphrase).unwrap());
    let store = timed("opening: the database", || Store::new(unlocked.open().unwrap()).unwrap());
    let circle = store.circles().unwrap().remove(0).id;
    let records = timed("opening: the ledger is read", || store.ledger(circle).unwrap());
    timed("opening: the ledger is verified", || Ledger::verify(records).unwrap());

    let meetings = timed("circle show: all meetings", || store.meetings(circle).unwrap());
    assert_eq!(meetings.len(), MEETINGS as usize);
    let middle = meetings[meetings.len() / 2].id;
    timed("name: one meeting's words", || store.utterances(middle).unwrap());
    timed("brief: the arc of all meetings, and the words it shows", || {
        store.findings(circle, MEETINGS).unwrap().unwrap()
    });
}

/// What takes long by its nature, once each.
pub(crate) fn work(folder: &Path, meeting: usize) {
    let store = Store::new(Vault::open(folder, &Passphrase::new(PASSPHRASE.into())).unwrap()).unwrap();
    let circle = store.circles().unwrap().remove(0).id;
    let meetings = store.meetings(circle).unwrap();
    timed("reflect: all words and what the models made of them", || {
        for m in &meetings {
            store.utterances(m.id).unwrap();
            store.reading(m.id, crate::MODELS).unwrap();
        }
    });
    timed("withdraw: one meeting is erased, with every free page", || {
        store.erase_meeting(circle, meetings[meeting].id).unwrap();
    });
    peak_memory("withdraw: most memory");
}
