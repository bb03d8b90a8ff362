//! One window to what was said in it: read, judge, and if need be read again.
//!
//! Whisper at times jumps over whole sentences, or sticks; both show in the measures of [`guard`]. Then the window is read in
//! two parts, cut at a pause: in shorter sound it keeps its place better. Where Whisper is unsure, as in a room that echoes, it
//! follows several readings at once; that takes longer, and where it is sure it changes nothing.

use super::{
    guard,
    whisper::{Listening, Said, Search, Whisper},
    windows::Window,
};

/// What is said in a window, less what nobody said.
///
/// # Errors
/// When Whisper fails; the message is its own.
pub(super) fn read(whisper: &mut Whisper, window: &Window, how: &Listening<'_>) -> Result<Vec<Said>, String> {
    let said = read_with_care(whisper, window, how)?;
    Ok(guard::keep_said(said, |from, to| window.voiced(from, to)))
}

fn read_with_care(whisper: &mut Whisper, window: &Window, how: &Listening<'_>) -> Result<Vec<Said>, String> {
    let whole = |said: &[Said]| guard::is_whole(said, |from, to| window.voiced(from, to));
    let mut hear = |search| whisper.hear(&window.samples, how, search).map_err(|e| e.to_string());
    let greedy = hear(Search::Greedy)?;
    if whole(&greedy) && guard::is_sure(&greedy) {
        return Ok(greedy);
    }
    if !whole(&greedy)
        && let Some((first, second, gap)) = window.halves()
    {
        let mut said = read_with_care(whisper, &first, how)?;
        said.extend(read_with_care(whisper, &second, how)?.into_iter().map(|s| s.later(gap)));
        return Ok(said);
    }
    let careful = hear(Search::Beam)?;
    let likelier = guard::mean_logprob(&careful) > guard::mean_logprob(&greedy);
    let better = whole(&careful) && (likelier || !whole(&greedy));
    Ok(if better { careful } else { greedy })
}
