//! What Candor could not tell, said plainly.

use crate::findings::{Signal, State};

use super::evidence::Evidence;
use super::signs::title;
use super::talk::SOMEONE;
use super::words::{count, inner, meetings, sentence};

pub(super) fn of(e: &Evidence<'_>) -> Vec<String> {
    let mut out = vec![];
    match e.newest {
        None => out.push("Nothing was recorded in this meeting, so nothing can be said of what was spoken.".into()),
        Some(m) => {
            let unread = m.coverage.utterances.saturating_sub(m.coverage.utterances_read) as usize;
            if unread > 0 {
                out.push(format!("{} could not be read.", sentence(&count(unread, "utterance", "utterances"))));
            }
            if m.utterances.iter().all(|u| u.speaker == SOMEONE) {
                out.push("Voices were not told apart, so nothing is said of who spoke.".into());
            }
            if !m.from_audio {
                out.push("The meeting came as text; times are estimates from the number of words.".into());
            }
        }
    }
    out.extend(e.row.iter().flat_map(|m| &m.signals).filter(|s| s.state == State::CannotSay).map(|s| unsaid(e, s)));
    out.extend(unrecorded(e));
    out
}

fn unsaid(e: &Evidence<'_>, s: &Signal) -> String {
    if s.sentence.is_empty() {
        return format!("Too little to go on for “{}”.", inner(title(s.id)));
    }
    e.text(&s.sentence)
}

/// Earlier meetings of which nothing was read.
fn unrecorded(e: &Evidence<'_>) -> Option<String> {
    let columns = e.columns();
    let silent = columns.iter().filter(|c| !c.recorded && c.session != e.session).map(|c| c.session);
    let sessions: Vec<u32> = silent.collect();
    (!sessions.is_empty()).then(|| format!("Nothing was recorded in {}.", meetings(&sessions)))
}
