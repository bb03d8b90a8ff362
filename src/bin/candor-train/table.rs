//! From features of meetings to the weights of the signs: a small logistic regression a sign, over few named features.
//!
//! Fifty meetings bear very few weights, so each has its direction fixed beforehand: more complaint can only speak for
//! venting. A weight that the data would turn the other way stays 0. Signs that rest on dates and seats are not fitted.

use std::collections::BTreeMap;

use candor::{
    reflect::{Rule, Thresholds},
    session::SignalId,
};

/// Features by name, and whether a reader flagged the sign.
pub(crate) type Row<'a> = (&'a BTreeMap<&'static str, f64>, bool);

/// What each fitted sign may weigh; a leading minus fixes the direction.
const SPECS: [(SignalId, &[&str]); 13] = [
    (SignalId::VentingWithoutMovement, &["venting_share", "-turning_count", "-weight_share"]),
    (SignalId::PassiveFacilitator, &["-facilitator_steering", "venting_share", "unrepaired_advice", "top_share_outside_own_slot"]),
    (SignalId::SocialDrift, &["social_share"]),
    (SignalId::SurfaceOnly, &["-weight_share", "-venting_share", "-insight_count"]),
    (SignalId::Echo, &["agreement_share", "-challenge_count", "venting_share"]),
    (SignalId::ConfidentialityErosion, &["leak_count", "leak_peak"]),
    (SignalId::OptionalTalk, &["minimizing_count"]),
    (SignalId::RuleBreach, &["unrepaired_advice", "interruptions_in_one_voice"]),
    (SignalId::ReciprocalVulnerability, &["disclosing_members", "answered_disclosures"]),
    (SignalId::PeerInsightUsed, &["follow_up_count"]),
    (SignalId::Breakthrough, &["insight_count", "breakthrough_peak", "weight_share"]),
    (SignalId::ProductiveChallenge, &["taken_up_challenges", "insight_count", "challenge_count"]),
    (SignalId::Movement, &["committing_members", "commitment_count"]),
];

/// Precision of the prior on weights for features of unit spread.
const RIDGE: f64 = 0.03;

/// Steps and rate of the descent.
const STEPS: usize = 4000;
const RATE: f64 = 0.5;

/// The table with every fitted sign's weights learnt from `rows`, a list a sign; the rest as it was.
pub(crate) fn fit(table: &Thresholds, rows: impl Fn(SignalId) -> Vec<(BTreeMap<&'static str, f64>, bool)>) -> Thresholds {
    let mut fitted = table.clone();
    for (id, spec) in SPECS {
        let rows = rows(id);
        let Some(old) = table.signal.get(&id) else { continue };
        let known: Vec<Row<'_>> = rows.iter().map(|(f, y)| (f, *y)).collect();
        fitted.signal.insert(id, fit_one(old, spec, &known));
    }
    fitted
}

fn fit_one(old: &Rule, spec: &[&str], rows: &[Row<'_>]) -> Rule {
    let names: Vec<&str> = spec.iter().map(|s| s.trim_start_matches('-')).collect();
    let signs: Vec<f64> = spec.iter().map(|s| if s.starts_with('-') { -1.0 } else { 1.0 }).collect();
    let rows: Vec<(Vec<f64>, f64)> = rows
        .iter()
        .filter_map(|(f, y)| Some((names.iter().map(|n| f.get(n).copied()).collect::<Option<Vec<_>>>()?, f64::from(u8::from(*y)))))
        .collect();
    let n = rows.len() as f64;
    let mean: Vec<f64> = (0..names.len()).map(|k| rows.iter().map(|(x, _)| x[k]).sum::<f64>() / n).collect();
    let spread: Vec<f64> =
        (0..names.len()).map(|k| (rows.iter().map(|(x, _)| (x[k] - mean[k]).powi(2)).sum::<f64>() / n).sqrt().max(1e-6)).collect();
    // Half way to equal classes: a rare sign should not be missed for being rare, nor cried.
    let positive: f64 = rows.iter().map(|(_, y)| y).sum::<f64>().max(1.0);
    let weigh = |y: f64| if y > 0.5 { ((n - positive) / positive).sqrt() } else { 1.0 };
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
    let bias = b - (0..w.len()).map(|k| w[k] * mean[k] / spread[k]).sum::<f64>();
    let round = |v: f64| (v * 1000.0).round() / 1000.0;
    let weights = names.iter().zip(w.iter().zip(&spread)).filter(|(_, (w, _))| **w != 0.0);
    Rule {
        bias: round(bias),
        weights: weights.map(|(name, (w, s))| ((*name).to_owned(), round(w / s))).collect(),
        ..old.clone()
    }
}
