//! Voices from embeddings: which windows sound like one person.
//!
//! Ward linkage (kodama) over the embeddings, less the meeting's mean, gives as many groups as people were present;
//! k-means on the sphere settles every window. Then groups that sound alike, or are too small to be a person, are
//! dissolved: the number present is a bound, not a promise that everybody spoke.

use kodama::{Method, linkage};

use crate::wire::VoiceWindow;

/// Windows that take part in the linkage, whose cost grows with the square.
const LINKED: usize = 1500;
/// Rounds of k-means; it settles in a few.
const ROUNDS: usize = 20;
/// Groups whose centres are closer than this (cosine, after the mean is taken off) are one voice.
const ALIKE: f32 = 0.45;
/// Windows that a voice must have: two seconds of speech.
const FEWEST: usize = 5;

/// The voices of a meeting.
#[derive(Debug, Default)]
pub(super) struct Voices {
    mean: Vec<f32>,
    centres: Vec<Vec<f32>>,
}

impl Voices {
    /// Finds at most `bound` voices.
    pub(super) fn find(windows: &[VoiceWindow], bound: usize) -> Self {
        let Some(first) = windows.first() else { return Self::default() };
        let mut mean = vec![0.0; first.embedding.len()];
        for window in windows {
            add(&mut mean, &window.embedding);
        }
        mean.iter_mut().for_each(|m| *m /= windows.len() as f32);
        let mut voices = Self { mean, centres: Vec::new() };
        let points: Vec<Vec<f32>> = windows.iter().map(|w| voices.centred(&w.embedding)).collect();
        let stride = points.len().div_ceil(LINKED);
        let sample: Vec<&Vec<f32>> = points.iter().step_by(stride).collect();
        voices.centres = groups(&sample, bound.clamp(1, sample.len()));
        voices.settle(&points);
        while let Some(surplus) = voices.surplus(&points) {
            voices.centres.remove(surplus);
            voices.settle(&points);
        }
        voices
    }

    /// Number of voices.
    pub(super) fn count(&self) -> usize {
        self.centres.len()
    }

    /// How much an embedding sounds like each voice: cosines.
    pub(super) fn scores(&self, embedding: &[f32]) -> Vec<f32> {
        self.likeness(&self.centred(embedding))
    }

    fn likeness(&self, point: &[f32]) -> Vec<f32> {
        self.centres.iter().map(|centre| dot(centre, point)).collect()
    }

    fn centred(&self, embedding: &[f32]) -> Vec<f32> {
        unit(embedding.iter().zip(&self.mean).map(|(x, m)| x - m).collect())
    }

    /// k-means: gives every point to its nearest centre and moves the centres, until nothing changes.
    fn settle(&mut self, points: &[Vec<f32>]) {
        let mut before = Vec::new();
        for _ in 0..ROUNDS {
            let nearest: Vec<usize> = points.iter().map(|p| largest(&self.likeness(p))).collect();
            if nearest == before {
                break;
            }
            let mut sums = vec![vec![0.0; self.mean.len()]; self.centres.len()];
            for (point, &voice) in points.iter().zip(&nearest) {
                add(&mut sums[voice], point);
            }
            self.centres = sums.into_iter().map(unit).collect();
            before = nearest;
        }
    }

    /// A centre that stands for no voice of its own: the smaller of two that are alike, or one with hardly any windows.
    fn surplus(&self, points: &[Vec<f32>]) -> Option<usize> {
        if self.count() < 2 {
            return None;
        }
        let mut sizes = vec![0usize; self.count()];
        points.iter().for_each(|p| sizes[largest(&self.likeness(p))] += 1);
        let smallest = (0..sizes.len()).min_by_key(|&n| sizes[n])?;
        if sizes[smallest] < FEWEST {
            return Some(smallest);
        }
        let pairs = (0..self.count()).flat_map(|a| (0..a).map(move |b| (a, b)));
        let (alike, a, b) = pairs
            .map(|(a, b)| (dot(&self.centres[a], &self.centres[b]), a, b))
            .max_by(|x, y| x.0.total_cmp(&y.0))?;
        (alike > ALIKE).then_some(if sizes[a] < sizes[b] { a } else { b })
    }
}

/// Centres of `count` groups by Ward linkage.
fn groups(points: &[&Vec<f32>], count: usize) -> Vec<Vec<f32>> {
    let mut distances = Vec::with_capacity(points.len() * points.len() / 2);
    for (n, a) in points.iter().enumerate() {
        distances.extend(points[n + 1..].iter().map(|b| (2.0 - 2.0 * dot(a, b)).max(0.0).sqrt()));
    }
    let tree = linkage(&mut distances, points.len(), Method::Ward);
    // Steps number the clusters that they make from the number of points on; each cluster keeps the sum of its points.
    let mut sums: Vec<Option<Vec<f32>>> = points.iter().map(|p| Some((*p).clone())).collect();
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

/// Place of the largest value.
pub(super) fn largest(values: &[f32]) -> usize {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Windows of invented voices: unit vectors around an axis each, with a deterministic spread.
    fn windows(talk: &[(usize, usize)]) -> Vec<VoiceWindow> {
        let mut seed = 1u32;
        let mut noise = move || {
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (seed >> 8) as f32 / (1 << 24) as f32 * 0.3
        };
        let voice = |axis: usize, noise: &mut dyn FnMut() -> f32| {
            unit((0..16).map(|n| noise() + if n == axis { 1.0 } else { 0.3 }).collect())
        };
        talk.iter()
            .flat_map(|&(axis, count)| std::iter::repeat_n(axis, count))
            .map(|axis| VoiceWindow { start: 0.0, end: 1.6, embedding: voice(axis, &mut noise) })
            .collect()
    }

    fn partition(windows: &[VoiceWindow], bound: usize) -> (usize, Vec<usize>) {
        let voices = Voices::find(windows, bound);
        (voices.count(), windows.iter().map(|w| largest(&voices.scores(&w.embedding))).collect())
    }

    #[test]
    fn voices_are_told_apart_however_unevenly_they_talk() {
        let talk = [(0, 100), (1, 20), (2, 60), (0, 30), (3, 8)];
        let (count, labels) = partition(&windows(&talk), 4);
        assert_eq!(count, 4);
        assert_eq!(labels[0], labels[185]);
        let firsts = [labels[0], labels[100], labels[120], labels[210]];
        assert!((0..4).all(|voice| firsts.contains(&voice)));
        assert!(labels[..100].iter().all(|l| *l == labels[0]));
    }

    #[test]
    fn a_click_is_no_voice_and_a_silent_member_is_not_invented() {
        let (count, _) = partition(&windows(&[(0, 80), (1, 80), (2, 2)]), 5);
        assert_eq!(count, 2);
    }

    #[test]
    fn the_number_present_is_a_bound() {
        let (count, _) = partition(&windows(&[(0, 50), (1, 50), (2, 50)]), 2);
        assert_eq!(count, 2);
        assert_eq!(partition(&windows(&[(0, 1)]), 6).0, 1);
        assert_eq!(partition(&[], 6).0, 0);
    }
}
