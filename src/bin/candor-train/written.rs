//! Circles that were written to be trained on: one text file each, with labels beside the words.
//!
//! `# circle NAME` opens a file, `key: value` lines follow; `## SESSION DATE` opens a meeting, `== NAME | RULE | PRESENTER`
//! a phase, and `SPEAKER | MOVE #THEME | PAUSE | WORDS` is a turn.

use std::collections::{BTreeMap, BTreeSet};

use candor::session::{Circle, MOVES, Meeting, Move, Phase, SIGNALS, SignalId, Utterance, iso_date};

use crate::{Failure, data::Labelled};

/// Reads the text of one circle.
pub(crate) fn read(text: &str) -> Result<(Circle, Vec<Labelled>), Failure> {
    let mut parts = text.split("\n## ");
    let head = fields(parts.next().unwrap_or_default());
    let field = |name: &str| head.get(name).map(String::as_str).ok_or(format!("no {name}"));
    let circle = Circle {
        name: field("# circle")?.to_owned(),
        setting: serde_json::from_value(field("setting")?.into())?,
        cadence_days: field("cadence_days")?.parse()?,
        about: String::new(),
        fiction: true,
    };
    let (facilitator, roster) = (field("facilitator")?.to_owned(), list(field("roster")?));
    let meetings = parts.map(|part| meeting(part, &facilitator, &roster)).collect::<Result<_, _>>()?;
    Ok((circle, meetings))
}

fn meeting(text: &str, facilitator: &str, roster: &[String]) -> Result<Labelled, Failure> {
    let (first, rest) = text.split_once('\n').ok_or("an empty meeting")?;
    let (session, date) = first.trim().split_once(' ').ok_or("no date")?;
    let (head, body) = rest.split_once("\n== ").ok_or("no phase")?;
    let head = fields(head);
    let mut read = Labelled {
        meeting: Meeting {
            session: session.parse()?,
            date: iso_date::parse(date.trim())?,
            facilitator: facilitator.to_owned(),
            roster: roster.to_vec(),
            present: list(head.get("present").ok_or("nobody is present")?),
            planned_minutes: head.get("minutes").and_then(|m| m.parse().ok()).unwrap_or(120),
            phases: Vec::new(),
            utterances: Vec::new(),
            from_audio: false,
        },
        moves: Vec::new(),
        signals: signals(head.get("signals").map_or("", String::as_str))?,
        themes: BTreeMap::new(),
    };
    for part in body.split("\n== ") {
        phase(part, &mut read)?;
    }
    read.meeting.estimate_times();
    Ok(read)
}

/// One phase with its turns, added to the meeting.
fn phase(text: &str, read: &mut Labelled) -> Result<(), Failure> {
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split('|').map(str::trim).collect();
    let from = u32::try_from(read.moves.len())?;
    for line in lines.map(str::trim).filter(|l| !l.is_empty()) {
        let [speaker, labels, pause, words] = line.splitn(4, '|').map(str::trim).collect::<Vec<_>>()[..] else {
            return Err(format!("no turn: {} letters", line.len()).into());
        };
        let mut labels = labels.split_whitespace();
        let i = u32::try_from(read.moves.len())?;
        read.moves.push(the_move(labels.next().unwrap_or_default())?);
        if let Some(theme) = labels.next().and_then(|t| t.strip_prefix('#')) {
            read.themes.entry(theme.to_owned()).or_default().push(i);
        }
        read.meeting.utterances.push(Utterance {
            i,
            speaker: speaker.to_owned(),
            text: words.to_owned(),
            start: 0.0,
            end: 0.0,
            pause_before: pause.parse()?,
            confidence: 1.0,
        });
    }
    let to = u32::try_from(read.moves.len())?.saturating_sub(1);
    read.meeting.phases.push(Phase {
        name: head[0].to_owned(),
        rule: serde_json::from_value((*head.get(1).ok_or("a phase without a rule")?).into())?,
        presenter: head.get(2).filter(|p| !p.is_empty()).map(|p| (*p).to_owned()),
        from: Some(from),
        to: Some(to),
        from_s: None,
        to_s: None,
    });
    Ok(())
}

fn signals(names: &str) -> Result<BTreeMap<SignalId, bool>, Failure> {
    let flagged: BTreeSet<String> = list(names).into_iter().filter(|n| n != "none").collect();
    match flagged.iter().find(|n| SIGNALS.iter().all(|s| s.name() != n.as_str())) {
        Some(unknown) => Err(format!("no sign {unknown}").into()),
        None => Ok(SIGNALS.iter().map(|s| (*s, flagged.contains(s.name()))).collect()),
    }
}

fn the_move(name: &str) -> Result<Move, Failure> {
    MOVES.into_iter().find(|m| m.name() == name).ok_or_else(|| format!("no move {name}").into())
}

fn list(text: &str) -> Vec<String> {
    text.split(',').map(|s| s.trim().to_owned()).filter(|s| !s.is_empty()).collect()
}

/// The `key: value` lines; `# circle NAME` counts as one.
fn fields(text: &str) -> BTreeMap<String, String> {
    let pair = |line: &str| match line.strip_prefix("# circle ") {
        Some(name) => Some(("# circle".to_owned(), name.trim().to_owned())),
        None => line.split_once(": ").map(|(k, v)| (k.trim().to_owned(), v.trim().to_owned())),
    };
    text.lines().filter_map(pair).collect()
}
