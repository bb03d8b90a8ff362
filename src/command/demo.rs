//! `candor demo`: the whole job, with the invented circle that ships with the program.
//!
//! Nothing is staged: a real vault (of a random passphrase, thrown away at the end), real cards and signatures, the real
//! gate, Whisper and language model. Only the people are invented, and the minute in which a person would name the voices.

use std::{collections::BTreeMap, path::Path, time::Instant};

use super::{
    asking::Prepared,
    book::{Book, now},
    consent::{self, READERS},
    context::{Context, store_error, vault_error},
    hearing, import, member, name, output, reflect, transcribe, write_brief,
};
use crate::{
    cli::{BriefFormat, DemoArgs},
    consent::{Ledger, Terms, notice::Source},
    demo,
    error::{Error, ErrorKind, Result},
    session::{Meeting, Utterance},
    store::{MeetingRow, MeetingState, Store},
    vault::{Passphrase, Vault},
    wire::ModelFile,
};

/// What the invented people are asked.
const TERMS: Terms = Terms { erase_after_days: 365, ..Terms::EVERY_USE };

pub(super) fn run(c: &Context, args: &DemoArgs) -> Result<()> {
    let started = Instant::now();
    let models = c.model_files(&READERS)?;
    std::fs::create_dir_all(&args.out).map_err(no_room)?;
    let folder = tempfile::Builder::new().prefix("candor-demo-").tempdir_in(&args.out).map_err(no_room)?;
    let out = args.out.join("brief.html");
    output::check_place(&out)?;

    let meetings = demo::meetings()?;
    let Some((spoken, history)) = meetings.split_last() else { return Ok(()) };

    c.screen.step("FICTION. 1 of 6: a circle, and a card for each of its members");
    let mut book = found(c, &folder.path().join("vault"))?;
    let mut cards = enrol(c, &mut book, &spoken.roster, &spoken.facilitator)?;

    c.screen.step(&format!("2 of 6: everyone consents, each with their own card, to {} meetings", meetings.len()));
    for meeting in history {
        let text = folder.path().join(format!("s{}.txt", meeting.session));
        std::fs::write(&text, plain(meeting)).map_err(no_room)?;
        let mut row = agree(c, &mut book, meeting, &text, &models, &mut cards)?;
        book.store.put_utterances(row.id, &meeting.utterances).map_err(store_error)?;
        book.set_state(&mut row, MeetingState::Transcribed)?;
    }
    let audio = folder.path().join("s4.opus");
    std::fs::write(&audio, demo::spoken_audio()).map_err(no_room)?;
    let mut row = agree(c, &mut book, spoken, &audio, &models, &mut cards)?;

    c.screen.step("3 of 6: the recording comes in, and is locked");
    import::take_in(c, &mut book, &mut row, &audio)?;

    c.screen.step("4 of 6: what was said is written down, and voices are told apart");
    transcribe::write_down(c, &mut book, &mut row, "en", "")?;
    let utterances = book.store.utterances(row.id).map_err(store_error)?;
    let names = named(&utterances, &name::unnamed(&utterances, &row.plan.roster));
    book.store.rename_speakers(row.id, &names).map_err(store_error)?;
    c.screen.note(&format!("{} voices have a name, as a person would give them with `candor name`.", names.len()));

    c.screen.step("5 of 6: the circle's four meetings are read");
    reflect::read(c, &mut book, None)?;

    c.screen.step("6 of 6: the brief");
    write_brief::write(c, &book, None, Some(&out), BriefFormat::Html)?;
    write_brief::write(c, &book, None, Some(&args.out.join("brief.md")), BriefFormat::Markdown)?;
    c.screen.note(&format!("The ledger's eight words: {}", book.ledger.head_words()));
    c.screen.result(&format!(
        "FICTION. It took {:.0} seconds. The vault of the demo is gone again.",
        started.elapsed().as_secs_f32()
    ));
    Ok(())
}

fn found(c: &Context, home: &Path) -> Result<Book> {
    let circle = demo::circle()?;
    let mut secret = [0u8; 32];
    getrandom::fill(&mut secret)
        .map_err(|e| Error::new(ErrorKind::System, "the system has no randomness").because(e))?;
    let passphrase = Passphrase::new(secret.iter().map(|b| format!("{b:02x}")).collect());
    let store = Store::new(Vault::create(home, &passphrase).map_err(vault_error)?).map_err(store_error)?;
    let (ledger, keeper) = Ledger::create(&circle.name, now())
        .map_err(|e| Error::new(ErrorKind::System, "the demo's circle cannot be made").because(e))?;
    let id = store.add_circle(&circle, &keeper).map_err(store_error)?;
    store.append_to_ledger(id, ledger.pending()).map_err(store_error)?;
    Book::open(store, None, c.screen)
}

fn enrol(c: &Context, book: &mut Book, roster: &[String], facilitator: &str) -> Result<Prepared> {
    let mut cards = BTreeMap::new();
    for person in roster {
        let (id, card) = member::enrol(book, person)?;
        if person == facilitator {
            book.store.set_facilitator(book.circle.id, id).map_err(store_error)?;
            book.circle.facilitator = Some(id);
        }
        cards.insert(person.clone(), card.words().join(" "));
    }
    c.screen.note(&format!("{} people have a card: {}.", roster.len(), roster.join(", ")));
    Ok(Prepared::invented(cards))
}

fn agree(
    c: &Context,
    book: &mut Book,
    meeting: &Meeting,
    file: &Path,
    models: &[ModelFile],
    cards: &mut Prepared,
) -> Result<MeetingRow> {
    let source = Source::File(hearing::fingerprint(file)?);
    let plan = Meeting { utterances: vec![], ..meeting.clone() };
    let row = consent::put_to(c, book, plan, source, TERMS, models, cards)?;
    c.screen.note(&format!(
        "Meeting {}: {} of {} signed the same words.",
        row.plan.session,
        row.plan.present.len(),
        row.plan.present.len()
    ));
    Ok(row)
}

fn plain(meeting: &Meeting) -> String {
    meeting.utterances.iter().map(|u| format!("{}: {}\n", u.speaker, u.text)).collect()
}

/// Each voice gets the name of whoever it is heard with most often at the moments that the script names.
fn named(utterances: &[Utterance], voices: &[String]) -> BTreeMap<String, String> {
    let mut counts: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for (at, name) in demo::moments() {
        if let Some(u) = utterances.iter().find(|u| u.start <= at && at <= u.end) {
            *counts.entry((u.speaker.as_str(), name)).or_default() += 1;
        }
    }
    let mut names = BTreeMap::new();
    for voice in voices {
        let best = counts.iter().filter(|((v, _), _)| *v == voice.as_str()).max_by_key(|(_, n)| **n);
        if let Some(((_, name), _)) = best {
            names.insert(voice.clone(), name.clone());
        }
    }
    names
}

fn no_room(e: std::io::Error) -> Error {
    Error::new(ErrorKind::System, "the demo's files could not be written")
        .because(e)
        .hint("Name another place: --out DIR")
}
