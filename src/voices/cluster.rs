//! Voices from embeddings: which windows sound like one person.
//!
//! Ward linkage (kodama) gives as many groups as people were present. Then centres and the sequence of voices are
//! estimated in turn until they agree; because a change of voice costs, more within a stretch of speech than after a
//! pause, the groups that only follow the noise in one person's voice lose their windows. Groups that are too small to be
//! a person or sound alike are dissolved: the number present is a bound, not a promise that everybody spoke.

use kodama::{Method, linkage};

use super::viterbi::most_likely;
use crate::wire::VoiceWindow;

/// Windows that take part in the linkage, whose cost grows with the square.
const LINKED: usize = 1500;
/// Rounds of estimation; a few are enough.
const ROUNDS: usize = 15;
/// Cost of a change of voice within a stretch of speech and after a pause, in units of cosine.
const CHANGE: f32 = 1.0;
const CHANGE_AFTER_PAUSE: f32 = 0.2;
/// Windows of one stretch begin closer together than this, in seconds.
const SAME_STRETCH: f32 = 0.45;
/// Groups whose centres are closer than this (cosine) are one voice. Between voices 0.6 to 0.9 is usual; two halves of one
/// voice come to 0.92 and more.
const ALIKE: f32 = 0.91;
/// Windows that a voice must have: two seconds of speech.
const FEWEST: usize = 5;

/// The voices of a meeting: the centre of each, of unit length.
#[derive(Debug, Default)]
pub(super) struct Voices {
    centres: Vec<Vec<f32>>,
}

impl Voices {
    /// Finds at most `bound` voices in windows that are in order of time.
    pub(super) fn find(windows: &[&VoiceWindow], bound: usize) -> Self {
        if windows.is_empty() {
            return Self::default();
        }
        let stride = windows.len().div_ceil(LINKED);
        let sample: Vec<&[f32]> = windows.iter().step_by(stride).map(|w| w.embedding.as_slice()).collect();
        let mut voices = Self { centres: groups(&sample, bound.clamp(1, sample.len())) };
        let mut sizes = voices.settle(windows);
        while let Some(surplus) = voices.surplus(&sizes) {
            voices.centres.remove(surplus);
            sizes = voices.settle(windows);
        }
        voices
    }

    /// Number of voices.
    pub(super) fn count(&self) -> usize {
        self.centres.len()
    }

    /// How much an embedding sounds like each voice: cosines.
    pub(super) fn scores(&self, embedding: &[f32]) -> Vec<f32> {
        self.centres.iter().map(|centre| dot(centre, embedding)).collect()
    }

    /// Estimates sequence and centres in turn, and drops voices that get no window. Returns the windows of each voice.
    fn settle(&mut self, windows: &[&VoiceWindow]) -> Vec<usize> {
        let cost = |n: usize| match windows[n].start - windows[n - 1].start {
            step if step < SAME_STRETCH => CHANGE,
            _ => CHANGE_AFTER_PAUSE,
        };
        let mut sizes = Vec::new();
        let mut before = Vec::new();
        for _ in 0..ROUNDS {
            let scores: Vec<Vec<f32>> = windows.iter().map(|w| self.scores(&w.embedding)).collect();
            let path = most_likely(&scores, cost);
            if path == before {
                break;
            }
            let mut sums = vec![(0, vec![0.0; windows[0].embedding.len()]); self.count()];
            for (window, &voice) in windows.iter().zip(&path) {
                sums[voice].0 += 1;
                add(&mut sums[voice].1, &window.embedding);
            }
            sums.retain(|(size, _)| *size > 0);
            (sizes, self.centres) = sums.into_iter().map(|(size, sum)| (size, unit(sum))).unzip();
            before = path;
        }
        sizes
    }

    /// A voice that is none of its own: one with hardly any windows, or the smaller of two that sound alike.
    fn surplus(&self, sizes: &[usize]) -> Option<usize> {
        let smallest = (0..self.count()).min_by_key(|&n| sizes[n])?;
        if self.count() > 1 && sizes[smallest] < FEWEST {
            return Some(smallest);
        }
        let pairs = (0..self.count()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let (likeness, a, b) =
            pairs.map(|(a, b)| (dot(&self.centres[a], &self.centres[b]), a, b)).max_by(|x, y| x.0.total_cmp(&y.0))?;
        (likeness > ALIKE).then_some(if sizes[a] < sizes[b] { a } else { b })
    }
}

/// Centres of `count` groups by Ward linkage.
fn groups(points: &[&[f32]], count: usize) -> Vec<Vec<f32>> {
    let mut distances = Vec::with_capacity(points.len() * points.len() / 2);
    for (n, a) in points.iter().enumerate() {
        distances.extend(points[n + 1..].iter().map(|b| (2.0 - 2.0 * dot(a, b)).max(0.0).sqrt()));
    }
    let tree = linkage(&mut distances, points.len(), Method::Ward);
    // Steps number the clusters that they make from the number of points on; each cluster keeps the sum of its points.
    let mut sums: Vec<Option<Vec<f32>>> = points.iter().map(|p| Some(p.to_vec())).collect();
    for step in tree.steps().iter().take(points.len() - count) {
        let (a, b) = (sums[step.cluster1].take(), sums[step.cluster2].take());
        let mut sum = a.unwrap_or_default();
        add(&mut sum, &b.unwrap_or_default());
        sums.push(Some(sum));
    }
    sums.into_iter().flatten().map(unit).collect()
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn add(sum: &mut [f32], x: &[f32]) {
    sum.iter_mut().zip(x).for_each(|(s, x)| *s += x);
}

fn unit(mut x: Vec<f32>) -> Vec<f32> {
    let norm = dot(&x, &x).sqrt().max(1e-9);
    x.iter_mut().for_each(|v| *v /= norm);
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of invented voices, 0.4 s apart: unit vectors around an axis each, with a deterministic spread.
    fn windows(talk: &[(usize, usize)]) -> Vec<VoiceWindow> {
        let mut seed = 1u32;
        let mut noise = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 24) as f32 * 0.2
        };
        let mut clock = 0.0;
        let mut windows = Vec::new();
        for &(axis, count) in talk {
            clock += 1.0;
            for _ in 0..count {
                clock += 0.4;
                let embedding = unit((0..16).map(|n| noise() + if n == axis { 1.0 } else { 0.1 }).collect());
                windows.push(VoiceWindow { start: clock, end: clock + 1.6, embedding });
            }
        }
        windows
    }

    fn partition(talk: &[(usize, usize)], bound: usize) -> (usize, Vec<usize>) {
        let windows = windows(talk);
        let voices = Voices::find(&windows.iter().collect::<Vec<_>>(), bound);
        let scores: Vec<Vec<f32>> = windows.iter().map(|w| voices.scores(&w.embedding)).collect();
        (voices.count(), most_likely(&scores, |_| 0.0))
    }

    #[test]
    fn voices_are_told_apart_however_unevenly_they_talk() {
        let (count, labels) = partition(&[(0, 100), (1, 20), (2, 60), (0, 30), (3, 8)], 4);
        assert_eq!(count, 4);
        assert_eq!(labels[0], labels[185]);
        let firsts = [labels[0], labels[100], labels[120], labels[210]];
        assert!((0..4).all(|voice| firsts.contains(&voice)));
        assert!(labels[..100].iter().all(|l| *l == labels[0]));
    }

    #[test]
    fn a_click_is_no_voice_and_a_silent_member_is_not_invented() {
        assert_eq!(partition(&[(0, 80), (1, 80), (2, 2)], 5).0, 2);
        assert_eq!(partition(&[(0, 80)], 5).0, 1);
    }

    #[test]
    fn the_number_present_is_a_bound() {
        assert_eq!(partition(&[(0, 50), (1, 50), (2, 50)], 2).0, 2);
        assert_eq!(partition(&[(0, 1)], 6).0, 1);
        assert_eq!(partition(&[], 6).0, 0);
    }
}
