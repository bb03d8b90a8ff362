//! A real recording at a real terminal: the keys that anyone may press, and who comes and goes.

use std::{
    f32::consts::TAU,
    io::{BufRead, BufReader},
    path::Path,
    process::{Command, Stdio},
    sync::mpsc::channel,
    thread::{self, sleep},
    time::{Duration, Instant},
};

use candor::spool::Ending;

use crate::{
    audio_server::{AudioServer, Playing},
    circle::Table,
    sound::Wav,
    terminal::Terminal,
    vault::sound,
};

/// A recording under way, with the room's sound at hand.
struct Evening {
    table: Table,
    server: AudioServer,
}

impl Evening {
    fn begin(present: &str) -> Option<Self> {
        let server = AudioServer::start()?;
        let table = Table::new();
        table.consent_to_record(present);
        Some(Self { table, server })
    }

    fn record(&self) -> Terminal {
        let mut command = self.table.candor.command(&["record"]);
        self.server.lend_to(&mut command);
        Terminal::start(&command)
    }

    /// A tone in the room, for so many seconds; it plays while the test goes on.
    fn tone(&self, hertz: f32, seconds: f32) -> Playing {
        let file = self.server.path(&format!("{hertz}.wav"));
        let mut wav = Wav { rate: 16_000, channels: 1, bits: 16, data: Vec::new() };
        for n in 0..(16_000.0 * seconds) as u32 {
            let value = (TAU * hertz * n as f32 / 16_000.0).sin() * 0.3;
            wav.data.extend(((value * 32_767.0) as i16).to_le_bytes());
        }
        wav.write(&file);
        self.server.play(&file)
    }
}

/// What is in the spool of the only meeting: its samples, its pauses in seconds, how it ends.
pub(crate) fn recorded(data: &Path) -> (Vec<i16>, Vec<f32>, Ending) {
    let spool = sound(data, 1);
    let samples = spool.seconds(0).flat_map(Result::unwrap).collect();
    (samples, spool.pauses().iter().map(|p| p.seconds).collect(), spool.ending())
}

/// How much of a pitch there is, 0 to 1: its share of the energy (Goertzel's algorithm on tenths of a second, the largest).
fn share(samples: &[i16], hertz: f32) -> f32 {
    let tenth = |part: &[i16]| {
        let turn = 2.0 * (TAU * hertz / 16_000.0).cos();
        let (mut a, mut b) = (0.0f32, 0.0f32);
        for s in part {
            (a, b) = (f32::from(*s) + turn * a - b, a);
        }
        let power = (a * a + b * b - turn * a * b) * 2.0 / part.len() as f32;
        let all: f32 = part.iter().map(|s| f32::from(*s).powi(2)).sum();
        if all < 1e6 { 0.0 } else { power / all }
    };
    samples.chunks_exact(1_600).map(tenth).fold(0.0, f32::max)
}

#[test]
fn what_is_said_off_the_record_reaches_no_file() {
    let Some(evening) = Evening::begin("Ruth,Owen,Mina") else { return };
    let on = evening.tone(440.0, 4.0);
    let mut room = evening.record();
    room.expect("RECORDING");
    sleep(Duration::from_secs(1));
    room.press("p");
    room.expect("OFF THE RECORD");
    drop(on);
    evening.tone(1_300.0, 2.0).finish();
    let _on = evening.tone(440.0, 4.0);
    room.press("p");
    room.expect("RECORDING");
    sleep(Duration::from_secs(1));
    room.press("s");
    room.expect("is recorded");
    room.expect("eight words");
    assert_eq!(room.end(), Some(0), "{}", room.shown());

    let (samples, pauses, ending) = recorded(&evening.table.candor.data);
    assert_eq!(ending, Ending::Complete);
    assert!(pauses.len() == 1 && pauses[0] > 2.0, "{pauses:?}");
    assert!(samples.len() > 16_000, "{} samples", samples.len());
    assert!(share(&samples, 440.0) > 0.9, "the search must be able to find what is on the record");
    assert!(share(&samples, 1_300.0) < 0.01, "what was said off the record is in the spool");
}

#[test]
fn one_key_stops_and_erases() {
    let Some(evening) = Evening::begin("Ruth,Owen,Mina") else { return };
    let _on = evening.tone(440.0, 20.0);
    let mut room = evening.record();
    room.expect("RECORDING");
    sleep(Duration::from_secs(2));
    room.press("e");
    room.expect("is erased");
    assert_eq!(room.end(), Some(0), "{}", room.shown());
    let spools = evening.table.candor.data.join("spool");
    assert_eq!(std::fs::read_dir(spools).unwrap().count(), 0);
    assert!(evening.table.candor.ok(&["circle", "show"]).contains("erased"));
}

#[test]
fn whoever_comes_late_is_asked_first_and_a_guest_has_everyone_asked_anew() {
    let Some(evening) = Evening::begin("Ruth,Owen") else { return };
    let _on = evening.tone(440.0, 120.0);
    let mut room = evening.record();
    room.expect("RECORDING");
    room.press("a");
    room.expect("Who has come?");
    room.line("Mina");
    room.expect("Mina: press Enter");
    room.line("");
    room.expect("a no would be known as");
    answers_with_yes(&mut room, "Mina", &evening.table.card("Mina"), false);
    room.expect("Everyone here has agreed");
    room.expect("OFF THE RECORD");
    room.press("l");
    room.expect("Who leaves?");
    room.line("Owen");
    room.expect("Owen has left");
    room.press("a");
    room.expect("Who has come?");
    room.line("Tariq");
    room.expect("not in the circle");
    room.line("yes");
    room.expect("Tariq: press Enter");
    room.line("");
    let card = card_on(&mut room);
    room.line("");
    for (name, card) in [("Ruth", evening.table.card("Ruth")), ("Mina", evening.table.card("Mina")), ("Tariq", card)] {
        answers_with_yes(&mut room, name, &card, true);
    }
    room.expect("OFF THE RECORD");
    room.press("p");
    room.expect("RECORDING");
    sleep(Duration::from_secs(1));
    room.press("s");
    room.expect("is recorded");
    assert_eq!(room.end(), Some(0), "{}", room.shown());
    let happened = evening.table.candor.ok(&["ledger", "show"]);
    for what in ["somebody came", "somebody left", "a member left the circle"] {
        assert!(happened.contains(what), "{what} is missing:\n{happened}");
    }
    assert_eq!(happened.matches(": a yes").count(), 2 + 1 + 3, "{happened}");
    let receipt = evening.table.candor.ok(&["receipts", "--member", "Ruth", "--json"]);
    assert!(receipt.contains("reconfirmed"), "{receipt}");
}

/// Answers each line of the notice as widely as asked, and shows the card; before that, says that they sit before the screen.
pub(crate) fn answers_with_yes(room: &mut Terminal, name: &str, card: &str, comes_first: bool) {
    if comes_first {
        room.expect(&format!("{name}: press Enter"));
        room.line("");
    }
    for question in ["Record.", "Write down.", "Look for patterns.", "Tell voices apart."] {
        room.expect(&format!("\n{question}"));
        room.expect("yes or no:");
        room.line("yes");
    }
    room.expect("1 to 365:");
    room.line("365");
    room.expect("circle:");
    room.line("circle");
    room.expect("yes or no:");
    room.line("yes");
    room.expect(&format!("{name}, the twelve words"));
    // Typed blind: the terminal is given a moment to stop showing what is typed.
    sleep(Duration::from_millis(200));
    room.line(card);
}

/// Reads the words of a card off the screen.
fn card_on(room: &mut Terminal) -> String {
    room.expect("write it down.");
    room.expect("Press Enter when you have");
    let shown = room.shown();
    let from = shown.rfind("The card of Tariq").unwrap();
    let lines = shown[from..].lines().skip_while(|l| !l.starts_with("  "));
    lines.take(3).flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

/// Pauses to measure; 50 by `CANDOR_PAUSES=50`.
fn pauses() -> usize {
    std::env::var("CANDOR_PAUSES").ok().and_then(|n| n.parse().ok()).unwrap_or(5)
}

/// From the key to the moment at which the audio server says that nobody listens any more. What reaches the spool ends with
/// the key itself: what came in and was not written yet is let go.
#[test]
fn the_microphone_closes_within_two_tenths_of_a_second() {
    let Some(evening) = Evening::begin("Ruth,Owen,Mina") else { return };
    let mut listener = evening.server.client("pactl").arg("subscribe").stdout(Stdio::piped()).spawn().unwrap();
    let (send, closed) = channel();
    let events = BufReader::new(listener.stdout.take().unwrap()).lines().map_while(Result::ok);
    thread::spawn(move || {
        for _ in events.filter(|e| e.contains("'remove' on source-output")) {
            send.send(Instant::now()).unwrap();
        }
    });
    let _on = evening.tone(440.0, 600.0);
    let mut room = evening.record();
    room.expect("RECORDING");
    let mut took: Vec<Duration> = Vec::new();
    for k in 0..pauses() {
        // At any moment between two messages of the ears.
        sleep(Duration::from_millis(900 + 37 * (k as u64 % 10)));
        while closed.try_recv().is_ok() {}
        let pressed = Instant::now();
        room.press("p");
        took.push(closed.recv_timeout(Duration::from_secs(20)).unwrap() - pressed);
        room.expect("OFF THE RECORD");
        room.press("p");
        room.expect("RECORDING");
    }
    room.press("s");
    room.expect("is recorded");
    assert_eq!(room.end(), Some(0), "{}", room.shown());
    listener.kill().unwrap();
    listener.wait().unwrap();
    took.sort_unstable();
    let (median, worst) = (took[took.len() / 2].as_millis(), took[took.len() - 1].as_millis());
    eprintln!("from the key to a closed microphone, {} times: median {median} ms, worst {worst} ms", took.len());
    assert!(median < 200, "median {median} ms, worst {worst} ms");
    let (samples, found, _) = recorded(&evening.table.candor.data);
    assert!(found.len() == took.len() && samples.len() > took.len() * 8_000);
}

#[test]
fn a_terminal_is_as_it_was_after_the_recording() {
    let Some(evening) = Evening::begin("Ruth,Owen,Mina") else { return };
    let _on = evening.tone(440.0, 20.0);
    let inner = evening.table.candor.command(&["record", "--seconds", "1"]);
    let words: Vec<_> =
        std::iter::once(inner.get_program()).chain(inner.get_args()).map(|w| w.to_str().unwrap()).collect();
    let mut shell = Command::new("sh");
    shell.args(["-c", &format!("{}; stty -a", words.join(" "))]);
    evening.server.lend_to(&mut shell);
    let mut room = Terminal::start(&shell);
    room.expect("is recorded");
    room.expect("icanon");
    assert!(room.shown().contains(" echo "), "{}", room.shown());
    room.end();
}
