//! What a ledger can hold. Each event is a fact about consent; none holds a word that was spoken.
//!
//! Events are stored in postcard, which numbers variants and fields by their order: new ones go to the end, and nothing
//! is ever taken out.

use serde::{Deserialize, Serialize};
use time::Date;

use super::{
    ids::{Digest, LedgerId, MeetingId, MemberId},
    notice::{Model, Notice, Source},
    terms::Terms,
};
use crate::session::iso_date;

/// Who signs an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Author {
    /// The vault's own key, for what is no person's act. It can say nothing in a member's name.
    Keeper,
    /// A member, with the key that their card unlocks.
    Member(MemberId),
}

/// What everybody present is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Its day.
    #[serde(with = "iso_date")]
    pub date: Date,
    /// Microphone or file.
    pub source: Source,
    /// Who is in the room, or in the recording; all of them must say yes.
    pub present: Vec<MemberId>,
    /// Who may join without the others being asked anew. They are asked when they come.
    pub may_come: Vec<MemberId>,
    /// What is asked; each may grant less.
    pub terms: Terms,
    /// What will read the meeting.
    pub models: Vec<Model>,
    /// The words that are shown.
    pub notice: Notice,
}

/// What a withdrawal takes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// What the member said, and all that was made from it.
    MyWords,
    /// The meeting, whoever spoke.
    WholeMeeting,
}

/// Which meetings a withdrawal is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Which {
    /// One.
    Meeting(MeetingId),
    /// All to which the member ever said yes.
    All,
}

/// What is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Part {
    /// The sound; its key is destroyed.
    Audio,
    /// One member's words with all that was made from them, and the sound.
    Words(MemberId),
    /// Everything but the tombstone.
    Whole,
}

/// Beginning or end of a stretch on the record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Mark {
    /// The microphone opens.
    Started,
    /// It is closed: a pause, a late arrival, or the end.
    Stopped,
}

/// A public key and the proof that whoever brings it holds the secret half.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewKey {
    /// ed25519.
    pub public: [u8; 32],
    /// Signature by that key over the ledger, the member and itself, in two halves.
    pub proof: [[u8; 32]; 2],
}

/// A fact in the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The first of all.
    CircleCreated {
        /// Names this ledger and its vault.
        ledger: LedgerId,
        /// The circle's name.
        circle: String,
        /// Public key of the keeper.
        keeper: [u8; 32],
    },
    /// Somebody joins. By the keeper.
    MemberEnrolled {
        /// Next free number.
        member: MemberId,
        /// As the circle calls them; never used twice in a circle.
        name: String,
        /// The key that their card unlocks.
        key: NewKey,
    },
    /// Somebody lost their card, or comes back. By another member, who vouches that it is them.
    MemberReEnrolled {
        /// Who.
        member: MemberId,
        /// The key from now on; the former one signs nothing any more.
        key: NewKey,
    },
    /// Somebody leaves the circle; they can still withdraw. By themself or the keeper.
    MemberLeft {
        /// Who.
        member: MemberId,
    },
    /// Everyone present is asked. By the keeper.
    Requested(Box<Request>),
    /// Somebody vouches that those named are all who speak in a file that is brought in. By that member.
    Imported {
        /// Which meeting.
        meeting: MeetingId,
        /// SHA-256 of the file, as in the request.
        file: Digest,
    },
    /// A yes. By the member. All who answered one round sign the same terms: the strictest of what each chose.
    Granted {
        /// Which meeting.
        meeting: MeetingId,
        /// Hash of the words that were shown.
        notice: Digest,
        /// What is granted.
        terms: Terms,
    },
    /// Somebody said no, and it is not written down who. By the keeper.
    Refused {
        /// Which meeting.
        meeting: MeetingId,
    },
    /// Somebody comes into the room. By the keeper.
    Arrived {
        /// Which meeting.
        meeting: MeetingId,
        /// Who.
        member: MemberId,
    },
    /// Somebody leaves the room. By the keeper.
    Departed {
        /// Which meeting.
        meeting: MeetingId,
        /// Who.
        member: MemberId,
    },
    /// The recording begins or pauses. By the keeper.
    Recorded {
        /// Which meeting.
        meeting: MeetingId,
        /// Which of the two.
        mark: Mark,
    },
    /// A yes is taken back. By the member.
    Withdrawn {
        /// One meeting, or all.
        which: Which,
        /// My words, or the whole meeting.
        reach: Reach,
    },
    /// The meeting is to be erased: somebody in the room said so, or the owner of the vault. By the keeper.
    Discarded {
        /// Which meeting.
        meeting: MeetingId,
    },
    /// What had to be erased is. By the keeper.
    Erased {
        /// Which meeting.
        meeting: MeetingId,
        /// What.
        part: Part,
    },
    /// What was kept long enough is erased. By the keeper.
    Expired {
        /// Which meeting.
        meeting: MeetingId,
        /// What.
        part: Part,
    },
}
