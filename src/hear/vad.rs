//! Speech segments from the probabilities of speech, as they come.
//!
//! The rule is Silero's own (`get_speech_timestamps`): speech begins above one threshold and ends when the probability has
//! stayed below a lower one for a while; a very short burst is dropped. A stretch without any pause is cut where it is
//! least like speech, so that no segment outgrows a window.

use std::collections::VecDeque;

/// Frames a second.
pub(super) const FRAMES_A_SECOND: f32 = super::RATE as f32 / super::silero::FRAME as f32;

/// Above this, speech begins.
const ON: f32 = 0.5;
/// Below this, it may end.
const OFF: f32 = 0.35;
/// Pause that ends a segment, in frames: a third of a second.
const PAUSE: usize = 10;
/// Shortest segment, in frames: a fifth of a second; "yes" takes about a quarter.
const SHORTEST: usize = 6;
/// Longest segment, in frames: 28 s.
const LONGEST: usize = 875;

/// A stretch of speech, in frames; the end is the first frame that no longer belongs to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) end: usize,
}

/// Follows the probabilities frame by frame.
#[derive(Default)]
pub(super) struct Segmenter {
    frame: usize,
    /// Where the current segment began.
    start: Option<usize>,
    /// Where the probability first fell below [`OFF`] after the last frame above [`ON`].
    quiet: Option<usize>,
    /// Probabilities of the current segment.
    history: VecDeque<f32>,
}

impl Segmenter {
    /// Takes the next frame's probability; returns a segment when one is complete.
    pub(super) fn push(&mut self, probability: f32) -> Option<Segment> {
        let frame = self.frame;
        self.frame += 1;
        if probability >= ON {
            self.quiet = None;
            self.start.get_or_insert(frame);
        } else if probability < OFF && self.start.is_some() {
            self.quiet.get_or_insert(frame);
        }
        let start = self.start?;
        self.history.push_back(probability);
        match self.quiet {
            Some(quiet) if self.frame - quiet >= PAUSE => self.close(quiet),
            _ if self.frame - start >= LONGEST => Some(self.cut(start)),
            _ => None,
        }
    }

    /// There are no more frames.
    pub(super) fn finish(&mut self) -> Option<Segment> {
        let end = self.quiet.unwrap_or(self.frame);
        self.close(end)
    }

    /// Frame that nothing before it can change any more: all that is not in an open segment.
    pub(super) fn settled(&self) -> usize {
        self.start.unwrap_or(self.frame)
    }

    fn close(&mut self, end: usize) -> Option<Segment> {
        let start = self.start.take()?;
        self.quiet = None;
        self.history.clear();
        (end - start >= SHORTEST).then_some(Segment { start, end })
    }

    /// Ends a segment without pause at its least speech-like frame in the second half, and begins the next there.
    fn cut(&mut self, start: usize) -> Segment {
        let half = self.history.len() / 2;
        let least =
            self.history.range(half..).enumerate().min_by(|a, b| a.1.total_cmp(b.1)).map_or(half, |(n, _)| half + n);
        self.history.drain(..least);
        self.start = Some(start + least);
        self.quiet = self.quiet.filter(|&q| q >= start + least);
        Segment { start, end: start + least }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn segments(probabilities: impl IntoIterator<Item = f32>) -> Vec<(usize, usize)> {
        let mut segmenter = Segmenter::default();
        let mut found: Vec<_> = probabilities.into_iter().filter_map(|p| segmenter.push(p)).collect();
        found.extend(segmenter.finish());
        found.iter().map(|s| (s.start, s.end)).collect()
    }

    fn runs(parts: &[(f32, usize)]) -> Vec<f32> {
        parts.iter().flat_map(|&(p, n)| std::iter::repeat_n(p, n)).collect()
    }

    #[test]
    fn a_short_pause_does_not_end_speech_and_a_long_one_does() {
        assert_eq!(segments(runs(&[(0.1, 5), (0.9, 20), (0.1, 9), (0.9, 20), (0.1, 30)])), [(5, 54)]);
        assert_eq!(segments(runs(&[(0.9, 20), (0.1, 10), (0.9, 20)])), [(0, 20), (30, 50)]);
    }

    #[test]
    fn between_the_thresholds_things_stay_as_they_are() {
        assert_eq!(segments(runs(&[(0.4, 50), (0.6, 10), (0.4, 50)])), [(50, 110)]);
    }

    #[test]
    fn a_click_is_not_speech() {
        assert_eq!(segments(runs(&[(0.1, 20), (0.9, 5), (0.1, 20)])), []);
    }

    #[test]
    fn talk_without_pause_is_cut_where_it_is_least_like_speech() {
        let found = segments(runs(&[(0.9, 600), (0.4, 1), (0.9, 600)]));
        assert_eq!(found, [(0, 600), (600, 1201)]);
        for pair in segments(vec![0.9; 5_000]).windows(2) {
            assert_eq!(pair[0].1, pair[1].0);
            assert!(pair[0].1 - pair[0].0 <= LONGEST);
        }
    }
}
