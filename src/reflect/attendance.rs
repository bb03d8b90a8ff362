//! Who came and when, against what is usual in the circle. Needs no word of what was said.

use crate::session::{Circle, Meeting};

/// Attendance and time of one meeting against those before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Attendance {
    /// Present, of the roster, 0..1.
    pub(crate) share: f64,
    /// Median share over the meetings before; the whole roster when there are none.
    pub(crate) usual: f64,
    /// Seats empty beyond the usual.
    pub(crate) missing: f64,
    /// Change of the share a meeting over the last four, by least squares; 0 with fewer than three.
    pub(crate) trend: f64,
    /// Days since the meeting before.
    pub(crate) days: Option<f64>,
    /// Those days over the cadence.
    pub(crate) gap: Option<f64>,
}

/// Attendance of `meetings[at]`, looking only back.
pub(crate) fn attendance(circle: &Circle, meetings: &[Meeting], at: usize) -> Attendance {
    let share = |m: &Meeting| m.present.len() as f64 / m.roster.len().max(1) as f64;
    let now = &meetings[at];
    let mut before: Vec<f64> = meetings[..at].iter().map(share).collect();
    before.sort_by(f64::total_cmp);
    // The median forgives one bad evening; a roster that never comes whole is not in decline.
    let usual = before.get(before.len() / 2).copied().unwrap_or(1.0);
    let days = at.checked_sub(1).map(|p| (now.date - meetings[p].date).whole_days() as f64);
    Attendance {
        share: share(now),
        usual,
        missing: ((usual - share(now)) * now.roster.len() as f64).max(0.0),
        trend: slope(&meetings[at.saturating_sub(3)..=at].iter().map(share).collect::<Vec<_>>()),
        days,
        gap: days.map(|d| d / f64::from(circle.cadence_days.max(1))),
    }
}

/// Least-squares slope over equal steps.
fn slope(y: &[f64]) -> f64 {
    if y.len() < 3 {
        return 0.0;
    }
    let n = y.len() as f64;
    let (mx, my) = ((n - 1.0) / 2.0, y.iter().sum::<f64>() / n);
    let top: f64 = y.iter().enumerate().map(|(k, v)| (k as f64 - mx) * (v - my)).sum();
    let below: f64 = (0..y.len()).map(|k| (k as f64 - mx).powi(2)).sum();
    top / below
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Setting, iso_date};

    fn meeting(session: u32, date: &str, present: usize) -> Meeting {
        let names: Vec<String> = (0..6).map(|k| format!("m{k}")).collect();
        Meeting {
            session,
            date: iso_date::parse(date).unwrap(),
            facilitator: "m0".into(),
            roster: names.clone(),
            present: names[..present].to_vec(),
            planned_minutes: 60,
            phases: vec![],
            utterances: vec![],
            from_audio: false,
        }
    }

    #[test]
    fn two_empty_seats_and_a_long_gap_are_seen() {
        let circle = Circle {
            name: "c".into(),
            setting: Setting::Product,
            cadence_days: 14,
            about: String::new(),
            fiction: true,
        };
        let ms = [meeting(1, "2025-01-01", 6), meeting(2, "2025-01-15", 5), meeting(3, "2025-02-26", 4)];
        let a = attendance(&circle, &ms, 2);
        assert!((a.missing - 2.0).abs() < 1e-9, "usual is the median of 5/6 and 6/6, the higher");
        assert!((a.gap.unwrap() - 3.0).abs() < 1e-9);
        assert!(a.trend < 0.0);
        assert_eq!(attendance(&circle, &ms, 0).gap, None);
    }
}
