//! Small pieces of English: lists, counts, days, times.

use time::Date;
use time::macros::format_description;

/// Gives "a", "a and b", "a, b and c".
pub(super) fn list<S: AsRef<str>>(items: &[S]) -> String {
    match items {
        [] => String::new(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

/// Gives "meeting 3", "meetings 1, 2 and 4".
pub(super) fn meetings(sessions: &[u32]) -> String {
    let numbers: Vec<String> = sessions.iter().map(u32::to_string).collect();
    format!("{} {}", if sessions.len() == 1 { "meeting" } else { "meetings" }, list(&numbers))
}

/// Gives "no signs", "one sign", "three signs", "13 signs".
pub(super) fn count(n: usize, one: &str, many: &str) -> String {
    format!("{} {}", number(n), if n == 1 { one } else { many })
}

/// Spells numbers up to twelve.
pub(super) fn number(n: usize) -> String {
    const WORDS: [&str; 13] =
        ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"];
    WORDS.get(n).map_or_else(|| n.to_string(), |w| (*w).to_owned())
}

/// Makes the first letter a capital.
pub(super) fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// Makes the first letter small, for the middle of a sentence.
pub(super) fn inner(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// Gives "Thursday 25 July 2024".
pub(super) fn long_day(date: Date) -> String {
    date.format(format_description!("[weekday] [day padding:none] [month repr:long] [year]")).unwrap_or_default()
}

/// Gives "25 Jul".
pub(super) fn short_day(date: Date) -> String {
    date.format(format_description!("[day padding:none] [month repr:short]")).unwrap_or_default()
}

/// Gives "4:05" or "1:04:05".
pub(super) fn clock(seconds: f32) -> String {
    let s = seconds.max(0.0) as u32;
    match (s / 3600, s / 60 % 60, s % 60) {
        (0, m, s) => format!("{m}:{s:02}"),
        (h, m, s) => format!("{h}:{m:02}:{s:02}"),
    }
}

/// Gives "31 %".
pub(super) fn percent(share: f64) -> String {
    format!("{:.0} %", share * 100.0)
}

/// Cuts after `limit` letters at the end of a sentence or word, with an ellipsis where something is left out.
pub(super) fn cut(text: &str, limit: usize) -> String {
    let Some((end, _)) = text.char_indices().nth(limit) else { return text.to_owned() };
    let head = &text[..end];
    let sentence = head.rfind(['.', '!', '?', '。', '؟']).filter(|k| *k > end / 2);
    let stop = sentence.or_else(|| head.rfind(char::is_whitespace));
    match (sentence, stop) {
        (Some(k), _) => format!("{} …", &head[..=head.ceil_char_boundary(k + 1) - 1]),
        (None, Some(k)) => format!("{} …", head[..k].trim_end_matches([',', ';', ':', ' '])),
        (None, None) => format!("{head} …"),
    }
}

/// Makes one calm line of any text: white space becomes single spaces; control characters and those that would
/// reverse the text around them go.
pub(super) fn clean(text: &str) -> String {
    let visible: String = text
        .chars()
        .filter(|c| c.is_whitespace() || !c.is_control())
        .filter(|c| !matches!(c, '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}'))
        .collect();
    visible.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_read_as_english() {
        assert_eq!(list(&["a"]), "a");
        assert_eq!(list(&["a", "b", "c"]), "a, b and c");
        assert_eq!(meetings(&[4]), "meeting 4");
        assert_eq!(meetings(&[1, 3]), "meetings 1 and 3");
        assert_eq!(count(0, "sign", "signs"), "no signs");
        assert_eq!(count(1, "sign", "signs"), "one sign");
        assert_eq!(count(13, "sign", "signs"), "13 signs");
    }

    #[test]
    fn clocks_count_hours_only_when_there_are_any() {
        assert_eq!(clock(59.9), "0:59");
        assert_eq!(clock(3845.0), "1:04:05");
    }

    #[test]
    fn a_cut_ends_with_a_sentence_or_a_word_and_says_so() {
        assert_eq!(cut("Short.", 20), "Short.");
        assert_eq!(cut("I said so. Then he left the room.", 15), "I said so. …");
        assert_eq!(cut("one, two, three, four", 10), "one, two …");
        assert_eq!(cut("ääääää", 3), "äää …");
        assert_eq!(cut("そうです。それから私は帰りました", 7), "そうです。 …");
    }

    #[test]
    fn clean_text_cannot_turn_its_surroundings_around() {
        assert_eq!(clean("a\u{202E}b\n\n# c\u{7}"), "ab # c");
    }
}
