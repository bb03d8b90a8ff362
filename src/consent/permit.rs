//! Whether a use of a meeting stands on everyone's yes. No clock: time is the gate's matter.
//!
//! What is *taken in* (recording, importing) needs a yes to the latest request from everybody in the room, with the key
//! that is theirs now. What is *made of it* needs a yes from everybody whose words are still in it.

use std::collections::BTreeSet;

use super::{
    event::{Part, Reach},
    ids::{Digest, MeetingId, MemberId},
    meeting::MeetingState,
    notice::Source,
    state::State,
    terms::Terms,
};

/// What is to be done with a meeting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Use {
    /// Open the microphone.
    Record,
    /// Bring in a file.
    Import,
    /// Turn sound into text.
    Transcribe,
    /// Find out who spoke, from the sound.
    TellVoicesApart,
    /// Read the text for patterns.
    Analyse,
    /// Show or hand out what was found.
    Brief,
}

/// Why the gate stays shut. It counts people and never names them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Closed {
    /// Nobody was asked.
    #[error("nobody has been asked about meeting {0}")]
    NotAsked(MeetingId),
    /// Somebody said no.
    #[error("meeting {0} is not recorded")]
    Refused(MeetingId),
    /// Somebody took their yes back.
    #[error("consent to meeting {0} was taken back")]
    Withdrawn(MeetingId),
    /// It is erased or about to be.
    #[error("meeting {0} is erased")]
    Erased(MeetingId),
    /// There is nothing to work on.
    #[error("nothing was recorded of meeting {0}")]
    Nothing(MeetingId),
    /// Answers are missing.
    #[error("{missing} of {present} people have not answered yet")]
    Missing {
        /// How many.
        missing: usize,
        /// Of how many.
        present: usize,
    },
    /// Somebody left the circle or got a new card after their yes.
    #[error("{0} of the answers were given by somebody who has left or has a new card since")]
    Outdated(usize),
    /// The microphone is not what was asked about, or the file is not.
    #[error("what was asked about meeting {0} is something else")]
    OtherSource(MeetingId),
    /// Nobody said that those named are all who speak in the file.
    #[error("nobody vouches for who speaks in the file of meeting {0}")]
    NobodyVouches(MeetingId),
    /// The strictest of the answers leaves this out.
    #[error("not everyone has agreed to this use of the meeting")]
    NotGranted(Use),
    /// The sound was destroyed, as it had to be.
    #[error("the sound of meeting {0} no longer exists")]
    AudioGone(MeetingId),
    /// Words that were taken back must be erased first.
    #[error("words that were taken back from meeting {0} are still to be erased")]
    ErasureDue(MeetingId),
    /// Asked too long ago, or kept long enough.
    #[error("consent to meeting {0} has expired")]
    Expired(MeetingId),
    /// The clock is behind what the ledger has seen.
    #[error("the clock is earlier than the consent to meeting {0}")]
    ClockBehind(MeetingId),
    /// The ledger has events that are not on disk.
    #[error("{0} events of the ledger are not stored yet")]
    NotStored(usize),
}

/// What everybody concerned has agreed to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Permit {
    pub(super) terms: Terms,
    pub(super) people: BTreeSet<MemberId>,
    pub(super) models: BTreeSet<Digest>,
}

/// Checks one use of one meeting.
pub(super) fn permit(state: &State, id: MeetingId, what: Use) -> Result<Permit, Closed> {
    let m = state.meetings.get(&id).ok_or(Closed::NotAsked(id))?;
    if m.gone.contains(&Part::Whole) || m.discarded {
        return Err(Closed::Erased(id));
    }
    if m.is_doomed() {
        return Err(Closed::Withdrawn(id));
    }
    let people = match what {
        Use::Record | Use::Import => taking_in(state, id, m, what)?,
        Use::Transcribe | Use::TellVoicesApart | Use::Analyse | Use::Brief => making_of(id, m, what)?,
    };
    let terms = m.agreed.filter(|terms| allows(terms, what)).ok_or(Closed::NotGranted(what))?;
    Ok(Permit { terms, models: m.models_for(&people), people })
}

/// True if the terms cover a use.
pub(super) const fn allows(terms: &Terms, what: Use) -> bool {
    match what {
        Use::Record | Use::Import => terms.record,
        Use::Transcribe => terms.transcribe,
        Use::TellVoicesApart => terms.tell_voices_apart,
        Use::Analyse | Use::Brief => terms.analyse,
    }
}

fn taking_in(state: &State, id: MeetingId, m: &MeetingState, what: Use) -> Result<BTreeSet<MemberId>, Closed> {
    if m.refused {
        return Err(Closed::Refused(id));
    }
    if m.is_closed() {
        return Err(Closed::Withdrawn(id));
    }
    if matches!(m.request.source, Source::Room) != (what == Use::Record) {
        return Err(Closed::OtherSource(id));
    }
    if what == Use::Import && m.voucher.is_none() {
        return Err(Closed::NobodyVouches(id));
    }
    let present = m.in_room.len();
    let missing = m.unanswered().count();
    if missing > 0 || present == 0 {
        return Err(Closed::Missing { missing, present });
    }
    match m.in_room.iter().filter(|who| !state.holds(m, **who)).count() {
        0 => Ok(m.in_room.clone()),
        outdated => Err(Closed::Outdated(outdated)),
    }
}

fn making_of(id: MeetingId, m: &MeetingState, what: Use) -> Result<BTreeSet<MemberId>, Closed> {
    let mut people = m.speakers();
    let present = people.len();
    let missing = people.iter().filter(|who| !m.consents.contains_key(who)).count();
    if missing > 0 {
        return Err(Closed::Missing { missing, present });
    }
    for (who, reach) in &m.withdrawn {
        if *reach == Reach::MyWords && !m.gone.contains(&Part::Words(*who)) {
            return Err(Closed::ErasureDue(id));
        }
        people.remove(who);
    }
    if people.is_empty() {
        return Err(Closed::Nothing(id));
    }
    let from_sound = matches!(what, Use::Transcribe | Use::TellVoicesApart);
    let sound_is_gone = m.gone.iter().any(|part| matches!(part, Part::Audio | Part::Words(_)));
    if from_sound && sound_is_gone { Err(Closed::AudioGone(id)) } else { Ok(people) }
}
