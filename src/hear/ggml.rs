//! Reader of whisper.cpp's VAD file: a header of sizes, then named tensors.
//!
//! Everything is a little-endian `i32` unless said otherwise. Sizes are checked against what is there before anything
//! is allocated; the file's hash has been checked before too, but a second fence costs nothing.

use std::collections::HashMap;

use candle_core::{DType, Device, Result, Tensor, bail};

const MAGIC: i32 = 0x6767_6d6c;

/// Sizes after the version: window, context, layers, 3 for each of 4 convolutions, 2 for the LSTM, 2 for the output.
const SIZES: usize = 3 + 12 + 2 + 2;

/// Reads from the front of the bytes that are left.
pub(super) struct GgmlReader<'a> {
    rest: &'a [u8],
}

impl<'a> GgmlReader<'a> {
    /// Checks and skips the header.
    pub(super) fn new(bytes: &'a [u8]) -> Result<Self> {
        let mut reader = Self { rest: bytes };
        if reader.int()? != MAGIC {
            bail!("not a ggml file");
        }
        let kind_length = reader.size()?;
        if reader.take(kind_length)? != b"silero-16k" {
            bail!("not a Silero VAD file");
        }
        for _ in 0..3 + SIZES {
            reader.int()?;
        }
        Ok(reader)
    }

    /// All tensors by name, as flat `f32`.
    pub(super) fn tensors(mut self) -> Result<HashMap<String, Tensor>> {
        let mut tensors = HashMap::new();
        while !self.rest.is_empty() {
            let (dimensions, name_length, is_half) = (self.size()?, self.size()?, self.int()? == 1);
            if dimensions > 4 {
                bail!("a tensor of {dimensions} dimensions");
            }
            let mut count = 1usize;
            for _ in 0..dimensions {
                count = count.saturating_mul(self.size()?);
            }
            let name = String::from_utf8_lossy(self.take(name_length)?).into_owned();
            let data = self.take(count.saturating_mul(if is_half { 2 } else { 4 }))?;
            let stored_as = if is_half { DType::F16 } else { DType::F32 };
            let tensor = Tensor::from_raw_buffer(data, stored_as, &[count], &Device::Cpu)?;
            tensors.insert(name, tensor.to_dtype(DType::F32)?);
        }
        Ok(tensors)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8]> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else { bail!("the file is cut short") };
        self.rest = rest;
        Ok(taken)
    }

    fn int(&mut self) -> Result<i32> {
        let bytes = self.take(4)?;
        Ok(i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
    }

    fn size(&mut self) -> Result<usize> {
        let value = self.int()?;
        usize::try_from(value).or_else(|_| bail!("a size of {value}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> Vec<u8> {
        let mut bytes = Vec::new();
        let ints = |values: &[i32], bytes: &mut Vec<u8>| {
            values.iter().for_each(|v| bytes.extend(v.to_le_bytes()));
        };
        ints(&[MAGIC, 10], &mut bytes);
        bytes.extend(b"silero-16k");
        ints(&[0; 3 + SIZES], &mut bytes);
        ints(&[1, 1, 1, 2], &mut bytes);
        bytes.extend(b"h");
        bytes.extend([0x00, 0x38, 0x00, 0xc0]); // 0.5 and -2 in half precision
        ints(&[2, 1, 0, 1, 1], &mut bytes);
        bytes.extend(b"s");
        bytes.extend(3.0f32.to_le_bytes());
        bytes
    }

    #[test]
    fn half_and_single_precision_tensors_are_read() {
        let tensors = GgmlReader::new(&file()).unwrap().tensors().unwrap();
        assert_eq!(tensors["h"].to_vec1::<f32>().unwrap(), [0.5, -2.0]);
        assert_eq!(tensors["s"].to_vec1::<f32>().unwrap(), [3.0]);
    }

    #[test]
    fn cut_files_are_refused_at_any_length() {
        let whole = file();
        let header = whole.len() - (16 + 1 + 4) - (20 + 1 + 4);
        for length in (0..whole.len()).filter(|&n| n != header && n != whole.len() - 25) {
            let read = GgmlReader::new(&whole[..length]).and_then(GgmlReader::tensors);
            assert!(read.is_err(), "{length} bytes of {}", whole.len());
        }
    }

    #[test]
    fn negative_sizes_are_refused() {
        let mut bytes = file();
        bytes[4..8].copy_from_slice(&(-1i32).to_le_bytes());
        assert!(GgmlReader::new(&bytes).is_err());
    }
}
