//! A member's card: 128 random bits as twelve words and as a QR code, shown once at enrolment and kept by the member
//! alone. It unlocks the member's signing key and nothing else.

use bip39::{Language, Mnemonic};
use qrcode::{
    EcLevel, QrCode,
    render::{svg, unicode},
};
use zeroize::{Zeroize, Zeroizing};

use super::words::{self, WordError};

/// Words on a card.
const WORDS: usize = 12;

/// The secret on a card. Wiped from memory when it goes; never printed by `Debug`.
pub struct Card([u8; 16]);

impl Card {
    /// A new card from the system's randomness.
    ///
    /// # Errors
    /// When the system has none to give.
    pub fn generate() -> Result<Self, getrandom::Error> {
        let mut card = Self([0; 16]);
        getrandom::fill(&mut card.0)?;
        Ok(card)
    }

    /// Reads the twelve words, as sloppily as people type: case, blanks, commas and numbering do not matter, and four
    /// letters of a word are enough.
    ///
    /// # Errors
    /// [`WordError`], which names a word by its number only.
    pub fn parse(text: &str) -> Result<Self, WordError> {
        let places = words::parse(text, WORDS)?;
        let mut whole = Zeroizing::new(String::with_capacity(WORDS * 9));
        for place in places.iter() {
            whole.push_str(words::at(*place));
            whole.push(' ');
        }
        let mnemonic =
            Mnemonic::parse_in_normalized(Language::English, whole.trim_end()).map_err(|_| WordError::Checksum)?;
        let (mut entropy, _) = mnemonic.to_entropy_array();
        let mut card = Self([0; 16]);
        card.0.copy_from_slice(&entropy[..16]);
        entropy.zeroize();
        Ok(card)
    }

    /// The twelve words in order; the last holds four bits of checksum (BIP-39).
    #[must_use]
    pub fn words(&self) -> [&'static str; WORDS] {
        // Sixteen bytes always make a mnemonic; an empty list could only follow from a broken word list.
        let mnemonic = Mnemonic::from_entropy_in(Language::English, &self.0).ok();
        let mut words = mnemonic.iter().flat_map(Mnemonic::words);
        std::array::from_fn(|_| words.next().unwrap_or_default())
    }

    /// The QR code as an SVG image, for printing. A phone that reads it shows the twelve words.
    ///
    /// # Errors
    /// When the words do not fit a QR code.
    pub fn svg(&self) -> Result<Zeroizing<String>, qrcode::types::QrError> {
        Ok(Zeroizing::new(self.qr()?.render::<svg::Color<'_>>().min_dimensions(240, 240).build()))
    }

    /// The QR code for a dark terminal: two rows of dots in a line of half blocks.
    ///
    /// # Errors
    /// When the words do not fit a QR code.
    pub fn blocks(&self) -> Result<Zeroizing<String>, qrcode::types::QrError> {
        use unicode::Dense1x2::{Dark, Light};
        // Terminals are light on dark, codes dark on light: the colours change places.
        Ok(Zeroizing::new(self.qr()?.render().dark_color(Light).light_color(Dark).build()))
    }

    fn qr(&self) -> Result<QrCode, qrcode::types::QrError> {
        // Capitals and blanks take 5.5 bits each instead of eight: the code stays small enough for a photograph.
        let text = Zeroizing::new(self.words().join(" ").to_uppercase());
        QrCode::with_error_correction_level(text.as_bytes(), EcLevel::M)
    }

    pub(super) const fn secret(&self) -> &[u8; 16] {
        &self.0
    }
}

impl Drop for Card {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for Card {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Card")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_card_reads_what_it_writes(secret: [u8; 16]) {
            let card = Card(secret);
            let short = card.words().map(|w| w[..w.len().min(4)].to_uppercase()).join(", ");
            prop_assert_eq!(Card::parse(&card.words().join(" ")).unwrap().0, secret);
            prop_assert_eq!(Card::parse(&short).unwrap().0, secret);
        }

        #[test]
        fn whatever_is_typed_gives_an_answer(text in ".{0,200}") {
            let _ = Card::parse(&text);
        }
    }

    #[test]
    fn the_published_vector_holds() {
        // First and last vector of 128 bits in BIP-39's reference list.
        let card = Card([0; 16]);
        assert_eq!(card.words().join(" "), format!("{}about", "abandon ".repeat(11)));
        let card = Card([0xff; 16]);
        assert_eq!(card.words().join(" "), format!("{}wrong", "zoo ".repeat(11)));
    }

    #[test]
    fn a_word_out_of_place_is_noticed() {
        let swapped = "about abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon abandon";
        assert_eq!(Card::parse(swapped).unwrap_err(), WordError::Checksum);
    }

    #[test]
    fn the_code_is_small_and_the_debug_silent() {
        let card = Card::generate().unwrap();
        let blocks = card.blocks().unwrap();
        assert!(blocks.lines().count() <= 24 && blocks.lines().all(|l| l.chars().count() <= 50));
        assert!(card.svg().unwrap().starts_with("<?xml"));
        assert_eq!(format!("{card:?}"), "Card");
        assert_ne!(Card::generate().unwrap().0, card.0);
    }
}
