//! What the kernel refuses the helpers, tried from inside.

use std::process::{Command, Stdio};

use candor::{process, wire};

/// Starts a helper directly and gives its first reply.
fn start(role: &str, args: &[&str]) -> (std::process::Child, wire::Reply) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_candor"))
        .arg(role)
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    wire::send(child.stdin.as_mut().unwrap(), &wire::Request::Hello { version: wire::VERSION }).unwrap();
    let reply = wire::receive(child.stdout.as_mut().unwrap()).unwrap();
    (child, reply)
}

#[cfg(target_os = "linux")]
#[test]
fn the_mind_is_locked_down_and_cannot_read_what_it_was_not_given() {
    let models = tempfile::tempdir().unwrap();
    let outside = tempfile::NamedTempFile::new().unwrap();
    let (mut child, reply) = start(process::MIND, &[models.path().to_str().unwrap()]);
    assert!(matches!(reply, wire::Reply::Hello { locked: true, .. }), "{reply:?}");
    let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
    assert!(status.contains("Seccomp:\t2"), "no filter is in force");
    assert!(status.contains("NoNewPrivs:\t1"));
    let load = wire::Request::Load(wire::ModelFile {
        role: wire::ModelRole::Meaning,
        path: outside.path().to_owned(),
        sha256: "00".repeat(32),
    });
    wire::send(child.stdin.as_mut().unwrap(), &load).unwrap();
    let reply: wire::Reply = wire::receive(child.stdout.as_mut().unwrap()).unwrap();
    assert!(
        matches!(reply, wire::Reply::Failed(wire::Failure::ModelUnreadable(..))),
        "a file outside the models folder was opened: {reply:?}"
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_mind_that_is_told_nonsense_ends_quietly() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_candor"))
        .arg(process::MIND)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(child.stdin.as_mut().unwrap(), &[0xff; 64]).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(!out.status.success());
    assert!(out.stderr.is_empty());
}
