//! `candor rehearse`: the same stages on a folder of invented meetings, in a vault that lives in memory.

use super::{
    book::now,
    context::{Context, store_error, vault_error},
    hearing::{self, Listening},
    output,
    reading::{self, Readable},
    write_brief,
};
use crate::{
    brief::{self, Gathering},
    cli::{BriefFormat, RehearseArgs},
    consent::{Analyse, Grant, Import, Ledger, MeetingId, Transcribe, gate, grant::Offline},
    error::{Error, ErrorKind, Result},
    fiction::{self, FictionMeeting},
    findings::{Findings, State},
    session::{Circle, Meeting, Utterance},
    spool::{SpoolKey, SpoolReader, SpoolWriter},
    store::{MeetingState, Store},
    vault::Vault,
    voices,
    wire::ModelRole,
};

pub(super) fn run(c: &Context, args: &RehearseArgs) -> Result<()> {
    for place in args.json.iter().chain(&args.brief) {
        output::check_place(place)?;
    }
    let fiction = fiction::read(&args.dir)?;
    let circle = fiction.circle;
    c.screen.step(&format!("FICTION: {}, {} meetings", circle.name, fiction.meetings.len()));
    let store = Store::new(Vault::in_memory().map_err(vault_error)?).map_err(store_error)?;
    let id = begin(&store, &circle)?;
    let meetings = fiction.meetings.into_iter().map(|m| take_in(c, &store, id, &circle, m, &args.language));
    let readable = meetings.collect::<Result<Vec<_>>>()?;
    let gatherings = readable.iter().map(|r| Gathering::from(&r.meeting)).collect();

    let mut findings = reading::read(c, &circle, readable, vec![], Some(&store))?;
    findings.fiction = true;
    store.put_findings(id, &findings).map_err(store_error)?;
    if let Some(path) = &args.json {
        let json = serde_json::to_vec_pretty(&findings)
            .map_err(|e| Error::new(ErrorKind::System, "the findings could not be written").because(e))?;
        output::write_whole(path, &json)?;
    }
    if let Some(path) = &args.brief {
        let context = brief::Context {
            names: true,
            gatherings,
            terms: vec!["The circle is invented; nobody had to be asked.".into()],
            language: Some(args.language.clone()),
            ..brief::Context::default()
        };
        output::write_whole(path, write_brief::render(&findings, &context, BriefFormat::Html)?.as_bytes())?;
    }
    summary(c, &findings);
    Ok(())
}

/// A circle of invented people in the throwaway vault.
fn begin(store: &Store, circle: &Circle) -> Result<i64> {
    let (_, keeper) =
        Ledger::create(&circle.name, now()).map_err(|e| Error::user("the circle cannot have this name").because(e))?;
    store.add_circle(circle, &keeper).map_err(store_error)
}

/// Leave from invented people, for one use of one meeting.
fn leave<P: Offline>(circle: &Circle, session: u32) -> Result<Grant<P>> {
    gate::fiction(circle, MeetingId(session))
        .map_err(|e| Error::new(ErrorKind::Consent, "the gate is closed").because(e))
}

fn take_in(
    c: &Context,
    store: &Store,
    id: i64,
    circle: &Circle,
    FictionMeeting { mut meeting, audio }: FictionMeeting,
    language: &str,
) -> Result<Readable> {
    let row = store.add_meeting(id, &meeting, MeetingState::Transcribed, "").map_err(store_error)?;
    let utterances = match audio {
        None => std::mem::take(&mut meeting.utterances),
        Some(file) => hear(c, circle, &meeting, &file, language)?,
    };
    store.put_utterances(row, &utterances).map_err(store_error)?;
    let utterances = store.utterances(row).map_err(store_error)?;
    let grant = leave::<Analyse>(circle, meeting.session)?;
    Ok(Readable { row: Some(row), meeting: Meeting { utterances, ..meeting }, grant })
}

/// A spoken meeting goes through a spool too: locked with a key that is nowhere but in memory, and gone afterwards.
fn hear(
    c: &Context,
    circle: &Circle,
    meeting: &Meeting,
    file: &std::path::Path,
    language: &str,
) -> Result<Vec<Utterance>> {
    let folder = tempfile::tempdir()
        .map_err(|e| Error::new(ErrorKind::System, "there is no room for a locked recording").because(e))?;
    let (path, number) = (folder.path().join("rehearsal.spool"), u64::from(meeting.session));
    let key = SpoolKey::random().map_err(hearing::spool_error)?;
    let models = c.model_files(&[ModelRole::Hear, ModelRole::SpeechOrNot, ModelRole::Voices])?;
    let mut mind = c.mind(&models)?;
    let spool = SpoolWriter::create(&path, number, &key).map_err(hearing::spool_error)?;
    let mut frames = 0;
    let grant = leave::<Import>(circle, meeting.session)?;
    let count = |n| {
        frames = n;
        Ok(())
    };
    hearing::bring_in(&mut mind, file, grant, spool, count, c.screen)?;
    let reader = SpoolReader::open(&path, number, &key, frames).map_err(hearing::spool_error)?;
    let how = Listening { language, terms: "", threads: c.threads, from: 0.0 };
    let mut heard = Vec::new();
    let grant = leave::<Transcribe>(circle, meeting.session)?;
    let keep = |h| {
        heard.push(h);
        Ok(())
    };
    hearing::transcribe(&mut mind, &reader, grant, &how, keep, c.screen)?;
    let utterances = voices::turns(&heard, meeting.present.len(), true);
    if utterances.is_empty() {
        return Err(Error::user(format!("nobody speaks in the recording of meeting {}", meeting.session))
            .hint("Check that it is the right file."));
    }
    Ok(utterances)
}

fn summary(c: &Context, findings: &Findings) {
    c.screen.result(&format!("FICTION: {}", findings.circle));
    for m in &findings.meetings {
        let present: Vec<&str> = m.signals.iter().filter(|s| s.state == State::Present).map(|s| s.id.name()).collect();
        let signs = if present.is_empty() { "no sign".to_owned() } else { present.join(", ") };
        c.screen.result(&format!("meeting {}: {signs}", m.session));
    }
}
