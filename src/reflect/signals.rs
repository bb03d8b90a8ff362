//! The signs of a meeting: features weighed by the table, with what shows them and one plain sentence.

use std::collections::BTreeMap;

use super::{evidence, features::Features, sentences, thresholds::Thresholds, view::View};
use crate::{
    findings::{Signal, State},
    session::{SIGNALS, Setting, SignalId},
};

/// One row for every sign, in the order of the contract.
pub(crate) fn signals(view: &View<'_>, features: &Features, setting: Setting, table: &Thresholds) -> Vec<Signal> {
    SIGNALS.iter().map(|id| judge(*id, view, features, setting, table)).collect()
}

fn judge(id: SignalId, view: &View<'_>, features: &Features, setting: Setting, table: &Thresholds) -> Signal {
    let row = |state, strength, evidence, measures| Signal {
        id,
        kind: id.kind(),
        state,
        strength,
        evidence,
        measures,
        sentence: sentences::sentence(id, state, view, features),
    };
    let rule = table.signal.get(&id);
    let enough = view.words() >= table.least_words || rule.is_some_and(|r| r.without_words);
    let Some(strength) = rule.filter(|_| enough).and_then(|r| r.strength(features, setting)) else {
        return row(State::CannotSay, 0.0, Vec::new(), BTreeMap::new());
    };
    // The numbers that were weighed are shown whether or not the sign is there: absence can be checked too.
    let weighed = rule.into_iter().flat_map(|r| r.weights.keys());
    let measures: BTreeMap<String, f64> = weighed
        .filter_map(|name| Some((name.clone(), (features.get(name.as_str())? * 1000.0).round() / 1000.0)))
        .collect();
    if strength < 0.5 {
        let state = if rule.is_some_and(|r| r.never_absent) { State::CannotSay } else { State::Absent };
        return row(state, strength, Vec::new(), measures);
    }
    row(State::Present, strength, evidence::evidence(id, view), measures)
}
