//! What a ledger's events add up to: who is enrolled with which key, and where each meeting stands.
//!
//! [`State::apply`] is total: it changes nothing but what an event that passed the rules says.

use std::collections::BTreeMap;

use ed25519_dalek::VerifyingKey;

use super::{
    event::{Event, Mark, Request, Which},
    ids::{Digest, LedgerId, MeetingId, MemberId},
    meeting::MeetingState,
    notice::{Notice, Subject},
};

/// Somebody on the roster, now or formerly.
#[derive(Clone, Debug)]
pub struct Member {
    /// As the circle calls them.
    pub name: String,
    /// The key that signs for them now.
    pub key: VerifyingKey,
    /// How many keys came before.
    pub epoch: u32,
    /// Unix seconds when this key was enrolled.
    pub enrolled_at: i64,
    /// False once they have left the circle.
    pub active: bool,
}

/// The sum of a ledger.
#[derive(Clone, Debug)]
pub struct State {
    /// Names the ledger and its vault.
    pub id: LedgerId,
    /// The circle's name.
    pub circle: String,
    /// Everybody who was ever enrolled.
    pub members: BTreeMap<MemberId, Member>,
    /// Every meeting that was ever asked about.
    pub meetings: BTreeMap<MeetingId, MeetingState>,
    pub(super) keeper: VerifyingKey,
}

impl State {
    /// The state after the first event, or nothing if it is another.
    pub(super) fn begin(event: &Event) -> Option<Self> {
        let Event::CircleCreated { ledger, circle, keeper } = event else { return None };
        Some(Self {
            id: *ledger,
            circle: circle.clone(),
            members: BTreeMap::new(),
            meetings: BTreeMap::new(),
            keeper: VerifyingKey::from_bytes(keeper).ok().filter(|key| !key.is_weak())?,
        })
    }

    /// The next number to give.
    pub(super) fn next_member(&self) -> MemberId {
        MemberId(self.members.len() as u32)
    }

    /// The member who is called that; case does not matter.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<MemberId> {
        let name = name.trim().to_lowercase();
        self.members.iter().find(|(_, m)| m.name.to_lowercase() == name).map(|(id, _)| *id)
    }

    /// The words for a request, in today's version.
    #[must_use]
    pub fn notice(&self, request: &Request) -> Notice {
        let names = |ids: &[MemberId]| -> Vec<&str> {
            ids.iter().filter_map(|id| self.members.get(id)).map(|m| m.name.as_str()).collect()
        };
        Notice::render(&Subject {
            circle: &self.circle,
            meeting: request.meeting,
            date: request.date,
            source: request.source,
            present: &names(&request.present),
            may_come: &names(&request.may_come),
            terms: &request.terms,
            models: &request.models,
        })
    }

    /// Takes in an event that has passed the rules; `author` signed it as `seq` at `at`.
    pub(super) fn apply(&mut self, event: &Event, author: Option<MemberId>, seq: u64, at: i64) {
        match event {
            Event::CircleCreated { .. } => {}
            Event::MemberEnrolled { member, name, key } => {
                if let Some(key) = key.check(self.id, *member) {
                    let name = name.clone();
                    self.members.insert(*member, Member { name, key, epoch: 0, enrolled_at: at, active: true });
                }
            }
            Event::MemberReEnrolled { member, key } => {
                if let (Some(key), Some(m)) = (key.check(self.id, *member), self.members.get_mut(member)) {
                    *m = Member { name: m.name.clone(), key, epoch: m.epoch + 1, enrolled_at: at, active: true };
                }
            }
            Event::MemberLeft { member } => {
                if let Some(m) = self.members.get_mut(member) {
                    m.active = false;
                }
            }
            Event::Requested(request) => self.request(request, seq, at),
            Event::Withdrawn { which, reach } => {
                let Some(member) = author else { return };
                for id in self.consented(member, *which) {
                    self.change(id, |m| m.withdraw(member, *reach));
                }
            }
            Event::Granted { meeting, notice: _, terms } => {
                let Some((member, epoch)) = author.and_then(|a| Some((a, self.members.get(&a)?.epoch))) else { return };
                self.change(*meeting, |m| m.consent(member, *terms, epoch, at));
            }
            Event::Imported { meeting, .. } => self.change(*meeting, |m| m.voucher = author),
            Event::Refused { meeting } => self.change(*meeting, |m| (m.refused, m.running) = (true, false)),
            Event::Discarded { meeting } => self.change(*meeting, |m| (m.discarded, m.running) = (true, false)),
            Event::Arrived { meeting, member } => self.change(*meeting, |m| {
                m.in_room.insert(*member);
                if m.running {
                    m.heard.insert(*member);
                }
            }),
            Event::Departed { meeting, member } => self.change(*meeting, |m| {
                m.in_room.remove(member);
            }),
            Event::Recorded { meeting, mark: Mark::Started } => self.change(*meeting, |m| {
                m.running = true;
                m.heard.extend(&m.in_room);
            }),
            Event::Recorded { meeting, mark: Mark::Stopped } => self.change(*meeting, |m| m.running = false),
            Event::Erased { meeting, part } | Event::Expired { meeting, part } => self.change(*meeting, |m| {
                m.gone.insert(*part);
            }),
        }
    }

    /// Meetings among `which` to which a member has said yes.
    pub(super) fn consented(&self, member: MemberId, which: Which) -> Vec<MeetingId> {
        let asked = |id: MeetingId| which == Which::All || which == Which::Meeting(id);
        let yes = self.meetings.iter().filter(|(id, m)| asked(**id) && m.consents.contains_key(&member));
        yes.map(|(id, _)| *id).collect()
    }

    /// True if a member has said yes to the latest request with the key that is theirs now.
    pub(super) fn holds(&self, meeting: &MeetingState, member: MemberId) -> bool {
        let current = |m: &Member| m.active && meeting.consents.get(&member).is_some_and(|c| c.epoch == m.epoch);
        meeting.answered(member) && self.members.get(&member).is_some_and(current)
    }

    fn request(&mut self, request: &Request, seq: u64, at: i64) {
        self.meetings
            .entry(request.meeting)
            .and_modify(|m| m.ask_again(request.clone(), seq, at))
            .or_insert_with(|| MeetingState::new(request.clone(), seq, at));
    }

    fn change(&mut self, meeting: MeetingId, change: impl FnOnce(&mut MeetingState)) {
        if let Some(state) = self.meetings.get_mut(&meeting) {
            change(state);
        }
    }

    /// Hash of the words that a meeting's latest request shows.
    pub(super) fn notice_hash(&self, meeting: MeetingId) -> Option<Digest> {
        self.meetings.get(&meeting).map(|m| m.request.notice.hash())
    }
}
