//! A receipt as a page to print or to copy by hand: plain text, no wider than the words in it.

use std::fmt;

use time::{OffsetDateTime, macros::format_description};

use super::{
    receipt::{EventState, Receipt},
    terms::{Audience, Terms},
};

impl fmt::Display for Receipt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "Consent receipt ({})", self.schema_version)?;
        writeln!(f, "{}, meeting {}, for {}", self.pii_controller, self.meeting, self.pii_principal_id)?;
        writeln!(f, "Record {}\n\nWhat happened", self.record_id)?;
        for event in &self.events {
            writeln!(f, "  {}  {}", day_and_time(event.event_time), name(event.event_state))?;
        }
        match &self.pii_processing.agreed {
            Some(terms) => writeln!(f, "\nWhat holds for everybody\n{}", list(terms))?,
            None => writeln!(f, "\nNothing was agreed, and nothing was recorded.\n")?,
        }
        if let Some(end) = self.pii_processing.retention_until {
            writeln!(f, "Everything is erased after {}.", day_and_time(end))?;
        }
        writeln!(f, "To take it back: {}.", self.pii_processing.withdrawal_method)?;
        writeln!(f, "\nThe list of consents ends today, after {} entries, with these words:", self.ledger_length)?;
        writeln!(f, "  {}", self.ledger_words)?;
        writeln!(f, "Keep them. A list that no longer knows them has been cut short or replaced.")?;
        writeln!(f, "In full: {}\n", self.ledger_head)?;
        writeln!(f, "The words you were shown (SHA-256 {})\n", self.pii_processing.privacy_notice_hash)?;
        f.write_str(&self.pii_processing.privacy_notice.text)
    }
}

const fn name(state: EventState) -> &'static str {
    match state {
        EventState::Requested => "everybody present was asked",
        EventState::Given => "you said yes",
        EventState::Refused => "the meeting is not recorded",
        EventState::Reconfirmed => "you said yes again",
        EventState::Withdrawn => "you took your yes back",
        EventState::Expired => "erased",
    }
}

fn list(terms: &Terms) -> String {
    let yes = |agreed| if agreed { "yes" } else { "no" };
    let audience = match terms.brief_for {
        Audience::Screen => "to nobody; shown on this machine",
        Audience::Present => "to those who were there",
        Audience::Circle => "to the whole circle",
    };
    format!(
        "  record: {}\n  write down: {}\n  look for patterns: {}\n  tell voices apart: {}\n  keep the sound: {} days\n  \
         keep the rest: {} days\n  hand out the findings: {audience}\n  say names in the findings: {}\n",
        yes(terms.record),
        yes(terms.transcribe),
        yes(terms.analyse),
        yes(terms.tell_voices_apart),
        terms.keep_audio_days,
        terms.erase_after_days,
        yes(terms.names_in_brief),
    )
}

/// In UTC, which a printed page can say without knowing where it is read.
fn day_and_time(unix: i64) -> String {
    let format = format_description!("[year]-[month]-[day] [hour]:[minute] UTC");
    let time = OffsetDateTime::from_unix_timestamp(unix).ok().and_then(|t| t.format(&format).ok());
    time.unwrap_or_else(|| format!("second {unix}"))
}

#[cfg(test)]
mod tests {
    use crate::consent::{Decision, MeetingId, MemberId, world::World};

    #[test]
    fn a_printed_receipt_says_what_holds_and_witnesses_the_ledger() {
        let mut world = World::new(2);
        world.all_say_yes(1);
        let receipt = world.ledger.receipt(MeetingId(1), MemberId(1)).unwrap();
        let page = receipt.to_string();
        for needed in [&world.ledger.head_words(), "you said yes", "keep the sound: 30 days", "2026-03-12 12:00 UTC"] {
            assert!(page.contains(needed), "{needed} is missing");
        }
        assert!(page.ends_with(&receipt.pii_processing.privacy_notice.text));
    }

    #[test]
    fn a_receipt_of_a_refusal_names_nobody() {
        let mut world = World::new(2);
        world.ask(world.proposal(1)).unwrap();
        world.answer(1, |who, asked| if who == MemberId(0) { Decision::No } else { Decision::Yes(asked) }).unwrap();
        let pages = [0, 1].map(|who| world.ledger.receipt(MeetingId(1), MemberId(who)).unwrap());
        assert_eq!(pages[0].events, pages[1].events, "both get the same, whoever said no");
        assert!(pages[0].to_string().contains("the meeting is not recorded"));
        let json = serde_json::to_value(&pages[0]).unwrap();
        assert_eq!(json["events"][1]["event_state"], "refused");
    }
}
