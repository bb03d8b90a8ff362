//! The speaker encoder of Resemblyzer: torch's old pickle format to safetensors.
//!
//! The file is five pickles (magic number, protocol, about the machine, the object, the keys of its storages), then for each
//! key a 64-bit count and that many 32-bit floats. Of the training checkpoint only the weights of the LSTM and the last
//! layer are kept.

use std::{collections::HashMap, io::Write};

use serde::Serialize;

use crate::{
    error::ConvertError,
    pickle::{Pickle, Value},
    torch::{Tensor, tensor_info},
};

/// torch's magic number, 0x1950a86a20f9469cfc6c, as a pickle of protocol 2.
const MAGIC: &[u8] = b"\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";

/// Converts the contents of `pretrained.pt`.
///
/// # Errors
/// When the file is not such a checkpoint, or is cut off.
pub(crate) fn convert(checkpoint: &[u8], mut to: impl Write) -> Result<(), ConvertError> {
    if !checkpoint.starts_with(MAGIC) {
        return Err(ConvertError::NotCheckpoint);
    }
    let mut rest = &checkpoint[MAGIC.len()..];
    let mut next = || -> Result<Pickle, ConvertError> {
        let pickle = Pickle::read(rest)?;
        rest = &rest[pickle.length..];
        Ok(pickle)
    };
    let (_protocol, _machine, object, keys) = (next()?, next()?, next()?, next()?);
    let storages = storages(&keys, rest)?;
    write(&weights(&object, &storages)?, &mut to)
}

/// The bytes of each storage, by key.
fn storages<'a>(keys: &'a Pickle, mut rest: &'a [u8]) -> Result<HashMap<&'a str, &'a [u8]>, ConvertError> {
    let mut storages = HashMap::new();
    for key in keys.items(keys.root) {
        let Value::Text(key) = keys.get(*key) else { return Err(ConvertError::NotCheckpoint) };
        let (count, after) = rest.split_first_chunk::<8>().ok_or(ConvertError::CutOff)?;
        let length = usize::try_from(u64::from_le_bytes(*count)).ok().and_then(|n| n.checked_mul(4));
        let (bytes, after) = length.and_then(|n| after.split_at_checked(n)).ok_or(ConvertError::CutOff)?;
        storages.insert(key.as_str(), bytes);
        rest = after;
    }
    Ok(storages)
}

/// The tensors of `model_state` that make the encoder, in their order.
fn weights(object: &Pickle, storages: &HashMap<&str, &[u8]>) -> Result<Vec<(String, Tensor)>, ConvertError> {
    let missing = |name: &str| ConvertError::NoTensor(name.to_owned());
    let state = object.entry(object.root, "model_state").ok_or_else(|| missing("model_state"))?;
    let wanted = |name: &str| name.starts_with("lstm.") || name.starts_with("linear.");
    let mut weights = Vec::new();
    for (name, at) in object.entries(state).into_iter().filter(|(name, _)| wanted(name)) {
        let info = tensor_info(object, at).ok_or_else(|| missing(name))?;
        let storage = storages.get(info.storage.as_str()).ok_or_else(|| missing(name))?;
        weights.push((name.to_owned(), info.read(storage)?));
    }
    if weights.is_empty() { Err(missing("lstm")) } else { Ok(weights) }
}

/// An entry of a safetensors header.
#[derive(Serialize)]
struct Entry<'a> {
    dtype: &'static str,
    shape: &'a [usize],
    data_offsets: [usize; 2],
}

/// Length of the header, header padded with blanks to eight bytes, numbers.
fn write(weights: &[(String, Tensor)], to: &mut impl Write) -> Result<(), ConvertError> {
    let mut end = 0;
    let mut entries = Vec::new();
    for (name, tensor) in weights {
        let start = end;
        end += tensor.values.len() * 4;
        let entry = Entry { dtype: "F32", shape: &tensor.shape, data_offsets: [start, end] };
        entries.push(format!("{}:{}", serde_json::to_string(name)?, serde_json::to_string(&entry)?));
    }
    let mut header = format!("{{{}}}", entries.join(","));
    header.extend(std::iter::repeat_n(' ', header.len().next_multiple_of(8) - header.len()));
    to.write_all(&(header.len() as u64).to_le_bytes())?;
    to.write_all(header.as_bytes())?;
    for value in weights.iter().flat_map(|(_, tensor)| &tensor.values) {
        to.write_all(&value.to_le_bytes())?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A checkpoint with `linear.bias` = [1, 2] and a tensor that is not wanted.
    fn checkpoint() -> Vec<u8> {
        let text = |s: &str| [b"X".as_slice(), &(s.len() as u32).to_le_bytes(), s.as_bytes()].concat();
        let storage =
            [b"(".as_slice(), &text("storage"), b"ctorch\nFloatStorage\n", &text("7"), &text("cpu"), b"K\x02tQ"];
        let tensor =
            [b"ctorch._utils\n_rebuild_tensor_v2\n(".as_slice(), &storage.concat(), b"K\x00K\x02\x85K\x01\x85tR"];
        let tensor = tensor.concat();
        let names = [b"(".as_slice(), &text("linear.bias"), &tensor, &text("similarity"), &tensor, b"u"].concat();
        let state = [b"ccollections\nOrderedDict\n)R".as_slice(), &names].concat();
        let object = [b"\x80\x02}".as_slice(), &text("model_state"), &state, b"s."].concat();
        let keys = [b"\x80\x02]".as_slice(), &text("7"), b"a."].concat();
        let numbers = [2_u64.to_le_bytes().as_slice(), &1_f32.to_le_bytes(), &2_f32.to_le_bytes()].concat();
        [MAGIC, b"\x80\x02M\xe9\x03.\x80\x02}.", &object, &keys, &numbers].concat()
    }

    #[test]
    fn the_wanted_weights_become_safetensors() {
        let mut out = Vec::new();
        convert(&checkpoint(), &mut out).unwrap();
        let header = br#"{"linear.bias":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        assert_eq!(out[..8], 64_u64.to_le_bytes());
        assert_eq!(out[8..8 + header.len()], header[..]);
        assert_eq!(out[72..], [0, 0, 0x80, 0x3f, 0, 0, 0, 0x40]);
    }

    #[test]
    fn every_cut_is_noticed_and_another_magic_too() {
        let whole = checkpoint();
        for end in 0..whole.len() {
            assert!(convert(&whole[..end], Vec::new()).is_err(), "cut at {end}");
        }
        assert!(matches!(convert(b"PK\x03\x04", Vec::new()), Err(ConvertError::NotCheckpoint)));
    }

    #[test]
    fn a_count_beyond_the_file_is_refused() {
        let mut whole = checkpoint();
        let at = whole.len() - 16;
        whole[at..at + 8].copy_from_slice(&u64::MAX.to_le_bytes());
        assert!(matches!(convert(&whole, Vec::new()), Err(ConvertError::CutOff)));
    }
}
