//! Word n-grams in a fixed number of buckets: the hashing trick (Weinberger et al., 2009).
//!
//! An embedding blurs "I'll ring" and "I rang"; a bucket does not. No vocabulary is kept, so nothing of what was said in
//! training can be read out of the weights.

use super::surface::words;

/// Buckets.
pub(crate) const WIDTH: usize = 4096;

/// Counts of single words and pairs, hashed, damped by the root and scaled to unit length.
pub(crate) fn grams(text: &str) -> Vec<f32> {
    let words = words(text);
    let mut buckets = vec![0.0f32; WIDTH];
    for w in &words {
        buckets[bucket(&[w])] += 1.0;
    }
    for pair in words.windows(2) {
        buckets[bucket(&[&pair[0], &pair[1]])] += 1.0;
    }
    buckets.iter_mut().for_each(|b| *b = b.sqrt());
    let length = buckets.iter().map(|b| b * b).sum::<f32>().sqrt();
    if length > 0.0 {
        buckets.iter_mut().for_each(|b| *b /= length);
    }
    buckets
}

/// FNV-1a: the same on every machine, which the standard hasher does not promise.
fn bucket(words: &[&str]) -> usize {
    let bytes = words.iter().flat_map(|w| w.bytes().chain([b' ']));
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
    (hash % WIDTH as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn order_of_words_matters_and_length_does_not() {
        let dot = |a: &str, b: &str| grams(a).iter().zip(grams(b)).map(|(x, y)| x * y).sum::<f32>();
        assert!(dot("i will ring", "i will ring") > 0.999);
        assert!(dot("i will ring", "ring i will") < 0.999);
        assert!(grams("").iter().all(|b| *b == 0.0));
    }
}
