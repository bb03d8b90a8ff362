//! CTranslate2's `model.bin`: a header, then named arrays.
//!
//! Version, name of the model's specification, revision, count; then for each array its name, dimensions, type and bytes. Names
//! are closed by a zero byte that their length counts. Format: CTranslate2, `model_spec.py`.

use std::collections::HashMap;

use half::f16;

use crate::error::ConvertError;

/// The arrays of a file, borrowed from it.
#[derive(Debug)]
pub(crate) struct Arrays<'a>(HashMap<&'a str, Array<'a>>);

/// An array as it lies in the file.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Array<'a> {
    /// Length of each dimension, outermost first.
    pub(crate) shape: Vec<usize>,
    /// Its numbers.
    pub(crate) numbers: Raw<'a>,
}

/// Little-endian numbers. Quantized files are refused: their scales would have to be undone, which is not without loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Raw<'a> {
    /// 32-bit floats.
    F32(&'a [u8]),
    /// 16-bit floats.
    F16(&'a [u8]),
}

impl<'a> Arrays<'a> {
    /// Reads the table of arrays.
    ///
    /// # Errors
    /// When the file is cut off or no Whisper of CTranslate2.
    pub(crate) fn read(file: &'a [u8]) -> Result<Self, ConvertError> {
        let mut reader = Reader(file);
        let _version = reader.u32()?;
        if reader.name()? != "WhisperSpec" {
            return Err(ConvertError::NotCt2);
        }
        let _revision = reader.u32()?;
        let count = reader.u32()?;
        let mut arrays = HashMap::new();
        for _ in 0..count {
            let name = reader.name()?;
            let rank = reader.take(1)?[0];
            let shape = (0..rank).map(|_| reader.u32()).collect::<Result<Vec<_>, _>>()?;
            let kind = reader.take(1)?[0];
            let length = reader.u32()?;
            let bytes = reader.take(length)?;
            let (numbers, width) = match kind {
                0 => (Raw::F32(bytes), 4),
                4 => (Raw::F16(bytes), 2),
                // Alone numbers that say how the file was made are integers.
                _ => continue,
            };
            if shape.iter().try_fold(width, |n: usize, d| n.checked_mul(*d)) != Some(length) {
                return Err(ConvertError::Misfit(name.to_owned()));
            }
            arrays.insert(name, Array { shape, numbers });
        }
        Ok(Self(arrays))
    }

    /// The array of this name.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn get(&self, name: &str) -> Result<&Array<'a>, ConvertError> {
        self.0.get(name).ok_or_else(|| ConvertError::NoTensor(name.to_owned()))
    }

    /// Whether there is an array of this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }
}

impl Array<'_> {
    /// Rows `from..to`, for arrays that hold several stacked on each other.
    ///
    /// # Errors
    /// When there are not so many.
    pub(crate) fn rows(&self, from: usize, to: usize) -> Result<Self, ConvertError> {
        let misfit = || ConvertError::Misfit(format!("{:?}", self.shape));
        let rows = *self.shape.first().ok_or_else(misfit)?;
        if from > to || to > rows {
            return Err(misfit());
        }
        let cut = |bytes: &'_ [u8]| {
            let row = bytes.len() / rows.max(1);
            from * row..to * row
        };
        let numbers = match self.numbers {
            Raw::F32(bytes) => Raw::F32(&bytes[cut(bytes)]),
            Raw::F16(bytes) => Raw::F16(&bytes[cut(bytes)]),
        };
        let mut shape = self.shape.clone();
        shape[0] = to - from;
        Ok(Self { shape, numbers })
    }

    /// As 32-bit floats.
    pub(crate) fn wide(&self) -> Vec<f32> {
        match self.numbers {
            Raw::F32(bytes) => bytes.as_chunks::<4>().0.iter().map(|b| f32::from_le_bytes(*b)).collect(),
            Raw::F16(bytes) => bytes.as_chunks::<2>().0.iter().map(|b| f16::from_le_bytes(*b).to_f32()).collect(),
        }
    }

    /// As 16-bit floats, rounded to nearest where they were wide.
    pub(crate) fn narrow(&self) -> Vec<f16> {
        match self.numbers {
            Raw::F32(_) => self.wide().into_iter().map(f16::from_f32).collect(),
            Raw::F16(bytes) => bytes.as_chunks::<2>().0.iter().map(|b| f16::from_le_bytes(*b)).collect(),
        }
    }
}

struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], ConvertError> {
        let (bytes, rest) = self.0.split_at_checked(n).ok_or(ConvertError::CutOff)?;
        self.0 = rest;
        Ok(bytes)
    }

    fn u32(&mut self) -> Result<usize, ConvertError> {
        let (bytes, rest) = self.0.split_first_chunk().ok_or(ConvertError::CutOff)?;
        self.0 = rest;
        Ok(u32::from_le_bytes(*bytes) as usize)
    }

    fn name(&mut self) -> Result<&'a str, ConvertError> {
        let (length, rest) = self.0.split_first_chunk().ok_or(ConvertError::CutOff)?;
        self.0 = rest;
        let bytes = self.take(u16::from_le_bytes(*length).into())?;
        let name = bytes.strip_suffix(&[0]).ok_or(ConvertError::NotCt2)?;
        std::str::from_utf8(name).map_err(|_| ConvertError::NotCt2)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A file with these arrays of 32-bit floats.
    pub(crate) fn file(spec: &str, arrays: &[(&str, &[usize], &[f32])]) -> Vec<u8> {
        let name = |s: &str| [&(s.len() as u16 + 1).to_le_bytes()[..], s.as_bytes(), &[0]].concat();
        let mut out = [&6_u32.to_le_bytes()[..], &name(spec), &3_u32.to_le_bytes()].concat();
        out.extend((arrays.len() as u32).to_le_bytes());
        for (n, shape, values) in arrays {
            out.extend(name(n));
            out.push(shape.len() as u8);
            out.extend(shape.iter().flat_map(|d| (*d as u32).to_le_bytes()));
            out.push(0);
            out.extend((values.len() as u32 * 4).to_le_bytes());
            out.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        }
        out
    }

    #[test]
    fn arrays_are_found_and_cut_into_rows() {
        let file = file("WhisperSpec", &[("a", &[2, 2], &[1.0, 2.0, 3.0, 4.0]), ("b", &[], &[5.0])]);
        let arrays = Arrays::read(&file).unwrap();
        let a = arrays.get("a").unwrap();
        assert_eq!(a.rows(1, 2).unwrap().wide(), [3.0, 4.0]);
        assert_eq!(a.narrow(), [1.0, 2.0, 3.0, 4.0].map(f16::from_f32));
        assert!(a.rows(1, 3).is_err());
        assert!(arrays.get("b").unwrap().rows(0, 1).is_err());
        assert!(arrays.has("b") && !arrays.has("c"));
    }

    #[test]
    fn every_cut_is_noticed_and_another_specification_too() {
        let whole = file("WhisperSpec", &[("a", &[2], &[1.0, 2.0])]);
        for end in 0..whole.len() {
            assert!(matches!(Arrays::read(&whole[..end]), Err(ConvertError::CutOff)), "cut at {end}");
        }
        assert!(matches!(Arrays::read(&file("TransformerSpec", &[])), Err(ConvertError::NotCt2)));
        assert!(matches!(Arrays::read(b"\x6c\x6d\x67\x67\x02\x00ab"), Err(ConvertError::NotCt2)));
    }

    #[test]
    fn a_shape_that_does_not_fit_is_refused() {
        let whole = file("WhisperSpec", &[("a", &[3], &[1.0, 2.0])]);
        assert!(matches!(Arrays::read(&whole), Err(ConvertError::Misfit(_))));
    }
}
