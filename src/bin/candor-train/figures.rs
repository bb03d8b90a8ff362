//! The figures of an evaluation.

use std::collections::BTreeSet;

use candor::{
    findings::Findings,
    session::{MOVES, MoveScores},
};

use crate::data::Gold;

/// Macro F1, accuracy, F1 by move and calibration of the moves.
pub(crate) fn moves<'a>(circles: impl Iterator<Item = (&'a Gold, &'a [Vec<MoveScores>])>) {
    let n = MOVES.len();
    let mut table = vec![vec![0.0f64; n]; n];
    let mut bins = [[0.0f64; 3]; 10];
    for (circle, read) in circles {
        let mut right = 0.0;
        let mut all = 0.0;
        for (label, scores) in circle.meetings.iter().flat_map(|m| &m.moves).zip(read.iter().flatten()) {
            let best = scores.best();
            let p = f64::from(scores.of(best));
            let bin = &mut bins[((p * 10.0) as usize).min(9)];
            let hit = f64::from(u8::from(best == *label));
            *bin = [bin[0] + 1.0, bin[1] + p, bin[2] + hit];
            table[label.index()][best.index()] += 1.0;
            right += hit;
            all += 1.0;
        }
        println!("  {:10} accuracy {:.3}", circle.circle.name, right / all);
    }
    let column = |k: usize| table.iter().map(|r| r[k]).sum::<f64>();
    let f1: Vec<f64> =
        (0..n).map(|k| 2.0 * table[k][k] / (table[k].iter().sum::<f64>() + column(k)).max(1.0)).collect();
    let all: f64 = table.iter().flatten().sum();
    let right: f64 = (0..n).map(|k| table[k][k]).sum();
    for (k, m) in MOVES.iter().enumerate() {
        println!("  {:13} F1 {:.2} of {}", m.name(), f1[k], table[k].iter().sum::<f64>());
    }
    println!("moves: macro F1 {:.3}, accuracy {:.3}", f1.iter().sum::<f64>() / n as f64, right / all);
    for (k, [count, p, hit]) in bins.iter().enumerate().filter(|(_, b)| b[0] > 0.0) {
        println!(
            "  said {:.1} to {:.1}: mean {:.2}, right {:.2}, of {count}",
            k as f64 / 10.0,
            (k + 1) as f64 / 10.0,
            p / count,
            hit / count
        );
    }
}

/// Of the themes that come back, for how many the reading says rightly what became of them: the right ones and all. A theme
/// is compared with what was found that shares most of its utterances.
pub(crate) fn movement(gold: &Gold, found: &Findings) -> (usize, usize) {
    type Places = BTreeSet<(u32, u32)>;
    let mine = |id: &str| -> Places {
        let themes = found.meetings.iter().flat_map(|m| m.themes.iter().map(move |t| (m.session, t)));
        themes.filter(|(_, t)| t.id == id).flat_map(|(s, t)| t.utterances.iter().map(move |i| (s, *i))).collect()
    };
    let theirs = |id: &str| -> Places {
        let meetings = gold.meetings.iter().map(|m| (m.meeting.session, m.themes.get(id)));
        meetings.flat_map(|(s, t)| t.into_iter().flatten().map(move |i| (s, *i))).collect()
    };
    let right = |(id, movement): &(&String, &candor::findings::Movement)| {
        let wanted = theirs(id);
        let shared = |a: &Places| a.intersection(&wanted).count() as f64 / a.union(&wanted).count().max(1) as f64;
        let best = found.themes.iter().max_by(|a, b| shared(&mine(&a.id)).total_cmp(&shared(&mine(&b.id))));
        best.is_some_and(|t| t.movement == **movement)
    };
    (gold.recurring.iter().filter(right).count(), gold.recurring.len())
}
