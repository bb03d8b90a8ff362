//! What has to be erased, as values that the store carries out.
//!
//! Nothing is remembered about erasures that are under way: what is owed follows from the ledger alone, so a crash in the
//! middle only means that the same is owed at the next start. When it is done, [`Erasure::done`] says so to the ledger.

use super::{
    event::{Event, Part, Reach},
    ids::MeetingId,
    meeting::MeetingState,
    state::State,
};

/// Why it has to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Somebody took their yes back.
    Withdrawn,
    /// Somebody in the room, or the vault's owner, asked for it.
    Discarded,
    /// It was kept as long as everybody agreed.
    Expired,
}

/// Something to erase, with all that was made from it. Words of one member mean their utterances, embeddings, scores,
/// quotes, themes and index entries, and the whole sound, in which they cannot be told from the others'; what is left is
/// then to be worked out anew. What stays of a whole meeting is that it took place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Erasure {
    /// Which meeting.
    pub meeting: MeetingId,
    /// What of it.
    pub part: Part,
    /// Why.
    pub cause: Cause,
}

impl Erasure {
    /// The event that says it is done, for the keeper to sign.
    #[must_use]
    pub const fn done(&self) -> Event {
        let Self { meeting, part, cause } = *self;
        match cause {
            Cause::Expired => Event::Expired { meeting, part },
            Cause::Withdrawn | Cause::Discarded => Event::Erased { meeting, part },
        }
    }
}

impl State {
    /// All that must be erased at this time, in Unix seconds. To be asked at every start and after every withdrawal.
    #[must_use]
    pub fn owed(&self, now: i64) -> Vec<Erasure> {
        self.meetings.iter().flat_map(|(id, m)| owed_by(*id, m, now)).collect()
    }
}

fn owed_by(meeting: MeetingId, m: &MeetingState, now: i64) -> Vec<Erasure> {
    let owe = |part, cause| Erasure { meeting, part, cause };
    let over = |end: Option<i64>| end.is_some_and(|end| end < now);
    if m.gone.contains(&Part::Whole) {
        return Vec::new();
    }
    if m.discarded {
        return vec![owe(Part::Whole, Cause::Discarded)];
    }
    if m.is_doomed() {
        return vec![owe(Part::Whole, Cause::Withdrawn)];
    }
    if over(m.keep_until()) {
        return vec![owe(Part::Whole, Cause::Expired)];
    }
    let words = m.withdrawn.iter().filter(|(_, reach)| **reach == Reach::MyWords).map(|(who, _)| Part::Words(*who));
    let mut owed: Vec<_> = words.filter(|w| !m.gone.contains(w)).map(|w| owe(w, Cause::Withdrawn)).collect();
    // Erasing anyone's words takes the sound along.
    let sound_gone = !m.withdrawn.is_empty() || m.gone.contains(&Part::Audio);
    if !sound_gone && over(m.keep_audio_until()) {
        owed.push(owe(Part::Audio, Cause::Expired));
    }
    owed
}
