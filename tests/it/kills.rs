//! `kill -9` in the middle of a real recording: nothing that was acknowledged is lost, and the recording goes on.

use std::{
    fs::File,
    process::Stdio,
    thread::{self, sleep},
    time::{Duration, Instant, SystemTime},
};

use candor::spool::Ending;

use crate::{audio_server::AudioServer, circle::Table, recording::recorded, sound::Wav};

/// Kills in all; 1,000 by `CANDOR_KILLS=1000`.
fn kills() -> u32 {
    std::env::var("CANDOR_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(6)
}

/// A frame of a spool has a little more bytes than this: those of a second of sound.
const FRAME: u64 = 32_000;

/// Circles that are recorded side by side, so that a thousand kills take minutes.
const ROOMS: u32 = 3;

#[test]
fn a_killed_recording_keeps_every_acknowledged_second_and_goes_on() {
    let Some(server) = AudioServer::start() else { return };
    let hours = server.path("long.wav");
    Wav::tone(8_000, 1, 16, 7_200.0).write(&hours);
    let _player = server.play(&hours);
    let seconds: usize = thread::scope(|s| {
        let server = &server;
        let rooms: Vec<_> = (0..ROOMS).map(|room| s.spawn(move || one_room(server, room))).collect();
        rooms.into_iter().map(|r| r.join().unwrap()).sum()
    });
    eprintln!("{} kills of a recording: {seconds} s acknowledged, 0 lost", kills().div_ceil(ROOMS) * ROOMS);
    assert!(seconds > 0);
}

/// Kills one circle's recording again and again, and gives the seconds that are in its spool at the end.
fn one_room(server: &AudioServer, room: u32) -> usize {
    let table = Table::new();
    table.consent_to_record("Ruth,Owen,Mina");
    let mut before = 0;
    for kill in 0..kills().div_ceil(ROOMS) {
        let mut command = table.candor.command(&["record"]);
        server.lend_to(&mut command);
        let said = File::create(table.candor.path("said")).unwrap();
        let mut record = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(said).spawn().unwrap();
        // At any moment of a recording: as soon as it goes on; after a second at least (the frame before it tells of the gap); before it goes on.
        let before_it = length(&table);
        match kill % 5 {
            4 => {}
            1 | 3 => await_growth(&table, before_it + 2 * FRAME),
            _ => await_growth(&table, before_it + 1),
        }
        // Not a multiple of anything the program does.
        sleep(Duration::from_millis(u64::from((kill * 577 + room * 191) % 2_000)));
        record.kill().unwrap();
        record.wait().unwrap();
        if !table.candor.data.join("spool").exists() {
            continue;
        }
        // Opening refuses a spool that holds less than what the vault knows of, or a frame that is not whole.
        let Some((samples, _, ending)) = recorded_so_far(&table) else { continue };
        assert_eq!(ending, Ending::Interrupted);
        assert!(samples.len() >= before, "kill {kill} of room {room}: {} samples after {before}", samples.len());
        before = samples.len();
    }
    offered(&table);
    before / 16_000
}

/// The next start says what can be done with the recording; erasing it is one of three ways.
fn offered(table: &Table) {
    let said = crate::run::stderr(&table.candor.run(&["circle", "show"]));
    for way in ["was interrupted", "candor record --session 1", "candor transcribe --session 1"] {
        assert!(said.contains(way), "{said}");
    }
    let spool = std::fs::read_dir(table.candor.data.join("spool")).unwrap().next().unwrap().unwrap().path();
    let an_hour_ago = SystemTime::now() - Duration::from_secs(3_600);
    File::options().write(true).open(spool).unwrap().set_modified(an_hour_ago).unwrap();
    assert!(table.candor.fails(&["record"], 3).contains("half an hour ago"));
    table.candor.ok(&["erase", "--session", "1", "--yes"]);
    assert_eq!(length(table), 0);
    assert!(!crate::run::stderr(&table.candor.run(&["circle", "show"])).contains("interrupted"));
}

/// Bytes of the spool, which has one file.
fn length(table: &Table) -> u64 {
    let files = std::fs::read_dir(table.candor.data.join("spool")).into_iter().flatten();
    files.filter_map(|f| f.ok()?.metadata().ok()).map(|m| m.len()).sum()
}

/// Waits until the spool is so long.
fn await_growth(table: &Table, bytes: u64) {
    let began = Instant::now();
    while length(table) < bytes {
        let said = || std::fs::read_to_string(table.candor.path("said")).unwrap();
        assert!(began.elapsed() < Duration::from_secs(60), "nothing is recorded: {}", said());
        sleep(Duration::from_millis(5));
    }
}

fn recorded_so_far(table: &Table) -> Option<(Vec<i16>, Vec<f32>, Ending)> {
    let folder = table.candor.data.join("spool");
    let begun = std::fs::read_dir(folder).unwrap().count() > 0;
    begun.then(|| recorded(&table.candor.data))
}
