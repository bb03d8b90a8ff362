//! An invented circle's folder as anybody could hand it over, read and taken through the whole reading to its sheet; and
//! the session's other JSON.
#![no_main]

use std::sync::LazyLock;

use candor::{
    brief::{self, Gathering, Sheet},
    fiction::{self, Fiction},
    findings::Findings,
    reflect::{self, ByKeyness, Thresholds},
    session::{Circle, MOVES, Meeting, MoveScores, Phase},
};
use candor_fuzz::{folder, seed, tagged};
use libfuzzer_sys::fuzz_target;
use serde::{Serialize, de::DeserializeOwned};

/// Between the files of a folder: circle.json first, then s1.json and so on.
const NEXT_FILE: u8 = 0;

static TABLE: LazyLock<Thresholds> = LazyLock::new(|| Thresholds::shipped().expect("the shipped table is whole"));

fuzz_target!(init: seed(seeds()), |data: &[u8]| {
    let Some((tag, bytes)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    match tag % 6 {
        0 => read_folder(bytes),
        1 => {
            let _ = fiction::parse_meeting(&text, "s1.json").inspect_err(|e| assert!(!e.to_string().is_empty()));
        }
        2 => json::<Vec<Phase>>(&text),
        3 => json::<Circle>(&text),
        4 => json::<Meeting>(&text),
        _ => drop(serde_json::from_str::<Findings>(&text)),
    }
});

/// What was read can be stored, and what was stored can be read.
fn json<T: DeserializeOwned + Serialize>(text: &str) {
    let Ok(value) = serde_json::from_str::<T>(text) else { return };
    let stored = serde_json::to_string(&value).expect("a value of the field is JSON");
    let again = serde_json::from_str::<T>(&stored).expect("what was stored can be read");
    assert_eq!(stored, serde_json::to_string(&again).expect("a value of the field is JSON"));
}

fn read_folder(bytes: &[u8]) {
    let folder = folder();
    for (n, file) in bytes.split(|b| *b == NEXT_FILE).enumerate().take(4) {
        let name = if n == 0 { "circle.json".to_owned() } else { format!("s{n}.json") };
        std::fs::write(folder.path().join(name), file).expect("there is room");
    }
    match fiction::read(folder.path()) {
        Ok(circle) => reflect(circle),
        Err(e) => assert!(!e.to_string().is_empty()),
    }
}

/// The way of `candor rehearse`, with moves and meanings that follow from the place of a word alone.
fn reflect(Fiction { circle, meetings }: Fiction) {
    assert!(circle.fiction && !meetings.is_empty());
    let meetings: Vec<Meeting> = meetings.into_iter().map(|m| m.meeting).collect();
    let rows = |row: fn(usize) -> MoveScores| -> Vec<Vec<MoveScores>> {
        meetings.iter().map(|m| (0..m.utterances.len()).map(row).collect()).collect()
    };
    let moves = rows(|n| MoveScores(std::array::from_fn(|k| if k == n % MOVES.len() { 0.83 } else { 0.01 })));
    let meanings: Vec<Vec<Vec<f32>>> = meetings
        .iter()
        .map(|m| {
            m.utterances.iter().map(|u| if u.text.len() % 2 == 0 { vec![1.0, 0.0] } else { vec![0.6, 0.8] }).collect()
        })
        .collect();
    let findings = reflect::read(&circle, &meetings, &moves, &meanings, &TABLE, &mut ByKeyness);
    let stored = serde_json::to_string(&findings).expect("findings are JSON");
    serde_json::from_str::<Findings>(&stored).expect("what was stored can be read");
    let gatherings = meetings.iter().map(Gathering::from).collect();
    let sheet = Sheet::new(&findings, &brief::Context { names: true, gatherings, ..brief::Context::default() });
    assert!(brief::markdown(&sheet).is_ok_and(|text| !text.is_empty()));
    assert!(brief::json(&sheet).is_ok());
}

fn seeds() -> Vec<Vec<u8>> {
    let circle =
        r#"{"circle":"Harbor","setting":"organizations","cadence_days":30,"about":"Six of them.","fiction":true}"#;
    let meeting = |session: u32| {
        format!(
            r#"{{"session":{session},"date":"2026-0{session}-15","facilitator":"Ruth","roster":["Ruth","Owen","Mina"],
            "present":["Ruth","Owen"],"planned_minutes":60,
            "phases":[{{"name":"all","rule":"questions_only","presenter":"Owen","from":0,"to":2}}],
            "utterances":[{{"i":0,"speaker":"Ruth","text":"What became of the roof?","pause_before":0.5}},
            {{"i":1,"speaker":"Owen","text":"I will call the builder, I said. The roof still leaks.","pause_before":-0.2}},
            {{"i":2,"speaker":"Owen","text":"I called the builder about the roof.","pause_before":4}}]}}"#
        )
    };
    let spoken = r#"{"session":3,"date":"2026-03-15","facilitator":"R","roster":["R"],"present":["R"],"planned_minutes":9,
        "audio":"s3.wav","phases":[{"name":"all","rule":"free","from_s":0,"to_s":1.5e2}]}"#;
    let phases = r#"[{"name":"check-in","rule":"one_voice","presenter":null,"from_s":0,"to_s":900}]"#;
    let findings = r#"{"candor":"0.1.0","circle":"Harbor","models":{},"meetings":[],"themes":[{"id":"t1","label":"roof",
        "sessions":[1],"movement":"some"}],"claims":[{"text":"It came back.","quotes":[{"session":1,"i":2,"text":"roof"}]}]}"#;
    let folder = [circle, &meeting(1), &meeting(2)].join("\0");
    vec![
        tagged(0, folder),
        tagged(0, [circle, spoken].join("\0")),
        tagged(1, meeting(1)),
        tagged(1, spoken),
        tagged(2, phases),
        tagged(3, circle),
        tagged(4, meeting(2)),
        tagged(5, findings),
    ]
}
