//! Whether the disk has room, asked before anything is fetched.

use std::path::Path;

use candor::models::Model;

use crate::error::FetchError;

const MEGABYTE: u64 = 1_000_000;

/// All finished files, and the parts of the largest model beside them.
fn needed(models: &[&Model]) -> u64 {
    let packages = |m: &&Model| m.pypi.iter().flat_map(|p| &p.parts).map(|p| p.size).sum::<u64>();
    models.iter().map(|m| m.size).sum::<u64>() + models.iter().map(packages).max().unwrap_or(0)
}

/// Compares what is needed with what the disk has.
///
/// # Errors
/// When it has less.
pub(crate) fn check(folder: &Path, models: &[&Model]) -> Result<(), FetchError> {
    let needed = needed(models);
    match free(folder) {
        Some(free) if free < needed => Err(FetchError::NoSpace {
            folder: folder.to_owned(),
            free: free / MEGABYTE,
            needed: needed.div_ceil(MEGABYTE),
        }),
        _ => Ok(()),
    }
}

/// Free bytes on the disk of the folder, or of the nearest one above that exists; None where it cannot be asked.
fn free(folder: &Path) -> Option<u64> {
    let existing = folder.ancestors().find(|p| p.exists())?;
    #[cfg(unix)]
    return rustix::fs::statvfs(existing).ok().map(|s| s.f_bavail * s.f_frsize);
    #[cfg(not(unix))]
    return existing.exists().then_some(u64::MAX);
}

#[cfg(test)]
mod tests {
    use candor::models::Manifest;

    use super::*;

    #[test]
    fn a_disk_that_is_too_small_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let mut model = Manifest::embedded().unwrap().model("ge2e").unwrap().clone();
        assert!(check(&dir.path().join("not/yet/there"), &[&model]).is_ok());
        model.size = u64::MAX / 2;
        assert!(matches!(check(dir.path(), &[&model]), Err(FetchError::NoSpace { .. })));
    }

    #[test]
    fn the_parts_of_the_largest_model_count() {
        let manifest = Manifest::embedded().unwrap();
        let ids = |ids: &[&str]| needed(&ids.iter().map(|id| manifest.model(id).unwrap()).collect::<Vec<_>>());
        assert_eq!(ids(&["ge2e"]), 5_695_648 + 15_747_704);
        assert_eq!(ids(&["ge2e", "silero-vad"]), 5_695_648 + 885_098 + 15_747_704);
    }
}
