//! Invented circles on disk: `circle.json` and `s1.json`, `s2.json`... as `candor rehearse` takes them.
//!
//! Reading checks everything that later stages rely on, so that a mistake is told with its file and place, and nothing
//! has been done by then.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    error::{Error, Result},
    session::{Circle, Meeting, Phase},
};

/// A meeting's file is text; one larger than this is something else.
const MAX_BYTES: u64 = 64 << 20;

/// Longest pause, in seconds: a day. Times are sums of pauses, and must stay numbers that can be written down.
const LONGEST_PAUSE: f32 = 86_400.0;

/// A circle with its meetings, in order of session.
#[derive(Debug)]
pub struct Fiction {
    /// The circle; its `fiction` is true.
    pub circle: Circle,
    /// Meetings with words, or with a recording that has still to be heard.
    pub meetings: Vec<FictionMeeting>,
}

/// A meeting, and its recording where it is a spoken one.
#[derive(Debug)]
pub struct FictionMeeting {
    /// Without utterances where there is audio.
    pub meeting: Meeting,
    /// The recording.
    pub audio: Option<PathBuf>,
}

#[derive(Deserialize)]
struct OnDisk {
    #[serde(flatten)]
    meeting: Meeting,
    #[serde(default)]
    audio: Option<String>,
}

/// Reads a folder of invented meetings.
///
/// # Errors
/// When the folder is not marked as fiction, holds no meetings, or a file has something wrong.
pub fn read(dir: &Path) -> Result<Fiction> {
    let about = dir.join("circle.json");
    if !about.is_file() {
        return Err(Error::user(format!("{} has no circle.json", dir.display()))
            .hint("Give the folder of an invented circle: circle.json and s1.json, s2.json..."));
    }
    let circle: Circle = json(&about)?;
    if !circle.fiction {
        return Err(Error::user(format!("{} is not marked as fiction", dir.display())).hint(
            "`rehearse` takes invented circles only. If it is one, put \"fiction\": true into its circle.json; for a real meeting use `candor import`, which asks everyone first.",
        ));
    }
    let mut meetings = Vec::new();
    for file in session_files(dir)? {
        meetings.push(read_meeting(dir, &file)?);
    }
    if meetings.is_empty() {
        return Err(Error::user(format!("{} holds no meetings", dir.display()))
            .hint("A meeting is a file s1.json, s2.json... beside circle.json."));
    }
    meetings.sort_by_key(|m| m.meeting.session);
    if let Some(pair) = meetings.windows(2).find(|w| w[0].meeting.session == w[1].meeting.session) {
        return Err(Error::user(format!("two files hold session {}", pair[0].meeting.session))
            .hint("Give every meeting its own \"session\" number."));
    }
    Ok(Fiction { circle, meetings })
}

/// Reads and checks one meeting from its text.
///
/// # Errors
/// When something in it does not fit; `name` tells the person where.
pub fn parse_meeting(text: &str, name: &str) -> Result<(Meeting, Option<String>)> {
    let OnDisk { mut meeting, audio } = parse(text, name)?;
    check(&meeting, audio.is_some()).map_err(|what| Error::user(format!("{name}: {what}")))?;
    meeting.from_audio = audio.is_some();
    meeting.estimate_times();
    Ok((meeting, audio))
}

fn read_meeting(dir: &Path, file: &Path) -> Result<FictionMeeting> {
    let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let (meeting, audio) = parse_meeting(&text(file)?, &name)?;
    let audio = match audio {
        None => None,
        Some(relative) => {
            let path = dir.join(&relative);
            let plain = Path::new(&relative).components().count() == 1;
            if !plain || !path.is_file() {
                return Err(Error::user(format!("{name}: its recording is not in the folder"))
                    .hint("\"audio\" names a file beside the meeting's own."));
            }
            Some(path)
        }
    };
    Ok(FictionMeeting { meeting, audio })
}

fn session_files(dir: &Path) -> Result<Vec<PathBuf>> {
    let unreadable = |e| Error::user(format!("{} cannot be read", dir.display())).because(e);
    let mut files = Vec::new();
    for entry in fs::read_dir(dir).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let number = name.strip_prefix('s').and_then(|n| n.strip_suffix(".json"));
        if number.is_some_and(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit())) {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// What is wrong with a meeting, if anything. Says where, never what was said.
fn check(m: &Meeting, spoken: bool) -> Result<(), String> {
    let roster: BTreeSet<&str> = m.roster.iter().map(String::as_str).collect();
    if m.session == 0 {
        return Err("sessions count from 1".into());
    }
    if roster.len() != m.roster.len() || roster.is_empty() {
        return Err("the roster names everyone once, and at least one person".into());
    }
    if !roster.contains(m.facilitator.as_str()) {
        return Err("the facilitator is not on the roster".into());
    }
    if m.present.is_empty() || !m.present.iter().all(|p| roster.contains(p.as_str())) {
        return Err("somebody is present who is not on the roster, or nobody is present".into());
    }
    match (spoken, m.utterances.is_empty()) {
        (true, false) => return Err("it has both a recording and utterances".into()),
        (false, true) => return Err("it has neither utterances nor a recording".into()),
        _ => {}
    }
    for (k, u) in m.utterances.iter().enumerate() {
        if u.i as usize != k {
            return Err(format!("utterance {k} is numbered {}", u.i));
        }
        if !roster.contains(u.speaker.as_str()) {
            return Err(format!("utterance {k} is by a speaker who is not on the roster"));
        }
        let pause_fits = u.pause_before.abs() <= LONGEST_PAUSE;
        if !pause_fits || u.text.trim().is_empty() {
            return Err(format!("utterance {k} has no words, or a pause longer than a day"));
        }
    }
    let last = u32::try_from(m.utterances.len()).unwrap_or(u32::MAX);
    for p in &m.phases {
        check_phase(p, spoken, last).map_err(|what| format!("the phase \"{}\" {what}", p.name))?;
        if p.presenter.as_deref().is_some_and(|who| !roster.contains(who)) {
            return Err(format!("the phase \"{}\" has a presenter who is not on the roster", p.name));
        }
    }
    Ok(())
}

fn check_phase(p: &Phase, spoken: bool, utterances: u32) -> Result<(), &'static str> {
    let fits = if spoken {
        matches!((p.from_s, p.to_s), (Some(a), Some(b)) if a >= 0.0 && b >= a)
    } else {
        matches!((p.from, p.to), (Some(a), Some(b)) if a <= b && b < utterances)
    };
    if fits { Ok(()) } else { Err("does not fit the meeting: it covers utterances from..=to, or seconds from_s..to_s") }
}

fn text(path: &Path) -> Result<String> {
    let name = path.display();
    let size = fs::metadata(path).map_err(|e| Error::user(format!("{name} cannot be read")).because(e))?.len();
    if size > MAX_BYTES {
        return Err(Error::user(format!("{name} is too large for a meeting ({} MB)", size >> 20)));
    }
    let bytes = fs::read(path).map_err(|e| Error::user(format!("{name} cannot be read")).because(e))?;
    String::from_utf8(bytes)
        .map_err(|_| Error::user(format!("{name} is not UTF-8 text")).hint("Save it again as UTF-8."))
}

fn json<T: DeserializeOwned>(path: &Path) -> Result<T> {
    parse(&text(path)?, &path.display().to_string())
}

/// serde's message can quote the text, so only the place is told.
fn parse<T: DeserializeOwned>(text: &str, name: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|e| {
        let kind = if e.is_data() { "has a field that is missing or of the wrong kind" } else { "is not valid JSON" };
        Error::user(format!("{name} {kind} (line {}, column {})", e.line(), e.column()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meeting(edit: impl FnOnce(&mut serde_json::Value)) -> Result<(Meeting, Option<String>)> {
        let mut m = serde_json::json!({
            "session": 1, "date": "2026-01-15", "facilitator": "A", "roster": ["A", "B"], "present": ["A", "B"],
            "planned_minutes": 60,
            "phases": [{"name": "all", "rule": "free", "presenter": null, "from": 0, "to": 1}],
            "utterances": [
                {"i": 0, "speaker": "A", "text": "Shall we begin?", "pause_before": 0.5},
                {"i": 1, "speaker": "B", "text": "Yes.", "pause_before": 0.2}]
        });
        edit(&mut m);
        parse_meeting(&m.to_string(), "s1.json")
    }

    #[test]
    fn a_whole_meeting_is_taken() {
        assert_eq!(meeting(|_| {}).unwrap().0.utterances.len(), 2);
    }

    #[test]
    fn what_does_not_fit_is_told_without_the_words() {
        type Edit = fn(&mut serde_json::Value);
        let cases: [(&str, Edit); 7] = [
            ("speaker", |m| m["utterances"][1]["speaker"] = "Zed".into()),
            ("phase", |m| m["phases"][0]["to"] = 7.into()),
            ("numbered", |m| m["utterances"][1]["i"] = 5.into()),
            ("facilitator", |m| m["facilitator"] = "Zed".into()),
            ("wrong kind", |m| m["date"] = "yesterday".into()),
            ("pause", |m| m["utterances"][1]["pause_before"] = 1e30.into()),
            ("neither", |m| m["utterances"] = serde_json::json!([])),
        ];
        for (word, edit) in cases {
            let e = meeting(edit).unwrap_err().to_string();
            assert!(e.contains(word), "{word}: {e}");
            assert!(!e.contains("Shall we"), "{e}");
        }
    }
}
