//! From features of meetings to the weights of the signs: a small logistic regression a sign, over few named features.
//!
//! A few hundred meetings bear few weights, so each has its direction fixed beforehand: more complaint can only speak for
//! venting. A weight that the data would turn the other way stays 0. Signs that rest on dates and seats are not fitted.

use std::collections::BTreeMap;

use candor::{
    reflect::{Rule, Thresholds},
    session::SignalId,
};

/// Features of a meeting by name, and the signs that a reader flagged.
pub(crate) type Row = (BTreeMap<&'static str, f64>, BTreeMap<SignalId, bool>);

/// What each fitted sign may weigh; a leading minus fixes the direction. Chosen on the written circles alone.
const SPECS: [(SignalId, &[&str]); 13] = [
    (
        SignalId::VentingWithoutMovement,
        &["venting_or_agreement_share", "venting_share", "-weight_share", "-turning_share"],
    ),
    (
        SignalId::PassiveFacilitator,
        &["-facilitator_steering", "-inquiry_rate", "-turning_share", "top_share_outside_own_slot"],
    ),
    (SignalId::SocialDrift, &["social_share_inside"]),
    (SignalId::SurfaceOnly, &["-weight_share", "account_share", "-challenging_members", "-venting_share"]),
    (SignalId::Echo, &["agreement_rate", "agreement_share", "-challenging_members"]),
    (SignalId::ConfidentialityErosion, &["leak_peak", "leaking_members"]),
    (SignalId::OptionalTalk, &["minimizing_rate", "roster_seats_empty"]),
    (SignalId::RuleBreach, &["unrepaired_advice", "interruptions_in_one_voice"]),
    (SignalId::ReciprocalVulnerability, &["disclosing_members", "answered_disclosures"]),
    (SignalId::PeerInsightUsed, &["follow_up_share", "follow_up_peak", "commitment_rate"]),
    (SignalId::Breakthrough, &["insight_share", "turning_share", "breakthrough_peak"]),
    (SignalId::ProductiveChallenge, &["turning_share", "taken_up_challenges", "breakthrough_peak"]),
    (SignalId::Movement, &["committing_members", "commitment_count"]),
];

/// How far a rare sign is weighed up in fitting: 0 not at all, 1 until it is as frequent as its absence.
const EVEN: f64 = 0.15;

/// Taken off every bias: a sign that is seen where there is none costs more trust than one that is missed.
const BAR: f64 = 0.5;

/// Precision of the prior on weights for features of unit spread.
const RIDGE: f64 = 0.03;

/// Steps and rate of the descent.
const STEPS: usize = 4000;
const RATE: f64 = 0.5;

/// The table with every fitted sign's weights learnt from `rows`; the rest as it was.
pub(crate) fn fit(table: &Thresholds, rows: &[Row]) -> Thresholds {
    let mut fitted = table.clone();
    for (id, spec) in SPECS {
        let Some(old) = table.signal.get(&id) else { continue };
        let rows: Vec<_> = rows.iter().map(|(f, signs)| (f, signs.get(&id) == Some(&true))).collect();
        fitted.signal.insert(id, fit_one(old, spec, &rows));
    }
    fitted
}

/// The text of a table with the numbers of `fitted`; comments and meanings stay.
pub(crate) fn rewrite(old: &str, fitted: &Thresholds) -> String {
    let mut current = None;
    let line = |line: &str| {
        if let Some(name) = line.strip_prefix("[signal.").and_then(|l| l.strip_suffix(']')) {
            current = fitted.signal.iter().find(|(id, _)| id.name() == name).map(|(_, rule)| rule);
        }
        match current {
            Some(rule) if line.starts_with("bias = ") => format!("bias = {:?}", rule.bias),
            Some(rule) if line.starts_with("weights = ") => {
                let weights: Vec<String> = rule.weights.iter().map(|(k, w)| format!("{k} = {w:?}")).collect();
                format!("weights = {{ {} }}", weights.join(", "))
            }
            _ => line.to_owned(),
        }
    };
    old.lines().map(line).collect::<Vec<_>>().join("\n") + "\n"
}

fn fit_one(old: &Rule, spec: &[&str], rows: &[(&BTreeMap<&'static str, f64>, bool)]) -> Rule {
    let names: Vec<&str> = spec.iter().map(|s| s.trim_start_matches('-')).collect();
    let signs: Vec<f64> = spec.iter().map(|s| if s.starts_with('-') { -1.0 } else { 1.0 }).collect();
    let rows: Vec<(Vec<f64>, f64)> = rows
        .iter()
        .filter_map(|(f, y)| {
            Some((names.iter().map(|n| f.get(n).copied()).collect::<Option<Vec<_>>>()?, f64::from(u8::from(*y))))
        })
        .collect();
    let n = rows.len() as f64;
    let mean: Vec<f64> = (0..names.len()).map(|k| rows.iter().map(|(x, _)| x[k]).sum::<f64>() / n).collect();
    let spread: Vec<f64> = (0..names.len())
        .map(|k| (rows.iter().map(|(x, _)| (x[k] - mean[k]).powi(2)).sum::<f64>() / n).sqrt().max(1e-6))
        .collect();
    let positive: f64 = rows.iter().map(|(_, y)| y).sum::<f64>().max(1.0);
    let weigh = |y: f64| if y > 0.5 { ((n - positive) / positive).powf(EVEN) } else { 1.0 };
    let total: f64 = rows.iter().map(|(_, y)| weigh(*y)).sum();

    let mut w = vec![0.0; names.len()];
    let mut b = 0.0;
    for _ in 0..STEPS {
        let mut slope = vec![0.0; names.len()];
        let mut slope_b = 0.0;
        for (x, y) in &rows {
            let sum: f64 = b + (0..w.len()).map(|k| w[k] * (x[k] - mean[k]) / spread[k]).sum::<f64>();
            let off = weigh(*y) * (1.0 / (1.0 + (-sum).exp()) - y) / total;
            slope_b += off;
            (0..w.len()).for_each(|k| slope[k] += off * (x[k] - mean[k]) / spread[k]);
        }
        b -= RATE * slope_b;
        for k in 0..w.len() {
            w[k] -= RATE * (slope[k] + RIDGE * w[k]);
            // The direction is known; only the size is learnt.
            if w[k] * signs[k] < 0.0 {
                w[k] = 0.0;
            }
        }
    }
    let bias = b - BAR - (0..w.len()).map(|k| w[k] * mean[k] / spread[k]).sum::<f64>();
    let round = |v: f64| (v * 1000.0).round() / 1000.0;
    let weights = names.iter().zip(w.iter().zip(&spread)).filter(|(_, (w, _))| **w != 0.0);
    Rule {
        bias: round(bias),
        weights: weights.map(|(name, (w, s))| ((*name).to_owned(), round(w / s))).collect(),
        ..old.clone()
    }
}
