//! What members said they would do: what is open, and what the newest meeting took up again.

use serde::Serialize;

use super::evidence::{Evidence, Quoted};
use super::words::{number, sentence};

/// Open promises that two printed pages hold.
const OPEN: usize = 6;

/// Promises.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Commitments {
    /// Nothing was heard of them since; the newest six, oldest first.
    pub open: Vec<Quoted>,
    /// "Two older ones are open too."
    pub older: Option<String>,
    /// Those that the newest meeting took up again.
    pub returned: Vec<Returned>,
    /// "Three others were taken up again in earlier meetings."
    pub earlier: Option<String>,
}

/// A promise and what was said of it later.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Returned {
    /// Where it was made.
    pub said: Quoted,
    /// Where it was taken up again.
    pub later: Quoted,
}

pub(super) fn of(e: &Evidence<'_>) -> Commitments {
    let mut found = Commitments::default();
    let mut earlier = 0;
    for promise in &e.findings.commitments {
        let said = Quoted { who: e.who(&promise.member), ..e.quote(&promise.quote) };
        match &promise.followed_up {
            None => found.open.push(said),
            Some(later) if later.session == e.session => found.returned.push(Returned { said, later: e.quote(later) }),
            Some(_) => earlier += 1,
        }
    }
    let older = found.open.len().saturating_sub(OPEN);
    found.open.drain(..older);
    found.older = match older {
        0 => None,
        1 => Some("One older one is open too.".into()),
        n => Some(format!("{} older ones are open too.", sentence(&number(n)))),
    };
    found.earlier = match earlier {
        0 => None,
        1 => Some("One other was taken up again in an earlier meeting.".into()),
        n => Some(format!("{} others were taken up again in earlier meetings.", sentence(&number(n)))),
    };
    found
}
