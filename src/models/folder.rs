//! The models folder: where it is, and which of its files are what they should be.
//!
//! Hashing a gigabyte takes a second or more, so `candor-fetch` leaves a stamp beside each file that it verified. A stamp only
//! saves time: whoever loads a model hashes it again.

use std::{
    env, fs,
    fs::File,
    io,
    path::{Path, PathBuf},
    time::UNIX_EPOCH,
};

use serde::{Deserialize, Serialize};

use super::{Manifest, Model, ModelsError, sha256, unreadable};
use crate::wire::{ModelFile, ModelRole};

/// The folder with the model files.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// What lies in the folder for a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    /// Nothing.
    Missing,
    /// A file of another length, in bytes.
    WrongSize(u64),
    /// A file of the right length.
    Present {
        /// Its hash, if a stamp vouches that it was verified and has not changed since.
        stamped: Option<String>,
    },
}

/// Beside a verified file: what it was like then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamp {
    size: u64,
    modified: u128,
    /// SHA-256 that it had.
    pub sha256: String,
}

impl Folder {
    /// The given folder, else `$CANDOR_MODELS`, else the platform's place for data of programs.
    ///
    /// # Errors
    /// When no home folder is set either.
    pub fn locate(given: Option<&Path>) -> Result<Self, ModelsError> {
        let set = |name: &str| env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
        if let Some(dir) = given.map(Path::to_owned).or_else(|| set("CANDOR_MODELS")) {
            return Ok(Self(dir));
        }
        let home = || env::home_dir().filter(|h| !h.as_os_str().is_empty()).ok_or(ModelsError::NoHome);
        let data = if cfg!(target_os = "macos") {
            home()?.join("Library/Application Support")
        } else {
            match set("XDG_DATA_HOME").filter(|d| d.is_absolute()) {
                Some(dir) => dir,
                None => home()?.join(".local/share"),
            }
        };
        Ok(Self(data.join("candor/models")))
    }

    /// The folder itself; it need not exist.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Where the file of a model lies or would lie.
    #[must_use]
    pub fn file(&self, model: &Model) -> PathBuf {
        self.0.join(&model.file)
    }

    /// What lies there, by length and stamp; nothing is hashed.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn state(&self, model: &Model) -> Result<State, ModelsError> {
        let path = self.file(model);
        let meta = match fs::metadata(&path) {
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(State::Missing),
            other => other.map_err(|source| unreadable(&path, source))?,
        };
        if model.accepted().iter().all(|(size, _)| *size != meta.len()) {
            return Ok(State::WrongSize(meta.len()));
        }
        let stamped = fs::read(self.stamp_file(model))
            .ok()
            .and_then(|bytes| serde_json::from_slice::<Stamp>(&bytes).ok())
            .filter(|s| Some(s) == stamp(&meta, &s.sha256).as_ref())
            .filter(|s| model.accepted().contains(&(s.size, &s.sha256)))
            .map(|s| s.sha256);
        Ok(State::Present { stamped })
    }

    /// The file of a model with the hash that it must have.
    ///
    /// # Errors
    /// When it is missing, has another length, or has to be hashed and has another hash.
    pub fn model_file(&self, model: &Model) -> Result<ModelFile, ModelsError> {
        let path = self.file(model);
        let found = match self.state(model)? {
            State::Missing => return Err(ModelsError::Missing { role: model.role, folder: self.0.clone() }),
            State::WrongSize(found) => return Err(ModelsError::WrongSize { path, expected: model.size, found }),
            State::Present { stamped: Some(sha256) } => sha256,
            // With one accepted hash there is nothing to find out: the mind checks it when it loads.
            State::Present { stamped: None } if model.accepted().len() == 1 => model.sha256.clone(),
            State::Present { stamped: None } => self.verify(model)?,
        };
        Ok(ModelFile { role: model.role, path, sha256: found })
    }

    /// The first model for a role that is there, in the manifest's order.
    ///
    /// # Errors
    /// When none is there, or the one that is there is damaged.
    pub fn find(&self, manifest: &Manifest, role: ModelRole) -> Result<ModelFile, ModelsError> {
        for model in manifest.for_role(role) {
            if self.state(model)? != State::Missing {
                return self.model_file(model);
            }
        }
        Err(ModelsError::Missing { role, folder: self.0.clone() })
    }

    /// Hashes the file and returns its hash, if it is one of those accepted.
    ///
    /// # Errors
    /// When it cannot be read or has another hash.
    pub fn verify(&self, model: &Model) -> Result<String, ModelsError> {
        let path = self.file(model);
        let found = File::open(&path).and_then(|mut f| sha256(&mut f)).map_err(|source| unreadable(&path, source))?;
        if model.accepted().iter().any(|(_, accepted)| *accepted == found) {
            Ok(found)
        } else {
            Err(ModelsError::WrongHash { path, found })
        }
    }

    /// Leaves a stamp beside a file that was verified just now.
    ///
    /// # Errors
    /// When the folder cannot be written.
    pub fn leave_stamp(&self, model: &Model, sha256: &str) -> io::Result<()> {
        let stamp = stamp(&fs::metadata(self.file(model))?, sha256).ok_or(io::ErrorKind::Unsupported)?;
        fs::write(self.stamp_file(model), serde_json::to_vec(&stamp)?)
    }

    fn stamp_file(&self, model: &Model) -> PathBuf {
        self.0.join(format!(".{}.verified", model.file))
    }
}

fn stamp(meta: &fs::Metadata, sha256: &str) -> Option<Stamp> {
    let modified = meta.modified().ok()?.duration_since(UNIX_EPOCH).ok()?.as_nanos();
    Some(Stamp { size: meta.len(), modified, sha256: sha256.to_owned() })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A folder with one model file of five bytes, and the model that describes it.
    fn with_file() -> (tempfile::TempDir, Folder, Model) {
        let dir = tempfile::tempdir().unwrap();
        let folder = Folder::locate(Some(dir.path())).unwrap();
        let mut model = Manifest::embedded().unwrap().model("minilm").unwrap().clone();
        model.size = 5;
        model.sha256 = sha256(&mut &b"hello"[..]).unwrap();
        fs::write(folder.file(&model), "hello").unwrap();
        (dir, folder, model)
    }

    #[test]
    fn a_stamp_holds_until_the_file_changes() {
        let (_dir, folder, model) = with_file();
        assert_eq!(folder.state(&model).unwrap(), State::Present { stamped: None });
        folder.leave_stamp(&model, &model.sha256).unwrap();
        assert_eq!(folder.state(&model).unwrap(), State::Present { stamped: Some(model.sha256.clone()) });
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(9);
        File::options().write(true).open(folder.file(&model)).unwrap().set_modified(later).unwrap();
        assert_eq!(folder.state(&model).unwrap(), State::Present { stamped: None });
    }

    #[test]
    fn a_stamp_for_a_hash_that_is_not_accepted_is_worth_nothing() {
        let (_dir, folder, model) = with_file();
        folder.leave_stamp(&model, &"0".repeat(64)).unwrap();
        assert_eq!(folder.state(&model).unwrap(), State::Present { stamped: None });
    }

    #[test]
    fn missing_cut_and_changed_files_are_told_apart() {
        let (_dir, folder, model) = with_file();
        assert_eq!(folder.verify(&model).unwrap(), model.sha256);
        fs::write(folder.file(&model), "hellO").unwrap();
        assert!(matches!(folder.verify(&model), Err(ModelsError::WrongHash { .. })));
        fs::write(folder.file(&model), "hell").unwrap();
        assert!(matches!(folder.model_file(&model), Err(ModelsError::WrongSize { expected: 5, found: 4, .. })));
        fs::remove_file(folder.file(&model)).unwrap();
        assert!(matches!(folder.model_file(&model), Err(ModelsError::Missing { .. })));
    }

    #[test]
    fn the_preferred_model_of_a_role_is_found_first() {
        let (_dir, folder, _) = with_file();
        let mut manifest = Manifest::embedded().unwrap();
        manifest.models.iter_mut().filter(|m| m.role == ModelRole::Mind).for_each(|m| m.size = 2);
        fs::write(folder.file(manifest.model("smollm2-135m").unwrap()), "xx").unwrap();
        let small = folder.find(&manifest, ModelRole::Mind).unwrap().path;
        fs::write(folder.file(manifest.model("qwen2.5-coder-1.5b").unwrap()), "yy").unwrap();
        let large = folder.find(&manifest, ModelRole::Mind).unwrap().path;
        assert!(small.ends_with("smollm2-135m-instruct-q4_1.gguf"), "{}", small.display());
        assert!(large.ends_with("qwen2.5-coder-1.5b-instruct-q4_k_m.gguf"), "{}", large.display());
    }
}
