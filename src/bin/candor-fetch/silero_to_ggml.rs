//! Silero VAD: TorchScript to whisper.cpp's file, without torch.
//!
//! The `.jit` is a zip with a pickle, `data.pkl`, and one file a storage. It holds a network for 16 kHz and one for 8 kHz; we
//! take the first, in the order of whisper.cpp's `convert-silero-vad-to-ggml.py`. (The wheel's own safetensors file holds
//! the weights of another training run.)

use std::io::{Cursor, Read, Write};

use half::f16;
use zip::ZipArchive;

use crate::{
    error::ConvertError,
    ggml::{self, Numbers},
    pickle::{Pickle, Ref},
    torch::{Tensor, tensor_info},
};

/// Largest entry that is read; the real ones have at most 264 kB.
const MAX_ENTRY: u64 = 16 << 20;
const MODEL_TYPE: &str = "silero-16k";
/// Samples in a window, samples of context before it, layers of the encoder.
const WINDOW: [i32; 3] = [512, 64, 4];
/// Channels in, channels out, kernel size of each layer.
const ENCODER: [[i32; 3]; 4] = [[129, 128, 3], [128, 64, 3], [64, 64, 3], [64, 128, 3]];
/// Input and state of the LSTM, input and output of the last layer.
const DECODER: [i32; 4] = [128, 128, 128, 1];
const STFT: &str = "_model.stft.forward_basis_buffer";

/// Converts the contents of `silero_vad.jit` of the given version, "6.2.3".
///
/// # Errors
/// When the archive or its pickle is not what Silero publishes.
pub(crate) fn convert(jit: &[u8], version: &str, mut to: impl Write) -> Result<(), ConvertError> {
    let mut archive = Archive::open(jit)?;
    let pickle = Pickle::read(&archive.entry("data.pkl")?)?;
    header(&mut to, version)?;
    for name in tensor_names() {
        let info = follow(&pickle, &name).and_then(|at| tensor_info(&pickle, at));
        let info = info.ok_or_else(|| ConvertError::NoTensor(name.clone()))?;
        let storage = archive.entry(&format!("data/{}", info.storage))?;
        write_tensor(&mut to, &name, info.read(&storage)?)?;
    }
    Ok(())
}

fn header(to: &mut impl Write, version: &str) -> Result<(), ConvertError> {
    let numbers = version.split('.').map(str::parse).collect::<Result<Vec<i32>, _>>();
    let numbers = numbers.ok().filter(|v| v.len() == 3).ok_or_else(|| ConvertError::Version(version.to_owned()))?;
    ggml::ints(to, &[ggml::MAGIC])?;
    ggml::count(to, MODEL_TYPE.len())?;
    to.write_all(MODEL_TYPE.as_bytes())?;
    ggml::ints(to, &numbers)?;
    ggml::ints(to, &WINDOW)?;
    ggml::ints(to, ENCODER.as_flattened())?;
    ggml::ints(to, &DECODER)?;
    Ok(())
}

fn tensor_names() -> impl Iterator<Item = String> {
    let encoder = (0..4).flat_map(|i| ["weight", "bias"].map(|x| format!("_model.encoder.{i}.reparam_conv.{x}")));
    let rnn = ["weight_ih", "weight_hh", "bias_ih", "bias_hh"].map(|x| format!("_model.decoder.rnn.{x}"));
    let head = ["weight", "bias"].map(|x| format!("_model.decoder.decoder.2.{x}"));
    encoder.chain(rnn).chain(head).chain([STFT.to_owned()])
}

/// Walks from the root along attribute names.
fn follow(pickle: &Pickle, path: &str) -> Option<Ref> {
    path.split('.').try_fold(pickle.root, |at, name| pickle.entry(at, name))
}

fn write_tensor(to: &mut impl Write, name: &str, tensor: Tensor) -> Result<(), ConvertError> {
    let mut shape = tensor.shape;
    if name != STFT {
        shape.retain(|n| *n != 1);
    }
    shape.reverse();
    // Convolutions, of which the last layer is one, are kept narrow; the LSTM and every bias wide.
    let numbers = if name == STFT || name.ends_with(".weight") {
        Numbers::Narrow(tensor.values.into_iter().map(f16::from_f32).collect())
    } else {
        Numbers::Wide(tensor.values)
    };
    Ok(ggml::tensor(to, name, &shape, &numbers)?)
}

/// The zip inside the wheel. All its names begin with the name of the training run.
struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    root: String,
}

impl<'a> Archive<'a> {
    fn open(jit: &'a [u8]) -> Result<Self, ConvertError> {
        let zip = ZipArchive::new(Cursor::new(jit)).map_err(|_| ConvertError::NotTorchScript)?;
        let root = zip.file_names().find_map(|n| n.strip_suffix("data.pkl")).map(str::to_owned);
        Ok(Self { root: root.ok_or(ConvertError::NotTorchScript)?, zip })
    }

    fn entry(&mut self, name: &str) -> Result<Vec<u8>, ConvertError> {
        let path = format!("{}{name}", self.root);
        let entry = self.zip.by_name(&path).map_err(|_| ConvertError::NoEntry(path))?;
        let mut bytes = Vec::new();
        entry.take(MAX_ENTRY).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

#[cfg(test)]
mod tests {
    use zip::{ZipWriter, write::SimpleFileOptions};

    use super::*;

    /// A zip with these entries, stored.
    fn zip(entries: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in entries {
            zip.start_file(*name, SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn what_is_not_torchscript_is_refused() {
        let convert = |jit: &[u8]| convert(jit, "6.2.3", Vec::new()).unwrap_err();
        assert!(matches!(convert(b"RIFF"), ConvertError::NotTorchScript));
        assert!(matches!(convert(&zip(&[("run/constants.pkl", b")")])), ConvertError::NotTorchScript));
        assert!(matches!(convert(&zip(&[("run/data.pkl", b"\x80\x02")])), ConvertError::Pickle(_)));
        assert!(matches!(convert(&zip(&[("run/data.pkl", b"}.")])), ConvertError::NoTensor(_)));
        let whole = zip(&[("run/data.pkl", b"}.")]);
        assert!(matches!(convert(&whole[..whole.len() - 9]), ConvertError::NotTorchScript));
    }

    #[test]
    fn the_header_carries_the_version() {
        let mut out = Vec::new();
        header(&mut out, "6.2.3").unwrap();
        assert_eq!(out[..8], [0x6c, 0x6d, 0x67, 0x67, 10, 0, 0, 0]);
        assert_eq!(out[18..30], [6, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0]);
        assert!(matches!(header(&mut out, "6.2"), Err(ConvertError::Version(_))));
    }

    #[test]
    fn convolutions_are_narrow_and_the_rest_is_wide() {
        let kind = |name: &str| {
            let mut out = Vec::new();
            write_tensor(&mut out, name, Tensor { shape: vec![2, 1], values: vec![0.5, 1.0] }).unwrap();
            (out[0], out[8])
        };
        assert_eq!(kind("_model.encoder.0.reparam_conv.weight"), (1, 1));
        assert_eq!(kind("_model.decoder.rnn.weight_ih"), (1, 0));
        assert_eq!(kind("_model.decoder.decoder.2.bias"), (1, 0));
        assert_eq!(kind(STFT), (2, 1));
    }
}
