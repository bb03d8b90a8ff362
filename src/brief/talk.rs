//! Talk balance: who spoke when and how much, and where nobody did.

use serde::Serialize;

use crate::findings::MeetingFindings;

use super::evidence::{Evidence, moment};
use super::words::{clean, count, list, number, percent, sentence};

/// Seconds of silence that a room notices.
const SILENCE_S: f32 = 3.0;
/// How Candor calls everybody where voices are not told apart.
pub(super) const SOMEONE: &str = "someone";

/// Who spoke when and how much.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Talk {
    /// Length of the meeting in seconds.
    pub seconds: f32,
    /// In order of their first words; a single lane for all where no names may appear.
    pub lanes: Vec<Lane>,
    /// From, to.
    pub silences: Vec<(f32, f32)>,
    /// The plan.
    pub phases: Vec<PhaseSpan>,
    /// Shares, questions, interruptions and silence in words.
    pub sentences: Vec<String>,
}

/// The speech of one person.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Lane {
    /// Who.
    pub who: String,
    /// Whether it was their task to hold the room.
    pub facilitator: bool,
    /// Part of all spoken time; absent for the lane of all.
    pub share: Option<f64>,
    /// From, to.
    pub spans: Vec<(f32, f32)>,
}

/// A part of the meeting.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PhaseSpan {
    /// As the plan calls it.
    pub name: String,
    /// From, to.
    pub span: (f32, f32),
}

pub(super) fn of(e: &Evidence<'_>) -> Option<Talk> {
    let m = e.newest?;
    let phases = e.gathering.map_or(&[][..], |g| &g.phases);
    let silences = silences(m);
    let spans = phases.iter().filter_map(|p| Some(PhaseSpan { name: e.text(&p.name), span: e.phase_span(p)? }));
    Some(Talk {
        seconds: m.utterances.iter().map(|u| u.end).fold(1.0, f32::max),
        lanes: lanes(e, m),
        phases: spans.collect(),
        sentences: sentences(e, m, &silences),
        silences,
    })
}

/// A lane a speaker in order of their first words. Where names may not appear there is one lane for all: times and
/// quotes together would tell who is who.
fn lanes(e: &Evidence<'_>, m: &MeetingFindings) -> Vec<Lane> {
    let everybody = |_: &str| "everybody".to_owned();
    let own = |speaker: &str| clean(speaker);
    let call: &dyn Fn(&str) -> String = if e.names.shown() { &own } else { &everybody };
    let mut lanes: Vec<Lane> = vec![];
    for u in &m.utterances {
        let who = call(&u.speaker);
        let span = (u.start, u.end);
        if let Some(lane) = lanes.iter_mut().find(|l| l.who == who) {
            lane.spans.push(span);
            continue;
        }
        let share = if e.names.shown() { m.measures.talk_share.get(&u.speaker).copied() } else { None };
        let facilitator = e.names.shown() && e.gathering.is_some_and(|g| g.facilitator == u.speaker);
        lanes.push(Lane { who, facilitator, share, spans: vec![span] });
    }
    lanes
}

/// Stretches in which nobody speaks.
fn silences(m: &MeetingFindings) -> Vec<(f32, f32)> {
    let mut quiet = vec![];
    let mut until = 0.0f32;
    for u in &m.utterances {
        if u.start - until >= SILENCE_S {
            quiet.push((until, u.start));
        }
        until = until.max(u.end);
    }
    quiet
}

fn sentences(e: &Evidence<'_>, m: &MeetingFindings, silences: &[(f32, f32)]) -> Vec<String> {
    let mut out: Vec<String> = balance(e, m).into_iter().collect();
    let measure = |name: &str| m.measures.numbers.get(name).map(|n| n.round().max(0.0) as usize);
    if let Some(n) = measure("questions") {
        out.push(sentence(&format!("{} asked.", count(n, "question was", "questions were"))));
    }
    if let Some(n) = measure("interruptions").filter(|n| *n > 0) {
        out.push(sentence(&format!("{}, someone began before another had ended.", count(n, "time", "times"))));
    }
    let length = |s: &&(f32, f32)| s.1 - s.0;
    let longest = silences.iter().max_by(|a, b| length(a).total_cmp(&length(b)));
    out.push(match longest {
        None => "Nobody was silent together for three seconds or more.".into(),
        Some(s) => format!(
            "{} of three seconds or more; the longest lasted {:.0} seconds, at {}.",
            sentence(&count(silences.len(), "silence", "silences")),
            length(&s),
            moment(m, s.0)
        ),
    });
    out
}

/// Shares against an even share; without names, by size only.
fn balance(e: &Evidence<'_>, m: &MeetingFindings) -> Option<String> {
    let mut shares: Vec<f64> = m.measures.talk_share.values().copied().collect();
    if shares.len() < 2 {
        return None;
    }
    let even = percent(1.0 / shares.len() as f64);
    if e.names.shown() {
        return Some(format!("With {} who spoke, an even share is {even}.", number(shares.len())));
    }
    shares.sort_by(f64::total_cmp);
    let each: Vec<String> = shares.iter().map(|s| percent(*s)).collect();
    Some(format!("Of the spoken time, members had {}; an even share is {even}.", list(&each)))
}
