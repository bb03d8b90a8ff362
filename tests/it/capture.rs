//! The ears against a real audio server.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use candor::{
    capture::{Order, Report, SOUND, Trouble},
    process::EARS,
    wire,
};

use crate::{audio_server::AudioServer, sound::Wav};

/// The real ears process.
struct Ears(Child);

impl Ears {
    fn start(home: &Path) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_candor"))
            .arg(EARS)
            .env_clear()
            .env("HOME", home)
            .env("XDG_RUNTIME_DIR", home)
            .env("ALSA_CONFIG_PATH", home.join("alsa.conf"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let hello: Report = wire::receive(child.stdout.as_mut().unwrap()).unwrap();
        assert!(matches!(hello, Report::Hello { .. }));
        Self(child)
    }

    fn order(&mut self, order: &Order) {
        wire::send(self.0.stdin.as_mut().unwrap(), order).unwrap();
    }

    fn report(&mut self) -> Report {
        wire::receive(self.0.stdout.as_mut().unwrap()).unwrap()
    }

    /// The next tenths of a second and the loudest peak in them.
    fn listen(&mut self, tenths: usize) -> (Vec<i16>, f32) {
        let (mut heard, mut peak) = (Vec::new(), 0.0f32);
        while heard.len() < tenths * SOUND {
            if let Report::Sound { samples, level } = self.report() {
                heard.extend(samples);
                peak = peak.max(level.peak);
            }
        }
        (heard, peak)
    }
}

impl Drop for Ears {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn what_the_room_plays_is_what_the_ears_hear() {
    let Some(server) = AudioServer::start() else { return };
    let mut ears = Ears::start(server.home.path());
    ears.order(&Order::Open { device: None });
    let Report::Opened(format) = ears.report() else { panic!("the microphone did not open") };
    assert!(format.rate >= 8_000 && format.channels >= 1);
    let (silence, peak) = ears.listen(5);
    assert_eq!(peak, 0.0, "an empty room's monitor is digital silence");
    assert!(silence.iter().all(|s| *s == 0));

    let file = server.path("tone.wav");
    Wav::tone(48_000, 2, 16, 4.0).write(&file);
    let player = server.play(&file);
    let (_, before) = ears.listen(10);
    let (heard, peak) = ears.listen(20);
    assert!(peak > 0.2 && peak < 0.5, "peak {peak}, before {before}");
    let crossings = heard.windows(2).filter(|w| w[0] < 0 && w[1] >= 0).count();
    assert!(crossings.abs_diff(440) < 30, "a tone of 220 Hz crosses zero 440 times in two seconds, not {crossings}");
    player.finish();

    ears.order(&Order::Stop);
    while !matches!(ears.report(), Report::Stopped) {}
    ears.order(&Order::Open { device: None });
    assert!(matches!(ears.report(), Report::Opened(_)), "it can be opened again");
}

#[test]
fn a_microphone_that_goes_away_is_reported_within_ten_seconds() {
    let Some(mut server) = AudioServer::start() else { return };
    let mut ears = Ears::start(server.home.path());
    ears.order(&Order::Open { device: None });
    ears.listen(2);
    server.process.kill().unwrap();
    server.process.wait().unwrap();
    let began = Instant::now();
    loop {
        if let Report::Trouble(trouble) = ears.report() {
            assert!(matches!(trouble, Trouble::Lost | Trouble::Stalled(_) | Trouble::Other(_)), "{trouble:?}");
            break;
        }
    }
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn without_a_microphone_the_ears_say_so_and_live_on() {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("alsa.conf"), "pcm.!default { type pulse server \"unix:/nowhere\" }\n").unwrap();
    let mut ears = Ears::start(home.path());
    for device in [None, Some("no such thing".to_owned())] {
        ears.order(&Order::Open { device });
        assert!(matches!(ears.report(), Report::Trouble(t) if t.ends()));
    }
    ears.order(&Order::Stop);
    assert!(matches!(ears.report(), Report::Stopped));
}
