//! The most likely sequence of voices: each step has a score for every voice, and a change costs.

/// The sequence with the highest sum of scores, less `cost(n)` for every `n` whose voice is not that of the step before.
pub(super) fn most_likely(scores: &[Vec<f32>], cost: impl Fn(usize) -> f32) -> Vec<usize> {
    let Some((first, rest)) = scores.split_first() else { return Vec::new() };
    let mut best = first.clone();
    let mut came_from: Vec<Vec<usize>> = Vec::with_capacity(rest.len());
    for (n, score) in (1..).zip(rest) {
        let leader = largest(&best);
        let changed = best[leader] - cost(n);
        came_from.push(best.iter().enumerate().map(|(v, b)| if *b >= changed { v } else { leader }).collect());
        best = best.iter().zip(score).map(|(b, s)| b.max(changed) + s).collect();
    }
    let mut path = vec![largest(&best)];
    for step in came_from.iter().rev() {
        path.push(step[path[path.len() - 1]]);
    }
    path.reverse();
    path
}

/// Place of the largest value; 0 if there is none.
fn largest(values: &[f32]) -> usize {
    (0..values.len()).max_by(|&a, &b| values[a].total_cmp(&values[b])).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lone_doubtful_step_does_not_change_the_voice() {
        let scores = [[0.8, 0.1], [0.7, 0.2], [0.4, 0.5], [0.8, 0.1]].map(|s| s.to_vec());
        assert_eq!(most_likely(&scores, |_| 1.0), [0, 0, 0, 0]);
        assert_eq!(most_likely(&scores, |_| 0.0), [0, 0, 1, 0]);
    }

    #[test]
    fn the_change_falls_where_it_is_cheap() {
        let scores = [[0.8, 0.2], [0.8, 0.2], [0.6, 0.4], [0.2, 0.8], [0.2, 0.8], [0.2, 0.8]].map(|s| s.to_vec());
        assert_eq!(most_likely(&scores, |n| if n == 2 { 0.1 } else { 1.0 }), [0, 0, 1, 1, 1, 1]);
        assert_eq!(most_likely(&scores, |_| 0.5), [0, 0, 0, 1, 1, 1]);
    }

    #[test]
    fn nothing_gives_nothing() {
        assert_eq!(most_likely(&[], |_| 1.0), [0usize; 0]);
    }
}
