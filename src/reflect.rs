//! placeholder while the reading is on its way
use std::collections::BTreeMap;
use crate::{error::Result, findings::Findings, session::*};
pub struct Thresholds;
impl Thresholds { pub fn embedded(_: Setting) -> Self { Self } }
pub struct History<'a> { pub circle: &'a Circle, pub meetings: &'a [Meeting], pub gathered: &'a [Meeting], pub moves: &'a [Vec<MoveScores>], pub embeddings: &'a [Vec<Vec<f32>>] }
pub fn read(_: &History<'_>, _: &Thresholds, _: &mut crate::remote::Mind) -> Result<Findings> { unimplemented!() }
pub fn parts() -> BTreeMap<String, String> { BTreeMap::new() }
