//! A meeting with words, what was made of them, notes and sound, in a vault on disk that is to forget some of it.

use std::{fs, time::SystemTime};

use candor::{
    consent::{
        Audience, Card, Decision, Digest, Ledger, MeetingId, Outcome, Proposal, Round, Secret, StoredEvent, Terms,
        notice::Source,
    },
    session::{Meeting, iso_date},
    spool::{SpoolKey, SpoolReader, SpoolWriter},
    store::{MeetingRow, MeetingState, SpoolRow, Store},
};

use crate::{
    circle::{MEMBERS, Table},
    opened::Opened,
    run::PASSPHRASE,
    search::{Needle, files, found_beneath, found_in},
    sound::Wav,
    traces,
    vault::open,
};

const DAY: i64 = 24 * 60 * 60;
/// The meeting's number in the vault.
const ROW: i64 = 1;

pub(crate) const SOUND_KEY: &str = "locked key of the sound";

pub(crate) struct Held {
    pub(crate) table: Table,
    /// The data folder as it was before anything was erased.
    before: tempfile::TempDir,
    needles: Vec<Needle>,
}

impl Held {
    /// Agreed to and imported through the command line; the sound is kept.
    pub(crate) fn imported() -> Self {
        let table = Table::new();
        let (file, answers) = (table.candor.path("a.wav"), table.candor.path("answers"));
        Wav::tone(16_000, 1, 16, 3.0).write(&file);
        let (file, answers) = (file.to_str().unwrap(), answers.to_str().unwrap());
        table.candor.ok(&["consent", "--file", file, "--answers", answers, "--keep-audio", "30"]);
        table.candor.ok(&["import", file]);
        Self::of(table)
    }

    /// Agreed to some days ago, which only the library can do: the program has no clock but the machine's.
    pub(crate) fn agreed(days_ago: i64, keep_audio_days: u16, erase_after_days: u16) -> Self {
        let table = Table::new();
        let terms = Terms { keep_audio_days, erase_after_days, brief_for: Audience::Screen, ..Terms::EVERY_USE };
        let store = open(&table.candor.data);
        let circle = store.circles().unwrap().remove(0);
        let mut ledger = Ledger::verify(store.ledger(circle.id).unwrap()).unwrap();
        let now = i64::try_from(SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs()).unwrap() - days_ago * DAY;
        let proposal = Proposal {
            meeting: MeetingId(1),
            date: plan().date,
            source: Source::File(Digest([1; 32])),
            present: ledger.state().members.keys().copied().collect(),
            may_come: vec![],
            terms,
            models: vec![],
        };
        ledger.ask(&circle.keeper, proposal, now).unwrap();
        let mut round = Round::begin(&ledger, MeetingId(1)).unwrap();
        for (member, sealed) in store.keys(circle.id).unwrap() {
            let card = Card::parse(&table.card(MEMBERS[member.0 as usize])).unwrap();
            let key = ledger.unlock(member, &sealed, &Secret::Card(card)).unwrap();
            round.answer(key, Decision::Yes(terms)).unwrap();
        }
        assert!(matches!(round.close(&mut ledger, &circle.keeper, now), Ok(Outcome::Granted(_))));
        let records: Vec<StoredEvent> = ledger.pending().to_vec();
        store.append_to_ledger(circle.id, &records).unwrap();
        store.add_meeting(circle.id, &plan(), MeetingState::Recorded, "").unwrap();
        add_sound(&table, &store);
        drop(store);
        Self::of(table)
    }

    /// Writes the words down, as `transcribe`, `reflect` and `note` would.
    fn of(table: Table) -> Self {
        let store = open(&table.candor.data);
        let circle = store.circles().unwrap().remove(0).id;
        store.put_utterances(ROW, &traces::words()).unwrap();
        store.put_reading(ROW, "models", &traces::reading()).unwrap();
        let row = store.meeting(circle, 1).unwrap().unwrap();
        let row = MeetingRow { state: MeetingState::Transcribed, notes: traces::NOTES.into(), ..row };
        store.update_meeting(&row).unwrap();
        store.put_findings(circle, &traces::findings()).unwrap();
        let wrapped = store.spool(ROW).unwrap().unwrap().wrapped;
        drop(store);

        let before = tempfile::tempdir().unwrap();
        fs::create_dir(before.path().join("spool")).unwrap();
        for file in files(&table.candor.data) {
            fs::copy(&file, before.path().join(file.strip_prefix(&table.candor.data).unwrap())).unwrap();
        }
        let mut needles = traces::needles();
        needles.push(Needle::bytes(SOUND_KEY, &wrapped));
        Self { table, before, needles }
    }

    pub(crate) fn withdraw(&self, scope: &str) {
        let (candor, card) = (&self.table.candor, self.table.candor.path("card"));
        fs::write(&card, self.table.card("Mina")).unwrap();
        let card = card.to_str().unwrap();
        candor.ok(&[
            "withdraw",
            "--member",
            "Mina",
            "--session",
            "1",
            "--scope",
            scope,
            "--card-file",
            card,
            "--later",
        ]);
    }

    pub(crate) fn opened(&self) -> Opened {
        Opened::new(&self.table.candor.data, PASSPHRASE)
    }

    pub(crate) fn assert_everything_is_there(&self) {
        let pages = Opened::new(self.before.path(), PASSPHRASE).pages();
        assert_eq!(found_in(&pages, &self.needles).len(), self.needles.len(), "the search must be able to find it");
        self.sound_opens(&open(self.before.path())).expect("the sound must have been there");
    }

    /// What is still found, on the pages in the clear. In the files as they lie there nothing is, and no journal is left.
    pub(crate) fn left(&self) -> Vec<&str> {
        let data = &self.table.candor.data;
        assert_eq!(found_beneath(&[data], SystemTime::UNIX_EPOCH, &self.needles), [""; 0]);
        for file in files(data).iter().filter(|f| f.to_string_lossy().contains("vault.db-")) {
            assert_eq!(fs::metadata(file).unwrap().len(), 0, "{} holds old pages", file.display());
        }
        found_in(&self.opened().pages(), &self.needles)
    }

    /// Neither with the file that lies there, nor with the copy that somebody kept. (Somebody who also kept the vault has
    /// the key that is in it.)
    pub(crate) fn assert_the_sound_is_gone(&self) {
        assert!(files(&self.table.candor.data.join("spool")).is_empty());
        let why = self.sound_opens(&open(&self.table.candor.data)).unwrap_err();
        assert_eq!(why, "no key");
        assert!(!self.left().contains(&SOUND_KEY));
    }

    /// Tries to open the copy of the sound with what a vault holds.
    fn sound_opens(&self, vault: &Store) -> Result<(), &'static str> {
        let row = vault.spool(ROW).unwrap().ok_or("no key")?;
        let key = SpoolKey::unwrap(&row.wrapped, &vault.vault().spool_wrapping_key(), ROW as u64);
        let file = self.before.path().join("spool").join(&row.file);
        let sound = SpoolReader::open(&file, ROW as u64, &key.map_err(|_| "wrong key")?, row.frames);
        let loud = sound.map_err(|_| "wrong sound")?.seconds(0).any(|s| s.unwrap().iter().any(|n| *n > 1_000));
        if loud { Ok(()) } else { Err("silence") }
    }
}

fn plan() -> Meeting {
    let names = MEMBERS.map(str::to_owned).to_vec();
    Meeting {
        session: 1,
        date: iso_date::parse("2026-01-15").unwrap(),
        facilitator: names[0].clone(),
        present: names.clone(),
        roster: names,
        planned_minutes: 60,
        phases: vec![],
        utterances: vec![],
        from_audio: true,
    }
}

/// As `import` does.
fn add_sound(table: &Table, store: &Store) {
    let key = SpoolKey::random().unwrap();
    let wrapped = key.wrap(&store.vault().spool_wrapping_key(), ROW as u64).unwrap();
    let file = "meeting-1.spool".to_owned();
    let mut writer = SpoolWriter::create(&table.candor.data.join("spool").join(&file), ROW as u64, &key).unwrap();
    writer.push(&[12_345; 40_000]).unwrap();
    let frames = writer.finish().unwrap().frames;
    store.add_spool(ROW, &SpoolRow { file, wrapped, frames }).unwrap();
}
