//! The promises that the source makes about its own shape, read from the source.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Files longer than this are to be divided.
const LONGEST: usize = 500;
/// Half of the files are shorter than this.
const MEDIAN: usize = 200;

/// Libraries that only these places may name.
const KEPT_APART: [(&str, &[&str]); 5] = [
    ("cpal", &["src/capture"]),
    ("rusqlite", &["src/vault", "src/store"]),
    ("whisper_rs", &["src/hear"]),
    ("symphonia", &["src/hear"]),
    ("candle_core", &["src/mind", "src/hear", "src/voices/ge2e.rs", "src/bin/candor-train"]),
];

#[test]
fn no_file_is_too_long_and_most_are_short() {
    let mut lengths: Vec<(usize, PathBuf)> = sources().into_iter().map(|p| (read(&p).lines().count(), p)).collect();
    lengths.sort();
    let (longest, path) = lengths.last().unwrap();
    assert!(*longest <= LONGEST, "{} has {longest} lines", path.display());
    let (median, _) = lengths[lengths.len() / 2];
    assert!(median < MEDIAN, "the median file has {median} lines");
}

#[test]
fn folders_are_two_deep_at_most() {
    for path in sources() {
        let relative = path.strip_prefix(root()).unwrap();
        assert!(relative.components().count() <= 4, "{} lies too deep", relative.display());
    }
}

#[test]
fn every_module_stands_in_the_map_and_is_used_downwards_only() {
    let lib = read(&root().join("src/lib.rs"));
    let map: Vec<&str> =
        lib.lines().filter_map(|l| l.strip_prefix("//! | [`")?.split_once("`]").map(|(name, _)| name)).collect();
    let modules: Vec<&str> = lib.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    for module in &modules {
        assert!(map.contains(module), "the map in lib.rs lacks {module}");
    }
    assert_eq!(map.len(), modules.len(), "the map names what is not there");

    for path in sources() {
        let Some(module) = module_of(&path) else { continue };
        let Some(place) = map.iter().position(|m| *m == module) else { continue };
        for used in uses(&read(&path)) {
            let Some(other) = map.iter().position(|m| *m == used) else { continue };
            assert!(other <= place, "{} uses {used}, which the map names below {module}", path.display());
        }
    }
}

#[test]
fn libraries_with_power_are_named_in_one_place_each() {
    for path in sources() {
        let relative = path.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        if !relative.starts_with("src/") {
            continue;
        }
        let text = read(&path);
        for (library, places) in KEPT_APART {
            let allowed = places.iter().any(|p| relative.starts_with(p));
            let named = text.lines().any(|l| !l.trim_start().starts_with("//") && l.contains(&format!("{library}::")));
            assert!(allowed || !named, "{relative} names {library}");
        }
    }
}

#[test]
fn unsafe_code_says_why() {
    for path in sources().into_iter().filter(|p| p.starts_with(root().join("src"))) {
        let text = read(&path);
        let lines: Vec<&str> = text.lines().collect();
        for (k, line) in lines.iter().enumerate() {
            let code = line.split("//").next().unwrap_or_default();
            if !(code.contains("unsafe {") || code.contains("unsafe impl")) {
                continue;
            }
            let before = lines[k.saturating_sub(6)..=k].join("\n");
            assert!(before.contains("SAFETY:"), "{}:{} has unsafe code without its argument", path.display(), k + 1);
        }
    }
}

/// Names after `crate::` in `use` lines and paths, without comments and tests.
fn uses(text: &str) -> Vec<String> {
    let code = text.split("#[cfg(test)]\nmod tests").next().unwrap_or_default();
    let mut found = Vec::new();
    for line in code.lines().filter(|l| !l.trim_start().starts_with("//")) {
        for part in line.split("crate::").skip(1) {
            let name: String = part.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
            found.push(name);
        }
    }
    // `use crate::{a::B, c}` names several.
    for block in code.split("use crate::{").skip(1) {
        let mut depth = 1;
        let mut top = String::new();
        for c in block.chars() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                _ if depth == 1 => top.push(c),
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
        found.extend(top.split(',').map(|p| p.trim().split("::").next().unwrap_or_default().to_owned()));
    }
    found
}

fn module_of(path: &Path) -> Option<String> {
    let relative = path.strip_prefix(root().join("src")).ok()?;
    let first = relative.components().next()?.as_os_str().to_string_lossy().into_owned();
    Some(first.trim_end_matches(".rs").to_owned()).filter(|m| m != "main" && m != "lib" && m != "bin")
}

fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![root().join("src"), root().join("tests")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                // What fuzzing builds is no source.
                if !path.ends_with("fuzz/target") {
                    folders.push(path);
                }
            } else if path.extension().is_some_and(|e| e == "rs") {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap()
}
