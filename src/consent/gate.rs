//! The only place where a [`Grant`] comes from.
//!
//! Architecture invariant: no other module builds a grant, and the gate reads nothing but a verified ledger and the time
//! that it is given. It fails closed: whatever is missing, unclear or not yet on disk is a no.

use std::{collections::BTreeSet, marker::PhantomData};

use super::{
    grant::{Grant, Offline, Origin, Purpose},
    ids::MeetingId,
    ledger::Ledger,
    meeting::{DAY, MeetingState},
    notice::Source,
    permit::{Closed, Use, permit},
    terms::Terms,
};
use crate::session::Circle;

/// How long after a request its yeses let something be taken in, in seconds: an evening, not the next meeting.
pub const REQUEST_LIFE: i64 = 12 * 60 * 60;

/// Opens for one use of one meeting, if everybody concerned has said yes and nobody has taken it back.
///
/// `now` is in Unix seconds. Time does not run backwards for a consent: the newest event of the ledger counts where the
/// clock is behind it.
///
/// # Errors
/// [`Closed`] says why not, without naming anyone.
pub fn open<P: Purpose>(ledger: &Ledger, meeting: MeetingId, now: i64) -> Result<Grant<P>, Closed> {
    if !ledger.pending().is_empty() {
        return Err(Closed::NotStored(ledger.pending().len()));
    }
    let permit = permit(ledger.state(), meeting, P::USE)?;
    let state = ledger.state().meetings.get(&meeting).ok_or(Closed::NotAsked(meeting))?;
    let (from, until) = lifetime(state, P::USE).ok_or(Closed::NotAsked(meeting))?;
    if now < from {
        return Err(Closed::ClockBehind(meeting));
    }
    if now.max(ledger.last_at()) > until {
        return Err(Closed::Expired(meeting));
    }
    let file = match state.request.source {
        Source::Room => None,
        Source::File(hash) => Some(hash),
    };
    Ok(Grant {
        origin: Origin::Ledger(ledger.state().id),
        meeting,
        terms: permit.terms,
        people: permit.people,
        models: permit.models,
        file,
        until,
        purpose: PhantomData,
    })
}

/// A circle that is not marked as fiction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the circle is not marked as fiction")]
pub struct NotFiction;

/// Opens for invented people, who cannot be asked and need not be. Good only for a vault in memory
/// ([`Grant::ledger`] is none), and never for the microphone, whose people are real:
/// ```compile_fail,E0277
/// use candor::{consent::{Record, gate, ids::MeetingId}, session::Circle};
/// fn listen(circle: &Circle) {
///     let _ = gate::fiction::<Record>(circle, MeetingId(1));
/// }
/// ```
///
/// # Errors
/// [`NotFiction`].
pub fn fiction<P: Offline>(circle: &Circle, meeting: MeetingId) -> Result<Grant<P>, NotFiction> {
    if !circle.fiction {
        return Err(NotFiction);
    }
    Ok(Grant {
        origin: Origin::Fiction,
        meeting,
        terms: Terms::EVERY_USE,
        people: BTreeSet::new(),
        models: BTreeSet::new(),
        file: None,
        until: i64::MAX,
        purpose: PhantomData,
    })
}

/// From when until when a use may be had, in Unix seconds.
fn lifetime(m: &MeetingState, what: Use) -> Option<(i64, i64)> {
    match what {
        Use::Record | Use::Import => Some((m.asked_at, m.asked_at.saturating_add(REQUEST_LIFE).min(m.keep_until()?))),
        Use::Transcribe | Use::TellVoicesApart => Some((m.first_yes?, m.keep_audio_until()?)),
        Use::Analyse | Use::Brief => Some((m.first_yes?, m.keep_until()?)),
    }
}

const _: () = assert!(REQUEST_LIFE < DAY, "a yes must not reach the next day's meeting");
