//! One question that the facilitator might bring, from the curated set `models/questions.toml`, chosen by rule.

use serde::Deserialize;

use crate::{
    findings::{MeetingFindings, Movement, Recurrence, State},
    session::SignalId,
};

/// The set as it ships.
const SHIPPED: &str = include_str!("../../models/questions.toml");

#[derive(Deserialize)]
struct Curated {
    /// For a concern that came back without movement.
    unmoved: String,
    /// When nothing else applies.
    otherwise: String,
    /// In order of precedence.
    question: Vec<ForSign>,
}

#[derive(Deserialize)]
struct ForSign {
    signal: SignalId,
    ask: String,
}

/// The question for the newest meeting; None only where the shipped set was broken before the build.
pub(crate) fn question(newest: &MeetingFindings, themes: &[Recurrence]) -> Option<String> {
    let set: Curated = toml::from_str(SHIPPED).ok()?;
    let present = |id: SignalId| newest.signals.iter().any(|s| s.id == id && s.state == State::Present);
    if let Some(found) = set.question.iter().find(|q| present(q.signal)) {
        return Some(found.ask.clone());
    }
    let unmoved =
        |t: &&Recurrence| t.movement == Movement::None && t.sessions.len() >= 3 && t.sessions.contains(&newest.session);
    match themes.iter().find(unmoved) {
        Some(theme) => Some(set.unmoved.replace("{theme}", &theme.label)),
        None => Some(set.otherwise),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_set_is_readable_and_every_entry_asks() {
        let set: Curated = toml::from_str(SHIPPED).unwrap();
        assert!(set.question.iter().all(|q| q.ask.ends_with('?')));
        assert!(set.unmoved.contains("{theme}") && set.otherwise.ends_with('?'));
    }
}
