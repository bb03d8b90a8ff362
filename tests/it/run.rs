//! Runs the real program in a data folder of its own.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    sync::OnceLock,
};

use candor::models::{Folder, Manifest};

/// Of every vault that a test makes.
pub(crate) const PASSPHRASE: &str = "correct horse battery staple";

/// The same run by another program: a tracer, a session leader.
pub(crate) fn under(mut program: Command, inner: &Command) -> Command {
    program.arg(inner.get_program()).args(inner.get_args());
    program.envs(inner.get_envs().map(|(name, value)| (name, value.unwrap())));
    program
}

/// The small models of the tests, whatever else lies in the models folder of this machine.
pub(crate) fn small_models() -> PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let made = FOLDER.get_or_init(|| {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("models-{}", std::process::id()));
        borrow_models(&folder, "");
        folder
    });
    made.clone()
}

/// Fills a folder with the models of the test set, but for one. The mind may read beneath its folder only, so that links
/// would lead it astray: hard links, or copies.
pub(crate) fn borrow_models(folder: &Path, except: &str) {
    let real = Folder::locate(None).unwrap();
    let manifest = Manifest::embedded().unwrap();
    std::fs::create_dir_all(folder).unwrap();
    for model in manifest.set("test").unwrap().into_iter().filter(|m| m.id != except) {
        let (from, to) = (real.file(model), folder.join(&model.file));
        assert!(from.exists(), "{} is missing: run `candor-fetch --set test`", model.file);
        if std::fs::hard_link(&from, &to).is_err() && !to.exists() {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// A data folder that goes with the test.
pub(crate) struct Candor {
    pub(crate) home: tempfile::TempDir,
    /// The data folder; in `home` unless the test puts it elsewhere.
    pub(crate) data: PathBuf,
    models: PathBuf,
}

impl Candor {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("pass"), format!("{PASSPHRASE}\n")).unwrap();
        Self { data: home.path().join("data"), home, models: small_models() }
    }

    /// The same with another models folder.
    pub(crate) fn with_models(folder: &Path) -> Self {
        Self { models: folder.to_owned(), ..Self::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A command with the test's folder and passphrase, ready for more.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
        command.args(args).arg("--home").arg(&self.data).arg("--passphrase-file").arg(self.path("pass"));
        command.arg("--models").arg(&self.models);
        // Tests run side by side; minds that each take every core would wait for one another.
        command.env("RAYON_NUM_THREADS", "1").env("CANDLE_NUM_THREADS", "1");
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs what must succeed and gives its standard output.
    pub(crate) fn ok(&self, args: &[&str]) -> String {
        let out = self.run(args);
        assert!(out.status.success(), "candor {args:?} failed:\n{}", stderr(&out));
        String::from_utf8(out.stdout).unwrap()
    }

    /// Runs what must fail, with a hint and without panic, and gives what it said.
    pub(crate) fn fails(&self, args: &[&str], code: i32) -> String {
        let out = self.run(args);
        let said = stderr(&out);
        assert_eq!(out.status.code(), Some(code), "candor {args:?} said:\n{said}");
        assert!(said.contains("error:"), "{said}");
        assert!(!said.contains("panicked"), "{said}");
        said
    }
}

pub(crate) fn stderr(out: &Output) -> String {
    String::from_utf8_lossy(&out.stderr).into_owned()
}
