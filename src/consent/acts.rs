//! What people do with a ledger that takes more than one step: join, come back with a new card, unlock a key, ask.

use time::Date;

use super::{
    chain::Signer,
    event::{Event, Request},
    ids::{MeetingId, MemberId},
    key::{Keeper, KeyError, MemberKey, SealedKey},
    ledger::{Ledger, LedgerError},
    lock::Secret,
    notice::{Model, Notice, Source},
    terms::Terms,
};

/// What a facilitator proposes; the words follow from it.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// Which meeting.
    pub meeting: MeetingId,
    /// Its day.
    pub date: Date,
    /// Microphone or file.
    pub source: Source,
    /// Who is in the room, or in the recording.
    pub present: Vec<MemberId>,
    /// Who may join later without everybody being asked anew.
    pub may_come: Vec<MemberId>,
    /// What is asked.
    pub terms: Terms,
    /// What will read the meeting.
    pub models: Vec<Model>,
}

impl Ledger {
    /// Enrols somebody with a new key under their card or passphrase. Store the sealed key; show the card once.
    ///
    /// # Errors
    /// [`LedgerError`]: the name is taken or cannot be shown, or the key could not be made.
    pub fn enrol(
        &mut self,
        keeper: &Keeper,
        name: &str,
        secret: &Secret,
        now: i64,
    ) -> Result<(MemberId, SealedKey), LedgerError> {
        let (id, member) = (self.state().id, self.state().next_member());
        let (key, sealed) = MemberKey::create(id, member, secret)?;
        let event = Event::MemberEnrolled { member, name: name.trim().into(), key: key.introduce(id) };
        self.append(Signer::Keeper(keeper), event, now)?;
        Ok((member, sealed))
    }

    /// Enrols somebody again who has lost their card, or comes back. Another member vouches with their own card that it
    /// is them. The former key signs nothing any more, and the new one cannot answer what was asked before.
    ///
    /// # Errors
    /// [`LedgerError`], among them that members cannot vouch for themselves.
    pub fn enrol_again(
        &mut self,
        voucher: &MemberKey,
        member: MemberId,
        secret: &Secret,
        now: i64,
    ) -> Result<SealedKey, LedgerError> {
        let id = self.state().id;
        let (key, sealed) = MemberKey::create(id, member, secret)?;
        self.append(Signer::Member(voucher), Event::MemberReEnrolled { member, key: key.introduce(id) }, now)?;
        Ok(sealed)
    }

    /// Unlocks a member's key with their card or passphrase.
    ///
    /// # Errors
    /// [`KeyError`]: the wrong secret, or a card that was replaced.
    pub fn unlock(&self, member: MemberId, sealed: &SealedKey, secret: &Secret) -> Result<MemberKey, KeyError> {
        let known = self.state().members.get(&member).ok_or(KeyError::Unknown(member))?;
        sealed.open(self.state().id, member, &known.key, secret)
    }

    /// Asks everybody present. The words are made here and returned to be shown as they are.
    ///
    /// # Errors
    /// [`LedgerError`]: the request is incomplete, or the meeting is closed for good.
    pub fn ask(&mut self, keeper: &Keeper, proposal: Proposal, now: i64) -> Result<Notice, LedgerError> {
        let Proposal { meeting, date, source, present, may_come, terms, models } = proposal;
        let blank = Notice { version: super::notice::VERSION, text: String::new() };
        let mut request = Request { meeting, date, source, present, may_come, terms, models, notice: blank };
        request.notice = self.state().notice(&request);
        let notice = request.notice.clone();
        self.append(Signer::Keeper(keeper), Event::Requested(Box::new(request)), now)?;
        Ok(notice)
    }
}
