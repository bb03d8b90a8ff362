//! Looking for something in files and bytes, whatever the letters' case and however wide the letters are.

use std::{
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// What is looked for.
pub(crate) struct Needle {
    pub(crate) name: String,
    forms: Vec<Vec<u8>>,
    any_case: bool,
}

impl Needle {
    /// Words, in UTF-8 and in UTF-16 of either order, in any case.
    pub(crate) fn text(words: &str) -> Self {
        let lower = words.to_lowercase();
        let wide = |order: fn(u16) -> [u8; 2]| lower.encode_utf16().flat_map(order).collect();
        let forms = vec![lower.clone().into_bytes(), wide(u16::to_le_bytes), wide(u16::to_be_bytes)];
        Self { name: words.into(), forms, any_case: true }
    }

    /// Bytes as they are.
    pub(crate) fn bytes(name: &str, bytes: &[u8]) -> Self {
        assert!(bytes.len() >= 16 && bytes.iter().any(|b| *b != bytes[0]), "{name} could be found anywhere");
        Self { name: name.into(), forms: vec![bytes.to_vec()], any_case: false }
    }
}

/// Which of these the bytes hold.
pub(crate) fn found_in<'a>(bytes: &[u8], needles: &'a [Needle]) -> Vec<&'a str> {
    let lower = bytes.to_ascii_lowercase();
    let holds = |n: &&Needle| n.forms.iter().any(|form| contains(if n.any_case { &lower } else { bytes }, form));
    needles.iter().filter(holds).map(|n| n.name.as_str()).collect()
}

/// Where these lie beneath the folders, in files that were touched since then. Files that go while this looks are not there.
pub(crate) fn found_beneath(folders: &[impl AsRef<Path>], since: SystemTime, needles: &[Needle]) -> Vec<String> {
    let mut found = Vec::new();
    for file in folders.iter().flat_map(|folder| files(folder.as_ref())) {
        let fresh = fs::metadata(&file).and_then(|m| m.modified()).is_ok_and(|at| at >= since);
        if let (true, Ok(bytes)) = (fresh, fs::read(&file)) {
            let name = file.to_string_lossy();
            found.extend(found_in(name.as_bytes(), needles).iter().map(|n| format!("{n} in the name {name}")));
            found.extend(found_in(&bytes, needles).iter().map(|n| format!("{n} in {name}")));
        }
    }
    found
}

/// Every regular file beneath a folder; links are not followed.
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(entry.path()),
                Ok(kind) if kind.is_file() => found.push(entry.path()),
                _ => {}
            }
        }
    }
    found
}

/// By the needle's first byte, which passes over most of a file quickly.
fn contains(bytes: &[u8], needle: &[u8]) -> bool {
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| *b == needle[0]) {
        if rest[at..].starts_with(needle) {
            return true;
        }
        rest = &rest[at + 1..];
    }
    false
}

#[test]
fn words_are_found_in_any_case_and_width_and_bytes_as_they_are() {
    let needles = [Needle::text("Zebra"), Needle::bytes("run", b"0123456789abcdef")];
    for text in ["a ZEBRA here".as_bytes(), b"z\0e\0b\0R\0a\0", b"\0Z\0e\0b\0r\0a"] {
        assert_eq!(found_in(text, &needles), ["Zebra"]);
    }
    assert_eq!(found_in(b"..0123456789abcdef", &needles), ["run"]);
    assert!(found_in(b"zebr 0123456789ABCDEF", &needles).is_empty());
}
