//! Keeping other programs, crash reports and swap away from what is in memory.
//!
//! One call here is unsafe: locking the pages of a secret, which the system offers for raw memory only.

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

/// A secret that stays where it is, in memory that is never swapped out. Boxed, so that moving it leaves no copies behind.
pub(crate) struct Resident<T>(Box<T>);

impl<T> Resident<T> {
    pub(crate) fn new(secret: T) -> Self {
        let secret = Box::new(secret);
        // Where the system locks no more memory, the secret is as safe as the rest: `doctor` tells.
        let _ = keep_resident(&*secret);
        Self(secret)
    }
}

impl<T> std::ops::Deref for Resident<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> std::ops::DerefMut for Resident<T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.0
    }
}

/// Whether the system keeps a secret's memory from being swapped out when asked to.
#[must_use]
pub fn keeps_resident() -> bool {
    keep_resident(&Box::new([0u8; 32]))
}

/// The pages stay locked until the process ends: another secret may lie on the same page.
#[cfg(unix)]
fn keep_resident<T>(secret: &T) -> bool {
    let start = std::ptr::from_ref(secret).cast_mut().cast();
    // SAFETY: the range is a live value, and locking changes nothing of its pages but that they are not swapped out.
    unsafe { rustix::mm::mlock(start, size_of::<T>()) }.is_ok()
}

#[cfg(not(unix))]
fn keep_resident<T>(_: &T) -> bool {
    false
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
