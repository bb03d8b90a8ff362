//! What a move says about the next: a question is answered, a disclosure is heard.
//!
//! The probabilities of the turns, read one by one, are taken as the evidence of a chain in which each move follows the one
//! before with its own odds; forward and backward passes (Rabiner, 1989) give what both sides say together.

use crate::session::{MOVES, MoveScores};

const N: usize = MOVES.len();

/// How much the odds of following count. They repeat part of what the encoder saw in the neighbours already.
const WEIGHT: f32 = 0.3;

/// `[before][after]`: the logarithm of how much likelier a move is after another than at any time.
pub(super) type Follows = [[f32; N]; N];

/// The moves of a meeting in the light of one another.
pub(super) fn in_sequence(scores: &[MoveScores], follows: &Follows) -> Vec<MoveScores> {
    let logs: Vec<[f32; N]> = scores.iter().map(|s| s.0.map(|p| p.max(1e-9).ln())).collect();
    let mut before = vec![[0.0f32; N]; logs.len()];
    for k in 1..logs.len() {
        let reach: [f32; N] = std::array::from_fn(|m| before[k - 1][m] + logs[k - 1][m]);
        before[k] = std::array::from_fn(|m| log_sum(|b| reach[b] + WEIGHT * follows[b][m]));
    }
    let mut after = vec![[0.0f32; N]; logs.len()];
    for k in (1..logs.len()).rev() {
        let reach: [f32; N] = std::array::from_fn(|m| after[k][m] + logs[k][m]);
        after[k - 1] = std::array::from_fn(|m| log_sum(|a| WEIGHT * follows[m][a] + reach[a]));
    }
    let joined = |k: usize| {
        let sum: [f32; N] = std::array::from_fn(|m| before[k][m] + logs[k][m] + after[k][m]);
        let all = log_sum(|m| sum[m]);
        MoveScores(sum.map(|s| (s - all).exp()))
    };
    (0..logs.len()).map(joined).collect()
}

/// The logarithm of the sum of what has these logarithms.
fn log_sum(log: impl Fn(usize) -> f32) -> f32 {
    let most = (0..N).map(&log).fold(f32::MIN, f32::max);
    most + (0..N).map(|k| (log(k) - most).exp()).sum::<f32>().ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn surely(k: usize, p: f32) -> MoveScores {
        MoveScores(std::array::from_fn(|m| if m == k { p } else { (1.0 - p) / (N - 1) as f32 }))
    }

    #[test]
    fn without_odds_nothing_changes_and_all_sum_to_one() {
        let scores = [surely(3, 0.9), surely(1, 0.4), surely(0, 0.5)];
        for (a, b) in in_sequence(&scores, &[[0.0; N]; N]).iter().zip(scores) {
            assert!(a.0.iter().zip(b.0).all(|(a, b)| (a - b).abs() < 1e-4));
            assert!((a.0.iter().sum::<f32>() - 1.0).abs() < 1e-4);
        }
        assert!(in_sequence(&[], &[[0.0; N]; N]).is_empty());
    }

    #[test]
    fn a_doubtful_turn_is_read_by_both_neighbours() {
        let mut follows = [[0.0; N]; N];
        follows[4][1] = 4.0;
        let doubtful = MoveScores(std::array::from_fn(|m| if m == 1 || m == 2 { 0.5 } else { 0.0 }));
        assert_eq!(in_sequence(&[surely(4, 0.9), doubtful], &follows)[1].best().index(), 1);
        follows = [[0.0; N]; N];
        follows[2][4] = 4.0;
        assert_eq!(in_sequence(&[doubtful, surely(4, 0.9)], &follows)[0].best().index(), 2);
    }
}
