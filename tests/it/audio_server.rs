//! A PulseAudio server of the test's own: a sink that plays into nothing and whose monitor is the microphone.

use std::{
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Mutex, MutexGuard, PoisonError},
    thread::sleep,
    time::{Duration, Instant},
};

/// One at a time: sound is in real time, and several servers beside one another on a busy machine fall silent.
static ONE: Mutex<()> = Mutex::new(());

/// A server that ends with the test.
pub(crate) struct AudioServer {
    _turn: MutexGuard<'static, ()>,
    pub(crate) home: tempfile::TempDir,
    pub(crate) process: Child,
}

impl AudioServer {
    /// None, with the reason printed, where PulseAudio is not installed.
    pub(crate) fn start() -> Option<Self> {
        let turn = ONE.lock().unwrap_or_else(PoisonError::into_inner);
        let home = tempfile::tempdir().unwrap();
        let socket = home.path().join("pulse.sock");
        let process = Command::new("pulseaudio")
            .args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no"])
            .args(["-L", "module-null-sink sink_name=room"])
            .args(["-L", &format!("module-native-protocol-unix auth-anonymous=1 socket={}", socket.display())])
            .env("HOME", home.path())
            .env("XDG_RUNTIME_DIR", home.path())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            eprintln!("skipped: pulseaudio is not installed");
            return None;
        };
        let alsa = format!(
            "</usr/share/alsa/alsa.conf>\npcm.!default {{ type pulse server \"unix:{0}\" device \"room.monitor\" }}\n\
             ctl.!default {{ type pulse server \"unix:{0}\" }}\n",
            socket.display()
        );
        std::fs::write(home.path().join("alsa.conf"), alsa).unwrap();
        let server = Self { _turn: turn, home, process };
        let began = Instant::now();
        while !server.control(&["info"]) {
            assert!(began.elapsed() < Duration::from_secs(30), "the audio server does not come up");
            sleep(Duration::from_millis(100));
        }
        Some(server)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    pub(crate) fn client(&self, program: &str) -> Command {
        let mut client = Command::new(program);
        client.arg(format!("--server=unix:{}", self.path("pulse.sock").display()));
        client.env("HOME", self.home.path()).stdout(Stdio::null()).stderr(Stdio::null());
        client
    }

    fn control(&self, args: &[&str]) -> bool {
        self.client("pactl").args(args).status().unwrap().success()
    }

    /// Plays a file into the room, while the test goes on and this lives.
    pub(crate) fn play(&self, file: &Path) -> Playing {
        Playing(self.client("paplay").arg("--device=room").arg(file).spawn().unwrap())
    }

    /// Lets a program find this server's microphone as its own.
    pub(crate) fn lend_to(&self, command: &mut Command) {
        command.env("HOME", self.home.path());
        command.env("XDG_RUNTIME_DIR", self.home.path());
        command.env("ALSA_CONFIG_PATH", self.path("alsa.conf"));
    }
}

impl Drop for AudioServer {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Sound in the room; silent again once this is dropped.
pub(crate) struct Playing(Child);

impl Playing {
    /// Waits until the file has been played.
    pub(crate) fn finish(mut self) {
        self.0.wait().unwrap();
    }
}

impl Drop for Playing {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
