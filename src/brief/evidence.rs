//! Finds the newest meeting, and turns utterance numbers into quotes with who and when.

use serde::Serialize;

use crate::findings::{Findings, MeetingFindings, Quote};
use crate::session::{Phase, iso_date};

use super::context::{Context, Gathering};
use super::names::{A_MEMBER, Names};
use super::words::{clean, clock, cut, list, long_day, number, sentence, short_day};

/// Letters of a quote; two printed pages hold no more.
const QUOTE_LETTERS: usize = 170;
/// Meetings in a table; more do not fit a page in width.
const COLUMNS: usize = 12;

/// Words as they were said, with who and when.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Quoted {
    /// Verbatim; `[a member]` stands for a name that must not appear, an ellipsis for what is left out.
    pub text: String,
    /// A name, or "a member".
    pub who: String,
    /// "12:40", "about minute 12", "meeting 2, 12:40".
    pub at: String,
}

/// A meeting as a column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Column {
    /// Counts from 1.
    pub session: u32,
    /// "8 Feb".
    pub day: String,
    /// False where it was kept as attendance and notes only.
    pub recorded: bool,
}

/// The findings, seen from the newest meeting.
pub(super) struct Evidence<'a> {
    /// All that was found.
    pub(super) findings: &'a Findings,
    /// All that was agreed.
    pub(super) context: &'a Context,
    /// Who may be named.
    pub(super) names: Names,
    /// Number of the newest meeting; 0 before the first.
    pub(super) session: u32,
    /// The row of the newest meeting, with or without words; unrecorded meetings can have signs too.
    pub(super) row: Option<&'a MeetingFindings>,
    /// The newest meeting, if its words were kept.
    pub(super) newest: Option<&'a MeetingFindings>,
    /// The roll of the newest meeting.
    pub(super) gathering: Option<&'a Gathering>,
}

impl<'a> Evidence<'a> {
    pub(super) fn new(findings: &'a Findings, context: &'a Context) -> Self {
        let session = sessions(findings, context).last().copied().unwrap_or(0);
        let row = findings.meetings.iter().find(|m| m.session == session);
        Self {
            findings,
            context,
            names: Names::new(findings, context),
            session,
            row,
            newest: row.filter(|m| m.was_read()),
            gathering: context.gatherings.iter().find(|g| g.session == session),
        }
    }

    /// Title, day in words, day as `YYYY-MM-DD`.
    pub(super) fn heading(&self) -> (String, String, String) {
        let Some(date) = self.row.map(|m| m.date).or(self.gathering.map(|g| g.date)) else {
            return ("No meeting yet".into(), String::new(), String::new());
        };
        (format!("Meeting {}", self.session), long_day(date), iso_date::to_string(date))
    }

    /// A sentence, label or note as it may appear.
    pub(super) fn text(&self, text: &str) -> String {
        let masked = self.names.mask(&clean(text), A_MEMBER);
        if text.starts_with(char::is_uppercase) { sentence(&masked) } else { masked }
    }

    /// Who a speaker is on the sheet.
    pub(super) fn who(&self, speaker: &str) -> String {
        self.names.who(&clean(speaker))
    }

    /// A quote with its speaker and time.
    pub(super) fn quote(&self, q: &Quote) -> Quoted {
        let meeting = self.findings.meetings.iter().find(|m| m.session == q.session);
        let said = meeting.and_then(|m| m.utterances.iter().find(|u| u.i == q.i).map(|u| (m, u)));
        let text = cut(&self.names.mask(&clean(&q.text), &format!("[{A_MEMBER}]")), QUOTE_LETTERS);
        let place = (q.session != self.session).then(|| format!("meeting {}", q.session));
        let time = said.map(|(m, u)| moment(m, u.start));
        Quoted {
            text,
            who: said.map_or_else(|| A_MEMBER.to_owned(), |(_, u)| self.who(&u.speaker)),
            at: place.into_iter().chain(time).collect::<Vec<_>>().join(", "),
        }
    }

    /// The newest meetings, oldest first.
    pub(super) fn columns(&self) -> Vec<Column> {
        let all = sessions(self.findings, self.context);
        let column = |session: &u32| {
            let row = self.findings.meetings.iter().find(|m| m.session == *session);
            let gathering = self.context.gatherings.iter().find(|g| g.session == *session);
            let date = row.map(|m| m.date).or(gathering.map(|g| g.date));
            Column {
                session: *session,
                day: date.map(short_day).unwrap_or_default(),
                recorded: row.is_some_and(MeetingFindings::was_read),
            }
        };
        all[all.len().saturating_sub(COLUMNS)..].iter().map(column).collect()
    }

    /// Start and end of a phase of the newest meeting, in seconds.
    pub(super) fn phase_span(&self, phase: &Phase) -> Option<(f32, f32)> {
        if let (Some(from), Some(to)) = (phase.from_s, phase.to_s) {
            return Some((from, to));
        }
        let within = |i: u32| phase.from.is_some_and(|a| a <= i) && phase.to.is_some_and(|b| i <= b);
        let mut part = self.newest?.utterances.iter().filter(|u| within(u.i));
        let first = part.next()?;
        Some((first.start, part.next_back().unwrap_or(first).end))
    }
}

/// Every meeting that is known of, in order.
fn sessions(findings: &Findings, context: &Context) -> Vec<u32> {
    let read = findings.meetings.iter().map(|m| m.session);
    let mut all: Vec<u32> = read.chain(context.gatherings.iter().map(|g| g.session)).collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// A moment of a meeting in words; times of text meetings are only estimates.
pub(super) fn moment(m: &MeetingFindings, seconds: f32) -> String {
    if m.from_audio { clock(seconds) } else { format!("about minute {}", minute(seconds)) }
}

/// Moments of a meeting, in order, each once: "at 3:10 and 4:22", "about minutes 3 and 4".
pub(super) fn moments(m: &MeetingFindings, seconds: &[f32], limit: usize) -> String {
    let word = |s: &f32| if m.from_audio { clock(*s) } else { minute(*s).to_string() };
    let mut each: Vec<String> = seconds.iter().map(word).collect();
    each.dedup();
    let before = match (m.from_audio, each.len()) {
        (true, _) => "at",
        (false, 1) => "about minute",
        (false, _) => "about minutes",
    };
    let more = each.len().saturating_sub(limit);
    each.truncate(limit);
    if more > 0 {
        each.push(format!("{} more", number(more)));
    }
    format!("{before} {}", list(&each))
}

/// Minutes count from 1.
fn minute(seconds: f32) -> u32 {
    (seconds / 60.0).max(0.0) as u32 + 1
}
