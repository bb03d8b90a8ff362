//! The same SQL on the vault's database and on its plain copy, for the factor between them. Each is measured in a process of
//! its own: `cipher_memory_security` holds for the whole process, and would slow the plain copy down as well.

use std::path::Path;

use rusqlite::{Connection, params};

use crate::{
    PASSPHRASE,
    circle::{MEETINGS, UTTERANCES},
    opened::Opened,
    timing::timed,
};

const SCATTERED: u32 = 2_000;

pub(crate) fn sealed(folder: &Path) {
    measure(Opened::new(folder, PASSPHRASE).sql());
}

pub(crate) fn plain(file: &Path) {
    let database = Connection::open(file).unwrap();
    database.execute_batch(candor::vault::SETTINGS).unwrap();
    measure(&database);
}

fn measure(db: &Connection) {
    timed("2,000 scattered utterances", || scattered(db));
    timed("all words of all meetings", || scan(db));
    write(db);
}

fn scattered(db: &Connection) {
    let mut query = db.prepare("SELECT text FROM utterance WHERE meeting = ?1 AND i = ?2").unwrap();
    for n in 0..SCATTERED {
        // Steps that share no factor with the counts, so that nearly every read falls on another page.
        let (meeting, i) = (n * 211 % MEETINGS + 1, n * 1_021 % UTTERANCES);
        let text: String = query.query_row(params![meeting, i], |r| r.get(0)).unwrap();
        assert!(!text.is_empty());
    }
}

fn scan(db: &Connection) {
    let letters = "SELECT sum(length(text)), count(*) FROM utterance";
    let (letters, rows): (i64, i64) = db.query_row(letters, [], |r| Ok((r.get(0)?, r.get(1)?))).unwrap();
    assert!(letters > rows && rows >= i64::from(MEETINGS * UTTERANCES));
}

/// As `Store::put_utterances` does, into a meeting that is taken out again.
fn write(db: &Connection) {
    let mut query = db.prepare("SELECT i, speaker, text, start, end FROM utterance WHERE meeting = 7").unwrap();
    let rows = query.query_map([], |r| Ok((r.get(0)?, r.get(1)?, r.get(2)?, r.get(3)?, r.get(4)?))).unwrap();
    let words: Vec<(u32, String, String, f64, f64)> = rows.collect::<Result<_, _>>().unwrap();
    let meeting = "INSERT INTO meeting (id, circle, session, plan, state) VALUES (9999, 1, 9999, '{}', '')";
    db.execute_batch(meeting).unwrap();
    timed("one meeting's words written and synced", || {
        let transaction = db.unchecked_transaction().unwrap();
        let mut insert = db.prepare("INSERT INTO utterance VALUES (9999, ?1, ?2, ?3, ?4, ?5, 0.4, 0.9)").unwrap();
        for (i, speaker, text, start, end) in &words {
            insert.execute(params![i, speaker, text, start, end]).unwrap();
        }
        transaction.commit().unwrap();
    });
    db.execute_batch("DELETE FROM meeting WHERE id = 9999").unwrap();
}
