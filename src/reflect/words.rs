//! Words that carry a matter, weighed by rarity within the circle: the names and things by which a concern is known again.

use std::collections::BTreeMap;

/// Letters by which words are held alike: "lending" and "lends" meet, "board" and "boat" do not.
const STEM: usize = 5;

/// Words that carry no matter.
const STOP: &str = "the a an and or but of to in on at it its i you he she we they them him her his my your our their is was are were be \
been am do did does not no yes that this there here what who how when where which with for from as by so if then than just like about up \
out down into over one would could should can will have has had all any some me us more very well know think said say says get got go going \
went come came see oh yeah right mm okay ok because really something anything nothing thing things way time back now too much want make made \
take took put good only even still never always maybe";

/// Content words of a text: lower-case, without what follows an apostrophe, three letters or more.
pub(crate) fn content(text: &str) -> Vec<String> {
    let lower = text.to_lowercase();
    let words = lower.split(|c: char| !c.is_alphanumeric() && c != '\'');
    let bare = words.map(|w| w.split('\'').next().unwrap_or(""));
    bare.filter(|w| w.chars().count() > 2 && !is_stop(w)).map(str::to_owned).collect()
}

/// Whether a lower-case word carries no matter.
pub(crate) fn is_stop(word: &str) -> bool {
    STOP.split_whitespace().any(|s| s == word)
}

/// The part of a word by which it is held alike.
pub(crate) fn stem(word: &str) -> String {
    word.chars().take(STEM).collect()
}

/// How rare each stem is among the texts of a circle.
pub(crate) struct Rarity {
    texts: f64,
    with: BTreeMap<String, f64>,
}

impl Rarity {
    /// Counts over all texts.
    pub(crate) fn of<'a>(texts: impl Iterator<Item = &'a str>) -> Self {
        let mut rarity = Self { texts: 0.0, with: BTreeMap::new() };
        for text in texts {
            rarity.texts += 1.0;
            let mut stems: Vec<String> = content(text).iter().map(|w| stem(w)).collect();
            stems.sort_unstable();
            stems.dedup();
            for s in stems {
                *rarity.with.entry(s).or_default() += 1.0;
            }
        }
        rarity
    }

    /// Inverse document frequency; 0 for a stem that stands in one text only, which can link nothing.
    pub(crate) fn weight(&self, stem: &str) -> f64 {
        self.with.get(stem).filter(|n| **n > 1.0).map_or(0.0, |n| (self.texts / n).ln())
    }

    /// Stems that can link texts, in order.
    pub(crate) fn stems(&self) -> Vec<&str> {
        self.with.iter().filter(|(_, n)| **n > 1.0).map(|(s, _)| s.as_str()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_words_that_return_can_link() {
        let rarity = Rarity::of(["The boat's engine", "a boat, a boat", "rain"].into_iter());
        assert!(rarity.weight("boat") > 0.0);
        assert_eq!(rarity.weight("rain"), 0.0);
        assert_eq!(content("It's the boat's engine!"), ["boat", "engine"]);
    }
}
