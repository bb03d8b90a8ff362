//! What can be counted without a model: shares of talk, who follows whom, pauses, questions, the facilitator's part.
//!
//! The balance of talk is Pielou's evenness (entropy over its maximum). Measures that need to know who spoke are left out
//! where voices were not told apart; a measure that is missing is not a measure of zero.

use std::collections::BTreeMap;

use super::{attendance::Attendance, view::View};
use crate::{findings::Measures, session::Rule};

/// Turns in the window over which one voice may dominate.
const WINDOW: usize = 15;

/// Longest pause that still counts as a breath, in seconds.
const BREATH: f64 = 2.0;

/// All measures of a meeting.
pub(crate) fn measures(view: &View<'_>, attendance: &Attendance) -> Measures {
    let mut numbers = BTreeMap::new();
    let mut put = |name: &str, value: f64| {
        numbers.insert(name.to_owned(), (value * 1000.0).round() / 1000.0);
    };
    put("minutes", f64::from(view.meeting.minutes()));
    put("utterances", view.turns.len() as f64);
    put("words", view.words());
    put("present", view.meeting.present.len() as f64);
    put("roster", view.meeting.roster.len() as f64);
    put("attendance", attendance.share);
    put("attendance_usual", attendance.usual);
    put("attendance_trend", attendance.trend);
    if let (Some(days), Some(gap)) = (attendance.days, attendance.gap) {
        put("days_since_last", days);
        put("gap_over_cadence", gap);
    }
    for (name, value) in pauses(view) {
        put(name, value);
    }
    put("questions", view.turns.iter().filter(|t| t.said.text.contains('?')).count() as f64);
    put("open_questions", view.turns.iter().filter(|t| opens(&t.said.text)).count() as f64);
    let mut talk_share = BTreeMap::new();
    if view.voices {
        let shares = shares(view, |_| true);
        put("talk_balance", evenness(&shares));
        put("interruptions", interruptions(view, |_| true));
        put("interruptions_in_one_voice", interruptions(view, |r| r == Some(Rule::OneVoice)));
        put("top_share", shares.iter().copied().fold(0.0, f64::max));
        put("top_share_outside_own_slot", top_outside_own_slot(view));
        put("top_share_in_a_window", top_in_a_window(view));
        put("busiest_pair_share", busiest_pair(view));
        talk_share =
            view.speakers.iter().zip(&shares).map(|(s, v)| ((*s).to_owned(), (v * 1000.0).round() / 1000.0)).collect();
    }
    if view.facilitator {
        for (name, value) in facilitator(view) {
            put(name, value);
        }
    }
    if let Some(rate) = fastest_against_habit(view) {
        put("fastest_rate_over_habit", rate);
    }
    Measures { talk_share, numbers }
}

/// Share of the spoken time by speaker, over the turns that `counts`.
fn shares(view: &View<'_>, counts: impl Fn(usize) -> bool) -> Vec<f64> {
    let mut time = vec![0.0; view.speakers.len()];
    for (k, t) in view.turns.iter().enumerate().filter(|(k, _)| counts(*k)) {
        debug_assert!(k < view.turns.len());
        time[t.speaker] += f64::from(t.said.end - t.said.start).max(0.0);
    }
    let all: f64 = time.iter().sum();
    time.iter().map(|t| if all > 0.0 { t / all } else { 0.0 }).collect()
}

/// Pielou's evenness, 0 (one voice) to 1 (all alike).
fn evenness(shares: &[f64]) -> f64 {
    if shares.len() < 2 {
        return 0.0;
    }
    let entropy: f64 = shares.iter().filter(|s| **s > 0.0).map(|s| -s * s.ln()).sum();
    entropy / (shares.len() as f64).ln()
}

/// The largest share of one member, leaving out what each says as presenter in their own slot.
fn top_outside_own_slot(view: &View<'_>) -> f64 {
    let shares = shares(view, |k| !view.turns[k].presenter);
    let members = view.turns.iter().filter(|t| !t.facilitator).map(|t| t.speaker);
    members.map(|s| shares[s]).fold(0.0, f64::max)
}

/// The same within the worst stretch of [`WINDOW`] turns.
fn top_in_a_window(view: &View<'_>) -> f64 {
    let last = view.turns.len().saturating_sub(WINDOW);
    let window = |from: usize| shares(view, |k| k >= from && k < from + WINDOW && !view.turns[k].presenter);
    let facilitator = view.turns.iter().find(|t| t.facilitator).map(|t| t.speaker);
    (0..=last)
        .flat_map(|from| window(from).into_iter().enumerate())
        .filter(|(s, _)| Some(*s) != facilitator)
        .map(|(_, share)| share)
        .fold(0.0, f64::max)
}

/// Share of all changes of speaker that lie between the same two people.
fn busiest_pair(view: &View<'_>) -> f64 {
    let mut pairs: BTreeMap<(usize, usize), f64> = BTreeMap::new();
    for w in view.turns.windows(2).filter(|w| w[0].speaker != w[1].speaker) {
        let (a, b) = (w[0].speaker.min(w[1].speaker), w[0].speaker.max(w[1].speaker));
        *pairs.entry((a, b)).or_default() += 1.0;
    }
    let all: f64 = pairs.values().sum();
    pairs.values().copied().fold(0.0, f64::max) / all.max(1.0)
}

/// Utterances by another that begin before the one before has ended.
fn interruptions(view: &View<'_>, under: impl Fn(Option<Rule>) -> bool) -> f64 {
    view.turns
        .windows(2)
        .filter(|w| {
            w[0].speaker != w[1].speaker && w[1].said.pause_before < 0.0 && under(w[1].rule) && !w[1].facilitator
        })
        .count() as f64
}

fn pauses(view: &View<'_>) -> [(&'static str, f64); 3] {
    let mut pauses: Vec<f64> =
        view.turns.iter().skip(1).map(|t| f64::from(t.said.pause_before)).filter(|p| *p >= 0.0).collect();
    pauses.sort_by(f64::total_cmp);
    let long: f64 = pauses.iter().filter(|p| **p > BREATH).sum();
    [
        ("median_pause_s", pauses.get(pauses.len() / 2).copied().unwrap_or(0.0)),
        ("longest_silence_s", pauses.last().copied().unwrap_or(0.0)),
        ("silence_minutes", long / 60.0),
    ]
}

/// The facilitator's share, turns, and the longest stretch without a word from them.
fn facilitator(view: &View<'_>) -> [(&'static str, f64); 3] {
    let words: f64 = view.turns.iter().filter(|t| t.facilitator).map(|t| t.words).sum();
    let turns = view.turns.iter().filter(|t| t.facilitator).count() as f64;
    let (mut last, mut longest) = (0.0f64, 0.0f64);
    for t in view.turns.iter().filter(|t| t.facilitator) {
        longest = longest.max(f64::from(t.said.start) - last);
        last = f64::from(t.said.end);
    }
    longest = longest.max(f64::from(view.meeting.minutes()) * 60.0 - last);
    [
        ("facilitator_share", words / view.words().max(1.0)),
        ("facilitator_turns", turns),
        ("facilitator_longest_absence_minutes", longest / 60.0),
    ]
}

/// Whether a question begins with a word that leaves the answer open.
fn opens(text: &str) -> bool {
    const OPEN: [&str; 7] = ["what", "how", "where", "when", "who", "which", "whose"];
    text.split_inclusive(['.', '!', '?', ';', ',']).any(|part| {
        let first = part.split_whitespace().next().unwrap_or("").to_lowercase();
        part.ends_with('?') && OPEN.iter().any(|o| first.starts_with(o))
    })
}

/// The largest ratio of a long utterance's rate to its speaker's own median; only heard meetings have true times.
fn fastest_against_habit(view: &View<'_>) -> Option<f64> {
    const LONG: f64 = 12.0;
    if !view.meeting.from_audio || !view.voices {
        return None;
    }
    let rate = |k: usize| {
        let t = &view.turns[k];
        t.words / f64::from(t.said.end - t.said.start).max(0.5)
    };
    (0..view.speakers.len())
        .filter_map(|s| {
            let mut rates: Vec<f64> = (0..view.turns.len())
                .filter(|k| view.turns[*k].speaker == s && view.turns[*k].words >= LONG)
                .map(rate)
                .collect();
            rates.sort_by(f64::total_cmp);
            (rates.len() >= 4).then(|| rates[rates.len() - 1] / rates[rates.len() / 2])
        })
        .max_by(f64::total_cmp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evenness_runs_from_one_voice_to_all_alike() {
        assert!(evenness(&[1.0, 0.0, 0.0]) < 1e-9);
        assert!((evenness(&[0.25; 4]) - 1.0).abs() < 1e-9);
    }

    #[test]
    fn open_questions_are_told_from_closed_ones() {
        assert!(opens("Right. What did he say?"));
        assert!(!opens("Did he say what he wanted?"));
        assert!(!opens("What a day."));
    }
}
