//! What somebody said yes to before, so that they need not read the same words again. It shortens the words and skips
//! nobody: each person still answers, with their own card, and signs the full words of the new meeting.

use std::collections::BTreeSet;

use super::{
    event::Request,
    ids::{MeetingId, MemberId},
    ledger::Ledger,
    meeting::MeetingState,
    notice::Source,
    terms::Terms,
};

/// A former yes that still says all there is to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The meeting that it was given to.
    pub meeting: MeetingId,
    /// What came to hold there for everybody, which nobody's own answer was narrower than.
    pub terms: Terms,
}

impl Ledger {
    /// The member's yes to the meeting before, if it was asked in the same words about the same people, terms and models, and
    /// given with the card that is theirs now; none where anything differs, where a file is asked about, or once they have taken back any yes.
    #[must_use]
    pub fn standing(&self, meeting: MeetingId, member: MemberId) -> Option<Standing> {
        let state = self.state();
        let (now, person) = (state.meetings.get(&meeting)?, state.members.get(&member)?);
        if state.meetings.values().any(|m| m.withdrawn.contains_key(&member)) {
            return None;
        }
        let (id, before) = state.meetings.range(..meeting).next_back()?;
        let consent = before.consents.get(&member)?;
        let same = !before.is_closed() && consent.epoch == person.epoch && says_the_same(before, now);
        Some(Standing { meeting: *id, terms: before.agreed? }).filter(|_| same)
    }
}

fn says_the_same(before: &MeetingState, now: &MeetingState) -> bool {
    let (a, b) = (&before.request, &now.request);
    let people = |r: &Request| -> BTreeSet<MemberId> { r.present.iter().chain(&r.may_come).copied().collect() };
    a.source == Source::Room
        && b.source == Source::Room
        && a.notice.version == b.notice.version
        && a.terms == b.terms
        && a.models == b.models
        && people(a) == people(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::consent::{
        Decision, Event, Reach, Which,
        ids::Digest,
        terms::{strictest, tests::WIDE},
        world::World,
    };

    /// Two people have said yes to meeting 1 and are asked about meeting 2.
    fn asked_again(change: impl Fn(&mut crate::consent::Proposal)) -> World {
        let mut world = World::new(2);
        let first = world.proposal(1);
        world.ask(first).unwrap();
        let narrow = strictest([&Terms { erase_after_days: 30, ..WIDE }]);
        world.answer(1, |who, _| Decision::Yes(if who.0 == 0 { WIDE } else { narrow })).unwrap();
        let mut second = world.proposal(2);
        change(&mut second);
        world.ask(second).unwrap();
        world
    }

    fn standing(world: &World) -> Option<Standing> {
        world.ledger.standing(MeetingId(2), MemberId(0))
    }

    #[test]
    fn the_same_words_stand_with_what_held_for_all() {
        let world = asked_again(|_| ());
        let found = standing(&world).unwrap();
        assert_eq!((found.meeting, found.terms.erase_after_days), (MeetingId(1), 30));
    }

    #[test]
    fn whatever_changes_needs_the_full_words() {
        let changes: [fn(&mut crate::consent::Proposal); 4] = [
            |p| p.terms.erase_after_days -= 1,
            |p| p.models[0].sha256 = Digest([8; 32]),
            |p| p.present.truncate(1),
            |p| p.source = Source::File(Digest([9; 32])),
        ];
        for change in changes {
            assert_eq!(standing(&asked_again(change)), None);
        }
    }

    #[test]
    fn a_new_card_or_a_yes_taken_back_needs_the_full_words() {
        let mut world = asked_again(|_| ());
        world.enrol_again(MemberId(1), MemberId(0)).unwrap();
        assert_eq!(standing(&world), None);
        let mut world = asked_again(|_| ());
        let which = Which::Meeting(MeetingId(1));
        world.act(MemberId(0), Event::Withdrawn { which, reach: Reach::MyWords }).unwrap();
        assert_eq!(standing(&world), None);
    }
}
