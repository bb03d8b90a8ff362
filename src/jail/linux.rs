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

pub(super) fn lock_files(role: &Role) -> Result<(), JailError> {
    let (readable, writable): (Vec<PathBuf>, Vec<PathBuf>) = match role {
        // The front writes the briefs where the person says, so it keeps the rights of its user.
        Role::Front => return Ok(()),
        Role::Ears => (vec!["/".into()], SOUND.map(PathBuf::from).to_vec()),
        Role::Mind { models } => (models.clone(), vec![]),
    };
    let rules = || {
        let mut set = Ruleset::default()
            .set_compatibility(CompatLevel::HardRequirement)
            .handle_access(AccessFs::from_all(OLDEST))?
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(AccessFs::from_all(NEWEST))?
            .scope(landlock::Scope::Signal)?
            .create()?;
        let read = AccessFs::ReadFile | AccessFs::ReadDir;
        set = set.add_rules(path_beneath_rules(readable, read))?;
        set = set.add_rules(path_beneath_rules(writable, AccessFs::from_all(NEWEST) & !AccessFs::Execute))?;
        set.restrict_self()
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
    let mut rules: BTreeMap<i64, Vec<SeccompRule>> = BTreeMap::new();
    for call in [libc::SYS_io_uring_setup, libc::SYS_io_uring_enter, libc::SYS_io_uring_register] {
        rules.insert(call, vec![]);
    }
    match role {
        Role::Front => {
            rules.insert(libc::SYS_socket, not_unix()?);
        }
        Role::Ears => {
            rules.insert(libc::SYS_socket, not_unix()?);
            for call in RUNS_PROGRAMS.into_iter().chain(REACHES_OTHERS) {
                rules.insert(call, vec![]);
            }
        }
        Role::Mind { .. } => {
            for call in SOCKETS.into_iter().chain(RUNS_PROGRAMS).chain(REACHES_OTHERS) {
                rules.insert(call, vec![]);
            }
        }
    }
    let filter = SeccompFilter::new(
        rules,
        SeccompAction::Allow,
        SeccompAction::Errno(libc::EPERM.cast_unsigned()),
        std::env::consts::ARCH.try_into()?,
    )?;
    Ok(filter.try_into()?)
}

const SOCKETS: [i64; 8] = [
    libc::SYS_socket,
    libc::SYS_socketpair,
    libc::SYS_connect,
    libc::SYS_bind,
    libc::SYS_listen,
    libc::SYS_accept4,
    libc::SYS_sendto,
    libc::SYS_sendmsg,
];
const RUNS_PROGRAMS: [i64; 2] = [libc::SYS_execve, libc::SYS_execveat];
const REACHES_OTHERS: [i64; 8] = [
    libc::SYS_ptrace,
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
