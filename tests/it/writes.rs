//! Where the program writes: with every opening of a file written down by strace, none outside the data folder is for
//! writing. What the searches of `canaries` look through is therefore all that there is.

#![cfg(target_os = "linux")]

use std::{fs, path::Path};

use crate::{search::files, spoken::Spoken, trace::strace};

#[test]
fn nothing_is_written_outside_the_data_folder() {
    if strace().is_none() {
        return;
    }
    let table = Spoken::new();
    let wav = table.recording();
    table.consent(&wav);
    let data = table.place.data();
    for args in [&["import", &wav][..], &["transcribe"], &["reflect"]] {
        // One file a thread, so that no call is torn in two.
        let log = tempfile::tempdir().unwrap();
        let mut strace = strace().unwrap();
        strace.args(["-ff", "-e", "trace=%file,memfd_create", "-o"]).arg(log.path().join("calls"));
        strace.arg(env!("CARGO_BIN_EXE_candor"));
        let out = table.place.start_by(strace, args).wait_with_output().unwrap();
        assert!(out.status.success(), "{}", crate::run::stderr(&out));
        let calls: String = files(log.path()).iter().map(|f| fs::read_to_string(f).unwrap()).collect();
        let written: Vec<&str> = calls.lines().filter_map(writes).collect();
        assert!(written.iter().any(|path| Path::new(path).starts_with(&data)), "the search must be able to find it");
        let elsewhere: Vec<&&str> = written.iter().filter(|path| !allowed(path, &data)).collect();
        assert!(elsewhere.is_empty(), "candor {args:?} wrote to {elsewhere:?}");
    }
}

/// The path that a call of the log makes, changes or opens for writing, if it does and succeeded.
fn writes(line: &str) -> Option<&str> {
    const MAKE: [&str; 8] = ["creat", "mkdir", "rename", "link", "symlink", "mknod", "truncate", "memfd_create"];
    const OPEN: [&str; 4] = ["O_WRONLY", "O_RDWR", "O_CREAT", "O_TMPFILE"];
    let (call, result) = line.rsplit_once(") = ")?;
    let makes = MAKE.iter().any(|name| call.starts_with(name));
    let opens = call.starts_with("open") && OPEN.iter().any(|flag| call.contains(flag));
    ((makes || opens) && !result.starts_with('-')).then(|| call.rsplit('"').nth(1)).flatten()
}

fn allowed(path: &str, data: &Path) -> bool {
    Path::new(path).starts_with(data) || ["/dev/null", "/dev/tty"].contains(&path)
}
