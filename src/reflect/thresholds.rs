//! The table of signs, `models/signals.toml`: what each weighs, and how the settings differ.
//!
//! A sign is a logistic function of a few named features, so that a facilitator can read why it speaks and change it with an
//! editor. Weights are per unit of the feature; the strength passes 0.5, and the sign is present, where the sum passes 0.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::features::Features;
use crate::session::{Setting, SignalId};

/// The table as it ships.
pub const SHIPPED_TABLE: &str = include_str!("../../models/signals.toml");

/// What is wrong with a table of signs.
#[derive(Debug, thiserror::Error)]
pub enum ThresholdError {
    /// Not TOML, or not of this shape.
    #[error("the table of signs cannot be read")]
    Malformed(#[from] toml::de::Error),
    /// A sign of the contract has no row.
    #[error("the table of signs has no row for {0}")]
    Missing(&'static str),
}

/// How one sign is judged.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rule {
    /// What it means, for the reader of the table.
    pub meaning: String,
    /// Added to the weighted features.
    pub bias: f64,
    /// Weight by name of feature.
    pub weights: BTreeMap<String, f64>,
    /// Added to the sum in a setting, where it differs.
    #[serde(default)]
    pub shift: BTreeMap<String, f64>,
    /// Whether it may be judged with few words, because it rests on dates or seats.
    #[serde(default)]
    pub without_words: bool,
    /// Whether the reading misses it so often that it may say "present" and "cannot say", and never "absent".
    #[serde(default)]
    pub never_absent: bool,
}

/// The whole table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Thresholds {
    /// Fewer words than this, and what rests on words is "cannot say".
    pub least_words: f64,
    /// A row for every sign.
    pub signal: BTreeMap<SignalId, Rule>,
}

impl Thresholds {
    /// The table that ships with Candor.
    ///
    /// # Errors
    /// When the shipped file was broken before the build.
    pub fn shipped() -> Result<Self, ThresholdError> {
        Self::parse(SHIPPED_TABLE)
    }

    /// Reads a table.
    ///
    /// # Errors
    /// When it is not of this shape, or lacks a sign.
    pub fn parse(text: &str) -> Result<Self, ThresholdError> {
        let table: Self = toml::from_str(text)?;
        match crate::session::SIGNALS.iter().find(|s| !table.signal.contains_key(s)) {
            Some(s) => Err(ThresholdError::Missing(s.name())),
            None => Ok(table),
        }
    }
}

impl Rule {
    /// 0..1; None where a feature that it weighs is not known.
    pub(crate) fn strength(&self, features: &Features, setting: Setting) -> Option<f64> {
        let mut sum = self.bias + self.shift.get(name(setting)).copied().unwrap_or(0.0);
        for (feature, weight) in &self.weights {
            sum += weight * features.get(feature.as_str())?;
        }
        Some(1.0 / (1.0 + (-sum).exp()))
    }
}

/// As the table spells it.
const fn name(setting: Setting) -> &'static str {
    match setting {
        Setting::Organizations => "organizations",
        Setting::Government => "government",
        Setting::Movements => "movements",
        Setting::Product => "product",
    }
}

#[cfg(test)]
mod tests {
    use super::{super::features::FEATURES, *};

    #[test]
    fn the_shipped_table_weighs_only_features_that_exist() {
        for (id, rule) in Thresholds::shipped().unwrap().signal {
            for feature in rule.weights.keys() {
                assert!(FEATURES.contains(&feature.as_str()), "{}: {feature}", id.name());
            }
        }
    }

    #[test]
    fn half_is_the_threshold_and_an_unknown_feature_is_no_zero() {
        let rule = Rule {
            meaning: String::new(),
            bias: -1.0,
            weights: BTreeMap::from([("venting_share".to_owned(), 2.0)]),
            shift: BTreeMap::from([("product".to_owned(), 1.0)]),
            without_words: false,
            never_absent: false,
        };
        let known = Features::from([("venting_share", 0.5)]);
        assert!((rule.strength(&known, Setting::Movements).unwrap() - 0.5).abs() < 1e-9);
        assert!(rule.strength(&known, Setting::Product).unwrap() > 0.7);
        assert_eq!(rule.strength(&Features::new(), Setting::Product), None);
    }
}
