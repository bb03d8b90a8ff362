//! `candor name`: whose voice is whose, told by a person in a minute.

use std::collections::BTreeMap;

use super::context::{Context, store_error};
use crate::{
    cli::NameArgs,
    error::{Error, Result},
    session::Utterance,
    store::MeetingState,
};

/// Passages that are shown of each voice, and the words of each.
const PASSAGES: usize = 3;
const WORDS: usize = 18;

pub(super) fn run(c: &Context, args: &NameArgs) -> Result<()> {
    let book = c.open()?;
    let row = book.find(args.session, |s| s == MeetingState::Transcribed, "that is written down")?;
    let utterances = book.store.utterances(row.id).map_err(store_error)?;
    let voices = unnamed(&utterances, &row.plan.roster);
    if voices.is_empty() {
        c.screen.result("Every voice of this meeting has a name, or voices are not told apart.");
        return Ok(());
    }
    let names = if args.voices.is_empty() {
        ask(c, &utterances, &voices, &row.plan.present)?
    } else {
        args.voices.iter().map(|v| given(v, &voices, &row.plan.present)).collect::<Result<_>>()?
    };
    book.store.rename_speakers(row.id, &names).map_err(store_error)?;
    c.screen.result(&format!("{} of {} voices have a name.", names.len(), voices.len()));
    Ok(())
}

/// Speakers who are not members by name: "voice 1", "voice 2".
pub(super) fn unnamed(utterances: &[Utterance], roster: &[String]) -> Vec<String> {
    let mut voices: Vec<String> = Vec::new();
    for u in utterances {
        if u.speaker.starts_with("voice ") && !roster.contains(&u.speaker) && !voices.contains(&u.speaker) {
            voices.push(u.speaker.clone());
        }
    }
    voices
}

fn ask(
    c: &Context,
    utterances: &[Utterance],
    voices: &[String],
    present: &[String],
) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    c.screen.say(&format!("Present: {}. Press Enter to leave a voice without a name.", present.join(", ")));
    for voice in voices {
        c.screen.say(&format!("\n{voice}"));
        for u in passages(utterances, voice) {
            c.screen.say(&format!("  {:>3}:{:02}  {}", u.start as u32 / 60, u.start as u32 % 60, shortened(&u.text)));
        }
        let Some(name) = c.screen.ask("Whose voice is it?") else { break };
        if name.is_empty() {
            continue;
        }
        names.insert(voice.clone(), find(&name, present)?);
    }
    Ok(names)
}

/// The longest passages of a voice, in the order in which they were said.
fn passages<'a>(utterances: &'a [Utterance], voice: &str) -> Vec<&'a Utterance> {
    let mut of: Vec<&Utterance> = utterances.iter().filter(|u| u.speaker == voice).collect();
    of.sort_by_key(|u| std::cmp::Reverse(u.text.len()));
    of.truncate(PASSAGES);
    of.sort_by_key(|u| u.i);
    of
}

fn shortened(text: &str) -> String {
    let words: Vec<&str> = text.split_whitespace().collect();
    if words.len() <= WORDS { text.to_owned() } else { format!("{} ...", words[..WORDS].join(" ")) }
}

fn given(argument: &str, voices: &[String], present: &[String]) -> Result<(String, String)> {
    let wrong = || Error::user("a voice is given as NUMBER=NAME").hint("For example: --voice 2=Owen");
    let (number, name) = argument.split_once('=').ok_or_else(wrong)?;
    let voice = format!("voice {}", number.trim());
    if !voices.contains(&voice) {
        return Err(Error::user(format!("there is no {voice} without a name"))
            .hint(format!("There are: {}", voices.join(", "))));
    }
    Ok((voice, find(name.trim(), present)?))
}

fn find(name: &str, present: &[String]) -> Result<String> {
    let same = |p: &&String| p.to_lowercase() == name.to_lowercase();
    present.iter().find(same).cloned().ok_or_else(|| {
        Error::user("nobody of this name was present").hint(format!("Present were: {}", present.join(", ")))
    })
}
