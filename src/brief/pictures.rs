//! Geometry of the drawn cells; the templates give it colour and words.

/// Width of a lane in its own units; the page stretches it.
pub(super) const LANE_WIDTH: f32 = 1000.0;
/// The least width of a span, so that the shortest word can still be seen.
const LEAST: f32 = 1.6;

/// An SVG path of upright bars, one for each span of seconds, over a lane of the height 10.
pub(super) fn bars(spans: &[(f32, f32)], seconds: f32) -> String {
    let scale = LANE_WIDTH / seconds.max(1.0);
    let bar = |(from, to): &(f32, f32)| {
        let width = ((to - from) * scale).max(LEAST);
        format!("M{:.1} 0h{width:.1}v10h-{width:.1}z", from * scale)
    };
    spans.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_keep_their_place_and_stay_visible() {
        assert_eq!(bars(&[(0.0, 50.0), (75.0, 75.01)], 100.0), "M0.0 0h500.0v10h-500.0zM750.0 0h1.6v10h-1.6z");
    }
}
