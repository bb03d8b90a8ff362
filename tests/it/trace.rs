//! A whole run under a trace of system calls: which process made a socket, and of what kind.

#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    path::Path,
    process::{Command, Stdio},
};

use crate::{
    audio_server::AudioServer,
    circle::Table,
    run::{Candor, under},
    sound::Wav,
};

/// What leads out of a process, and what makes processes and threads.
const CALLS: &str = "trace=execve,clone,clone3,fork,vfork,socket,socketpair,connect,bind,listen,accept,accept4,sendto,\
                     sendmsg,sendmmsg,io_uring_setup";

/// Calls by role: how many made a unix socket, and how many anything else that leads out of the process.
#[derive(Debug, Default, PartialEq, Eq)]
struct Out {
    unix: usize,
    other: usize,
}

/// A tracer of system calls; none, with the reason printed, where it is not installed.
pub(crate) fn strace() -> Option<Command> {
    if Command::new("strace").arg("-V").stdout(Stdio::null()).status().is_err() {
        eprintln!("skipped: strace is not installed");
        return None;
    }
    let mut strace = Command::new("strace");
    strace.arg("-qq");
    Some(strace)
}

fn traced(command: &Command, log: &Path) -> Option<BTreeMap<&'static str, Out>> {
    let mut tracer = strace()?;
    tracer.args(["-f", "--seccomp-bpf", "-e", CALLS, "-o"]).arg(log);
    let out = under(tracer, command).stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(count(&std::fs::read_to_string(log).unwrap()))
}

/// A line of the log is the number of a process or thread, then the call. A thread has the role of its process; a helper
/// gets its own by starting the program anew.
fn count(log: &str) -> BTreeMap<&'static str, Out> {
    let mut roles: BTreeMap<&str, &'static str> = BTreeMap::new();
    let mut found: BTreeMap<&'static str, Out> = BTreeMap::new();
    for line in log.lines() {
        let Some((process, call)) = line.split_once(char::is_whitespace) else { continue };
        let call = call.trim_start();
        let role = roles.get(process).copied().unwrap_or("front");
        if call.starts_with("execve(") {
            let role = ["mind", "ears"].into_iter().find(|r| call.contains(&format!("\"__{r}\""))).unwrap_or("front");
            roles.insert(process, role);
            found.entry(role).or_default();
        } else if ["clone", "fork", "vfork", "<... clone", "<... vfork"].iter().any(|c| call.starts_with(c)) {
            if let Some((_, child)) = call.rsplit_once("= ") {
                roles.entry(child.trim()).or_insert(role);
            }
        } else if call.starts_with(|c: char| c.is_ascii_lowercase()) {
            let out = found.entry(role).or_default();
            if call.contains("AF_UNIX") { out.unix += 1 } else { out.other += 1 }
        }
    }
    found
}

#[test]
fn the_front_and_the_mind_make_no_socket_in_a_whole_run() {
    let candor = Candor::new();
    let out = candor.path("demo");
    let command = candor.command(&["demo", "--out", out.to_str().unwrap()]);
    let Some(found) = traced(&command, &candor.path("log")) else { return };
    eprintln!("the demo, by process: {found:?}");
    assert_eq!(found.get("front"), Some(&Out::default()));
    assert_eq!(found.get("mind"), Some(&Out::default()));
}

#[test]
fn the_ears_make_unix_sockets_only() {
    let Some(server) = AudioServer::start() else { return };
    let table = Table::new();
    table.consent_to_record("Ruth,Owen,Mina");
    let file = server.path("tone.wav");
    Wav::tone(16_000, 1, 16, 30.0).write(&file);
    let player = server.play(&file);
    let mut command = table.candor.command(&["record", "--seconds", "2"]);
    server.lend_to(&mut command);
    let found = traced(&command, &table.candor.path("log"));
    drop(player);
    let Some(found) = found else { return };
    eprintln!("a recording, by process: {found:?}");
    assert_eq!(found.get("front"), Some(&Out::default()));
    assert!(found["ears"].unix > 0, "the trace must be able to see the socket to the audio server");
    let log = std::fs::read_to_string(table.candor.path("log")).unwrap();
    let made: Vec<_> = log.lines().filter(|l| l.contains(" socket(")).collect();
    assert!(made.iter().all(|l| l.contains("AF_UNIX")), "{made:#?}");
}
