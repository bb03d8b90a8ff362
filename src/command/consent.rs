//! `candor consent`: plan a meeting and ask everyone present.

use std::{fs, path::Path};

use super::{
    asking::{self, Answers, AtTheKeyboard, Prepared, consent_error},
    book::{Book, ledger_id, now},
    context::{Context, store_error},
    hearing,
};
use crate::{
    cli::{ConsentArgs, TermsArgs},
    consent::{
        Audience, Digest, MemberId, Outcome, Proposal, Signer, Terms,
        event::Event,
        notice::{Model, Source},
    },
    error::{Error, ErrorKind, Result},
    session::{Meeting, Phase},
    store::{MeetingRow, MeetingState},
    wire::{ModelFile, ModelRole},
};

/// What reads a meeting, in the order in which it is named.
pub(super) const READERS: [ModelRole; 6] = [
    ModelRole::Hear,
    ModelRole::SpeechOrNot,
    ModelRole::Voices,
    ModelRole::Meaning,
    ModelRole::MeaningTokenizer,
    ModelRole::Mind,
];

pub(super) fn run(c: &Context, args: &ConsentArgs) -> Result<()> {
    let mut book = c.open()?;
    ask(c, &mut book, args).map(drop)
}

/// Asks everyone, and gives the meeting if all said yes. A no is told as what it is for the group: not recorded.
pub(super) fn ask(c: &Context, book: &mut Book, args: &ConsentArgs) -> Result<MeetingRow> {
    let mut answers: Box<dyn Answers> = match &args.answers {
        Some(file) => Box::new(Prepared::read(file)?),
        None => Box::new(AtTheKeyboard(c.screen)),
    };
    let source = match &args.file {
        Some(file) => {
            drop(hearing::open(file)?);
            Source::File(hearing::fingerprint(file)?)
        }
        None => Source::Room,
    };
    let plan = plan(c, book, args)?;
    let models = c.model_files(&READERS)?;
    let row = put_to(c, book, plan, source, terms(&args.terms), &models, answers.as_mut())?;
    announce(c, book, &row);
    Ok(row)
}

/// What everybody got, before anything is recorded.
fn announce(c: &Context, book: &Book, row: &MeetingRow) {
    c.screen.result(&format!("Everyone has agreed to meeting {}.", row.plan.session));
    let agreed = book.ledger.state().meetings.get(&ledger_id(&row.plan)).and_then(|m| m.agreed);
    agreed.iter().for_each(|terms| note_terms(c, terms));
    c.screen.note(&format!("The ledger's eight words: {}", book.ledger.head_words()));
}

/// Puts the question about a planned meeting to everyone present.
pub(super) fn put_to(
    c: &Context,
    book: &mut Book,
    plan: Meeting,
    source: Source,
    terms: Terms,
    models: &[ModelFile],
    answers: &mut dyn Answers,
) -> Result<MeetingRow> {
    let present = plan.present.iter().map(|name| book.member(name)).collect::<Result<Vec<_>>>()?;
    let may_come = if source == Source::Room { absent(book, &present) } else { vec![] };
    let proposal = Proposal {
        meeting: ledger_id(&plan),
        date: plan.date,
        source,
        present,
        may_come,
        terms,
        models: models.iter().map(reader).collect::<Result<_>>()?,
    };
    let notice = book.ledger.ask(&book.circle.keeper, proposal, now()).map_err(consent_error)?;
    let before = book.store.meeting(book.circle.id, plan.session).map_err(store_error)?;
    let id = match before {
        Some(row) => row.id,
        None => book.store.add_meeting(book.circle.id, &plan, MeetingState::Asked, "").map_err(store_error)?,
    };
    let mut row = MeetingRow { id, plan, state: MeetingState::Asked, notes: String::new() };
    book.store.update_meeting(&row).map_err(store_error)?;
    book.commit()?;

    let outcome = asking::go_round(c, book, ledger_id(&row.plan), &notice, source, answers)?;
    match outcome {
        Outcome::NotRecorded => {
            book.set_state(&mut row, MeetingState::NotRecorded)?;
            c.screen.result("This meeting is not recorded.");
            c.screen.note("It can be kept all the same: candor note --present NAMES");
            Err(Error::new(ErrorKind::Consent, "this meeting is not recorded"))
        }
        Outcome::Granted(_) => {
            if let Source::File(file) = source {
                // The facilitator vouches that those named are all who speak in the file.
                let key = asking::key_of(book, &row.plan.facilitator, answers)?;
                let event = Event::Imported { meeting: ledger_id(&row.plan), file };
                book.ledger.append(Signer::Member(&key), event, now()).map_err(consent_error)?;
                book.commit()?;
            }
            book.set_state(&mut row, MeetingState::Consented)?;
            Ok(row)
        }
    }
}

/// Those who belong and are not here may come later; then they alone are asked.
fn absent(book: &Book, present: &[MemberId]) -> Vec<MemberId> {
    let members = book.ledger.state().members.iter();
    members.filter(|(id, m)| m.active && !present.contains(id)).map(|(id, _)| *id).collect()
}

/// Shows what everybody gets.
pub(super) fn note_terms(c: &Context, terms: &Terms) {
    in_words(terms).iter().for_each(|line| c.screen.note(line));
}

/// What everybody gets, in sentences.
pub(super) fn in_words(t: &Terms) -> Vec<String> {
    let yes = |on: bool, what: &str| format!("{what}: {}.", if on { "yes" } else { "no" });
    vec![
        yes(t.transcribe, "Written down"),
        yes(t.analyse, "Read for patterns"),
        yes(t.tell_voices_apart, "Voices told apart"),
        if t.keep_audio_days == 0 {
            "The sound is destroyed as soon as it is written down.".into()
        } else {
            format!("The sound is kept for {} days.", t.keep_audio_days)
        },
        format!("Everything of the meeting is erased after {} days.", t.erase_after_days),
        match t.brief_for {
            Audience::Screen => "The findings are shown on this machine only.".into(),
            Audience::Present => "The brief goes to those who were present.".into(),
            Audience::Circle => "The brief goes to the whole circle.".into(),
        },
        yes(t.names_in_brief, "Names in the brief"),
    ]
}

fn terms(args: &TermsArgs) -> Terms {
    Terms {
        keep_audio_days: args.keep_audio,
        erase_after_days: args.keep,
        names_in_brief: !args.no_names,
        ..Terms::EVERY_USE
    }
}

/// A model as the notice names it.
fn reader(file: &ModelFile) -> Result<Model> {
    let sha256 = Digest::from_hex(&file.sha256)
        .ok_or_else(|| Error::new(ErrorKind::System, "the list of models holds a hash that is none"))?;
    Ok(Model { task: file.role.purpose().into(), sha256 })
}

fn plan(c: &Context, book: &Book, args: &ConsentArgs) -> Result<Meeting> {
    let roster = book.roster();
    let facilitator = book.facilitator().ok_or_else(|| {
        Error::user("nobody holds the room in this circle yet").hint("Enrol them: candor member add NAME --facilitator")
    })?;
    let present = if args.present.is_empty() { roster.clone() } else { args.present.clone() };
    for name in &present {
        book.member(name)?;
    }
    let meetings = book.store.meetings(book.circle.id).map_err(store_error)?;
    Ok(Meeting {
        // A round that was broken off is asked anew; it is the same meeting.
        session: meetings.last().map_or(1, |m| m.plan.session + u32::from(m.state != MeetingState::Asked)),
        date: args.date.unwrap_or(c.today),
        facilitator,
        roster,
        present,
        planned_minutes: args.minutes,
        phases: args.plan.as_deref().map(phases).transpose()?.unwrap_or_default(),
        utterances: vec![],
        from_audio: true,
    })
}

fn phases(file: &Path) -> Result<Vec<Phase>> {
    let name = file.display();
    let text = fs::read_to_string(file).map_err(|e| Error::user(format!("{name} cannot be read")).because(e))?;
    let phases: Vec<Phase> = serde_json::from_str(&text)
        .map_err(|e| Error::user(format!("{name} is no plan (line {})", e.line())).hint(
            "A plan is a JSON list: [{\"name\": \"check-in\", \"rule\": \"one_voice\", \"presenter\": null, \"from_s\": 0, \"to_s\": 900}]",
        ))?;
    let ordered = phases.iter().all(|p| matches!((p.from_s, p.to_s), (Some(a), Some(b)) if 0.0 <= a && a <= b))
        && phases.windows(2).all(|w| w[0].to_s <= w[1].from_s);
    if ordered { Ok(phases) } else { Err(Error::user(format!("{name}: the phases overlap, or lack from_s and to_s"))) }
}
