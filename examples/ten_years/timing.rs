//! Figures from one process to the other: a name, a tab, a number, a line each.

use std::{collections::BTreeMap, fs, hint::black_box, process::Command, time::Instant};

/// Does something and prints how many milliseconds it took.
pub(crate) fn timed<T>(what: &str, work: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let done = black_box(work());
    println!("{what}\t{}", began.elapsed().as_secs_f64() * 1000.0);
    done
}

/// Prints the most memory that this process ever had, in MiB, where the system tells.
pub(crate) fn peak_memory(what: &str) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    if let Some(kib) = line.and_then(|l| l.split_whitespace().next()?.parse::<f64>().ok()) {
        println!("{what}\t{}", kib / 1024.0);
    }
}

/// The median of each figure over the runs, in the order in which they were printed.
#[derive(Default)]
pub(crate) struct Medians {
    order: Vec<String>,
    runs: BTreeMap<String, Vec<f64>>,
}

impl Medians {
    /// Runs this program again with these arguments and takes in its figures.
    pub(crate) fn run(&mut self, arguments: &[&str]) {
        let program = std::env::current_exe().unwrap();
        let out = Command::new(program).args(arguments).output().unwrap();
        assert!(out.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
        for line in String::from_utf8(out.stdout).unwrap().lines() {
            let (what, figure) = line.split_once('\t').unwrap();
            if !self.runs.contains_key(what) {
                self.order.push(what.to_owned());
            }
            self.runs.entry(what.to_owned()).or_default().push(figure.parse().unwrap());
        }
    }

    pub(crate) fn names(&self) -> &[String] {
        &self.order
    }

    pub(crate) fn of(&self, what: &str) -> f64 {
        let mut all = self.runs[what].clone();
        all.sort_by(f64::total_cmp);
        all[all.len() / 2]
    }
}
