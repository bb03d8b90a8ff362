//! A place of its own for the real program, whose every corner can be searched: home, temporary files, data, caches.
//! What people hold in their hands (cards, the recording, the brief) lies elsewhere.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    thread::sleep,
    time::{Duration, SystemTime},
};

use crate::{
    run::{PASSPHRASE, small_models, stderr},
    search::{Needle, found_beneath, found_in},
};

/// What programs are told of where to write, and the folder for each.
const PLACES: [(&str, &str); 8] = [
    ("HOME", "home"),
    ("TMPDIR", "tmp"),
    ("CANDOR_HOME", "data"),
    ("XDG_DATA_HOME", "share"),
    ("XDG_CACHE_HOME", "cache"),
    ("XDG_CONFIG_HOME", "config"),
    ("XDG_STATE_HOME", "state"),
    ("XDG_RUNTIME_DIR", "run"),
];

pub(crate) struct Place {
    root: tempfile::TempDir,
    hands: tempfile::TempDir,
    began: SystemTime,
}

impl Place {
    pub(crate) fn new() -> Self {
        let place =
            Self { root: tempfile::tempdir().unwrap(), hands: tempfile::tempdir().unwrap(), began: SystemTime::now() };
        for (_, folder) in PLACES {
            fs::create_dir(place.root.path().join(folder)).unwrap();
        }
        fs::write(place.held("pass"), PASSPHRASE).unwrap();
        place
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.root.path().join("data")
    }

    /// A file in somebody's hands.
    pub(crate) fn held(&self, name: &str) -> PathBuf {
        self.hands.path().join(name)
    }

    fn start(&self, args: &[&str]) -> Child {
        self.start_by(Command::new(env!("CARGO_BIN_EXE_candor")), args)
    }

    /// Starts a verb with the help of another program.
    pub(crate) fn start_by(&self, mut command: Command, args: &[&str]) -> Child {
        command.args(args).arg("--passphrase-file").arg(self.held("pass")).current_dir(self.root.path());
        command.env_clear().env("CANDOR_MODELS", small_models());
        command.envs(PLACES.map(|(name, folder)| (name, self.root.path().join(folder))));
        command.env("RAYON_NUM_THREADS", "1").env("CANDLE_NUM_THREADS", "1");
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    }

    /// Runs a verb, looking for these all the while, and gives what it printed.
    pub(crate) fn watch(&self, args: &[&str], needles: &[Needle]) -> Vec<u8> {
        let mut child = self.start(args);
        while child.try_wait().unwrap().is_none() {
            self.assert_unreadable(needles);
            sleep(Duration::from_millis(50));
        }
        self.assert_unreadable(needles);
        let out = child.wait_with_output().unwrap();
        assert!(out.status.success(), "candor {args:?} failed:\n{}", stderr(&out));
        printed(out)
    }

    /// Runs a verb and kills it without warning once `late` says so; gives what it had printed. None if it was done first.
    pub(crate) fn kill(&self, args: &[&str], needles: &[Needle], late: impl Fn() -> bool) -> Option<Vec<u8>> {
        let mut child = self.start(args);
        while child.try_wait().unwrap().is_none() && !late() {
            self.assert_unreadable(needles);
        }
        let alive = child.try_wait().unwrap().is_none();
        child.kill().unwrap();
        let out = child.wait_with_output().unwrap();
        self.assert_unreadable(needles);
        alive.then(|| printed(out))
    }

    /// Looks into every file of the place, and into shared memory.
    pub(crate) fn assert_unreadable(&self, needles: &[Needle]) {
        let folders = [self.root.path(), Path::new("/dev/shm")];
        assert_eq!(found_beneath(&folders, self.began, needles), [""; 0]);
    }

    pub(crate) fn assert_silent(printed: &[u8], needles: &[Needle]) {
        assert_eq!(found_in(printed, needles), [""; 0], "{}", String::from_utf8_lossy(printed));
    }
}

fn printed(out: Output) -> Vec<u8> {
    [out.stdout, out.stderr].concat()
}

/// What the same search finds in a folder that is not locked.
pub(crate) fn found_openly(folder: &Path, needles: &[Needle]) -> Vec<String> {
    let names = needles.iter().map(|n| n.name.clone());
    let found = found_beneath(&[folder], SystemTime::UNIX_EPOCH, needles);
    names.filter(|name| found.iter().any(|f| f.starts_with(name.as_str()))).collect()
}
