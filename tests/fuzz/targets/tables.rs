//! Small files that are read at run time: the stamp beside a model, the table of signs, and tables of the manifest's shape.
#![no_main]

use std::{fs, path::Path};

use candor::{
    models::{Folder, Manifest, Model, State},
    reflect::{SHIPPED_TABLE, Thresholds},
    wire::ModelRole,
};
use candor_fuzz::{folder, seed, tagged};
use libfuzzer_sys::fuzz_target;

fuzz_target!(init: seed(seeds()), |data: &[u8]| {
    let Some((tag, bytes)) = data.split_first() else { return };
    let text = String::from_utf8_lossy(bytes);
    match tag % 3 {
        0 => read_stamp(bytes),
        1 => {
            if let Ok(table) = Thresholds::parse(&text) {
                assert!(toml::to_string(&table).is_ok());
            }
        }
        _ => {
            if let Ok(manifest) = toml::from_str::<Manifest>(&text) {
                read_manifest(&manifest);
            }
        }
    }
});

/// A stamp vouches for nothing but the file as it is.
fn read_stamp(stamp: &[u8]) {
    let (folder, model) = (folder(), model());
    fs::write(folder.path().join(&model.file), "abc").expect("there is room");
    fs::write(folder.path().join(format!(".{}.verified", model.file)), stamp).expect("there is room");
    match located(folder.path()).state(&model) {
        Ok(State::Present { stamped: None }) => {}
        Ok(State::Present { stamped: Some(hash) }) => assert_eq!(hash, model.sha256),
        other => panic!("the file is there: {other:?}"),
    }
}

fn read_manifest(manifest: &Manifest) {
    for set in ["default", "test", "all", "none"] {
        let _ = manifest.set(set);
    }
    for model in &manifest.models {
        assert!(manifest.model(&model.id).is_ok() && manifest.for_role(model.role).next().is_some());
        assert!(!model.accepted().is_empty());
    }
}

fn located(folder: &Path) -> Folder {
    Folder::locate(Some(folder)).expect("it was given")
}

fn model() -> Model {
    Model {
        id: "mind".into(),
        role: ModelRole::Mind,
        file: "mind.gguf".into(),
        size: 3,
        sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad".into(),
        licence: "MIT".into(),
        about: String::new(),
        measured: true,
        hub: None,
        pypi: None,
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let sha256 = model().sha256;
    let stamp = format!(r#"{{"size":3,"modified":1773316800000000000,"sha256":"{sha256}"}}"#);
    let manifest = include_str!("../../../models/manifest.toml");
    vec![tagged(0, stamp), tagged(1, SHIPPED_TABLE), tagged(2, manifest)]
}
