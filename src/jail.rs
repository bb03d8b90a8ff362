//! The lockdown of each process: what the kernel refuses it, whatever its code tries.
//!
//! Linux: Landlock for files, seccomp for system calls, both before any thread starts. Landlock alone lets UDP and MPTCP
//! out and a socket filter alone is bypassed by io_uring, so both are refused here. Elsewhere nothing is enforced and
//! [`lock`] says so; THREATS.md names it best effort.

use std::path::PathBuf;

#[cfg(target_os = "linux")]
mod linux;

/// What a process is for, and so what it may do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Role {
    /// Command line, keys, database: reads, writes to these folders only, starts no program but itself; no sockets.
    Front {
        /// Folders that may be written to.
        writable: Vec<PathBuf>,
    },
    /// Microphone: unix sockets to the audio server; reads, but writes no file and starts no program.
    Ears,
    /// Models: reads these folders; no sockets, no writes, no programs.
    Mind {
        /// Folders that hold the model files.
        models: Vec<PathBuf>,
    },
}

/// How far the lockdown reaches.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lockdown {
    /// The kernel enforces it.
    Enforced,
    /// This system offers nothing that Candor uses.
    BestEffort,
}

/// Why the lockdown could not be installed.
#[derive(Debug, thiserror::Error)]
pub enum JailError {
    /// The kernel has no Landlock, or refused the rules.
    #[error("the kernel refused the rules for files (Landlock)")]
    Files(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The kernel has no seccomp filters, or refused this one.
    #[error("the kernel refused the filter for system calls (seccomp)")]
    Calls(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Locks this process down for good. Call before any thread starts.
///
/// # Errors
/// When the kernel refuses; the caller must then not record.
pub fn lock(role: &Role) -> Result<Lockdown, JailError> {
    #[cfg(target_os = "linux")]
    {
        // Where the kernel has only one of the two, that one is better than none; it still counts as a failure.
        let files = linux::lock_files(role);
        linux::lock_calls(role)?;
        files.map(|()| Lockdown::Enforced)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = role;
        Ok(Lockdown::BestEffort)
    }
}
