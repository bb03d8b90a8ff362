//! Secrets and fingerprints as plain English words (the BIP-39 list: 2,048 words, eleven bits each, told apart by
//! their first four letters).

use bip39::Language;
use zeroize::Zeroizing;

/// Why typed words could not be read. It says where, and never what was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// Counted from 1.
    #[error("word number {0} is not on the list")]
    NotOnList(usize),
    /// Too few or too many.
    #[error("there are {got} words where {want} are needed")]
    Count {
        /// How many there must be.
        want: usize,
        /// How many there are.
        got: usize,
    },
    /// All are on the list, but they do not belong together.
    #[error("the words do not fit together: one is wrong or out of place")]
    Checksum,
}

/// Reads exactly `want` words into their places on the list. Case, extra blanks, commas and numbering do not matter, and
/// the first four letters of a word are enough.
///
/// # Errors
/// [`WordError::NotOnList`] for the first unknown word, else [`WordError::Count`].
pub(super) fn parse(text: &str, want: usize) -> Result<Zeroizing<Vec<u16>>, WordError> {
    let text = Zeroizing::new(text.to_lowercase());
    let words = || text.split(|c: char| !c.is_alphabetic()).filter(|w| !w.is_empty());
    // Sized at once: a list that grows leaves copies of a secret behind.
    let mut places = Zeroizing::new(Vec::with_capacity(words().count()));
    for (i, word) in words().enumerate() {
        places.push(place(word).ok_or(WordError::NotOnList(i + 1))?);
    }
    if places.len() == want { Ok(places) } else { Err(WordError::Count { want, got: places.len() }) }
}

/// The word at a place on the list; places are eleven bits.
pub(super) fn at(place: u16) -> &'static str {
    Language::English.word_list()[usize::from(place & 0x7ff)]
}

/// Cuts bytes into eleven-bit places, first bit first; bits that do not fill a place are left out.
pub(super) fn places(bytes: &[u8]) -> impl Iterator<Item = u16> {
    let bit = |i: usize| u16::from(bytes[i / 8] >> (7 - i % 8) & 1);
    (0..bytes.len() * 8 / 11).map(move |w| (w * 11..(w + 1) * 11).fold(0, |place, i| place << 1 | bit(i)))
}

fn place(word: &str) -> Option<u16> {
    Language::English.find_word(word).or_else(|| {
        let mut longer = Language::English.words_by_prefix_iter(word).filter(|_| word.len() == 4);
        Language::English.find_word(longer.next()?)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, want: Result<&[u16], WordError>) {
        assert_eq!(parse(text, 3).as_ref().map(|p| &p[..]).map_err(|e| *e), want);
    }

    #[test]
    fn typing_may_be_sloppy() {
        for text in ["abandon ability zoo", "ABANDON  ability\tZOO ", "1. aban, 2. abil, 3. zoo\n"] {
            check(text, Ok(&[0, 1, 2047]));
        }
    }

    #[test]
    fn an_unknown_word_is_named_by_its_number() {
        check("abandon secret1x zoo", Err(WordError::NotOnList(3)));
        check("abandon abx zoo", Err(WordError::NotOnList(2)));
        check("aband abil zoo", Err(WordError::NotOnList(1)));
        check("zo zoo zoo", Err(WordError::NotOnList(1)));
    }

    #[test]
    fn the_number_of_words_counts() {
        check("", Err(WordError::Count { want: 3, got: 0 }));
        check("zoo zoo zoo zoo", Err(WordError::Count { want: 3, got: 4 }));
    }

    #[test]
    fn four_letters_tell_every_word_apart() {
        for (i, word) in Language::English.word_list().iter().enumerate() {
            let short = &word[..word.len().min(4)];
            assert_eq!(place(word), Some(i as u16));
            assert_eq!(place(short), Some(i as u16), "{short}");
        }
    }

    #[test]
    fn eleven_bytes_are_eight_words() {
        assert_eq!(places(&[0xff; 11]).collect::<Vec<_>>(), [2047; 8]);
        let mut one = [0; 11];
        one[1] = 0b0010_0000;
        assert_eq!(places(&one).collect::<Vec<_>>(), [1, 0, 0, 0, 0, 0, 0, 0]);
    }
}
