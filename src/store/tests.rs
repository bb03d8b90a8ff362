use super::*;
use crate::{
    consent::Ledger,
    findings::Findings,
    session::{Circle, Meeting, Setting, Utterance, iso_date},
    wire::{Heard, VoiceWindow},
};

const CANARY: &str = "zebracanary";

fn store() -> (Store, i64, i64) {
    let store = Store::new(Vault::in_memory().unwrap()).unwrap();
    let (mut ledger, keeper) = Ledger::create("Tuesday table", 1_000).unwrap();
    let circle = Circle {
        name: "Tuesday table".into(),
        setting: Setting::Organizations,
        cadence_days: 30,
        about: String::new(),
        fiction: false,
    };
    let id = store.add_circle(&circle, &keeper).unwrap();
    store.append_to_ledger(id, ledger.pending()).unwrap();
    ledger.stored();
    let plan = Meeting {
        session: 1,
        date: iso_date::parse("2026-01-15").unwrap(),
        facilitator: "Ruth".into(),
        roster: vec!["Ruth".into(), "Owen".into()],
        present: vec!["Ruth".into(), "Owen".into()],
        planned_minutes: 60,
        phases: vec![],
        utterances: vec![],
        from_audio: true,
    };
    let meeting = store.add_meeting(id, &plan, MeetingState::Consented, "").unwrap();
    (store, id, meeting)
}

fn said(i: u32, speaker: &str, text: &str) -> Utterance {
    Utterance {
        i,
        speaker: speaker.into(),
        text: text.into(),
        start: i as f32,
        end: i as f32 + 0.5,
        pause_before: 0.5,
        confidence: 1.0,
    }
}

/// Every byte of every page, decrypted.
fn pages(store: &mut Store) -> Vec<u8> {
    let copy = store.vault.connection_mut().serialize("main").unwrap();
    copy.to_vec()
}

fn holds(store: &mut Store, what: &str) -> bool {
    pages(store).windows(what.len()).any(|w| w == what.as_bytes())
}

#[test]
fn the_ledger_comes_back_as_it_was_and_only_grows() {
    let (store, id, _) = store();
    assert!(Ledger::verify(store.ledger(id).unwrap()).is_ok());
    assert!(store.db().execute("UPDATE ledger SET body = x'00'", []).is_err());
    assert!(store.db().execute("DELETE FROM ledger", []).is_err());
}

#[test]
fn voices_are_gone_once_the_turns_are_formed() {
    let (store, _, meeting) = store();
    let window = VoiceWindow { start: 0.0, end: 1.6, embedding: vec![0.5; 256] };
    let heard = Heard { upto: 2.0, voices: vec![window], ..Heard::default() };
    store.add_heard(meeting, heard.clone()).unwrap();
    assert_eq!(store.heard(meeting).unwrap(), [heard]);
    store.put_utterances(meeting, &[said(0, "voice 1", "hello")]).unwrap();
    assert!(store.heard(meeting).unwrap().is_empty());
    let left: i64 = store.db().query_row("SELECT count(*) FROM voice", [], |r| r.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[test]
fn erased_words_are_on_no_page() {
    let (mut store, circle, meeting) = store();
    let many: Vec<Utterance> = (0..400)
        .map(|i| said(i, if i % 2 == 0 { "Ruth" } else { "Owen" }, if i % 2 == 0 { CANARY } else { "something else" }))
        .collect();
    store.put_utterances(meeting, &many).unwrap();
    assert!(holds(&mut store, CANARY), "the search must be able to find it");
    store.erase_words(circle, meeting, "Ruth").unwrap();
    assert!(!holds(&mut store, CANARY));
    let rest = store.utterances(meeting).unwrap();
    assert_eq!(rest.len(), 200);
    assert!(rest.iter().enumerate().all(|(k, u)| u.i as usize == k && u.speaker == "Owen"));
}

#[test]
fn an_erased_meeting_leaves_only_that_it_took_place() {
    let (mut store, circle, meeting) = store();
    store.put_utterances(meeting, &[said(0, "Ruth", CANARY)]).unwrap();
    let spool = SpoolRow { file: "m1.spool".into(), wrapped: vec![7; 48], frames: 3 };
    store.add_spool(meeting, &spool).unwrap();
    store.erase_meeting(circle, meeting).unwrap();
    assert!(!holds(&mut store, CANARY));
    assert_eq!(store.spool(meeting).unwrap(), None);
    assert_eq!(store.meetings(circle).unwrap()[0].state, MeetingState::Erased);
}

#[test]
fn findings_come_back_up_to_a_meeting_with_its_words_and_what_is_quoted_of_the_others() {
    let (store, circle, _) = store();
    let fixture = include_str!("../../tests/fixtures/ridge-findings.json");
    let mut found: Findings = serde_json::from_str(fixture).unwrap();
    assert_eq!(store.findings(circle, 4).unwrap(), None);
    store.put_findings(circle, &found).unwrap();
    let kept = store.findings(circle, 4).unwrap().unwrap();

    found.meetings.truncate(4);
    let quoted = [&[67, 68][..], &[1, 3, 33, 38, 60, 61], &[1, 3, 40, 66, 69]];
    for (m, quoted) in found.meetings.iter_mut().zip(quoted) {
        m.utterances.retain(|u| quoted.contains(&u.i));
    }
    assert_eq!(kept, found);
}

#[test]
fn erasing_takes_what_was_found_along() {
    let (mut store, circle, meeting) = store();
    let fixture = include_str!("../../tests/fixtures/ridge-findings.json").replace("nineteen pence", CANARY);
    store.put_findings(circle, &serde_json::from_str(&fixture).unwrap()).unwrap();
    assert!(holds(&mut store, CANARY), "the search must be able to find it");
    store.erase_words(circle, meeting, "Ruth").unwrap();
    assert!(!holds(&mut store, CANARY));
    assert_eq!(store.findings(circle, 5).unwrap(), None);
}

#[test]
fn a_vault_of_a_later_candor_is_not_touched() {
    let vault = Vault::in_memory().unwrap();
    vault.connection().pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(Store::new(vault), Err(StoreError::Newer { found: 99, .. })));
}

#[test]
fn a_vault_of_the_first_version_loses_only_what_can_be_found_again() {
    let vault = Vault::in_memory().unwrap();
    vault.connection().execute_batch(MIGRATIONS[0]).unwrap();
    vault
        .connection()
        .execute_batch(
            "INSERT INTO circle (id, name, about, keeper) VALUES (1, 'Harbor', '{}', x'00');
             INSERT INTO meeting (id, circle, session, plan, state) VALUES (1, 1, 1, '{}', 'transcribed');
             INSERT INTO utterance VALUES (1, 0, 'Ruth', 'We met.', 0, 1, 0, 1);
             INSERT INTO findings VALUES (1, '{}');
             PRAGMA user_version = 1;",
        )
        .unwrap();
    let store = Store::new(vault).unwrap();
    assert_eq!(store.utterances(1).unwrap()[0].text, "We met.");
    assert_eq!(store.findings(1, 1).unwrap(), None);
}
