//! Tensors as torch pickles them: a name of a storage, an offset, a shape and strides, the numbers elsewhere.

use crate::{
    error::ConvertError,
    pickle::{Pickle, Ref, Value},
};

/// A tensor of 32-bit floats, in row-major order.
#[derive(Debug, PartialEq)]
pub(crate) struct Tensor {
    /// Length of each dimension, outermost first.
    pub(crate) shape: Vec<usize>,
    /// As many as the product of the shape.
    pub(crate) values: Vec<f32>,
}

/// Where a pickled tensor finds its numbers.
#[derive(Debug, PartialEq)]
pub(crate) struct TensorInfo {
    /// Key of the storage.
    pub(crate) storage: String,
    offset: usize,
    shape: Vec<usize>,
    strides: Vec<usize>,
}

/// Understands a written-down `torch._utils._rebuild_tensor_v2(storage, offset, size, stride, ...)` of 32-bit floats; None for
/// anything else.
pub(crate) fn tensor_info(pickle: &Pickle, at: Ref) -> Option<TensorInfo> {
    let Value::Call { callee, args, .. } = pickle.get(at) else { return None };
    let args = pickle.items(*args);
    match pickle.get(*callee) {
        Value::Global(m, n) if m == "torch._utils" && n == "_rebuild_tensor_v2" => {}
        _ => return None,
    }
    let [storage, offset, shape, strides, ..] = args else { return None };
    let sizes = |at: Ref| pickle.items(at).iter().map(|n| pickle.size(*n)).collect::<Option<Vec<_>>>();
    Some(TensorInfo {
        storage: float_storage(pickle, *storage)?,
        offset: pickle.size(*offset)?,
        shape: sizes(*shape)?,
        strides: sizes(*strides)?,
    })
}

/// The key in a persistent id `("storage", torch.FloatStorage, key, device, count, ...)`.
pub(crate) fn float_storage(pickle: &Pickle, at: Ref) -> Option<String> {
    let Value::Persistent(id) = pickle.get(at) else { return None };
    let [tag, kind, key, ..] = pickle.items(*id) else { return None };
    match (pickle.get(*tag), pickle.get(*kind), pickle.get(*key)) {
        (Value::Text(tag), Value::Global(_, kind), Value::Text(key)) if tag == "storage" && kind == "FloatStorage" => {
            Some(key.clone())
        }
        _ => None,
    }
}

impl TensorInfo {
    /// Picks the tensor's numbers out of its storage, little-endian bytes.
    ///
    /// # Errors
    /// When shape, strides and storage do not fit each other.
    pub(crate) fn read(&self, storage: &[u8]) -> Result<Tensor, ConvertError> {
        let misfit = || ConvertError::Misfit(self.storage.clone());
        let count = self.shape.iter().try_fold(1_usize, |n, d| n.checked_mul(*d)).ok_or_else(misfit)?;
        // A stride of 0 could make a tensor larger than its storage: no model here has that.
        if self.shape.len() != self.strides.len() || count > storage.len() / 4 {
            return Err(misfit());
        }
        let mut values = Vec::with_capacity(count);
        let mut index = vec![0; self.shape.len()];
        for _ in 0..count {
            let steps = index.iter().zip(&self.strides).try_fold(self.offset, |at, (i, stride): (&usize, &usize)| {
                i.checked_mul(*stride).and_then(|step| at.checked_add(step))
            });
            let bytes = steps
                .and_then(|at| at.checked_mul(4))
                .and_then(|at| storage.get(at..)?.first_chunk::<4>())
                .ok_or_else(misfit)?;
            values.push(f32::from_le_bytes(*bytes));
            advance(&mut index, &self.shape);
        }
        Ok(Tensor { shape: self.shape.clone(), values })
    }
}

/// The next index in row-major order.
fn advance(index: &mut [usize], shape: &[usize]) {
    for (i, length) in index.iter_mut().zip(shape).rev() {
        *i += 1;
        if *i < *length {
            return;
        }
        *i = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn info(offset: usize, shape: &[usize], strides: &[usize]) -> TensorInfo {
        TensorInfo { storage: "0".into(), offset, shape: shape.into(), strides: strides.into() }
    }

    fn floats(n: u8) -> Vec<u8> {
        (0..n).flat_map(|i| f32::from(i).to_le_bytes()).collect()
    }

    #[test]
    fn strides_are_followed() {
        let rows = info(1, &[2, 2], &[2, 1]).read(&floats(5)).unwrap();
        assert_eq!(rows.values, [1.0, 2.0, 3.0, 4.0]);
        let transposed = info(0, &[2, 2], &[1, 2]).read(&floats(4)).unwrap();
        assert_eq!(transposed.values, [0.0, 2.0, 1.0, 3.0]);
    }

    #[test]
    fn what_lies_outside_the_storage_is_refused() {
        assert!(info(0, &[5], &[1]).read(&floats(4)).is_err());
        assert!(info(1, &[4], &[1]).read(&floats(4)).is_err());
        assert!(info(0, &[2], &[usize::MAX]).read(&floats(4)).is_err());
        assert!(info(0, &[usize::MAX, 2], &[1, 1]).read(&floats(4)).is_err());
        assert!(info(0, &[2, 2], &[1]).read(&floats(4)).is_err());
    }

    #[test]
    fn only_a_tensor_is_taken_for_one() {
        let whole = b"ctorch._utils\n_rebuild_tensor_v2\n((X\x07\x00\x00\x00storagectorch\nFloatStorage\nX\x01\x00\x00\x007X\x03\x00\x00\x00cpuK\x04tQK\x00K\x04\x85K\x01\x85tR.";
        let pickle = Pickle::read(whole).unwrap();
        let found = tensor_info(&pickle, pickle.root).unwrap();
        assert_eq!(found, TensorInfo { storage: "7".into(), ..info(0, &[4], &[1]) });
        let other = whole.map(|b| if b == b'2' { b'3' } else { b });
        let pickle = Pickle::read(&other).unwrap();
        assert_eq!(tensor_info(&pickle, pickle.root), None);
    }
}
