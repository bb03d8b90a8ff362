//! The ledger's records, which the store keeps without understanding them.

use rusqlite::params;

use super::{Result, Store, StoreError};
use crate::consent::{Digest, StoredEvent};

impl Store {
    /// Appends records, all or none.
    ///
    /// # Errors
    /// When a place is taken or the database fails.
    pub fn append_to_ledger(&self, circle: i64, records: &[StoredEvent]) -> Result<()> {
        self.atomically(|db| {
            let mut insert =
                db.prepare("INSERT INTO ledger (circle, seq, prev, hash, body) VALUES (?1, ?2, ?3, ?4, ?5)")?;
            for r in records {
                let seq = i64::try_from(r.seq).map_err(|_| StoreError::Row("ledger"))?;
                insert.execute(params![circle, seq, r.prev.0, r.hash.0, r.body])?;
            }
            Ok(())
        })
    }

    /// All records of a circle in order, to be verified.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn ledger(&self, circle: i64) -> Result<Vec<StoredEvent>> {
        let mut query = self.db().prepare("SELECT seq, prev, hash, body FROM ledger WHERE circle = ?1 ORDER BY seq")?;
        let rows = query.query_map([circle], |row| {
            Ok(StoredEvent {
                seq: row.get::<_, i64>(0)?.cast_unsigned(),
                prev: Digest(row.get(1)?),
                hash: Digest(row.get(2)?),
                body: row.get(3)?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}
