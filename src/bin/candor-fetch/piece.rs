//! What a model is made of: files, or entries of packages, to be joined and perhaps converted.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use candor::models::{Convert, Model};
use zip::ZipArchive;

use crate::{
    ct2_to_ggml,
    error::{AtPath, ConvertError, FetchError},
    resemblyzer_to_safetensors, silero_to_ggml,
};

/// A file, wherever it lies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Piece {
    /// On disk.
    File(PathBuf),
    /// Inside a package, which is a zip.
    InWheel {
        /// The package.
        wheel: PathBuf,
        /// Path inside.
        entry: String,
    },
}

/// Everything that a model is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Material {
    /// To be joined in order.
    pub(crate) parts: Vec<Piece>,
    /// For Whisper.
    pub(crate) tokenizer: Option<Piece>,
}

impl Piece {
    fn copy_to(&self, to: &mut impl Write) -> Result<(), FetchError> {
        match self {
            Self::File(path) => {
                let mut file = File::open(path).at(path)?;
                io::copy(&mut file, to).at(path)?;
            }
            Self::InWheel { wheel, entry } => {
                let missing = || FetchError::Wheel { wheel: wheel.clone(), entry: entry.clone() };
                let mut zip = ZipArchive::new(File::open(wheel).at(wheel)?).map_err(|_| missing())?;
                let mut file = zip.by_name(entry).map_err(|_| missing())?;
                io::copy(&mut file, to).at(wheel)?;
            }
        }
        Ok(())
    }

    fn bytes(&self) -> Result<Vec<u8>, FetchError> {
        let mut bytes = Vec::new();
        self.copy_to(&mut bytes)?;
        Ok(bytes)
    }
}

impl Material {
    /// Joins and converts into a new file.
    ///
    /// # Errors
    /// When a piece is missing or makes no sense, or the file cannot be written.
    pub(crate) fn assemble(&self, model: &Model, to: &Path) -> Result<(), FetchError> {
        let mut out = BufWriter::with_capacity(1 << 20, File::create(to).at(to)?);
        match model.pypi.as_ref().and_then(|p| p.convert) {
            None => self.join(&mut out)?,
            Some(convert) => {
                self.convert(convert, model, &mut out)?.map_err(|source| failed(model, source))?;
            }
        }
        out.into_inner().map_err(io::IntoInnerError::into_error).and_then(|file| file.sync_all()).at(to)
    }

    fn join(&self, to: &mut impl Write) -> Result<(), FetchError> {
        self.parts.iter().try_for_each(|piece| piece.copy_to(to))
    }

    fn convert(
        &self,
        convert: Convert,
        model: &Model,
        to: &mut impl Write,
    ) -> Result<Result<(), ConvertError>, FetchError> {
        let mut whole = Vec::new();
        self.join(&mut whole)?;
        Ok(match convert {
            Convert::Ct2ToGgml => {
                let tokenizer = self.tokenizer.as_ref().map_or(Ok(Vec::new()), Piece::bytes)?;
                ct2_to_ggml::convert(&whole, &tokenizer, to)
            }
            Convert::SileroToGgml => silero_to_ggml::convert(&whole, version(model), to),
            Convert::ResemblyzerToSafetensors => resemblyzer_to_safetensors::convert(&whole, to),
        })
    }
}

fn failed(model: &Model, source: ConvertError) -> FetchError {
    FetchError::Convert { model: model.id.clone(), source }
}

/// The version in "name==version" of the first package.
fn version(model: &Model) -> &str {
    let package = model.pypi.as_ref().and_then(|p| p.parts.first()).map_or("", |p| &p.package);
    package.split_once("==").map_or("", |(_, version)| version)
}

#[cfg(test)]
mod tests {
    use candor::models::Manifest;
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    #[test]
    fn pieces_are_joined_in_order() {
        let dir = tempfile::tempdir().unwrap();
        let (file, wheel, out) = (dir.path().join("a"), dir.path().join("b.whl"), dir.path().join("out"));
        std::fs::write(&file, "first ").unwrap();
        let mut zip = ZipWriter::new(File::create(&wheel).unwrap());
        zip.start_file("data/b", SimpleFileOptions::default()).unwrap();
        zip.write_all(b"second").unwrap();
        zip.finish().unwrap();
        let in_wheel = |entry: &str| Piece::InWheel { wheel: wheel.clone(), entry: entry.into() };
        let model = Manifest::embedded().unwrap().model("minilm").unwrap().clone();

        let material = Material { parts: vec![Piece::File(file), in_wheel("data/b")], tokenizer: None };
        material.assemble(&model, &out).unwrap();
        assert_eq!(std::fs::read(&out).unwrap(), b"first second");

        let absent = Material { parts: vec![in_wheel("data/c")], tokenizer: None };
        assert!(matches!(absent.assemble(&model, &out), Err(FetchError::Wheel { .. })));
    }

    #[test]
    fn the_version_is_the_packages() {
        let manifest = Manifest::embedded().unwrap();
        assert_eq!(version(manifest.model("silero-vad").unwrap()), "6.2.3");
    }
}
