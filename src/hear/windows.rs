//! Speech segments packed into windows for Whisper.
//!
//! Whisper reads 30 seconds at a time, whatever is in them. Segments are put one after another, long silences between
//! them cut down, until the next would not fit; then the window ends at its longest pause. A window depends on nothing
//! but the samples and their place, so that live and batch give the same windows, and each result is final.

use super::{
    RATE,
    silero::FRAME,
    vad::{FRAMES_A_SECOND, Segment},
};

/// Longest window, in samples; Whisper's 30 s less a margin for its last timestamp.
const LONGEST: usize = (29.5 * RATE as f32) as usize;

/// Sound kept before and after speech, in samples: what it begins and ends with is quiet.
const PAD: usize = RATE as usize / 5;

/// Silence that ends a window, in frames: eight seconds.
const SILENCE: usize = (8.0 * FRAMES_A_SECOND) as usize;

/// Shortest part that a window is cut into, in samples.
const SHORTEST_PART: usize = 4 * RATE as usize;

/// A stretch of the meeting within a window, in samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Piece {
    meeting: usize,
    window: usize,
    length: usize,
}

/// What Whisper hears at once.
#[derive(Debug, Default)]
pub(super) struct Window {
    /// Samples, -1 to 1.
    pub(super) samples: Vec<f32>,
    /// The speech in it, in frames of the meeting.
    pub(super) speech: Vec<Segment>,
    pieces: Vec<Piece>,
}

impl Window {
    /// Second of the recording for a second of the window.
    pub(super) fn to_meeting(&self, seconds: f32) -> f32 {
        let sample = (seconds.max(0.0) * RATE as f32) as usize;
        let next = self.pieces.partition_point(|p| p.window <= sample);
        let meeting = self
            .pieces
            .get(next.saturating_sub(1))
            .map_or(sample, |p| p.meeting + (sample - p.window.min(sample)).min(p.length));
        meeting as f32 / RATE as f32
    }

    /// Seconds of speech between two seconds of the window.
    pub(super) fn voiced(&self, from: f32, to: f32) -> f32 {
        let (from, to) = (self.to_meeting(from) * FRAMES_A_SECOND, self.to_meeting(to) * FRAMES_A_SECOND);
        let shared = |s: &Segment| (to.min(s.end as f32) - from.max(s.start as f32)).max(0.0);
        self.speech.iter().map(shared).sum::<f32>() / FRAMES_A_SECOND
    }

    /// The window in two, cut at its longest pause that leaves enough on both sides, and where in the window the second part
    /// begins, in seconds.
    pub(super) fn halves(&self) -> Option<(Self, Self, f32)> {
        let cut = (1..self.pieces.len())
            .filter(|&n| {
                (SHORTEST_PART..self.samples.len().saturating_sub(SHORTEST_PART)).contains(&self.pieces[n].window)
            })
            .max_by_key(|&n| self.speech[n].start - self.speech[n - 1].end)?;
        let at = self.pieces[cut].window;
        let part = |samples: &[f32], range: std::ops::Range<usize>, from: usize| Self {
            samples: samples.to_vec(),
            speech: self.speech[range.clone()].to_vec(),
            pieces: self.pieces[range].iter().map(|p| Piece { window: p.window - from, ..*p }).collect(),
        };
        let (before, after) = self.samples.split_at(at);
        Some((part(before, 0..cut, 0), part(after, cut..self.pieces.len(), at), at as f32 / RATE as f32))
    }

    /// Samples of a stretch of speech in it, given in frames of the meeting.
    pub(super) fn samples_of(&self, segment: Segment) -> &[f32] {
        let (start, end) = (segment.start * FRAME, segment.end * FRAME);
        let piece = self.pieces.iter().find(|p| p.meeting <= start && start < p.meeting + p.length);
        piece.map_or(&[], |p| {
            let from = p.window + (start - p.meeting);
            &self.samples[from..(from + end - start).min(p.window + p.length)]
        })
    }
}

/// Keeps the samples that may still be needed, and the segments that wait for a window.
#[derive(Default)]
pub(super) struct Packer {
    audio: Vec<i16>,
    /// Place of `audio[0]` in the recording.
    base: usize,
    waiting: Vec<Segment>,
    /// End of the last segment that was packed, in frames.
    packed_to: usize,
}

impl Packer {
    /// Takes the next samples.
    pub(super) fn add_samples(&mut self, samples: &[i16]) {
        self.audio.extend_from_slice(samples);
    }

    /// Takes the next segment, whose samples have been added; returns the windows that are full.
    pub(super) fn add_segment(&mut self, segment: Segment) -> Vec<Window> {
        let mut full = Vec::new();
        self.waiting.push(segment);
        while self.waiting_length() > LONGEST && self.waiting.len() > 1 {
            let count = self.best_cut();
            full.push(self.pack(count));
        }
        full
    }

    /// Nothing before the frame `settled` will change: ends the window after a long silence, and forgets old samples.
    pub(super) fn settle(&mut self, settled: usize) -> Option<Window> {
        let silent_since = self.waiting.last().map(|s| s.end);
        let window = silent_since.filter(|end| settled >= end + SILENCE).map(|_| self.pack(self.waiting.len()));
        let first_needed = self.waiting.first().map_or(settled, |s| s.start) * FRAME;
        self.forget(first_needed.saturating_sub(PAD));
        window
    }

    /// There are no more segments.
    pub(super) fn finish(&mut self) -> Option<Window> {
        (!self.waiting.is_empty()).then(|| self.pack(self.waiting.len()))
    }

    /// Samples of a window with all that waits.
    fn waiting_length(&self) -> usize {
        self.waiting.iter().map(|s| (s.end - s.start) * FRAME + 2 * PAD).sum()
    }

    /// How many segments to pack so that the window ends at the longest pause of its second half.
    fn best_cut(&self) -> usize {
        let mut length = 0;
        let mut best = (0, 1);
        for (count, pair) in (1..).zip(self.waiting.windows(2)) {
            length += (pair[0].end - pair[0].start) * FRAME + 2 * PAD;
            if length > LONGEST {
                break;
            }
            let pause = pair[1].start - pair[0].end;
            if length < LONGEST / 2 || pause >= best.0 {
                best = (if length < LONGEST / 2 { 0 } else { pause }, count);
            }
        }
        best.1
    }

    /// Makes a window of the first segments that wait.
    fn pack(&mut self, count: usize) -> Window {
        let speech: Vec<Segment> = self.waiting.drain(..count).collect();
        let following = self.waiting.first().map_or(usize::MAX, |s| s.start);
        let mut window = Window::default();
        for (n, segment) in speech.iter().enumerate() {
            let next = speech.get(n + 1).map_or(following, |s| s.start);
            let before = PAD.min((segment.start - self.packed_to) * FRAME / 2);
            let after = PAD.min((next - segment.end).saturating_mul(FRAME) / 2);
            let from = (segment.start * FRAME - before).max(self.base) - self.base;
            let to = (segment.end * FRAME + after - self.base).min(self.audio.len());
            let sound = self.audio.get(from..to).unwrap_or_default();
            window.pieces.push(Piece { meeting: self.base + from, window: window.samples.len(), length: sound.len() });
            window.samples.extend(sound.iter().map(|&s| f32::from(s) / 32_768.0));
            self.packed_to = segment.end;
        }
        window.speech = speech;
        window
    }

    fn forget(&mut self, before: usize) {
        let old = before.saturating_sub(self.base).min(self.audio.len());
        // Moving the rest to the front costs its length: only once that has become cheap.
        if old > self.audio.len() / 2 {
            self.audio.drain(..old);
            self.base += old;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: usize = 31;

    fn packer(seconds: usize) -> Packer {
        let mut packer = Packer::default();
        packer.add_samples(&(0..seconds * RATE as usize).map(|n| (n / RATE as usize) as i16).collect::<Vec<_>>());
        packer
    }

    fn segment(start: usize, end: usize) -> Segment {
        Segment { start: start * SECOND, end: end * SECOND }
    }

    #[test]
    fn a_window_ends_at_the_longest_pause_of_its_second_half() {
        let mut packer = packer(60);
        for (start, end) in [(0, 5), (10, 15), (16, 22), (26, 29)] {
            assert!(packer.add_segment(segment(start, end)).is_empty());
        }
        let full = packer.add_segment(segment(30, 45));
        assert_eq!(full.len(), 1);
        assert_eq!(full[0].speech, [segment(0, 5), segment(10, 15), segment(16, 22)]);
        assert_eq!(packer.finish().unwrap().speech, [segment(26, 29), segment(30, 45)]);
    }

    #[test]
    fn times_in_the_window_lead_back_to_the_recording() {
        let mut packer = packer(60);
        packer.add_segment(segment(2, 4));
        packer.add_segment(segment(50, 52));
        let window = packer.finish().unwrap();
        let at = |second: usize| second as f32 * SECOND as f32 / FRAMES_A_SECOND;
        assert!((window.to_meeting(0.2) - at(2)).abs() < 0.01);
        let second_piece = at(2) + 0.4;
        assert!((window.to_meeting(second_piece + 0.3) - (at(50) + 0.1)).abs() < 0.01);
        assert_eq!(window.samples_of(segment(50, 52)).first().map(|s| s * 32_768.0), Some(49.0));
    }

    #[test]
    fn halves_keep_their_times() {
        let mut packer = packer(60);
        for (start, end) in [(0, 2), (4, 10), (14, 20), (21, 22)] {
            packer.add_segment(segment(start, end));
        }
        let window = packer.finish().unwrap();
        let (first, second, gap) = window.halves().unwrap();
        assert_eq!(first.speech, [segment(0, 2), segment(4, 10)]);
        assert_eq!(second.speech, [segment(14, 20), segment(21, 22)]);
        assert!((second.to_meeting(1.0) - window.to_meeting(gap + 1.0)).abs() < 1e-3);
        assert!((first.voiced(0.0, f32::MAX) + second.voiced(0.0, f32::MAX) - 15.0).abs() < 0.2);
        assert!(first.halves().is_none(), "two seconds are too little");
    }

    #[test]
    fn a_long_silence_ends_a_window_and_its_sound_is_forgotten() {
        let mut packer = packer(100);
        packer.add_segment(segment(2, 4));
        assert!(packer.settle(11 * SECOND).is_none());
        assert!(packer.settle(13 * SECOND).is_some());
        assert!(packer.settle(90 * SECOND).is_none());
        assert!(packer.audio.len() < 15 * RATE as usize);
        packer.add_segment(segment(95, 97));
        assert_eq!(packer.finish().unwrap().samples_of(segment(95, 97)).len(), 2 * SECOND * FRAME);
    }
}
