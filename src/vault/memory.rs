//! Keeping other programs, crash reports and swap away from what is in memory.

/// Closes the process: no core dump, no debugger or `/proc/PID/mem` of the same account, and new files private by default.
/// Called first in `main`, before any secret exists; the other roles of the binary call it too.
///
/// # Errors
/// When the system refuses; nothing secret should be read then.
#[cfg(unix)]
pub fn harden() -> std::io::Result<()> {
    use rustix::process::{Resource, Rlimit, setrlimit, umask};

    umask(rustix::fs::Mode::from_raw_mode(0o077));
    setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) })?;
    #[cfg(target_os = "linux")]
    rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::NotDumpable)?;
    Ok(())
}

/// Does nothing where the system offers nothing.
///
/// # Errors
/// Never.
#[cfg(not(unix))]
pub fn harden() -> std::io::Result<()> {
    Ok(())
}

/// Whether memory may be written to a swap device (on Linux; elsewhere unknown, hence true). `doctor` warns of it: what is
/// said in meetings stands in memory while it is transcribed and read.
#[must_use]
pub fn may_swap() -> bool {
    std::fs::read_to_string("/proc/swaps").map_or(true, |list| list.lines().count() > 1)
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_hardened_process_cannot_be_dumped() {
        super::harden().unwrap();
        assert_eq!(rustix::process::getrlimit(rustix::process::Resource::Core).current, Some(0));
        assert_eq!(rustix::process::dumpable_behavior().unwrap(), rustix::process::DumpableBehavior::NotDumpable);
    }
}
