//! The figures of an evaluation.

use candor::session::{MOVES, MoveScores};

use crate::data::Gold;

/// Macro F1, accuracy, F1 by move and calibration of the moves.
pub(crate) fn moves(circles: &[Gold], read: &[Vec<Vec<MoveScores>>]) {
    let n = MOVES.len();
    let mut table = vec![vec![0.0f64; n]; n];
    let mut bins = [[0.0f64; 3]; 10];
    for (circle, read) in circles.iter().zip(read) {
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
