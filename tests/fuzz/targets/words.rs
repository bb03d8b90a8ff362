//! What people type: the twelve words of a card, the eight words of a receipt, dates, fingerprints and names.
#![no_main]

use std::sync::LazyLock;

use bip39::Language;
use candor::{
    consent::{Card, Digest, Ledger},
    session::iso_date,
};
use candor_fuzz::{forge, life, seed, tagged};
use libfuzzer_sys::fuzz_target;

/// In the tag: the bytes are places on the word list, with what stands between the words; else they are the text.
const PLACES: u8 = 1;

static LEDGER: LazyLock<Ledger> =
    LazyLock::new(|| Ledger::verify(forge::chain(&life::entries())).expect("the circle's life holds"));

fuzz_target!(init: seed(seeds()), |data: &[u8]| {
    let Some((tag, bytes)) = data.split_first() else { return };
    let text = if *tag == PLACES { words(bytes) } else { String::from_utf8_lossy(bytes).into_owned() };
    read_card(&text);
    read_head(&text);
    if let Ok(date) = iso_date::parse(&text) {
        assert_eq!(iso_date::parse(&iso_date::to_string(date)), Ok(date));
    }
    if let Some(digest) = Digest::from_hex(&text) {
        assert_eq!(digest.to_string(), text.to_lowercase());
    }
    let _ = LEDGER.state().find(&text);
});

fn read_card(text: &str) {
    let Ok(card) = Card::parse(text) else { return };
    let words = card.words().join(" ");
    assert_eq!(Card::parse(&words).expect("a card reads what it writes").words(), card.words());
    assert!(card.blocks().is_ok());
}

/// Whatever stands in the ledger is found whatever stands around the words.
fn read_head(text: &str) {
    let Ok(found) = LEDGER.witness(text) else { return };
    assert!(found.is_none_or(|seq| seq < LEDGER.len()));
}

/// Three bytes a word: its place on the list, and how it is typed.
fn words(bytes: &[u8]) -> String {
    const BETWEEN: [&str; 8] = [" ", ", ", "\n", "  ", ". 2 ", "\t", "-", "\u{a0}"];
    let list = Language::English.word_list();
    let word = |typed: &[u8]| {
        let word = list[usize::from(u16::from_le_bytes([typed[0], typed[1]])) % list.len()];
        let word = if typed[2] & 0x10 != 0 { &word[..word.len().min(4)] } else { word };
        let word = if typed[2] & 0x20 != 0 { word.to_uppercase() } else { word.to_owned() };
        word + BETWEEN[usize::from(typed[2] & 7)]
    };
    bytes.chunks_exact(3).map(word).collect()
}

fn seeds() -> Vec<Vec<u8>> {
    let zeros = format!("{}about", "abandon ".repeat(11));
    let numbered: String = zeros.split(' ').enumerate().map(|(n, w)| format!("{}. {}, ", n + 1, &w[..4])).collect();
    let hash = Digest([0xab; 32]).to_string();
    let texts = [&zeros, &numbered, &LEDGER.head_words(), &LEDGER.head_words().to_uppercase(), &hash];
    let mut seeds: Vec<_> = texts.iter().map(|text| tagged(0, text)).collect();
    seeds.extend(["2026-03-12", "-0044-03-15", "Ana", "\u{130}stanbul \u{df}"].map(|text| tagged(0, text)));
    // "zoo" eleven times and "wrong": the last card there is.
    let typed: Vec<u8> =
        [2047u16; 11].iter().chain(&[2037]).flat_map(|n| [n.to_le_bytes()[0], n.to_le_bytes()[1], 1]).collect();
    seeds.push(tagged(PLACES, &typed));
    seeds.push(tagged(PLACES, &typed[..24]));
    seeds
}
