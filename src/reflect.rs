//! The reading itself: from words, moves and meanings to findings. Pure and deterministic; no model, no clock, no file.
//!
//! [`read`] goes from the ground up. A meeting is joined into one view; measures are counted; features are expected counts
//! of moves beside the measures; signs weigh features by a table that a facilitator can edit ([`Thresholds`]). Over the
//! meetings, concerns are stretches of talk that are alike, named in the members' own words ([`ThemeNamer`]); commitments
//! are tied to what came of them; claims are sentences with the words they rest on.
//!
//! Architecture invariant: nothing here ranks a person, advises or explains; every sign that is present names utterances or
//! measures, every quote is an utterance as it stands.

mod attendance;
mod claims;
mod commitments;
mod evidence;
mod features;
mod labels;
mod measures;
mod movement;
mod question;
mod sentences;
mod signals;
mod themes;
mod thresholds;
mod view;
mod words;

use std::collections::{BTreeMap, BTreeSet};

pub use features::FEATURES;
pub use labels::{ByKeyness, ThemeNamer};
pub use thresholds::{Rule, SHIPPED_TABLE, ThresholdError, Thresholds};

use crate::{
    findings::{Coverage, Findings, MeetingFindings, ReadUtterance, Recurrence, Theme},
    session::{Circle, MOVES, Meeting, MoveScores},
};
use themes::Concern;
use view::View;
use words::Rarity;

/// Reads a circle. `moves` and `meanings` hold a row an utterance for every meeting; a meeting without words has none.
///
/// The caller adds the models that took part to [`Findings::models`].
pub fn read(
    circle: &Circle,
    meetings: &[Meeting],
    moves: &[Vec<MoveScores>],
    meanings: &[Vec<Vec<f32>>],
    thresholds: &Thresholds,
    namer: &mut dyn ThemeNamer,
) -> Findings {
    let views: Vec<View<'_>> = meetings
        .iter()
        .zip(moves.iter().zip(meanings))
        .map(|(m, (moves, meanings))| View::new(m, moves, meanings))
        .collect();
    let mut found: Vec<MeetingFindings> =
        views.iter().enumerate().map(|(at, view)| read_meeting(circle, meetings, at, view, thresholds)).collect();
    let themes = name_themes(&views, &mut found, namer);
    let commitments = commitments::commitments(&views);
    Findings {
        candor: env!("CARGO_PKG_VERSION").to_owned(),
        fiction: circle.fiction,
        circle: circle.name.clone(),
        models: BTreeMap::new(),
        claims: claims::claims(&views, &found, &themes, &commitments),
        question: found.last().and_then(|newest| question::question(newest, &themes)),
        meetings: found,
        themes,
        commitments,
    }
}

/// The features of every meeting of a circle, by name, for fitting the table.
#[must_use]
pub fn features_of(
    circle: &Circle,
    meetings: &[Meeting],
    moves: &[Vec<MoveScores>],
    meanings: &[Vec<Vec<f32>>],
) -> Vec<BTreeMap<&'static str, f64>> {
    let row = |at: usize| {
        let view = View::new(&meetings[at], &moves[at], &meanings[at]);
        let attendance = attendance::attendance(circle, meetings, at);
        features::features(&view, &measures::measures(&view, &attendance), &attendance)
    };
    (0..meetings.len()).map(row).collect()
}

fn read_meeting(
    circle: &Circle,
    meetings: &[Meeting],
    at: usize,
    view: &View<'_>,
    table: &Thresholds,
) -> MeetingFindings {
    let attendance = attendance::attendance(circle, meetings, at);
    let measures = measures::measures(view, &attendance);
    let features = features::features(view, &measures, &attendance);
    let count = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    MeetingFindings {
        session: view.meeting.session,
        date: view.meeting.date,
        from_audio: view.meeting.from_audio,
        coverage: Coverage {
            utterances_read: count(view.turns.len()),
            utterances: count(view.meeting.utterances.len()),
        },
        utterances: view.turns.iter().map(read_utterance).collect(),
        signals: signals::signals(view, &features, circle.setting, table),
        measures,
        themes: Vec::new(),
    }
}

fn read_utterance(turn: &view::Turn<'_>) -> ReadUtterance {
    ReadUtterance {
        i: turn.said.i,
        speaker: turn.said.speaker.clone(),
        start: turn.said.start,
        end: turn.said.end,
        text: turn.said.text.clone(),
        best: turn.moves.best(),
        moves: MOVES.iter().map(|m| (*m, turn.moves.of(*m))).collect(),
    }
}

/// Finds the concerns, names them a meeting at a time, and gives those of two meetings or more their history.
fn name_themes(views: &[View<'_>], found: &mut [MeetingFindings], namer: &mut dyn ThemeNamer) -> Vec<Recurrence> {
    let rarity = Rarity::of(views.iter().flat_map(|v| &v.turns).map(|t| t.said.text.as_str()));
    let said =
        |m: usize, turns: &[usize]| turns.iter().map(|k| views[m].turns[*k].said.text.as_str()).collect::<Vec<_>>();
    let mut history = Vec::new();
    for (n, concern) in themes::concerns(views).iter().enumerate() {
        let id = format!("t{}", n + 1);
        for (m, turns) in &concern.turns {
            let utterances = turns.iter().map(|k| views[*m].turns[*k].said.i).collect();
            let label = labels::label(&said(*m, turns), &rarity, namer);
            found[*m].themes.push(Theme { id: id.clone(), label, utterances });
        }
        let all: Vec<&str> = concern.turns.iter().flat_map(|(m, turns)| said(*m, turns)).collect();
        let (movement, shown_by) = movement::movement(concern, views);
        history.push(Recurrence {
            label: labels::label(&all, &rarity, namer),
            sessions: concern.turns.keys().map(|m| views[*m].meeting.session).collect(),
            members: members(concern, views),
            movement,
            shown_by,
            id,
        });
    }
    history.sort_by_key(|t| std::cmp::Reverse(t.sessions.len()));
    history
}

/// How many people spoke of it; 0 where voices were not told apart.
fn members(concern: &Concern, views: &[View<'_>]) -> u32 {
    let voiced = concern.turns.iter().filter(|(m, _)| views[**m].voices);
    let names: BTreeSet<&str> = voiced
        .flat_map(|(m, turns)| turns.iter().map(|k| &views[*m].turns[*k]).filter(|t| !t.facilitator))
        .map(|t| t.said.speaker.as_str())
        .collect();
    u32::try_from(names.len()).unwrap_or(u32::MAX)
}

/// Cosine of two unit-length vectors; 0 where one is missing.
fn near(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}
