//! What a member takes home: what they were asked in which words, what holds, and the head of the ledger to witness it.
//!
//! Fields and event states follow ISO/IEC TS 27560:2023 (consent record information structure), section by section:
//! header, processing, parties, events. A receipt holds its own member's acts and what concerns everybody; never what
//! another member chose, and of a refusal only that the meeting is not recorded.

use serde::Serialize;

use super::{
    chain::head_words,
    event::{Event, Part, Which},
    ids::{Digest, MeetingId, MemberId},
    item::Item,
    ledger::Ledger,
    notice::Notice,
    terms::Terms,
};

/// Where a consent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum EventState {
    /// Everybody present was asked.
    Requested,
    /// The member's first yes to this meeting.
    Given,
    /// Somebody, unnamed, said no.
    Refused,
    /// A further yes, after the request had changed.
    Reconfirmed,
    /// The member took their yes back.
    Withdrawn,
    /// Kept as long as agreed, or erased.
    Expired,
}

/// One thing that happened to a consent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ReceiptEvent {
    /// Unix seconds.
    pub event_time: i64,
    /// Which of the six.
    pub event_state: EventState,
    /// Whose act: "member", or "circle" where it is nobody's or everybody's.
    pub entity_id: &'static str,
    /// Place in the ledger.
    pub ledger_seq: u64,
}

/// One purpose of the processing, and whether it is agreed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Purpose {
    /// The heading of its line in the notice.
    pub purpose: &'static str,
    /// The words that were asked.
    pub description: String,
}

/// The processing section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Processing {
    /// The words that were shown, with their version.
    pub privacy_notice: Notice,
    /// SHA-256 that was signed, hexadecimal.
    pub privacy_notice_hash: String,
    /// Of the notice.
    pub language: &'static str,
    /// What was asked.
    pub purposes: Vec<Purpose>,
    /// What holds for everybody: the strictest of all answers. None where nothing was agreed.
    pub agreed: Option<Terms>,
    /// Kinds of personal information.
    pub pii_type: [&'static str; 3],
    /// On what ground.
    pub lawful_basis: &'static str,
    /// Where.
    pub storage_location: &'static str,
    /// Until when, Unix seconds.
    pub retention_until: Option<i64>,
    /// How to take it back.
    pub withdrawal_method: &'static str,
}

/// A member's receipt for one meeting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Receipt {
    /// The specification whose fields these are.
    pub schema_version: &'static str,
    /// Ledger, meeting and member.
    pub record_id: String,
    /// The member's name in the circle.
    pub pii_principal_id: String,
    /// The circle that answers for it.
    pub pii_controller: String,
    /// Which meeting.
    pub meeting: MeetingId,
    /// What is done with what was said.
    pub pii_processing: Processing,
    /// What happened, in order.
    pub events: Vec<ReceiptEvent>,
    /// SHA-256 of the ledger's last event, hexadecimal.
    pub ledger_head: String,
    /// The same as eight words.
    pub ledger_words: String,
    /// Number of events in the ledger.
    pub ledger_length: u64,
}

impl Ledger {
    /// A member's receipt for a meeting; none if they were never asked about it.
    #[must_use]
    pub fn receipt(&self, meeting: MeetingId, member: MemberId) -> Option<Receipt> {
        let events = events(self, meeting, member);
        let (state, person) = (self.state().meetings.get(&meeting)?, self.state().members.get(&member)?);
        if events.is_empty() {
            return None;
        }
        let request = &state.request;
        let ask =
            |item: &Item| Purpose { purpose: item.title(), description: item.question(&request.terms, request.source) };
        Some(Receipt {
            schema_version: "ISO/IEC TS 27560:2023",
            record_id: format!("{}-{meeting}-{member}", hex(&self.state().id.0)),
            pii_principal_id: person.name.clone(),
            pii_controller: self.state().circle.clone(),
            meeting,
            pii_processing: Processing {
                privacy_notice: request.notice.clone(),
                privacy_notice_hash: request.notice.hash().to_string(),
                language: "en",
                purposes: Item::ALL.iter().map(ask).collect(),
                agreed: state.agreed,
                pii_type: ["voice", "what was said", "name"],
                lawful_basis: "consent",
                storage_location: "this machine only, encrypted",
                retention_until: state.keep_until(),
                withdrawal_method: "candor withdraw, with your card",
            },
            events,
            ledger_head: self.head().to_string(),
            ledger_words: head_words(self.head()),
            ledger_length: self.len(),
        })
    }
}

/// What a receipt tells of the ledger: the member's own acts, and what concerns everybody.
fn events(ledger: &Ledger, meeting: MeetingId, member: MemberId) -> Vec<ReceiptEvent> {
    let mut told: Vec<ReceiptEvent> = Vec::new();
    let mut asked = false;
    for (seq, entry) in ledger.entries().iter().enumerate() {
        let own = entry.author.member() == Some(member);
        let yes = told.iter().any(|e| matches!(e.event_state, EventState::Given | EventState::Reconfirmed));
        let state = match &entry.event {
            Event::Requested(r) if r.meeting == meeting => {
                asked |= r.present.contains(&member) || r.may_come.contains(&member);
                EventState::Requested
            }
            Event::Granted { meeting: m, .. } if *m == meeting && own && yes => EventState::Reconfirmed,
            Event::Granted { meeting: m, .. } if *m == meeting && own => EventState::Given,
            Event::Refused { meeting: m } if *m == meeting => EventState::Refused,
            Event::Withdrawn { which, .. } if own && yes && covers(*which, meeting) => EventState::Withdrawn,
            Event::Erased { meeting: m, part } | Event::Expired { meeting: m, part }
                if *m == meeting && (*part == Part::Whole || *part == Part::Words(member)) =>
            {
                EventState::Expired
            }
            _ => continue,
        };
        if asked {
            let entity_id = if own { "member" } else { "circle" };
            told.push(ReceiptEvent { event_time: entry.at, event_state: state, entity_id, ledger_seq: seq as u64 });
        }
    }
    told
}

fn covers(which: Which, meeting: MeetingId) -> bool {
    matches!(which, Which::All) || which == Which::Meeting(meeting)
}

fn hex(bytes: &[u8; 16]) -> String {
    let mut whole = [0; 32];
    whole[..16].copy_from_slice(bytes);
    let mut text = Digest(whole).to_string();
    text.truncate(32);
    text
}
