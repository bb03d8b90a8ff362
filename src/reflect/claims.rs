//! Sentences about the circle, each with the words it rests on; what has no words to show is not said.

use super::view::View;
use crate::{
    findings::{Claim, MeetingFindings, Movement, Promise, Quote, Recurrence, State},
    session::SignalId,
};

/// Meetings a concern must have come back in, without movement, to be said.
const CAME_BACK: usize = 3;

/// Meetings over which a circle's state is told.
const HISTORY: usize = 3;

/// Most quotes a sentence carries.
const MOST: usize = 3;

/// All sentences: what came back unmoved, what moved, what was promised, and the state of the circle.
pub(crate) fn claims(
    views: &[View<'_>],
    meetings: &[MeetingFindings],
    themes: &[Recurrence],
    promises: &[Promise],
) -> Vec<Claim> {
    let mut found = Vec::new();
    for theme in themes.iter().filter(|t| t.sessions.len() > 1) {
        let times = theme.sessions.len();
        let text = match theme.movement {
            Movement::None if times >= CAME_BACK => {
                format!("\u{201c}{}\u{201d} came up in {times} meetings, and nothing was heard to move.", theme.label)
            }
            Movement::None => continue,
            Movement::Some => {
                format!("\u{201c}{}\u{201d} came up in {times} meetings, and something moved.", theme.label)
            }
            Movement::Resolved => {
                format!("\u{201c}{}\u{201d} came up in {times} meetings, and was last told of as settled.", theme.label)
            }
        };
        let quotes =
            if theme.shown_by.is_empty() { first_words(views, meetings, &theme.id) } else { theme.shown_by.clone() };
        found.push(Claim { text, quotes });
    }
    let kept: Vec<&Promise> = promises.iter().filter(|p| p.followed_up.is_some()).collect();
    if !kept.is_empty() {
        let n = kept.len();
        let text = format!(
            "{n} of {} commitments {} heard of again in a later meeting.",
            promises.len(),
            if n == 1 { "was" } else { "were" }
        );
        found.push(Claim { text, quotes: kept.iter().filter_map(|p| p.followed_up.clone()).take(MOST).collect() });
    }
    found.extend(state(views, meetings));
    found.retain(|c| !c.quotes.is_empty());
    found
}

/// The first utterance of a theme in each of its meetings.
fn first_words(views: &[View<'_>], meetings: &[MeetingFindings], id: &str) -> Vec<Quote> {
    let in_meeting = meetings.iter().zip(views).filter_map(|(m, v)| {
        let theme = m.themes.iter().find(|t| t.id == id)?;
        Some(whole(v, *theme.utterances.first()?))
    });
    in_meeting.flatten().take(MOST).collect()
}

/// Dormant, insular or shallow over the last meetings: said as it was seen, with what circles in that state have done.
fn state(views: &[View<'_>], meetings: &[MeetingFindings]) -> Option<Claim> {
    let recent = meetings.len().checked_sub(HISTORY).map(|from| &meetings[from..])?;
    let times = |ids: &[SignalId]| {
        recent.iter().filter(|m| m.signals.iter().any(|s| ids.contains(&s.id) && s.state == State::Present)).count()
    };
    let states: [(&str, &[SignalId]); 3] = [
        (
            "fewer came, or the gaps were longer, than is usual here. Circles that had grown dormant have met once to ask whether to go on, and where.",
            &[SignalId::AttendanceDecline, SignalId::LongGap, SignalId::OptionalTalk],
        ),
        (
            "complaint or one shared view filled much of the talk. Circles that had grown insular have asked a new facilitator in, or invited a guest.",
            &[SignalId::VentingWithoutMovement, SignalId::Echo],
        ),
        (
            "what was brought was mostly settled, or the time went to chat. Circles that had grown shallow have gone over again what each expects of it.",
            &[SignalId::SurfaceOnly, SignalId::SocialDrift],
        ),
    ];
    let (text, ids) = states.into_iter().filter(|(_, ids)| times(ids) >= 2).max_by_key(|(_, ids)| times(ids))?;
    let shown = recent.iter().zip(&views[views.len() - HISTORY..]).filter_map(|(m, v)| {
        let signal =
            m.signals.iter().find(|s| ids.contains(&s.id) && s.state == State::Present && !s.evidence.is_empty())?;
        whole(v, signal.evidence[0])
    });
    let text = format!("In {} of the last {HISTORY} meetings {text}", times(ids));
    Some(Claim { text, quotes: shown.take(MOST).collect() })
}

fn whole(view: &View<'_>, i: u32) -> Option<Quote> {
    view.turns.iter().find(|t| t.said.i == i).map(|t| super::commitments::quote(view, t))
}
