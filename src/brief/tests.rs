//! The brief of a whole circle: what it holds, and that nothing in it can act or leave.

use crate::findings::{Findings, Quote, State};
use crate::session::{Phase, Rule, iso_date};

use super::{Context, Gathering, Sheet, html, json, markdown};

const ROSTER: [&str; 6] = ["Marta", "Keith", "Anjali", "Luca", "Siobhan", "Alistair"];

fn ridge() -> Findings {
    serde_json::from_str(include_str!("../../tests/fixtures/ridge-findings.json")).unwrap()
}

fn phase(name: &str, rule: Rule, from: u32, to: u32) -> Phase {
    Phase { name: name.into(), rule, presenter: None, from: Some(from), to: Some(to), from_s: None, to_s: None }
}

fn gathering(session: u32, date: &str, present: &[&str]) -> Gathering {
    let own = |names: &[&str]| names.iter().map(|n| (*n).to_owned()).collect();
    Gathering {
        session,
        date: iso_date::parse(date).unwrap(),
        facilitator: "Marta".into(),
        present: own(present),
        roster: own(&ROSTER),
        phases: vec![
            phase("arriving", Rule::Free, 0, 12),
            phase("check-in", Rule::OneVoice, 13, 16),
            phase("open", Rule::Open, 17, 73),
            phase("closing", Rule::OneVoice, 74, 80),
        ],
        recorded: true,
        notes: None,
    }
}

fn context(names: bool) -> Context {
    Context {
        names,
        gatherings: vec![gathering(5, "2024-07-25", &["Marta", "Luca", "Siobhan", "Alistair"])],
        terms: vec![
            "Record, transcribe and analyse the meeting, and tell voices apart.".into(),
            "Keep the words for 90 days; do not keep the audio.".into(),
            "Facilitator and members may read this sheet, with names.".into(),
        ],
        erased: vec![
            "The audio was erased on 25 July 2024 at 18:10.".into(),
            "The words are erased on 23 October 2024.".into(),
        ],
        ledger: Some("copper lantern river amber quiet orbit maple seven".into()),
        language: Some("en-GB".into()),
    }
}

fn page(findings: &Findings, context: &Context) -> String {
    html(&Sheet::new(findings, context)).unwrap()
}

#[test]
fn the_page_holds_every_part_in_its_order() {
    let page = page(&ridge(), &context(true));
    let mut at = 0;
    for part in [
        "FICTION",
        "<h1",
        "Meeting 5",
        "Thursday 25 July 2024",
        "Four of six were present: Marta, Luca, Siobhan and Alistair.",
        "Three concerns came back",
        "No signs of life were seen",
        "Seven signs of decay were seen",
        "id=\"recurs\"",
        "id=\"life\"",
        "id=\"decay\"",
        "Also in meeting 4.",
        "id=\"promised\"",
        "class=\"question\"",
        "id=\"talk\"",
        "id=\"arc\"",
        "id=\"limits\"",
        "id=\"made\"",
        "Read 81 of 81 utterances",
        "<code>",
        "copper lantern",
    ] {
        let found = page[at..].find(part);
        assert!(found.is_some(), "{part} is missing or out of order");
        at += found.unwrap();
    }
}

#[test]
fn signs_are_seen_or_looked_for_in_vain() {
    let sheet = Sheet::new(&ridge(), &context(true));
    assert!(sheet.not_seen.iter().any(|t| t == "Little steering"));
    assert!(!sheet.not_seen.iter().any(|t| t == "Drift into chat" || t == "One voice at length"));
    assert!(sheet.decay.windows(2).all(|w| w[0].strength >= w[1].strength));
    assert!(sheet.decay.iter().all(|s| s.quotes.len() <= 2));
    assert_eq!(sheet.arc.decay_counts, [0, 0, 1, 4, 7].map(Some));
}

#[test]
fn nothing_in_the_page_can_act_or_leave() {
    let page = page(&ridge(), &context(true));
    for forbidden in ["<script", "javascript:", "http:", "https:", "url(h", "@import", "src=", "<iframe", "<form"] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    let mut tags = page.split('<').filter_map(|t| t.split('>').next());
    assert!(tags.all(|tag| !tag.contains(" on")), "an event handler");
    assert!(page.contains("content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\""));
    assert!(page.len() < 300_000, "{} bytes", page.len());
}

#[test]
fn headings_descend_one_level_at_a_time_and_tables_have_captions() {
    let page = page(&ridge(), &context(true));
    let levels: Vec<u8> = page
        .match_indices("<h")
        .filter_map(|(k, _)| page.as_bytes().get(k + 2).filter(|b| b.is_ascii_digit()).map(|b| b - b'0'))
        .collect();
    assert_eq!(levels.first(), Some(&1));
    assert_eq!(levels.iter().filter(|l| **l == 1).count(), 1);
    assert!(levels.windows(2).all(|w| w[1] <= w[0] + 1), "{levels:?}");
    assert_eq!(page.matches("<table").count(), page.matches("<caption").count());
    assert_eq!(page.matches("<main").count(), 1);
    assert!(page.contains("<html lang=\"en\""));
}

#[test]
fn speech_stays_text_in_every_form() {
    let mut findings = ridge();
    let evil = "<script>alert(1)</script> *bold* [link](https://example.org) \u{202E}| `code` &lt;";
    let m = findings.meetings.last_mut().unwrap();
    m.utterances[61].text = evil.into();
    m.themes[0].label = evil.into();
    findings.circle = evil.into();
    findings.question = Some(evil.into());
    findings.themes[0].label = evil.into();
    findings.claims[0].quotes = vec![Quote { session: 5, i: 61, text: evil.into() }];
    let sheet = Sheet::new(&findings, &context(true));
    let page = html(&sheet).unwrap();
    assert!(!page.contains("<script") && !page.contains('\u{202E}'));
    assert!(page.contains("&lt;script&gt;"));
    let text = markdown(&sheet).unwrap();
    for meaning in ["<script", " [link", "https://", " *bold", " `code"] {
        assert!(!text.contains(meaning), "{meaning}");
    }
    let data: serde_json::Value = serde_json::from_str(&json(&sheet).unwrap()).unwrap();
    assert!(data["question"].as_str().unwrap().starts_with("<script>"));
}

#[test]
fn without_leave_to_name_nobody_is_named_anywhere() {
    let mut findings = ridge();
    findings.claims[0].text = "Marta asked Alistair's question again.".into();
    findings.claims[0].quotes = vec![Quote { session: 5, i: 28, text: "Alistair, in February it was Skipton".into() }];
    findings.themes[0].label = "what Keith told the board".into();
    findings.meetings[4].signals[0].sentence = "Luca complained.".into();
    let sheet = Sheet::new(&findings, &context(false));
    assert_eq!(sheet.sayings[0].text, "A member asked a member's question again.");
    assert_eq!(sheet.sayings[0].quotes[0].text, "[a member], in February it was Skipton");
    for form in [html(&sheet).unwrap(), markdown(&sheet).unwrap(), json(&sheet).unwrap()] {
        for name in ROSTER {
            assert!(!form.contains(name), "{name}");
        }
        assert!(form.contains("a member"));
    }
    assert_eq!(sheet.talk.unwrap().lanes.len(), 1);
}

#[test]
fn the_three_forms_say_the_same() {
    let sheet = Sheet::new(&ridge(), &context(true));
    let (page, text) = (html(&sheet).unwrap(), markdown(&sheet).unwrap());
    for sentence in sheet.lead.iter().chain(&sheet.cannot_say).chain(sheet.decay.iter().map(|s| &s.sentence)) {
        assert!(page.contains(&minijinja::HtmlEscape(sentence).to_string()), "{sentence}");
        assert!(text.contains(sentence.as_str()), "{sentence}");
    }
}

#[test]
fn a_meeting_that_was_not_recorded_is_attendance_and_notes() {
    let mut context = context(true);
    let notes = "We talked about whether to go on.".to_owned();
    context.gatherings.push(Gathering {
        recorded: false,
        notes: Some(notes),
        ..gathering(6, "2024-09-26", &["Marta", "Anjali", "Keith"])
    });
    let sheet = Sheet::new(&ridge(), &context);
    assert_eq!((sheet.title.as_str(), sheet.recorded, sheet.talk.is_none()), ("Meeting 6", false, true));
    assert_eq!(sheet.lead, ["This meeting was not recorded; attendance and notes are all there is."]);
    let page = html(&sheet).unwrap();
    assert!(page.contains("We talked about whether to go on."));
    assert!(page.contains("Nothing was recorded in this meeting"));
}

#[test]
fn a_circle_without_themes_or_signs_is_told_so() {
    let mut findings = ridge();
    findings.fiction = false;
    findings.themes.clear();
    findings.claims.clear();
    findings.commitments.clear();
    findings.meetings.truncate(1);
    findings.meetings[0].signals.iter_mut().for_each(|s| s.state = State::Absent);
    let page = page(&findings, &Context { names: true, ..Context::default() });
    for plain in [
        "No concern was found in two meetings.",
        "None was seen in this meeting.",
        "No sign was seen in any meeting.",
        "None is open.",
        "This is the first meeting that was read",
    ] {
        assert!(page.contains(plain), "{plain}");
    }
    assert!(!page.contains("FICTION"));
}

#[test]
fn a_circle_that_never_met_still_has_a_sheet() {
    let findings = Findings { meetings: vec![], themes: vec![], claims: vec![], commitments: vec![], ..ridge() };
    let sheet = Sheet::new(&findings, &Context::default());
    assert_eq!(sheet.title, "No meeting yet");
    assert!(html(&sheet).is_ok() && markdown(&sheet).is_ok());
}

#[test]
fn what_could_not_be_told_is_said() {
    let mut findings = ridge();
    let m = &mut findings.meetings[4];
    m.coverage.utterances_read = 74;
    m.utterances.iter_mut().for_each(|u| u.speaker = "someone".into());
    let said = Sheet::new(&findings, &context(true)).cannot_say;
    assert_eq!(said[0], "Seven utterances could not be read.");
    assert_eq!(said[1], "Voices were not told apart, so nothing is said of who spoke.");
    assert!(said.iter().any(|s| s.starts_with("Whether one voice")));
}

#[test]
fn recordings_have_clock_times_and_texts_estimates() {
    let mut findings = ridge();
    let at = |f: &Findings| Sheet::new(f, &context(true)).decay[0].quotes[1].at.clone();
    assert_eq!(at(&findings), "about minute 3");
    findings.meetings[4].from_audio = true;
    assert_eq!(at(&findings), "2:33");
}

/// `cargo test leaves_specimens -- --ignored` writes pages to look at into the folder that CANDOR_SPECIMENS names.
#[test]
#[ignore = "writes files for a person to look at"]
fn leaves_specimens_to_look_at() {
    let folder = std::path::PathBuf::from(std::env::var("CANDOR_SPECIMENS").unwrap());
    let mut early = ridge();
    early.meetings.truncate(2);
    early.themes.iter_mut().for_each(|t| t.sessions.retain(|s| *s <= 2));
    early.themes.retain(|t| !t.sessions.is_empty());
    early.themes.iter_mut().for_each(|t| t.shown_by.retain(|q| q.session <= 2));
    early.commitments.retain(|c| c.quote.session <= 2);
    early.commitments.iter_mut().for_each(|c| c.followed_up = c.followed_up.take().filter(|q| q.session <= 2));
    early.claims.clear();
    let mut early_context = context(true);
    early_context.gatherings = vec![gathering(2, "2024-03-07", &ROSTER)];
    let mut leftward = ridge();
    for (text, u) in ["אני לא בטוח שזה יעזור לנו, ואתם?", "لا أعرف ماذا أقول بعد كل هذا الوقت"]
        .iter()
        .cycle()
        .zip(&mut leftward.meetings[4].utterances)
    {
        u.text = (*text).into();
    }
    leftward.themes[0].label = "לספר למועצה חדשות רעות".into();
    let long_context = Context { gatherings: vec![gathering(12, "2025-03-07", &ROSTER)], ..context(true) };
    let mut unrecorded = context(true);
    unrecorded.gatherings.push(Gathering {
        recorded: false,
        notes: Some("Three came. We talked about whether to go on, and left it open.".into()),
        ..gathering(6, "2024-09-26", &["Marta", "Anjali", "Keith"])
    });
    let mut long = ridge();
    for session in 6..=12 {
        let mut m = long.meetings[session % 5].clone();
        m.session = session as u32;
        m.from_audio = true;
        for u in &mut m.utterances {
            (u.start, u.end) = (u.start * 5.0, u.end * 5.0);
        }
        long.meetings.push(m);
        let again = &mut long.themes[session % 4].sessions;
        again.push(session as u32);
    }
    for (name, findings, context) in [
        ("ridge", ridge(), context(true)),
        ("nameless", ridge(), context(false)),
        ("early", early, early_context),
        ("unrecorded", ridge(), unrecorded),
        ("long", long, long_context),
        ("leftward", leftward, context(true)),
    ] {
        let sheet = Sheet::new(&findings, &context);
        std::fs::write(folder.join(name).with_extension("html"), html(&sheet).unwrap()).unwrap();
        std::fs::write(folder.join(name).with_extension("md"), markdown(&sheet).unwrap()).unwrap();
        std::fs::write(folder.join(name).with_extension("json"), json(&sheet).unwrap()).unwrap();
    }
}
