//! Whisper's mel filters: 80 triangles over 201 frequencies, 0 to 8000 Hz, on Slaney's scale with Slaney's norm, as librosa
//! computes them (`librosa.filters.mel(sr=16000, n_fft=400, n_mels=80)`).

/// Bands.
pub(crate) const BANDS: usize = 80;
/// Frequencies of a transform of 400 samples.
pub(crate) const BINS: usize = 201;

const TOP: f64 = 8000.0;
/// Below this the scale is linear, above it logarithmic; in hertz and in mel.
const BEND: (f64, f64) = (1000.0, 15.0);

/// The filters, a row a band.
pub(crate) fn filters() -> Vec<f32> {
    let edges: Vec<f64> = linspace(0.0, hz_to_mel(TOP), BANDS + 2).map(mel_to_hz).collect();
    let bins: Vec<f64> = linspace(0.0, TOP, BINS).collect();
    edges.windows(3).flat_map(|edge| bins.iter().map(|hz| weight(edge, *hz)).collect::<Vec<_>>()).collect()
}

/// Height of a triangle over a frequency, scaled to equal area.
fn weight(edge: &[f64], hz: f64) -> f32 {
    let rising = -(edge[0] - hz) / (edge[1] - edge[0]);
    let falling = (edge[2] - hz) / (edge[2] - edge[1]);
    let height = rising.min(falling);
    // The comparison keeps the first filter's negative zero, which the reference files have.
    let height = if height < 0.0 { 0.0 } else { height };
    (height * (2.0 / (edge[2] - edge[0]))) as f32
}

fn linspace(from: f64, to: f64, n: usize) -> impl Iterator<Item = f64> {
    let step = (to - from) / (n - 1) as f64;
    (0..n).map(move |i| if i == n - 1 { to } else { i as f64 * step + from })
}

fn log_step() -> f64 {
    6.4_f64.ln() / 27.0
}

fn hz_to_mel(hz: f64) -> f64 {
    if hz >= BEND.0 { BEND.1 + (hz / BEND.0).ln() / log_step() } else { hz / (200.0 / 3.0) }
}

fn mel_to_hz(mel: f64) -> f64 {
    if mel >= BEND.1 { BEND.0 * (log_step() * (mel - BEND.1)).exp() } else { mel * 200.0 / 3.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_goes_there_and_back() {
        for hz in [0.0, 440.0, 1000.0, 7999.0] {
            assert!((mel_to_hz(hz_to_mel(hz)) - hz).abs() < 1e-9, "{hz}");
        }
    }

    #[test]
    fn filters_are_those_of_librosa() {
        let filters = filters();
        assert_eq!(filters.len(), BANDS * BINS);
        let row = |band: usize| &filters[band * BINS..][..BINS];
        // From librosa 0.10: the first band has one frequency, the last ends below 8000 Hz.
        assert!((row(0)[1] - 0.024_862_59).abs() < 1e-7, "{}", row(0)[1]);
        assert_eq!(row(0)[0].to_bits(), (-0.0_f32).to_bits());
        assert_eq!(row(79)[200], 0.0);
        assert!(row(79)[199] > 0.0);
    }
}
