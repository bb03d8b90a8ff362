//! What was found in a circle: one row for all of it and one for each meeting, whose words stand apart. A brief needs the
//! signs of every meeting, but the words of one, and of the others only what is quoted.

use std::collections::BTreeSet;

use rusqlite::{Connection, OptionalExtension, params};

use super::{Result, Store, from_blob, from_json, to_blob, to_json};
use crate::findings::{Findings, MeetingFindings, Quote};

impl Store {
    /// Stores what was found in a circle, in place of what was found before.
    ///
    /// # Errors
    /// When the database fails.
    pub fn put_findings(&self, circle: i64, findings: &Findings) -> Result<()> {
        let quoted: BTreeSet<(u32, u32)> = quotes(findings).map(|q| (q.session, q.i)).collect();
        self.atomically(|db| {
            forget(db, circle)?;
            db.execute(
                "INSERT INTO findings (circle, body) VALUES (?1, ?2)",
                params![circle, to_json(&of_the_circle(findings), "findings")?],
            )?;
            let mut insert = db.prepare("INSERT INTO found (circle, session, body, words) VALUES (?1, ?2, ?3, ?4)")?;
            for m in &findings.meetings {
                let body = to_json(&shortened(m, |i| quoted.contains(&(m.session, i))), "found")?;
                insert.execute(params![circle, m.session, body, to_blob(&m.utterances, "found")?])?;
            }
            Ok(())
        })
    }

    /// Whether the circle was read since anything changed.
    ///
    /// # Errors
    /// When the database fails.
    pub fn has_findings(&self, circle: i64) -> Result<bool> {
        Ok(self.db().prepare("SELECT 1 FROM findings WHERE circle = ?1")?.exists([circle])?)
    }

    /// What was found in a circle up to a meeting, if it was read since anything changed: that meeting with all its words,
    /// those before with the words that are quoted.
    ///
    /// # Errors
    /// When a row cannot be read.
    pub fn findings(&self, circle: i64, session: u32) -> Result<Option<Findings>> {
        let body: Option<String> =
            self.db().query_row("SELECT body FROM findings WHERE circle = ?1", [circle], |r| r.get(0)).optional()?;
        let Some(body) = body else { return Ok(None) };
        let mut findings: Findings = from_json(&body, "findings")?;
        let mut query = self.db().prepare(
            "SELECT body, CASE session WHEN ?2 THEN words END FROM found
             WHERE circle = ?1 AND session <= ?2 ORDER BY session",
        )?;
        let mut rows = query.query(params![circle, session])?;
        while let Some(row) = rows.next()? {
            let (body, words): (String, Option<Vec<u8>>) = (row.get(0)?, row.get(1)?);
            let mut meeting: MeetingFindings = from_json(&body, "found")?;
            if let Some(words) = words {
                meeting.utterances = from_blob(&words, "found")?;
            }
            findings.meetings.push(meeting);
        }
        Ok(Some(findings))
    }
}

/// Erases what was found in a circle; the meetings' rows go with it.
pub(super) fn forget(db: &Connection, circle: i64) -> Result<()> {
    db.execute("DELETE FROM findings WHERE circle = ?1", [circle])?;
    Ok(())
}

/// Every quote that stands somewhere in the findings.
fn quotes(found: &Findings) -> impl Iterator<Item = &Quote> {
    let claimed = found.claims.iter().flat_map(|c| &c.quotes);
    let shown = found.themes.iter().flat_map(|t| &t.shown_by);
    let promised = found.commitments.iter().flat_map(|p| [Some(&p.quote), p.followed_up.as_ref()]).flatten();
    claimed.chain(shown).chain(promised)
}

/// Findings without their meetings. Field by field, since a copy of all would double ten years of words.
fn of_the_circle(found: &Findings) -> Findings {
    Findings {
        candor: found.candor.clone(),
        fiction: found.fiction,
        circle: found.circle.clone(),
        models: found.models.clone(),
        meetings: Vec::new(),
        themes: found.themes.clone(),
        claims: found.claims.clone(),
        commitments: found.commitments.clone(),
        question: found.question.clone(),
    }
}

/// A meeting with these of its utterances.
fn shortened(m: &MeetingFindings, which: impl Fn(u32) -> bool) -> MeetingFindings {
    MeetingFindings {
        session: m.session,
        date: m.date,
        from_audio: m.from_audio,
        coverage: m.coverage,
        utterances: m.utterances.iter().filter(|u| which(u.i)).cloned().collect(),
        measures: m.measures.clone(),
        signals: m.signals.clone(),
        themes: m.themes.clone(),
    }
}
