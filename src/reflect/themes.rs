//! Concerns: stretches of talk about one matter, found again across the meetings of a circle.
//!
//! Every turn of substance is described by meaning, by rare words and by who speaks around it, all blended with its
//! neighbours, since a matter is talked about in stretches and has its people. From how alike two turns are in each, a
//! logistic function gives the probability that they are about one matter. Average-linkage clustering over all meetings at
//! once (Sokal and Michener, 1958) then gives clusters that are themes; one that has turns in two meetings recurs, and keeps
//! its id.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    near,
    view::{Turn, View},
    words::{Rarity, content, stem},
};
use crate::session::Move;

/// Turns on either side that a turn is blended with.
const REACH: usize = 6;

/// Weight of each further turn.
const FADE: f64 = 0.75;

/// What likeness in meaning, in rare words and in speakers weighs, and what is added; fitted to the circles under
/// `models/circles`.
struct Weights {
    meaning: f64,
    words: f64,
    speakers: f64,
    bias: f64,
}

/// Two turns of one meeting: its words are shared by all that is said in it, so that they tell nothing.
const WITHIN: Weights = Weights { meaning: 2.7, words: 0.0, speakers: 3.7, bias: -3.7 };

/// Two turns of different meetings.
const ACROSS: Weights = Weights { meaning: 3.6, words: 8.0, speakers: 3.9, bias: -6.0 };

/// Likeness in speakers of two turns in the mean.
const USUAL_SPEAKERS: f64 = 0.65;

/// Clusters are joined while their turns are of one matter with this probability in the mean. Low, since the same matter is
/// hardly ever put in the same words.
const JOINED: f64 = 0.2;

/// How much of the circle's mean meaning is taken out: what all its talk shares tells nothing apart.
const COMMON: f64 = 0.7;

/// Weight of process and chat, which is only blended in.
const ASIDE: f64 = 0.3;

/// Fewest turns that make a theme.
const LEAST: usize = 3;

/// A concern over the meetings, by positions in the views: meeting, then turns.
pub(crate) struct Concern {
    /// Position of the meeting in the views -> positions of its turns.
    pub(crate) turns: BTreeMap<usize, Vec<usize>>,
}

/// Finds the concerns of a circle, those that return first, then by first appearance.
pub(crate) fn concerns(views: &[View<'_>]) -> Vec<Concern> {
    let places: Vec<(usize, usize)> = views
        .iter()
        .enumerate()
        .flat_map(|(m, v)| v.turns.iter().enumerate().filter(|(_, t)| of_substance(t)).map(move |(k, _)| (m, k)))
        .collect();
    if places.len() < LEAST {
        return Vec::new();
    }
    let described = describe(views, &places);
    let mut distance = Vec::with_capacity(places.len() * (places.len() - 1) / 2);
    for (i, a) in described.iter().enumerate() {
        distance.extend(described[i + 1..].iter().map(|b| 1.0 - a.one_matter(b)));
    }
    let steps = kodama::linkage(&mut distance, places.len(), kodama::Method::Average);
    let clusters = cut(&steps, places.len());

    let mut found: BTreeMap<usize, Concern> = BTreeMap::new();
    for (place, cluster) in places.iter().zip(clusters) {
        found
            .entry(cluster)
            .or_insert_with(|| Concern { turns: BTreeMap::new() })
            .turns
            .entry(place.0)
            .or_default()
            .push(place.1);
    }
    let mut concerns: Vec<Concern> =
        found.into_values().filter(|c| c.turns.values().map(Vec::len).sum::<usize>() >= LEAST).collect();
    concerns.sort_by_key(|c| c.turns.iter().next().map(|(m, t)| (*m, t[0])));
    concerns
}

/// Whether a turn speaks of a matter rather than running the meeting or filling it.
fn of_substance(t: &Turn<'_>) -> bool {
    let aside = aside(t);
    t.words >= 3.0 && aside < 0.6
}

fn aside(t: &Turn<'_>) -> f64 {
    [Move::Facilitation, Move::Social, Move::Logistics, Move::Backchannel].iter().map(|m| t.p(*m)).sum()
}

/// A turn blended with its neighbours.
struct Described {
    meeting: usize,
    meaning: Vec<f32>,
    words: Vec<f32>,
    speakers: Vec<f32>,
}

impl Described {
    /// The probability that both are about one matter.
    fn one_matter(&self, other: &Self) -> f64 {
        let w = if self.meeting == other.meeting { WITHIN } else { ACROSS };
        let sum = w.bias
            + w.meaning * f64::from(near(&self.meaning, &other.meaning))
            + w.words * f64::from(near(&self.words, &other.words))
            + w.speakers * self.same_speakers(other);
        1.0 / (1.0 + (-sum).exp())
    }

    /// 0 to 1; what is usual where voices were not told apart.
    fn same_speakers(&self, other: &Self) -> f64 {
        match (self.speakers.is_empty(), other.speakers.is_empty()) {
            (false, false) => f64::from(near(&self.speakers, &other.speakers)),
            _ => USUAL_SPEAKERS,
        }
    }
}

fn describe(views: &[View<'_>], places: &[(usize, usize)]) -> Vec<Described> {
    let rarity = Rarity::of(views.iter().flat_map(|v| &v.turns).map(|t| t.said.text.as_str()));
    let stems: BTreeMap<&str, usize> = rarity.stems().into_iter().enumerate().map(|(k, s)| (s, k)).collect();
    let words_of = |t: &Turn<'_>| {
        let mut row = vec![0.0f64; stems.len()];
        for s in content(&t.said.text).iter().map(|w| stem(w)) {
            if let Some(k) = stems.get(s.as_str()) {
                row[*k] += 1.0;
            }
        }
        row.iter().zip(stems.keys()).map(|(n, s)| n.sqrt() * rarity.weight(s)).collect::<Vec<f64>>()
    };
    let meaning_of = |t: &Turn<'_>| {
        let weight = t.words.sqrt() * if aside(t) < 0.6 { 1.0 } else { ASIDE };
        t.meaning.iter().map(|v| f64::from(*v) * weight).collect::<Vec<f64>>()
    };
    let names: BTreeSet<&str> = views.iter().flat_map(|v| v.speakers.iter().copied()).collect();
    let speakers_of = |t: &Turn<'_>| {
        let part = if t.facilitator { 0.0 } else { t.words.sqrt() };
        names.iter().map(|n| if *n == t.said.speaker { part } else { 0.0 }).collect::<Vec<f64>>()
    };
    let speakers: Vec<Vec<Vec<f64>>> = views.iter().map(|v| v.turns.iter().map(speakers_of).collect()).collect();
    let words: Vec<Vec<Vec<f64>>> = views.iter().map(|v| v.turns.iter().map(words_of).collect()).collect();
    let meanings: Vec<Vec<Vec<f64>>> = views.iter().map(|v| v.turns.iter().map(meaning_of).collect()).collect();
    let mut blended: Vec<Vec<f64>> = places.iter().map(|(m, k)| unit(blend(&meanings[*m], *k))).collect();
    let mean: Vec<f64> =
        (0..blended[0].len()).map(|d| blended.iter().map(|b| b[d]).sum::<f64>() / blended.len() as f64).collect();
    for b in &mut blended {
        b.iter_mut().zip(&mean).for_each(|(v, m)| *v -= COMMON * m);
    }
    let narrow = |v: Vec<f64>| unit(v).into_iter().map(|x| x as f32).collect();
    places
        .iter()
        .zip(blended)
        .map(|((m, k), meaning)| Described {
            meeting: *m,
            meaning: narrow(meaning),
            words: narrow(blend(&words[*m], *k)),
            speakers: if views[*m].voices { narrow(blend(&speakers[*m], *k)) } else { Vec::new() },
        })
        .collect()
}

/// A row with those around it, fading with distance.
fn blend(rows: &[Vec<f64>], at: usize) -> Vec<f64> {
    let mut sum = vec![0.0; rows[at].len()];
    for (j, row) in rows.iter().enumerate().take(at + REACH + 1).skip(at.saturating_sub(REACH)) {
        let weight = FADE.powf(at.abs_diff(j) as f64);
        sum.iter_mut().zip(row).for_each(|(s, v)| *s += weight * v);
    }
    sum
}

fn unit(mut v: Vec<f64>) -> Vec<f64> {
    let length = v.iter().map(|x| x * x).sum::<f64>().sqrt();
    if length > 0.0 {
        v.iter_mut().for_each(|x| *x /= length);
    }
    v
}

/// The cluster of every item after all merges of what is of one matter.
fn cut(steps: &kodama::Dendrogram<f64>, items: usize) -> Vec<usize> {
    let mut parent: Vec<usize> = (0..2 * items).collect();
    for (k, step) in steps.steps().iter().enumerate().take_while(|(_, s)| s.dissimilarity <= 1.0 - JOINED) {
        parent[step.cluster1] = items + k;
        parent[step.cluster2] = items + k;
    }
    let root = |mut k: usize| {
        while parent[k] != k {
            k = parent[k];
        }
        k
    };
    (0..items).map(root).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cutting_parts_what_is_unlike() {
        // Two pairs far from each other.
        let mut distance = vec![0.1, 0.9, 0.9, 0.9, 0.9, 0.1];
        let steps = kodama::linkage(&mut distance, 4, kodama::Method::Average);
        let c = cut(&steps, 4);
        assert!(c[0] == c[1] && c[2] == c[3] && c[0] != c[2]);
    }
}
