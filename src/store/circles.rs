//! Circles and their members' locked keys.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};

use super::{Result, Store, from_blob, from_json, to_blob, to_json};
use crate::{
    consent::{Keeper, MemberId, SealedKey},
    session::Circle,
};

/// A circle as it is stored.
#[derive(Debug)]
pub struct CircleRow {
    /// Number in the vault.
    pub id: i64,
    /// What it is.
    pub circle: Circle,
    /// Signs for what is no person's act.
    pub keeper: Keeper,
    /// Who holds the room, once enrolled.
    pub facilitator: Option<MemberId>,
}

impl Store {
    /// Adds a circle and gives its number.
    ///
    /// # Errors
    /// When the name is taken or the database fails.
    pub fn add_circle(&self, circle: &Circle, keeper: &Keeper) -> Result<i64> {
        let about = to_json(circle, "circle")?;
        self.db().execute(
            "INSERT INTO circle (name, about, keeper) VALUES (?1, ?2, ?3)",
            params![circle.name, about, keeper.to_bytes().as_slice()],
        )?;
        Ok(self.db().last_insert_rowid())
    }

    /// All circles, by name.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn circles(&self) -> Result<Vec<CircleRow>> {
        let mut query = self.db().prepare("SELECT id, about, keeper, facilitator FROM circle ORDER BY name")?;
        let rows = query.query_map([], |row| {
            Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, [u8; 32]>(2)?, row.get(3)?))
        })?;
        rows.map(|row| {
            let (id, about, keeper, facilitator): (_, String, [u8; 32], Option<u32>) = row?;
            let keeper = zeroize::Zeroizing::new(keeper);
            Ok(CircleRow {
                id,
                circle: from_json(&about, "circle")?,
                keeper: Keeper::from_bytes(&keeper),
                facilitator: facilitator.map(MemberId),
            })
        })
        .collect()
    }

    /// Says who holds the room.
    ///
    /// # Errors
    /// When the database fails.
    pub fn set_facilitator(&self, circle: i64, member: MemberId) -> Result<()> {
        self.db().execute("UPDATE circle SET facilitator = ?2 WHERE id = ?1", params![circle, member.0])?;
        Ok(())
    }

    /// Stores a member's locked key, in place of an earlier one.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_key(&self, circle: i64, member: MemberId, key: &SealedKey) -> Result<()> {
        self.db().execute(
            "INSERT INTO sealed_key (circle, member, sealed) VALUES (?1, ?2, ?3)
             ON CONFLICT (circle, member) DO UPDATE SET sealed = excluded.sealed",
            params![circle, member.0, to_blob(key, "sealed_key")?],
        )?;
        Ok(())
    }

    /// All locked keys of a circle.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn keys(&self, circle: i64) -> Result<BTreeMap<MemberId, SealedKey>> {
        let mut query = self.db().prepare("SELECT member, sealed FROM sealed_key WHERE circle = ?1")?;
        let rows = query.query_map([circle], |row| Ok((row.get::<_, u32>(0)?, row.get::<_, Vec<u8>>(1)?)))?;
        rows.map(|row| {
            let (member, sealed) = row?;
            Ok((MemberId(member), from_blob(&sealed, "sealed_key")?))
        })
        .collect()
    }

    /// Whether a circle of this name is there.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_circle(&self, name: &str) -> Result<bool> {
        let found = self.db().query_row("SELECT 1 FROM circle WHERE name = ?1", [name], |_| Ok(())).optional()?;
        Ok(found.is_some())
    }
}
