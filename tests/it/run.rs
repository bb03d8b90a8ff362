//! Runs the real program in a data folder of its own.

use std::{
    io::Write,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// A data folder that goes with the test.
pub(crate) struct Candor {
    pub(crate) home: tempfile::TempDir,
    /// The data folder; in `home` unless the test puts it elsewhere.
    pub(crate) data: PathBuf,
    models: Option<PathBuf>,
}

impl Candor {
    pub(crate) fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        std::fs::write(home.path().join("pass"), "correct horse battery staple\n").unwrap();
        Self { data: home.path().join("data"), home, models: None }
    }

    /// The same with another models folder.
    pub(crate) fn with_models(folder: &Path) -> Self {
        Self { models: Some(folder.to_owned()), ..Self::new() }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// A command with the test's folder and passphrase, ready for more.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_candor"));
        command.args(args).arg("--home").arg(&self.data).arg("--passphrase-file").arg(self.path("pass"));
        if let Some(models) = &self.models {
            command.arg("--models").arg(models);
        }
        command
    }

    pub(crate) fn run(&self, args: &[&str]) -> Output {
        self.command(args).stdin(Stdio::null()).output().unwrap()
    }

    /// Runs with this text on the standard input.
    pub(crate) fn run_with(&self, args: &[&str], input: &str) -> Output {
        let mut child =
            self.command(args).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        child.wait_with_output().unwrap()
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
