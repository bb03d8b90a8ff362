//! Which events a ledger takes, from whom. The same rules hold when an event is added and when a ledger is read, so a
//! stored ledger cannot say what the program would not have said.
//!
//! What narrows (withdrawing, erasing, leaving) is hardly ever turned away; what widens needs everything in place.

use std::collections::BTreeSet;

use ed25519_dalek::VerifyingKey;

use super::{
    event::{Author, Event, Mark, NewKey, Request, Which},
    ids::{MeetingId, MemberId},
    meeting::MeetingState,
    notice::{self, Source},
    permit::{Closed, Use, permit},
    state::State,
};

/// Longest name of a person or circle, in characters.
pub const NAME_CHARS: usize = 60;

/// Why an event has no place in a ledger.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Somebody else must sign this.
    #[error("this cannot be signed by {}", match .0 { Author::Keeper => "the vault".into(), Author::Member(m) => format!("member {m}") })]
    Author(Author),
    /// A ledger begins once.
    #[error("the circle exists already")]
    Begun,
    /// Nobody of that number, or they have left.
    #[error("member {0} does not belong to the circle")]
    NotAMember(MemberId),
    /// Numbers are given in order.
    #[error("member {0} is not the next to be enrolled")]
    Number(MemberId),
    /// Empty, too long, or with characters that do not show.
    #[error("a name is 1 to {NAME_CHARS} visible characters")]
    Name,
    /// Two people of one name could not be told apart in a notice; somebody who comes back is enrolled again.
    #[error("member {0} has this name")]
    NameTaken(MemberId),
    /// The key is weak, in use, or not in the hands of whoever brings it.
    #[error("the key of member {0} is not acceptable")]
    Key(MemberId),
    /// Nobody was asked.
    #[error("nobody has been asked about meeting {0}")]
    NotAsked(MeetingId),
    /// Nobody present, somebody named twice, or terms that cannot be asked.
    #[error("the request for meeting {0} is not complete")]
    Request(MeetingId),
    /// The words are not those that the terms make, or not those that were shown.
    #[error("the words of meeting {0} are not those of its request")]
    Words(MeetingId),
    /// Somebody refused, took back, or asked to erase: the meeting is not asked about again.
    #[error("meeting {0} is closed")]
    ClosedForGood(MeetingId),
    /// Not among those who were asked.
    #[error("member {0} was not asked; a guest needs a new request to everyone")]
    NotInvited(MemberId),
    /// More than was asked.
    #[error("a yes to meeting {0} goes further than what was asked")]
    TooMuch(MeetingId),
    /// There is nothing to take back.
    #[error("member {0} has given no yes that could be taken back")]
    NothingToWithdraw(MemberId),
    /// The room has changed while the microphone is open.
    #[error("the recording must pause before member {0} comes in")]
    Running(MemberId),
    /// The gate is shut.
    #[error(transparent)]
    Closed(#[from] Closed),
}

/// The key that must have signed, if the event is allowed.
pub(super) fn check(state: &State, author: Author, event: &Event) -> Result<VerifyingKey, RuleError> {
    match event {
        Event::CircleCreated { .. } => return Err(RuleError::Begun),
        Event::MemberEnrolled { member, name, key } => {
            by_keeper(author)?;
            enrolment(state, *member, name)?;
            new_key(state, *member, key)?;
        }
        Event::MemberReEnrolled { member, key } => {
            if by_member(state, author)? == *member {
                return Err(RuleError::Author(author));
            }
            state.members.get(member).ok_or(RuleError::NotAMember(*member))?;
            new_key(state, *member, key)?;
        }
        Event::MemberLeft { member } => {
            active(state, *member)?;
            if !matches!(author, Author::Keeper) && author != Author::Member(*member) {
                return Err(RuleError::Author(author));
            }
        }
        Event::Requested(r) => {
            by_keeper(author)?;
            request(state, r)?;
        }
        Event::Imported { meeting, file } => {
            by_member(state, author)?;
            let m = open_meeting(state, *meeting)?;
            if m.request.source != Source::File(*file) {
                return Err(Closed::OtherSource(*meeting).into());
            }
        }
        Event::Granted { meeting, notice, terms } => {
            let member = by_member(state, author)?;
            let m = open_meeting(state, *meeting)?;
            if !m.in_room.contains(&member) {
                return Err(RuleError::NotInvited(member));
            }
            if state.notice_hash(*meeting) != Some(*notice) {
                return Err(RuleError::Words(*meeting));
            }
            if !terms.can_be_asked() || !terms.within(&m.request.terms) {
                return Err(RuleError::TooMuch(*meeting));
            }
        }
        Event::Arrived { meeting, member } => {
            by_keeper(author)?;
            active(state, *member)?;
            let m = meeting_of(state, *meeting)?;
            if !m.request.present.contains(member) && !m.request.may_come.contains(member) {
                return Err(RuleError::NotInvited(*member));
            }
            if m.running && !state.holds(m, *member) {
                return Err(RuleError::Running(*member));
            }
        }
        Event::Departed { meeting, member } => {
            by_keeper(author)?;
            if !meeting_of(state, *meeting)?.in_room.contains(member) {
                return Err(RuleError::NotAMember(*member));
            }
        }
        Event::Recorded { meeting, mark: Mark::Started } => {
            by_keeper(author)?;
            permit(state, *meeting, Use::Record)?;
        }
        Event::Withdrawn { which, .. } => {
            // Somebody who has left the circle can still take back what they gave.
            let member = author.member().ok_or(RuleError::Author(author))?;
            if let Which::Meeting(id) = which {
                meeting_of(state, *id)?;
            }
            if state.consented(member, *which).is_empty() {
                return Err(RuleError::NothingToWithdraw(member));
            }
        }
        Event::Recorded { meeting, mark: Mark::Stopped }
        | Event::Refused { meeting }
        | Event::Discarded { meeting }
        | Event::Erased { meeting, .. }
        | Event::Expired { meeting, .. } => {
            by_keeper(author)?;
            meeting_of(state, *meeting)?;
        }
    }
    key_of(state, author)
}

/// A name that shows as what it is: no line breaks, no invisible or text-turning characters.
pub(super) fn is_name(name: &str) -> bool {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
    };
    (1..=NAME_CHARS).contains(&name.chars().count()) && name.trim() == name && !name.chars().any(hidden)
}

fn key_of(state: &State, author: Author) -> Result<VerifyingKey, RuleError> {
    match author {
        Author::Keeper => Ok(state.keeper),
        Author::Member(id) => state.members.get(&id).map(|m| m.key).ok_or(RuleError::NotAMember(id)),
    }
}

fn by_keeper(author: Author) -> Result<(), RuleError> {
    if author == Author::Keeper { Ok(()) } else { Err(RuleError::Author(author)) }
}

fn by_member(state: &State, author: Author) -> Result<MemberId, RuleError> {
    let member = author.member().ok_or(RuleError::Author(author))?;
    active(state, member)?;
    Ok(member)
}

fn active(state: &State, member: MemberId) -> Result<(), RuleError> {
    if state.members.get(&member).is_some_and(|m| m.active) { Ok(()) } else { Err(RuleError::NotAMember(member)) }
}

fn meeting_of(state: &State, id: MeetingId) -> Result<&MeetingState, RuleError> {
    state.meetings.get(&id).ok_or(RuleError::NotAsked(id))
}

fn open_meeting(state: &State, id: MeetingId) -> Result<&MeetingState, RuleError> {
    let m = meeting_of(state, id)?;
    if m.is_closed() { Err(RuleError::ClosedForGood(id)) } else { Ok(m) }
}

fn enrolment(state: &State, member: MemberId, name: &str) -> Result<(), RuleError> {
    if member != state.next_member() {
        return Err(RuleError::Number(member));
    }
    if !is_name(name) {
        return Err(RuleError::Name);
    }
    state.find(name).map_or(Ok(()), |other| Err(RuleError::NameTaken(other)))
}

fn new_key(state: &State, member: MemberId, key: &NewKey) -> Result<(), RuleError> {
    let key = key.check(state.id, member).ok_or(RuleError::Key(member))?;
    let in_use = state.members.values().map(|m| &m.key).chain([&state.keeper]).any(|other| *other == key);
    if in_use || key.is_weak() { Err(RuleError::Key(member)) } else { Ok(()) }
}

fn request(state: &State, r: &Request) -> Result<(), RuleError> {
    if state.meetings.contains_key(&r.meeting) {
        open_meeting(state, r.meeting)?;
    }
    let named: BTreeSet<_> = r.present.iter().chain(&r.may_come).collect();
    for member in &named {
        active(state, **member)?;
    }
    let twice = named.len() != r.present.len() + r.may_come.len();
    if r.present.is_empty() || twice || !r.terms.can_be_asked() || !r.models.iter().all(|m| is_name(&m.task)) {
        return Err(RuleError::Request(r.meeting));
    }
    // Older wordings cannot be rendered again; their text is kept and hashed all the same.
    if r.notice.version == notice::VERSION && r.notice != state.notice(r) {
        return Err(RuleError::Words(r.meeting));
    }
    Ok(())
}
