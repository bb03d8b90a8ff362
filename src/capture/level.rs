//! How loud a stretch of sound is.

use super::messages::Level;

/// From here on a sample counts as clipped: the largest 16-bit value.
const FULL_SCALE: f32 = 32_767.0 / 32_768.0;

/// Collects samples until the level is asked for.
#[derive(Default)]
pub(super) struct Meter {
    peak: f32,
    squares: f64,
    count: u32,
    clipped: u32,
}

impl Meter {
    pub(super) fn add(&mut self, samples: &[f32]) {
        for sample in samples {
            self.peak = self.peak.max(sample.abs());
            self.squares += f64::from(*sample).powi(2);
            self.clipped += u32::from(sample.abs() >= FULL_SCALE);
        }
        self.count += samples.len() as u32;
    }

    /// The level since it was last taken.
    pub(super) fn take(&mut self) -> Level {
        let Self { peak, squares, count, clipped } = std::mem::take(self);
        Level { peak, rms: (squares / f64::from(count.max(1))).sqrt() as f32, clipped }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn level_is_of_what_came_since_the_last() {
        let mut meter = Meter::default();
        meter.add(&[1.0, -1.0]);
        meter.add(&[0.5, 0.5]);
        let level = meter.take();
        assert_eq!((level.peak, level.clipped), (1.0, 2));
        assert!((level.rms - 0.790_569).abs() < 1e-5);
        meter.add(&[0.0; 10]);
        assert_eq!(meter.take(), Level::default());
    }
}
