//! The three sentences up front: what recurs, signs of life, signs of decay.

use crate::findings::{MeetingFindings, Recurrence, State};
use crate::session::Kind;

use super::evidence::Evidence;
use super::recurring::movement;
use super::signs::{seen, title};
use super::words::{clean, count, inner, list, number, sentence};

/// Things that a sentence names before it says "and more".
const NAMED: usize = 3;

pub(super) fn sentences(e: &Evidence<'_>) -> Vec<String> {
    if e.session == 0 {
        return vec!["The circle has not met yet, so there is nothing to show.".into()];
    }
    if e.newest.is_some() {
        return vec![recurs(e), signs(e, Kind::Life), signs(e, Kind::Decay)];
    }
    let mut out = vec!["This meeting was not recorded; attendance and notes are all there is.".to_owned()];
    if e.row.is_some() {
        out.extend([signs(e, Kind::Life), signs(e, Kind::Decay)]);
    }
    out
}

/// Who came, by number and, where they may appear, by name.
pub(super) fn attendance(e: &Evidence<'_>) -> Option<String> {
    let g = e.gathering?;
    let present: Vec<String> = g.present.iter().map(|p| clean(p)).collect();
    let names = if e.names.shown() { format!(": {}", list(&present)) } else { String::new() };
    Some(format!("{} of {} were present{names}.", sentence(&number(present.len())), number(g.roster.len())))
}

fn recurs(e: &Evidence<'_>) -> String {
    let here = |t: &&Recurrence| t.sessions.len() > 1 && t.sessions.contains(&e.session);
    let mut again: Vec<&Recurrence> = e.findings.themes.iter().filter(here).collect();
    again.sort_by_key(|t| std::cmp::Reverse(t.sessions.len()));
    if again.is_empty() {
        let first = e.findings.meetings.iter().filter(|m| m.was_read()).count() == 1;
        return if first {
            "This is the first meeting that was read, so nothing can have come back yet.".into()
        } else {
            "No concern of an earlier meeting was found to come back.".into()
        };
    }
    let name = |t: &&Recurrence| format!("“{}” ({})", e.text(&t.label), movement(t.movement));
    let mut named: Vec<String> = again.iter().take(NAMED).map(name).collect();
    if again.len() > NAMED {
        named.push(format!("{} more", number(again.len() - NAMED)));
    }
    format!("{} came back: {}.", sentence(&count(again.len(), "concern", "concerns")), list(&named))
}

fn signs(e: &Evidence<'_>, kind: Kind) -> String {
    let (one, many) = match kind {
        Kind::Life => ("sign of life was", "signs of life were"),
        Kind::Decay => ("sign of decay was", "signs of decay were"),
    };
    let seen = seen(e, kind);
    let mut named: Vec<String> = seen.iter().take(NAMED).map(|s| inner(title(s.id))).collect();
    if seen.len() > NAMED {
        named.push(format!("{} more", number(seen.len() - NAMED)));
    }
    let names = if named.is_empty() { String::new() } else { format!(": {}", list(&named)) };
    let before = previous(e, kind).map(|n| match (n, seen.len()) {
        (0, 0) => "none either".into(),
        (0, _) => "none".into(),
        _ => number(n),
    });
    let before = before.map_or_else(String::new, |n| format!("; the meeting before showed {n}"));
    format!("{} seen{names}{before}.", sentence(&count(seen.len(), one, many)))
}

/// How many signs of the kind the meeting before showed.
fn previous(e: &Evidence<'_>, kind: Kind) -> Option<usize> {
    let read = |m: &&MeetingFindings| m.session < e.session && m.was_read();
    let m = e.findings.meetings.iter().filter(read).max_by_key(|m| m.session)?;
    Some(m.signals.iter().filter(|s| s.kind == kind && s.state == State::Present).count())
}
