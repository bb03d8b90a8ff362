//! Landlock rules and seccomp filters.

use std::{collections::BTreeMap, path::PathBuf};

use landlock::{
    ABI, Access, AccessFs, CompatLevel, Compatible, Ruleset, RulesetAttr, RulesetCreatedAttr, RulesetStatus,
    path_beneath_rules,
};
use seccompiler::{
    BpfProgram, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter_all_threads, sock_filter,
};

use super::{JailError, Role};

/// Landlock as of Linux 5.13; later rights are asked for where the kernel has them.
const OLDEST: ABI = ABI::V1;
const NEWEST: ABI = ABI::V6;

/// What the ears may write to: sound devices, and the memory that they share with the audio server.
const SOUND: [&str; 3] = ["/dev/snd", "/dev/shm", "/dev/null"];

/// Where the front asks for secrets without echo.
const TERMINAL: [&str; 2] = ["/dev/tty", "/dev/null"];

/// Which files a process may use.
#[derive(Default)]
struct Files {
    read: Vec<PathBuf>,
    write: Vec<PathBuf>,
    run: Vec<PathBuf>,
}

impl Files {
    fn of(role: &Role) -> Self {
        let root = || vec![PathBuf::from("/")];
        match role {
            Role::Front { writable } => Self {
                read: root(),
                write: writable.iter().cloned().chain(TERMINAL.map(PathBuf::from)).collect(),
                run: own_program(),
            },
            Role::Ears => Self { read: root(), write: SOUND.map(PathBuf::from).to_vec(), run: vec![] },
            Role::Mind { models } => Self { read: models.clone(), ..Self::default() },
        }
    }
}

/// This program and the loader that the system starts it with: all that the front needs to start its mind.
fn own_program() -> Vec<PathBuf> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap_or_default();
    let files = maps.lines().filter_map(|line| line.split_ascii_whitespace().nth(5)).map(PathBuf::from);
    let is_loader = |p: &PathBuf| p.file_name().is_some_and(|n| n.to_string_lossy().starts_with("ld"));
    std::env::current_exe().ok().into_iter().chain(files.filter(is_loader)).collect()
}

pub(super) fn lock_files(role: &Role) -> Result<(), JailError> {
    let files = Files::of(role);
    let rules = || {
        let mut set = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(OLDEST))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))?;
        if !matches!(role, Role::Front { .. }) {
            // The front has to be able to end its helpers.
            set = set.scope(landlock::Scope::Signal)?;
        }
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        set.create()?
            .add_rules(path_beneath_rules(files.read, read))?
            .add_rules(path_beneath_rules(files.write, AccessFs::from_all(NEWEST) & !AccessFs::Execute))?
            .add_rules(path_beneath_rules(files.run, AccessFs::Execute | AccessFs::ReadFile))?
            .restrict_self()
    };
    let status = rules().map_err(|e| JailError::Files(e.into()))?;
    if status.ruleset == RulesetStatus::NotEnforced {
        return Err(JailError::Files("it is switched off in this kernel".into()));
    }
    Ok(())
}

pub(super) fn lock_calls(role: &Role) -> Result<(), JailError> {
    // A second table of system calls (x32) would pass a filter that compares 64-bit numbers, so it goes first.
    #[cfg(target_arch = "x86_64")]
    apply_filter_all_threads(&refuse_x32()).map_err(|e| JailError::Calls(e.into()))?;
    let filter = filter(role).map_err(JailError::Calls)?;
    apply_filter_all_threads(&filter).map_err(|e| JailError::Calls(e.into()))
}

fn filter(role: &Role) -> Result<BpfProgram, Box<dyn std::error::Error + Send + Sync>> {
    let mut refused = [&IO_URING[..], &REACHES_OTHERS].concat();
    // The front starts its mind; which programs it may start, Landlock says.
    if !matches!(role, Role::Front { .. }) {
        refused.extend(RUNS_PROGRAMS);
    }
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    if *role == Role::Ears {
        rules.insert(libc::SYS_socket, not_unix()?);
    } else {
        refused.extend(SOCKETS);
    }
    rules.extend(refused.into_iter().map(|call| (call, vec![])));
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.cast_unsigned()),
        std::env::consts::ARCH.try_into()?,
    )?;
    Ok(filter.try_into()?)
}

const IO_URING: [i64; 3] = [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register];
const SOCKETS: [i64; 10] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
    libc::SYS_sendmmsg,
];
const RUNS_PROGRAMS: [i64; 2] = [libc::SYS_execve, libc::SYS_execveat];
const REACHES_OTHERS: [i64; 9] = [
    libc::SYS_ptrace,
    libc::SYS_pidfd_getfd,
    libc::SYS_process_vm_readv,
    libc::SYS_process_vm_writev,
    libc::SYS_bpf,
    libc::SYS_userfaultfd,
    libc::SYS_unshare,
    libc::SYS_setns,
    libc::SYS_keyctl,
];

/// Matches `socket(family, ..)` for every family but AF_UNIX.
fn not_unix() -> Result<Vec<SeccompRule>, seccompiler::BackendError> {
    let family = SeccompCondition::new(0, SeccompCmpArgLen::Dword, SeccompCmpOp::Ne, libc::AF_UNIX as u64)?;
    Ok(vec![SeccompRule::new(vec![family])?])
}

/// Numbers from 0x40000000 are answered with ENOSYS: load the number, compare, refuse or allow.
#[cfg(target_arch = "x86_64")]
fn refuse_x32() -> BpfProgram {
    const X32: u32 = 0x4000_0000;
    let load = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    let at_least = (libc::BPF_JMP | libc::BPF_JGE | libc::BPF_K) as u16;
    let give = (libc::BPF_RET | libc::BPF_K) as u16;
    vec![
        sock_filter { code: load, jt: 0, jf: 0, k: 0 },
        sock_filter { code: at_least, jt: 0, jf: 1, k: X32 },
        sock_filter { code: give, jt: 0, jf: 0, k: libc::SECCOMP_RET_ERRNO | libc::ENOSYS.cast_unsigned() },
        sock_filter { code: give, jt: 0, jf: 0, k: libc::SECCOMP_RET_ALLOW },
    ]
}
