//! Guards against text that nobody said, by measures only.
//!
//! Whisper invents in two ways: it falls into a loop, or it fills sound that is not speech with likely sentences. Both
//! show in numbers: repetition, log-probability, the model's own doubt that there is speech, more words than a mouth can
//! say. No list of phrases is used: "thank you" is also said by people.

use super::whisper::{Said, Spoken};

/// Below this mean log-probability a window is read with more care. A clear voice reaches -0.15; set on one recording of a room.
const UNSURE: f32 = -0.25;
/// Below this a segment is not believed: twice Whisper's own threshold for failure.
const UNBELIEVABLE: f32 = -2.0;
/// Longest phrase looked for in a loop, in words.
const LONGEST_PHRASE: usize = 12;
/// A phrase that comes so many times in a row is a loop...
const REPEATS: usize = 4;
/// ...if it makes up so many words in all: "no, no, no, no" is human.
const LOOP_WORDS: usize = 9;
/// Words a second that nobody says, counted with half a second of grace.
const FASTEST: f32 = 7.0;
/// Words a second of unhurried speech, which few people fall below...
const SLOWEST: f32 = 1.5;
/// ...and seconds of speech without words that may be laughter, a sigh, or two voices at once.
const PASSED_OVER: f32 = 3.0;
/// A segment that the model doubts to be speech must be at least this likely.
const DOUBTED: f32 = -0.6;

/// Whether a window came out whole: not stuck, and with words for the speech in it. `speech` gives the seconds of speech, as
/// the voice activity detector sees it, between two seconds of the window.
pub(super) fn is_whole(window: &[Said], speech: impl Fn(f32, f32) -> f32) -> bool {
    let words: Vec<&Spoken> = window.iter().flat_map(|s| &s.words).collect();
    let voiced: Vec<f32> = window.iter().map(|s| speech(s.start, s.end)).collect();
    let passed_over = speech(0.0, f32::MAX) - voiced.iter().sum::<f32>() > PASSED_OVER;
    let sparse = window.iter().zip(&voiced).any(|(s, v)| *v > PASSED_OVER + s.words.len() as f32 / SLOWEST);
    !passed_over && !sparse && find_loop(&words).is_none()
}

/// Whether Whisper was sure of what it heard.
pub(super) fn is_sure(window: &[Said]) -> bool {
    mean_logprob(window) > UNSURE
}

/// Mean log-probability, weighted by words.
pub(super) fn mean_logprob(window: &[Said]) -> f32 {
    let words: usize = window.iter().map(|s| s.words.len()).sum();
    window.iter().map(|s| s.logprob * s.words.len() as f32).sum::<f32>() / words.max(1) as f32
}

/// Takes out what was not said; `speech` as for [`is_whole`].
pub(super) fn keep_said(window: Vec<Said>, speech: impl Fn(f32, f32) -> f32) -> Vec<Said> {
    let credible = |said: &Said| {
        let voiced = speech(said.start, said.end);
        let too_fast = said.words.len() as f32 > FASTEST * (voiced + 0.5);
        let doubted = said.no_speech > 0.6 && said.logprob < DOUBTED;
        voiced > 0.0 && !too_fast && !doubted && said.logprob > UNBELIEVABLE
    };
    let mut kept: Vec<Said> = window.into_iter().filter(credible).collect();
    for said in &mut kept {
        said.words = without_tags(std::mem::take(&mut said.words));
    }
    cut_loops(&mut kept);
    kept.retain(|said| !said.words.is_empty());
    kept
}

/// Drops what stands in brackets or between notes, and words without a letter or digit: descriptions, not words.
fn without_tags(words: Vec<Spoken>) -> Vec<Spoken> {
    let mut closing = None;
    words
        .into_iter()
        .filter(|word| {
            let mut text = word.text.as_str();
            if closing.is_none() {
                closing = [('[', ']'), ('(', ')'), ('♪', '♪'), ('*', '*')]
                    .into_iter()
                    .find_map(|(open, close)| text.starts_with(open).then_some(close));
                if closing.is_none() {
                    return text.chars().any(char::is_alphanumeric);
                }
                // What opened it does not close it: notes and asterisks look alike at both ends.
                text = text.char_indices().nth(1).map_or("", |(second, _)| &text[second..]);
            }
            if closing.is_some_and(|close| text.contains(close)) {
                closing = None;
            }
            false
        })
        .collect()
}

/// Keeps the first round of a loop.
fn cut_loops(window: &mut [Said]) {
    while let Some((first, last)) = find_loop(&window.iter().flat_map(|s| &s.words).collect::<Vec<_>>()) {
        let mut place = 0;
        for said in window.iter_mut() {
            said.words.retain(|_| {
                place += 1;
                !(first..last).contains(&(place - 1))
            });
        }
    }
}

/// The words to take out of the first loop, from and to.
fn find_loop(words: &[&Spoken]) -> Option<(usize, usize)> {
    let plain: Vec<String> = words
        .iter()
        .map(|w| w.text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
        .collect();
    (1..=LONGEST_PHRASE).find_map(|phrase| {
        let mut same = 0;
        for n in phrase..=plain.len() {
            if n < plain.len() && plain[n] == plain[n - phrase] {
                same += 1;
            } else {
                if same >= phrase * (REPEATS - 1) && same + phrase >= LOOP_WORDS {
                    return Some((n - same, n));
                }
                same = 0;
            }
        }
        None
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str) -> Said {
        let words = text.split(' ').map(|t| Spoken { start: 0.0, end: 1.0, text: t.into(), p: 0.9 }).collect();
        Said { start: 0.0, end: 10.0, words, logprob: -0.2, no_speech: 0.1 }
    }

    fn text(window: &[Said]) -> String {
        window.iter().flat_map(|s| &s.words).map(|w| w.text.as_str()).collect::<Vec<_>>().join(" ")
    }

    fn kept(window: Vec<Said>) -> String {
        text(&keep_said(window, |a, b| b - a))
    }

    #[test]
    fn a_loop_is_read_again_and_then_cut_to_its_first_round() {
        let stuck =
            [said("And so it goes on"), said("It is hard. It is hard. it is hard. It is hard, it is hard. So.")];
        assert!(!is_whole(&stuck, |_, _| 10.0));
        assert_eq!(kept(stuck.to_vec()), "And so it goes on It is hard. So.");
    }

    #[test]
    fn people_may_repeat_themselves() {
        for human in ["no, no, no, no, no.", "I know, I know, I know that", "we have we have to go and we have to go"] {
            assert!(is_whole(&[said(human)], |_, _| 5.0), "{human}");
            assert_eq!(kept(vec![said(human)]), human);
        }
    }

    #[test]
    fn speech_that_was_passed_over_is_read_again() {
        let speech = |from: f32, to: f32| to.min(20.0) - from;
        let pace = said("ten seconds of speech come with so many words at a pace that is not even quick");
        assert!(!is_whole(std::slice::from_ref(&pace), speech), "ten of twenty seconds are without words");
        assert!(
            !is_whole(&[Said { end: 20.0, ..said("they do develop a gift for absence") }], speech),
            "too few words"
        );
        assert!(is_whole(&[pace.clone(), Said { start: 10.0, end: 20.0, ..pace }], speech));
    }

    #[test]
    fn descriptions_are_not_words() {
        assert_eq!(kept(vec![said("[BLANK_AUDIO]"), said("(wind blowing) ♪ la la ♪ - yes ... *sighs*")]), "yes");
    }

    #[test]
    fn more_than_a_mouth_can_say_is_dropped() {
        let fast = said("thank you so much for watching and see you next time");
        assert_eq!(text(&keep_said(vec![fast.clone()], |_, _| 0.3)), "");
        assert_eq!(text(&keep_said(vec![fast.clone()], |_, _| 3.0)), text(&[fast]));
    }

    #[test]
    fn what_the_model_doubts_itself_is_dropped() {
        let doubted = Said { no_speech: 0.9, logprob: -0.9, ..said("thank you") };
        assert_eq!(kept(vec![doubted.clone()]), "");
        assert_eq!(kept(vec![Said { logprob: -0.3, ..doubted }]), "thank you");
    }
}
