//! Signs of life and of decay in the newest meeting, each with what shows it.

use serde::Serialize;

use crate::findings::{Quote, Signal, State};
use crate::session::{Kind, SignalId};

use super::evidence::{Evidence, Quoted, moments};
use super::words::meetings;

/// Quotes a sign.
const QUOTES: usize = 2;
/// Sentences beyond the signs' own.
const SAYINGS: usize = 3;
/// Further moments that a sign names.
const MOMENTS: usize = 4;
/// Words below which an utterance shows little when it stands alone.
const TELLING_WORDS: usize = 5;

/// A sign seen in the newest meeting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Sign {
    /// Its plain name.
    pub title: String,
    /// What was observed.
    pub sentence: String,
    /// 0..1, from 0.5 on it counts as seen.
    pub strength: f64,
    /// The strength in a word.
    pub strength_word: &'static str,
    /// Where else it was seen: "Also seen in meetings 3 and 4."
    pub before: Option<String>,
    /// Some of what shows it.
    pub quotes: Vec<Quoted>,
    /// Where the rest of what shows it stands: "Also at 3:10, 4:22 and nine more.".
    pub elsewhere: Option<String>,
}

/// A sentence with its quotes.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Saying {
    /// The sentence.
    pub text: String,
    /// At least one.
    pub quotes: Vec<Quoted>,
}

/// Life, decay, and what was looked for in vain.
pub(super) fn of(e: &Evidence<'_>) -> (Vec<Sign>, Vec<Sign>, Vec<String>) {
    let absent = e.row.iter().flat_map(|m| &m.signals).filter(|s| s.state == State::Absent);
    let not_seen = absent.map(|s| title(s.id).to_owned()).collect();
    let signs = |kind| seen(e, kind).into_iter().map(|s| sign(e, s)).collect();
    (signs(Kind::Life), signs(Kind::Decay), not_seen)
}

/// Signs of a kind that are present in the newest meeting, strongest first.
pub(super) fn seen<'a>(e: &Evidence<'a>, kind: Kind) -> Vec<&'a Signal> {
    let rows = e.row.map_or(&[][..], |m| &m.signals);
    let mut present: Vec<&Signal> = rows.iter().filter(|s| s.kind == kind && s.state == State::Present).collect();
    present.sort_by(|a, b| b.strength.total_cmp(&a.strength));
    present
}

/// Sentences beyond the signs' own.
pub(super) fn sayings(e: &Evidence<'_>) -> Vec<Saying> {
    let signs = e.findings.meetings.iter().flat_map(|m| &m.signals);
    let said: Vec<&str> = signs.map(|s| s.sentence.as_str()).collect();
    let further = e.findings.claims.iter().filter(|c| !c.quotes.is_empty() && !said.contains(&c.text.as_str()));
    let about_newest = further.filter(|c| c.quotes.iter().any(|q| q.session == e.session));
    about_newest
        .take(SAYINGS)
        .map(|c| Saying { text: e.text(&c.text), quotes: c.quotes.iter().take(QUOTES).map(|q| e.quote(q)).collect() })
        .collect()
}

fn sign(e: &Evidence<'_>, s: &Signal) -> Sign {
    let (quotes, elsewhere) = shown_by(e, s);
    Sign {
        title: title(s.id).to_owned(),
        sentence: e.text(&s.sentence),
        strength: s.strength,
        strength_word: strength_word(s.strength),
        before: before(e, s.id),
        quotes,
        elsewhere,
    }
}

/// The first telling utterances as quotes in order of time, and the moments of the others.
fn shown_by(e: &Evidence<'_>, s: &Signal) -> (Vec<Quoted>, Option<String>) {
    let Some(m) = e.newest else { return (vec![], None) };
    let said: Vec<_> = s.evidence.iter().filter_map(|i| m.utterances.iter().find(|u| u.i == *i)).collect();
    let telling = said.iter().filter(|u| u.text.split_whitespace().count() >= TELLING_WORDS);
    let mut quoted: Vec<u32> = telling.take(QUOTES).map(|u| u.i).collect();
    if quoted.is_empty() {
        quoted.extend(said.iter().take(QUOTES).map(|u| u.i));
    }
    quoted.sort_unstable();
    let quote = |i: &u32| {
        let text = said.iter().find(|u| u.i == *i).map_or_else(String::new, |u| u.text.clone());
        e.quote(&Quote { session: m.session, i: *i, text })
    };
    let others: Vec<f32> = said.iter().filter(|u| !quoted.contains(&u.i)).map(|u| u.start).collect();
    let elsewhere = (!others.is_empty()).then(|| format!("Also {}.", moments(m, &others, MOMENTS)));
    (quoted.iter().map(quote).collect(), elsewhere)
}

/// Earlier meetings with the same sign.
fn before(e: &Evidence<'_>, id: SignalId) -> Option<String> {
    let earlier = e.findings.meetings.iter().filter(|m| m.session < e.session);
    let with = earlier.filter(|m| m.signals.iter().any(|s| s.id == id && s.state == State::Present));
    let sessions: Vec<u32> = with.map(|m| m.session).collect();
    (!sessions.is_empty()).then(|| format!("Also in {}.", meetings(&sessions)))
}

/// A strength in a word.
const fn strength_word(strength: f64) -> &'static str {
    match strength {
        s if s < 0.65 => "faint",
        s if s < 0.85 => "clear",
        _ => "strong",
    }
}

/// The plain name of a sign.
pub(super) const fn title(id: SignalId) -> &'static str {
    match id {
        SignalId::VentingWithoutMovement => "Complaint without movement",
        SignalId::PassiveFacilitator => "Little steering",
        SignalId::SocialDrift => "Drift into chat",
        SignalId::SurfaceOnly => "Safe matters only",
        SignalId::Echo => "One view hardly challenged",
        SignalId::ConfidentialityErosion => "Words carried outside",
        SignalId::OptionalTalk => "Spoken of as optional",
        SignalId::AttendanceDecline => "Fewer present",
        SignalId::LongGap => "A long gap",
        SignalId::RuleBreach => "A phase's rule not kept",
        SignalId::Dominance => "One voice at length",
        SignalId::ReciprocalVulnerability => "Openness answered",
        SignalId::PeerInsightUsed => "Acted on outside",
        SignalId::Breakthrough => "Something seen anew",
        SignalId::ProductiveChallenge => "A challenge taken up",
        SignalId::Movement => "Commitments made",
    }
}
