//! Planted attempts to get out, from inside a process that is locked down as each role is, with a control that shows that
//! the same attempt works without the lockdown.

#![cfg(target_os = "linux")]

use std::{
    collections::BTreeMap,
    io::Write,
    mem::size_of,
    net::{Ipv4Addr, TcpListener, UdpSocket},
    os::unix::net::{UnixListener, UnixStream},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use candor::jail::{self, Role};

/// Names the role for the child of the test.
const ROLE: &str = "CANDOR_PLANT_ROLE";
/// Where the child's targets are.
const TARGETS: &str = "CANDOR_PLANT_TARGETS";

/// What each role must not do. A unix socket is what the ears reach the audio server through.
const FRONT: [&str; 13] =
    ["tcp", "udp", "mptcp", "dns", "ipv6", "netlink", "vsock", "packet", "io_uring", "x32", "exec", "write", "unix"];
const EARS: [&str; 12] =
    ["tcp", "udp", "mptcp", "dns", "ipv6", "netlink", "vsock", "packet", "io_uring", "x32", "exec", "write"];
const MIND: [&str; 14] = [
    "tcp", "udp", "mptcp", "dns", "ipv6", "netlink", "vsock", "packet", "io_uring", "x32", "exec", "write", "unix",
    "read",
];

#[test]
fn nothing_that_is_planted_in_a_process_gets_out() {
    let folder = tempfile::tempdir().unwrap();
    let tcp = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let udp = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let _unix = UnixListener::bind(folder.path().join("socket")).unwrap();
    std::fs::create_dir(folder.path().join("own")).unwrap();
    std::fs::write(folder.path().join("secret"), "x").unwrap();
    let targets = format!(
        "{} {} {}",
        tcp.local_addr().unwrap().port(),
        udp.local_addr().unwrap().port(),
        folder.path().display()
    );
    let control = attempts("none", &targets);
    for (role, forbidden) in [("front", &FRONT[..]), ("ears", &EARS[..]), ("mind", &MIND[..])] {
        let tried = attempts(role, &targets);
        let mut blocked = 0;
        for name in forbidden {
            // Where the control cannot do it either (no IPv6, no io_uring in this kernel), the attempt shows nothing.
            if control[*name] {
                assert!(!tried[*name], "{name} got out of the {role}");
                blocked += 1;
            } else {
                eprintln!("{role}: {name} does not work here even without the lockdown");
            }
        }
        eprintln!("{role}: {blocked} of {blocked} planted attempts blocked, each of which works in the control");
        assert!(blocked >= 8, "the control itself can do too little");
    }
    assert!(attempts("front", &targets)["write own"], "the front must be able to write where it may");
    assert!(attempts("ears", &targets)["unix"], "the ears must reach the audio server");
}

/// Runs all attempts in a process of its own and tells which of them worked.
fn attempts(role: &str, targets: &str) -> BTreeMap<String, bool> {
    let out = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "plants::child", "--nocapture"])
        .env(ROLE, role)
        .env(TARGETS, targets)
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let lines = text.lines().filter_map(|l| l.strip_prefix("attempt ")?.rsplit_once(": "));
    let found: BTreeMap<_, _> = lines.map(|(name, worked)| (name.to_owned(), worked == "true")).collect();
    assert!(found.len() >= MIND.len(), "the child of {role} ended early:\n{text}");
    found
}

/// The child: locks itself down and tries.
#[test]
fn child() {
    let (Ok(role), Ok(targets)) = (std::env::var(ROLE), std::env::var(TARGETS)) else { return };
    let mut parts = targets.split(' ');
    let mut port = || parts.next().unwrap().parse::<u16>().unwrap();
    let (tcp, udp) = (port(), port());
    let folder = PathBuf::from(parts.next().unwrap());
    let own = folder.join("own");
    let role = match role.as_str() {
        "front" => Some(Role::Front { writable: vec![own.clone()] }),
        "ears" => Some(Role::Ears),
        "mind" => Some(Role::Mind { models: vec![own.clone()] }),
        _ => None,
    };
    if let Some(role) = &role {
        jail::lock(role).unwrap();
    }
    let told = |name: &str, worked: bool| writeln!(std::io::stdout(), "attempt {name}: {worked}").unwrap();
    told("tcp", connect(libc::AF_INET, libc::SOCK_STREAM, 0, tcp));
    told("mptcp", connect(libc::AF_INET, libc::SOCK_STREAM, libc::IPPROTO_MPTCP, tcp));
    told("udp", sent(udp, b"hello"));
    // A question for the address of a.example, as a resolver would send it.
    told("dns", sent(udp, b"\x12\x34\x01\0\0\x01\0\0\0\0\0\0\x01a\x07example\0\0\x01\0\x01"));
    told("ipv6", socket(libc::AF_INET6, libc::SOCK_STREAM, 0).is_some());
    told("netlink", socket(libc::AF_NETLINK, libc::SOCK_RAW, 0).is_some());
    told("vsock", socket(libc::AF_VSOCK, libc::SOCK_STREAM, 0).is_some());
    told("packet", socket(libc::AF_PACKET, libc::SOCK_RAW, 0).is_some());
    told("io_uring", io_uring());
    told("x32", x32());
    told("unix", UnixStream::connect(folder.join("socket")).is_ok());
    told("exec", Command::new("/bin/true").status().is_ok_and(|s| s.success()));
    told("write", write(&folder));
    told("write own", write(&own));
    told("read", std::fs::read(folder.join("secret")).is_ok());
}

fn write(folder: &Path) -> bool {
    std::fs::write(folder.join(format!("planted-{}", std::process::id())), "x").is_ok()
}

fn socket(family: i32, kind: i32, protocol: i32) -> Option<i32> {
    // SAFETY: the call takes three numbers and gives a new descriptor or -1.
    let made = unsafe { libc::socket(family, kind, protocol) };
    (made >= 0).then_some(made)
}

fn connect(family: i32, kind: i32, protocol: i32, port: u16) -> bool {
    let Some(made) = socket(family, kind, protocol) else { return false };
    let to = libc::sockaddr_in {
        sin_family: libc::AF_INET as u16,
        sin_port: port.to_be(),
        sin_addr: libc::in_addr { s_addr: u32::from(Ipv4Addr::LOCALHOST).to_be() },
        sin_zero: [0; 8],
    };
    // SAFETY: the address lives across the call and its true size is given.
    unsafe { libc::connect(made, (&raw const to).cast(), size_of::<libc::sockaddr_in>() as u32) == 0 }
}

fn sent(port: u16, bytes: &[u8]) -> bool {
    let to = (Ipv4Addr::LOCALHOST, port);
    UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).is_ok_and(|s| s.send_to(bytes, to).is_ok())
}

/// Asks for a ring of system calls, which a filter for system calls does not see into.
fn io_uring() -> bool {
    let mut parameters = [0u8; 120];
    // SAFETY: `struct io_uring_params` has 120 bytes, and all of them may be zero.
    unsafe { libc::syscall(libc::SYS_io_uring_setup, 1, parameters.as_mut_ptr()) >= 0 }
}

/// Makes a socket through the second table of system calls, where the kernel has one.
fn x32() -> bool {
    // SAFETY: as `socket`; a kernel without that table answers with an error.
    unsafe { libc::syscall(0x4000_0000 | libc::SYS_socket, libc::AF_INET, libc::SOCK_STREAM, 0) >= 0 }
}
