//! A stored ledger that somebody has touched: as it lies in the database, and linked and signed anew by somebody with every
//! key, so that what stands in the events is read too.
#![no_main]

use candor::consent::{Digest, Ledger, StoredEvent};
use candor_fuzz::{decoded, encoded, forge::chain, life, seed, tagged};
use libfuzzer_sys::{Corpus, fuzz_target};
use serde::{Deserialize, Serialize};

/// In the tag: the bytes are encoded entries, to be linked and signed; else they are records as they are stored.
const ENTRIES: u8 = 1;

/// Entries that are read at most: signing takes time.
const MOST: usize = 24;

/// A record as the database holds it.
#[derive(Serialize, Deserialize)]
struct Row {
    seq: u64,
    prev: Digest,
    hash: Digest,
    body: Vec<u8>,
}

fuzz_target!(init: seed(seeds()), |data: &[u8]| -> Corpus {
    let Some((tag, bytes)) = data.split_first() else { return Corpus::Reject };
    let records = if *tag == ENTRIES {
        let Some(mut entries) = decoded::<Vec<Vec<u8>>>(bytes) else { return Corpus::Reject };
        entries.truncate(MOST);
        chain(&entries)
    } else {
        let Some(rows) = decoded::<Vec<Row>>(bytes) else { return Corpus::Reject };
        rows.into_iter().map(stored).collect()
    };
    let length = records.len() as u64;
    match Ledger::verify(records) {
        Ok(ledger) => {
            assert_eq!(ledger.len(), length);
            life::inspect(&ledger);
        }
        Err(tampered) => assert!(tampered.seq <= length && !tampered.to_string().is_empty()),
    }
    Corpus::Keep
});

fn stored(row: Row) -> StoredEvent {
    let Row { seq, prev, hash, body } = row;
    StoredEvent { seq, prev, hash, body }
}

fn seeds() -> Vec<Vec<u8>> {
    let entries = life::entries();
    let rows = chain(&entries).into_iter().map(|StoredEvent { seq, prev, hash, body }| Row { seq, prev, hash, body });
    let rows: Vec<Row> = rows.collect();
    let begun: Vec<Vec<u8>> = entries[..5].to_vec();
    vec![
        tagged(0, encoded(&rows)),
        tagged(ENTRIES, encoded(&entries)),
        tagged(ENTRIES, encoded(&begun)),
        tagged(ENTRIES, encoded(&begun[..2].to_vec())),
    ]
}
