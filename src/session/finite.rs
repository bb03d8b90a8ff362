//! Reading numbers that can be written down again: JSON can name one that an `f32` takes for infinite, and infinity is not
//! JSON.

use serde::{Deserialize, Deserializer, de::Error};

/// Reads a number.
pub(super) fn number<'de, D: Deserializer<'de>>(d: D) -> Result<f32, D::Error> {
    checked(f32::deserialize(d)?)
}

/// Reads a number that may be missing.
pub(super) fn maybe<'de, D: Deserializer<'de>>(d: D) -> Result<Option<f32>, D::Error> {
    Option::deserialize(d)?.map(checked).transpose()
}

fn checked<E: Error>(number: f32) -> Result<f32, E> {
    if number.is_finite() { Ok(number) } else { Err(E::custom("a number is too large")) }
}

#[cfg(test)]
mod tests {
    use crate::session::{Phase, Utterance};

    #[test]
    fn a_time_beyond_all_numbers_is_refused_and_a_missing_one_is_not() {
        let phase = |to: &str| format!(r#"{{"name":"all","rule":"free","from_s":0,"to_s":{to}}}"#);
        let utterance = |start: &str| format!(r#"{{"i":0,"speaker":"A","text":"Yes.","start":{start}}}"#);
        assert!(serde_json::from_str::<Phase>(&phase("null")).is_ok_and(|p| p.to_s.is_none()));
        assert!(serde_json::from_str::<Phase>(&phase("1e30")).is_ok());
        assert!(serde_json::from_str::<Phase>(&phase("1e39")).is_err());
        assert!(serde_json::from_str::<Utterance>(&utterance("1.5")).is_ok_and(|u| u.confidence == 1.0));
        assert!(serde_json::from_str::<Utterance>(&utterance("-1e39")).is_err());
    }
}
