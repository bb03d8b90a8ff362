//! A circle with cards, as the verbs make it, for tests that need one.

use std::path::{Path, PathBuf};

use crate::run::Candor;

/// A vault with one circle of three, and the answers that its members would give.
pub(crate) struct Table {
    pub(crate) candor: Candor,
}

pub(crate) const MEMBERS: [&str; 3] = ["Ruth", "Owen", "Mina"];

impl Table {
    pub(crate) fn new() -> Self {
        Self::of(Candor::new())
    }

    pub(crate) fn of(candor: Candor) -> Self {
        candor.ok(&["circle", "new", "Tuesday table", "--setting", "organizations"]);
        for name in MEMBERS {
            let card = candor.path(&format!("{name}.txt"));
            let mut args = vec!["member", "add", name, "--card", card.to_str().unwrap()];
            if name == "Ruth" {
                args.push("--facilitator");
            }
            candor.ok(&args);
        }
        let table = Self { candor };
        table.answers(&MEMBERS);
        table
    }

    /// The words on somebody's card.
    pub(crate) fn card(&self, name: &str) -> String {
        let text = std::fs::read_to_string(self.candor.path(&format!("{name}.txt"))).unwrap();
        text.lines().nth(1).unwrap().to_owned()
    }

    /// Writes the file of answers: these say yes to everything, the others no.
    pub(crate) fn answers(&self, yes: &[&str]) -> PathBuf {
        let path = self.candor.path("answers");
        let lines = MEMBERS.map(|name| {
            if yes.contains(&name) { format!("{name}: {}: all\n", self.card(name)) } else { format!("{name}: none\n") }
        });
        std::fs::write(&path, lines.concat()).unwrap();
        path
    }

    /// Everyone who is present consents to being recorded.
    pub(crate) fn consent_to_record(&self, present: &str) {
        let answers = self.candor.path("answers");
        self.candor.ok(&["consent", "--present", present, "--answers", answers.to_str().unwrap()]);
    }

    /// Everyone consents to bringing in this file.
    pub(crate) fn consent_to(&self, file: &Path) {
        let answers = self.candor.path("answers");
        self.candor.ok(&["consent", "--file", file.to_str().unwrap(), "--answers", answers.to_str().unwrap()]);
    }
}
