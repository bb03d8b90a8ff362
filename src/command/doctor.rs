//! `candor doctor`: what protects this machine's meetings, and what is missing.

use std::path::Path;

use super::{context::Context, ears};
use crate::{
    error::Result,
    jail::Lockdown,
    models::{Manifest, State},
    remote::Mind,
    vault::memory,
};

/// Folders of services that copy what lies in them to other machines.
const SYNCED: [&str; 7] =
    ["dropbox", "onedrive", "icloud", "google drive", "nextcloud", "mobile documents", "syncthing"];

pub(super) fn run(c: &Context) -> Result<()> {
    let s = c.screen;
    s.result("Protections");
    match &c.protections.lockdown {
        Ok(Lockdown::Enforced) => {
            s.check("this process locked down", Some(true), "no sockets, no io_uring, writes to its own folders only")
        }
        Ok(Lockdown::BestEffort) => {
            s.check("this process locked down", None, "this system offers nothing that Candor uses")
        }
        Err(e) => s.check("this process locked down", Some(false), &e.to_string()),
    }
    match &c.protections.hardened {
        Ok(()) => s.check("memory kept from others", Some(true), "no core dumps, no debuggers"),
        Err(e) => s.check("memory kept from others", Some(false), &e.to_string()),
    }
    match Mind::start(c.models.path()) {
        Ok(_) => s.check("mind locked down", Some(cfg!(target_os = "linux")), "no sockets, no writes, no programs"),
        Err(e) => s.check("mind locked down", Some(false), &e.to_string()),
    }
    let ears = ears::greeted(c);
    match &ears {
        Ok(_) => {
            s.check("ears locked down", Some(cfg!(target_os = "linux")), "unix sockets only, no files, no programs")
        }
        Err(e) => s.check("ears locked down", Some(false), &e.to_string()),
    }
    if memory::keeps_resident() {
        s.check("keys stay in memory", Some(true), "their pages are locked, and wiped after use");
    } else {
        s.check("keys stay in memory", Some(false), "this system locks no memory for Candor");
    }
    if memory::may_swap() {
        s.check("memory stays off the disk", Some(false), "swap is on; encrypt it, or switch it off for the meeting");
    } else {
        s.check("memory stays off the disk", Some(true), "no swap");
    }

    s.result("\nData");
    let home = c.home.display();
    if c.home.is_dir() {
        s.check("data folder", Some(true), &home.to_string());
    } else {
        s.check("data folder", None, &format!("{home}; made with the first circle"));
    }
    if let Some(service) = synced(&c.home) {
        s.check(
            "data folder is not synced",
            Some(false),
            &format!("it seems to lie in {service}; move it, with CANDOR_HOME"),
        );
    } else {
        s.check("data folder is not synced", Some(true), "in no folder of a known service");
    }
    s.check("backups", None, "a backup keeps what is erased later; leave this folder out of yours, or keep them short");

    s.result("\nModels");
    let manifest = Manifest::embedded().map_err(super::context::models_error)?;
    for model in &manifest.models {
        match c.models.state(model).map_err(super::context::models_error)? {
            State::Missing if !manifest.sets.default.contains(&model.id) => {}
            State::Missing => s.check(&model.id, Some(false), "missing; run candor-fetch"),
            State::WrongSize(_) => s.check(&model.id, Some(false), "damaged; run candor-fetch --verify"),
            _ => s.check(&model.id, Some(true), &model.about),
        }
    }

    s.result("\nMicrophone");
    match ears {
        Ok(mut ears) => ears::list_microphones(c, &mut ears),
        Err(_) => Ok(()),
    }
}

/// The service whose folder a path seems to lie in.
fn synced(path: &Path) -> Option<String> {
    path.components().find_map(|part| {
        let part = part.as_os_str().to_string_lossy().to_lowercase();
        SYNCED.iter().find(|s| part.contains(*s)).map(|s| (*s).to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_synced_folder_is_noticed() {
        assert_eq!(synced(Path::new("/home/r/Dropbox (Work)/candor")).as_deref(), Some("dropbox"));
        assert_eq!(synced(Path::new("/home/r/.local/share/candor")), None);
    }
}
