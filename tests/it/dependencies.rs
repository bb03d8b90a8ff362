//! Nothing in the main binary can talk to a network: what it is built from holds no crate that could.
//!
//! The kernel enforces the same at run time (`jail`); this keeps the code out in the first place. `candor-fetch` shows that the
//! list bites.

use std::{collections::BTreeSet, process::Command};

/// Crates that may not be part of the main binary, with the reason. A name ending in `*` stands for all that begin so.
const BANNED: &[(&str, &str)] = &[
    ("async-std", "asynchronous runtime with sockets"),
    ("attohttpc", "HTTP client"),
    ("aws-lc-*", "cryptography that comes with TLS"),
    ("curl*", "HTTP client"),
    ("h2", "HTTP/2"),
    ("h3", "HTTP/3"),
    ("hf-hub", "client of the Hugging Face Hub"),
    ("hickory-*", "name resolver"),
    ("http", "HTTP"),
    ("hyper*", "HTTP"),
    ("isahc", "HTTP client"),
    ("mio", "sockets"),
    ("minreq", "HTTP client"),
    ("native-tls", "TLS"),
    ("openssl*", "TLS; its library alone brings socket calls"),
    ("quinn*", "QUIC"),
    ("reqwest*", "HTTP client"),
    ("ring", "cryptography that comes with TLS"),
    ("rustls*", "TLS"),
    ("schannel", "TLS"),
    ("security-framework*", "TLS"),
    ("smol", "asynchronous runtime with sockets"),
    ("socket2", "sockets"),
    ("surf", "HTTP client"),
    ("tokio*", "asynchronous runtime with sockets"),
    ("trust-dns-*", "name resolver"),
    ("tungstenite", "WebSocket"),
    ("ureq*", "HTTP client"),
    ("webpki*", "TLS"),
    ("zbus*", "sockets of the desktop bus"),
];

/// Lines of `cargo tree` for what is built into the program or run while it is built.
fn tree(args: &[&str]) -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["tree", "--edges", "normal,build", "--prefix", "none", "--locked"])
        .args(["--manifest-path", concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml")])
        .args(args)
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("cargo writes UTF-8");
    text.lines().map(|line| line.trim_end_matches(" (*)").to_owned()).collect()
}

/// Names of all crates, on any platform.
fn crates(features: &[&str]) -> BTreeSet<String> {
    let lines = tree(&[&["--target", "all", "--format", "{p}"], features].concat());
    lines.iter().filter_map(|line| line.split_whitespace().next()).map(str::to_owned).collect()
}

fn banned(crates: &BTreeSet<String>) -> Vec<String> {
    let matches = |name: &str, pattern: &str| match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    };
    let reason = |name: &String| BANNED.iter().find(|(pattern, _)| matches(name, pattern));
    crates.iter().filter_map(|name| reason(name).map(|(_, why)| format!("{name}: {why}"))).collect()
}

#[test]
fn the_main_binary_holds_no_network_code() {
    let crates = crates(&[]);
    assert!(crates.contains("candle-core"), "the tree is the real one");
    assert_eq!(banned(&crates), Vec::<String>::new());
}

#[test]
fn the_list_finds_the_network_code_of_candor_fetch() {
    let found = banned(&crates(&["--features", "fetch"]));
    for name in ["hf-hub", "http", "rustls", "ureq"] {
        assert!(found.iter().any(|f| f.starts_with(&format!("{name}:"))), "{name} is not found among {found:?}");
    }
}

/// Else `make demo` compiles candle, tokenizers and whisper twice; `smallvec` in Cargo.toml sees to it.
#[test]
fn candor_fetch_changes_no_feature_of_what_both_are_built_from() {
    let with = tree(&["--format", "{p} {f}", "--features", "fetch"]);
    let changed: Vec<_> = tree(&["--format", "{p} {f}"]).difference(&with).cloned().collect();
    assert!(changed.len() == 1 && changed[0].starts_with("candor v"), "{changed:?}");
}
