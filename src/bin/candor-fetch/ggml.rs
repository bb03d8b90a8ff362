//! whisper.cpp's file format: little-endian integers, then tensors with their name and shape.

use std::io::{self, Write};

use half::f16;

/// First four bytes of such a file, "lmgg" when read as text.
pub(crate) const MAGIC: i32 = 0x6767_6d6c;

/// Numbers of a tensor: wide or narrow, as the format's type field says.
pub(crate) enum Numbers {
    /// 32-bit floats, type 0.
    Wide(Vec<f32>),
    /// 16-bit floats, type 1.
    Narrow(Vec<f16>),
}

/// Writes integers.
pub(crate) fn ints(to: &mut impl Write, values: &[i32]) -> io::Result<()> {
    values.iter().try_for_each(|v| to.write_all(&v.to_le_bytes()))
}

/// Writes a length or count, which the format keeps in 32 bits.
pub(crate) fn count(to: &mut impl Write, n: usize) -> io::Result<()> {
    let n = i32::try_from(n).map_err(|_| io::ErrorKind::InvalidData)?;
    ints(to, &[n])
}

/// Writes a tensor; the shape comes innermost first, as ggml counts.
pub(crate) fn tensor(to: &mut impl Write, name: &str, shape: &[usize], numbers: &Numbers) -> io::Result<()> {
    count(to, shape.len())?;
    count(to, name.len())?;
    ints(to, &[matches!(numbers, Numbers::Narrow(_)).into()])?;
    shape.iter().try_for_each(|n| count(to, *n))?;
    to.write_all(name.as_bytes())?;
    match numbers {
        Numbers::Wide(values) => values.iter().try_for_each(|v| to.write_all(&v.to_le_bytes())),
        Numbers::Narrow(values) => values.iter().try_for_each(|v| to.write_all(&v.to_le_bytes())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tensor_is_header_shape_name_and_numbers() {
        let mut out = Vec::new();
        tensor(&mut out, "w", &[2, 1], &Numbers::Narrow(vec![f16::ONE, f16::ZERO])).unwrap();
        let expected = [2, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, b'w', 0, 0x3c, 0, 0];
        assert_eq!(out, expected);
    }
}
