//! How a vault bears ten years of weekly meetings: 520 meetings, a million utterances. `make bench-vault` runs it.
//!
//! It makes such a vault in a temporary folder (about 4 GB with its plain copy, and 2 GB more while a meeting is erased),
//! measures what the verbs ask of it and how much slower the encrypted database is than the same one in the clear, and fails
//! where a limit was missed. Every figure is the median of [`RUNS`] runs, each in a fresh process, so that nothing but the
//! system has read the file before. The figures of a busy machine mean little.
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod circle;
mod factor;
mod ledger;
#[allow(dead_code, reason = "what tests ask of it is not needed here")]
#[path = "../../tests/it/opened.rs"]
mod opened;
mod timing;
mod verbs;

use std::{env, fs, path::Path, process::ExitCode, time::Instant};

use candor::{
    store::{MeetingState, Store},
    vault::{Passphrase, Vault},
};
use timing::Medians;

const PASSPHRASE: &str = "correct horse battery staple";
/// Stands for the hashes of what read the meetings.
const MODELS: &str = "models of the bench";
const RUNS: usize = 7;
/// Milliseconds in which a vault opens, once the key is there.
const OPENING: f64 = 1_000.0;
/// Milliseconds in which a question about the history is answered.
const QUESTION: f64 = 200.0;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let place = arguments.get(1).map(Path::new);
    match (arguments.first().map(String::as_str), place) {
        (None, _) => return whole(),
        (Some("verbs"), Some(folder)) => verbs::ask(folder),
        (Some("work"), Some(folder)) => verbs::work(folder, arguments[2].parse().unwrap()),
        (Some("sealed"), Some(folder)) => factor::sealed(folder),
        (Some("plain"), Some(file)) => factor::plain(file),
        _ => return ExitCode::from(2),
    }
    ExitCode::SUCCESS
}

fn whole() -> ExitCode {
    let temporary = tempfile::tempdir().unwrap();
    let (folder, copy) = (temporary.path().join("vault"), temporary.path().join("plain.db"));
    make(&folder);
    opened::Opened::new(&folder, PASSPHRASE).copy_plain(&copy);
    let size = |path: &Path| fs::metadata(path).unwrap().len() as f64 / f64::from(1 << 20);
    println!("vault.db {:.0} MiB, its plain copy {:.0} MiB", size(&folder.join("vault.db")), size(&copy));
    println!("load {}", fs::read_to_string("/proc/loadavg").unwrap_or("unknown".into()).trim());

    let (at, file) = (folder.to_str().unwrap(), copy.to_str().unwrap());
    let [mut asked, mut sealed, mut plain, mut worked]: [Medians; 4] = Default::default();
    let sets: [(&mut Medians, Vec<&str>); 3] =
        [(&mut asked, vec!["verbs", at]), (&mut sealed, vec!["sealed", at]), (&mut plain, vec!["plain", file])];
    for (figures, arguments) in sets {
        (0..RUNS).for_each(|_| figures.run(&arguments));
    }
    for n in ["1", "2", "3"] {
        Medians::run(&mut worked, &["work", at, n]);
    }
    report(&asked, &sealed, &plain, &worked)
}

/// Fills a new vault through the store's own functions.
fn make(folder: &Path) {
    let began = Instant::now();
    let store = Store::new(Vault::create(folder, &Passphrase::new(PASSPHRASE.into())).unwrap()).unwrap();
    let (ledger, keeper) = ledger::ten_years();
    let id = store.add_circle(&circle::about(), &keeper).unwrap();
    store.append_to_ledger(id, ledger.pending()).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut talk = circle::Talk::new(&root.join("tests/circles"));
    let (mut words, mut reading) = (vec![], None);
    let mut count = 0;
    for session in 1..=circle::MEETINGS {
        let row = store.add_meeting(id, &circle::meeting(session), MeetingState::Transcribed, "").unwrap();
        words = talk.utterances();
        count += words.iter().map(|u| u.text.split_whitespace().count()).sum::<usize>();
        store.put_utterances(row, &words).unwrap();
        let read = reading.insert(talk.reading());
        store.put_reading(row, MODELS, read).unwrap();
    }
    let fixture = fs::read_to_string(root.join("tests/fixtures/ridge-findings.json")).unwrap();
    let findings = circle::findings(&fixture, &words, &reading.unwrap());
    let stored = Instant::now();
    store.put_findings(id, &findings).unwrap();
    println!(
        "{} meetings, {} utterances, {count} words, {} ledger entries; made in {:.0} s, of which the findings {:.1} s",
        circle::MEETINGS,
        circle::MEETINGS * circle::UTTERANCES,
        ledger.len(),
        began.elapsed().as_secs_f64(),
        stored.elapsed().as_secs_f64(),
    );
}

/// Prints the table; fails where a limit was missed.
fn report(asked: &Medians, sealed: &Medians, plain: &Medians, worked: &Medians) -> ExitCode {
    let mut missed = 0;
    let mut line = |what: &str, took: f64, most: Option<f64>| {
        let verdict = most.map_or(String::new(), |most| {
            let kept = took < most;
            missed += u8::from(!kept);
            format!("limit {most:>5.0} ms   {}", if kept { "kept" } else { "MISSED" })
        });
        println!("{what:<58} {took:>9.1} ms   {verdict}");
    };
    let opening: f64 = asked.names().iter().filter(|n| n.starts_with("opening")).map(|n| asked.of(n)).sum();
    for what in asked.names() {
        let question = !what.starts_with("opening") && !what.starts_with("passphrase");
        line(what, asked.of(what), question.then_some(QUESTION));
    }
    line("opening, together", opening, Some(OPENING));
    for what in worked.names() {
        let unit = if what.ends_with("memory") { "MiB" } else { "ms" };
        println!("{what:<58} {:>9.1} {unit}", worked.of(what));
    }
    println!("\n{:<58} {:>9} {:>9}", "", "vault", "plain");
    for what in sealed.names() {
        let (vault, clear) = (sealed.of(what), plain.of(what));
        println!("{what:<58} {vault:>9.1} {clear:>9.1} ms   factor {:.1}", vault / clear);
    }
    ExitCode::from(missed.min(1))
}
