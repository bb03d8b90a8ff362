//! The whole job with real models: the demo, and how well its spoken meeting is heard.

use std::{collections::BTreeSet, fs, path::Path};

use serde_json::{Value, json};

use crate::{circle::Table, run::Candor};

/// More than this share of words wrong, and the small model of the tests is not being used as it should.
const MOST_WRONG: f64 = 0.25;

#[test]
fn the_demo_goes_from_consent_to_brief() {
    let candor = Candor::new();
    let out = candor.path("demo");
    let run = candor.run(&["demo", "--out", out.to_str().unwrap()]);
    let said = crate::run::stderr(&run);
    assert!(run.status.success(), "{said}");
    for step in ["1 of 6", "2 of 6", "3 of 6", "4 of 6", "5 of 6", "6 of 6", "The sound is destroyed"] {
        assert!(said.contains(step), "{step} is missing:\n{said}");
    }
    let html = fs::read_to_string(out.join("brief.html")).unwrap();
    for part in
        ["FICTION", "Signs of life", "Signs of decay", "What comes back", "Who spoke", "How this sheet was made"]
    {
        assert!(html.to_lowercase().contains(&part.to_lowercase()), "the brief lacks \"{part}\"");
    }
    assert!(!html.contains("<script") && !html.contains("src=\"http") && !html.contains("href=\"http"));
    assert!(html.len() < 300_000);
}

#[test]
fn a_spoken_meeting_is_heard_and_its_voices_are_told_apart() {
    let candor = Candor::new();
    let (input, out) = (candor.path("in"), candor.path("out.json"));
    fs::create_dir(&input).unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for file in ["circle.json", "s4.json", "s4.opus"] {
        fs::copy(root.join("src/demo").join(file), input.join(file)).unwrap();
    }
    candor.ok(&["rehearse", input.to_str().unwrap(), "--json", out.to_str().unwrap()]);
    let read = |p: &Path| -> Value { serde_json::from_str(&fs::read_to_string(p).unwrap()).unwrap() };
    let heard = read(&out)["meetings"][0].clone();
    assert_eq!(heard["from_audio"], json!(true));
    let reference = read(&root.join("tests/demo/s4.reference.json"));

    let (said, written) = (words(&reference), words(&heard));
    let wrong = distance(&said, &written) as f64 / said.len() as f64;
    assert!(wrong < MOST_WRONG, "{:.1} % of the words are wrong", wrong * 100.0);
    let utterances = heard["utterances"].as_array().unwrap();
    let voices: BTreeSet<&str> = utterances.iter().filter_map(|u| u["speaker"].as_str()).collect();
    assert!((5..=6).contains(&voices.len()), "{voices:?}");
}

#[test]
fn a_meeting_goes_through_verb_by_verb_and_can_be_taken_back() {
    let table = Table::new();
    let candor = &table.candor;
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/demo/s4.opus");
    table.consent_to(&file);
    candor.ok(&["import", file.to_str().unwrap()]);
    candor.ok(&["transcribe"]);
    assert_eq!(fs::read_dir(candor.path("data/spool")).unwrap().count(), 0, "the sound must be gone by now");
    candor.ok(&["name", "--voice", "1=Ruth", "--voice", "2=Owen", "--voice", "3=Mina"]);
    candor.ok(&["reflect"]);
    let brief = candor.path("brief.html");
    candor.ok(&["brief", "--out", brief.to_str().unwrap()]);
    assert!(fs::read_to_string(&brief).unwrap().contains("Mina"));
    let words = candor.ok(&["ledger", "verify"]).lines().last().unwrap().replace("The eight words: ", "");
    candor.ok(&["ledger", "verify", "--words", words.trim()]);
    assert!(candor.ok(&["receipts", "--member", "Mina", "--json"]).contains("27560"));

    fs::write(candor.path("card"), table.card("Mina")).unwrap();
    let card = candor.path("card");
    candor.ok(&["withdraw", "--member", "Mina", "--session", "1", "--card-file", card.to_str().unwrap()]);
    let rest = candor.ok(&["brief", "--format", "json"]);
    assert!(!rest.contains("\"Mina\",\"start\""), "words that were taken back are still there");
}

fn words(meeting: &Value) -> Vec<String> {
    let text = |u: &Value| u["text"].as_str().unwrap_or_default().to_lowercase();
    let all: Vec<String> = meeting["utterances"].as_array().unwrap().iter().map(text).collect();
    let plain = |c: char| if c.is_alphanumeric() || c == '\'' { c } else { ' ' };
    all.join(" ").chars().map(plain).collect::<String>().split_whitespace().map(str::to_owned).collect()
}

/// Levenshtein's distance over words.
fn distance(a: &[String], b: &[String]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut before = row[0];
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let here = (before + usize::from(x != y)).min(row[j] + 1).min(row[j + 1] + 1);
            before = row[j + 1];
            row[j + 1] = here;
        }
    }
    row[b.len()]
}
