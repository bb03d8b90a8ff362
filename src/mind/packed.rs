//! A quantized weight matrix in the layout of [`super::kernel`], and its product with activations.
//!
//! The default model's types, Q4_K and Q6_K, are taken over value by value; only their scales are rounded to 16 bits.
//! The block layouts are those of ggml (`ggml-common.h`).

use candle_core::{
    CpuStorage, CustomOp1, Layout, Result, Shape,
    quantized::{GgmlDType, QTensor},
    utils::barrier_pool,
};
use half::f16;

use super::kernel::{Activations, LANES, Nibbles, Sixes, Unit, available, dot};

/// Values in a block of the K types.
const SUPER: usize = 256;

/// A weight matrix.
pub(super) enum Packed {
    /// From Q4_K.
    Nibbles(Matrix<Nibbles>),
    /// From Q6_K.
    Sixes(Matrix<Sixes>),
}

/// Tiles of 16 rows, each a run of units.
pub(super) struct Matrix<U> {
    units: Vec<U>,
    rows: usize,
    columns: usize,
}

/// One block, as values with a scale and a min for every unit of columns.
type Unpack = fn(&[u8], &mut [u8; SUPER], &mut [f32; 16], &mut [f32; 16]);

impl Packed {
    /// None when the processor, the type or the shape does not suit the kernel.
    pub(super) fn new(weights: &QTensor) -> Result<Option<Self>> {
        let (rows, columns) = weights.shape().dims2()?;
        if !available() || !rows.is_multiple_of(LANES) || !columns.is_multiple_of(SUPER) {
            return Ok(None);
        }
        let blocks = weights.data()?;
        Ok(match weights.dtype() {
            GgmlDType::Q4K => Some(Self::Nibbles(Matrix::new(&blocks, 144, rows, columns, q4k))),
            GgmlDType::Q6K => Some(Self::Sixes(Matrix::new(&blocks, 210, rows, columns, q6k))),
            _ => None,
        })
    }
}

impl<U: Unit> Matrix<U> {
    fn new(blocks: &[u8], block_bytes: usize, rows: usize, columns: usize, unpack: Unpack) -> Self {
        let across = columns / SUPER;
        let mut units = Vec::with_capacity(rows * columns / LANES / U::COLUMNS);
        let mut values = [[0; SUPER]; LANES];
        let (mut scales, mut mins) = ([[0.0; 16]; LANES], [[0.0; 16]; LANES]);
        for tile in 0..rows / LANES {
            for block in 0..across {
                for lane in 0..LANES {
                    let at = ((tile * LANES + lane) * across + block) * block_bytes;
                    let bytes = &blocks[at..at + block_bytes];
                    unpack(bytes, &mut values[lane], &mut scales[lane], &mut mins[lane]);
                }
                for unit in 0..SUPER / U::COLUMNS {
                    let columns = unit * U::COLUMNS..(unit + 1) * U::COLUMNS;
                    let of = |numbers: &[[f32; 16]; LANES]| std::array::from_fn(|lane| numbers[lane][unit]);
                    let values = std::array::from_fn(|lane| &values[lane][columns.clone()]);
                    units.push(U::pack(values, of(&scales), of(&mins)));
                }
            }
        }
        Self { units, rows, columns }
    }

    /// Rows of activations times the transposed matrix.
    fn times(&self, rows: &[f32]) -> Vec<f32> {
        let count = rows.len() / self.columns;
        let mut out = vec![0.0; count * self.rows];
        let activations = Activations::new::<U>(rows, self.columns);
        let tile_units = self.columns / U::COLUMNS;
        let start = out.as_mut_ptr() as usize;
        barrier_pool().execute_chunked(self.rows / LANES, |tiles| {
            for tile in tiles {
                let units = &self.units[tile * tile_units..(tile + 1) * tile_units];
                let out = (start as *mut f32).wrapping_add(tile * LANES);
                let mut row = 0;
                while row < count {
                    // SAFETY: `new` made the matrix only for a processor that has the instructions. The tile is as wide
                    // as the activations. Rows row.. are within `count`, columns tile*16.. within the stride, so all
                    // writes are inside `out`, which outlives the call; no two tiles write the same column.
                    row += unsafe {
                        match count - row {
                            8.. => dot::<U, 8>(units, &activations, row, out, self.rows),
                            4.. => dot::<U, 4>(units, &activations, row, out, self.rows),
                            2.. => dot::<U, 2>(units, &activations, row, out, self.rows),
                            _ => dot::<U, 1>(units, &activations, row, out, self.rows),
                        }
                    };
                }
            }
        });
        out
    }
}

impl CustomOp1 for Packed {
    fn name(&self) -> &'static str {
        "packed-matmul"
    }

    fn cpu_fwd(&self, storage: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let (rows, columns) = match self {
            Self::Nibbles(matrix) => (matrix.rows, matrix.columns),
            Self::Sixes(matrix) => (matrix.rows, matrix.columns),
        };
        let (count, width) = layout.shape().dims2()?;
        let Some((from, to)) = layout.contiguous_offsets().filter(|_| width == columns) else {
            candle_core::bail!("activations of shape {:?} for a matrix of {columns} columns", layout.shape());
        };
        let activations = &storage.as_slice::<f32>()?[from..to];
        let product = match self {
            Self::Nibbles(matrix) => matrix.times(activations),
            Self::Sixes(matrix) => matrix.times(activations),
        };
        Ok((CpuStorage::F32(product), Shape::from((count, rows))))
    }
}

fn half(bytes: &[u8]) -> f32 {
    f16::from_le_bytes([bytes[0], bytes[1]]).to_f32()
}

/// Q4_K: two halves (scale and min of the block), eight 6-bit scales and mins in 12 bytes, 128 bytes of nibbles.
fn q4k(block: &[u8], values: &mut [u8; SUPER], scales: &mut [f32; 16], mins: &mut [f32; 16]) {
    let (scale, min, packed) = (half(block), half(&block[2..]), &block[4..16]);
    for i in 0..8 {
        let (s, m) = match i {
            0..4 => (packed[i] & 63, packed[i + 4] & 63),
            _ => (packed[i + 4] & 15 | packed[i - 4] >> 6 << 4, packed[i + 4] >> 4 | packed[i] >> 6 << 4),
        };
        scales[i] = scale * f32::from(s);
        mins[i] = min * f32::from(m);
    }
    for (bytes, values) in block[16..].chunks_exact(32).zip(values.chunks_exact_mut(64)) {
        for (i, byte) in bytes.iter().enumerate() {
            values[i] = byte & 15;
            values[i + 32] = byte >> 4;
        }
    }
}

/// Q6_K: 128 bytes of low nibbles, 64 of high pairs of bits, sixteen 8-bit scales, the block's scale. The values stand
/// for themselves less 32, which the kernel knows.
fn q6k(block: &[u8], values: &mut [u8; SUPER], scales: &mut [f32; 16], _mins: &mut [f32; 16]) {
    let (low, high, packed, scale) = (&block[..128], &block[128..192], &block[192..208], half(&block[208..]));
    for (scale_out, &s) in scales.iter_mut().zip(packed) {
        *scale_out = scale * f32::from(s as i8);
    }
    for (half, values) in values.chunks_exact_mut(128).enumerate() {
        let (low, high) = (&low[half * 64..][..64], &high[half * 32..][..32]);
        for i in 0..32 {
            values[i] = low[i] & 15 | (high[i] & 3) << 4;
            values[i + 32] = low[i + 32] & 15 | (high[i] >> 2 & 3) << 4;
            values[i + 64] = low[i] >> 4 | (high[i] >> 4 & 3) << 4;
            values[i + 96] = low[i + 32] >> 4 | (high[i] >> 6) << 4;
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Module, Tensor, quantized::QMatMul};

    use super::*;

    /// Any numbers between -1 and 1.
    fn numbers(n: usize, seed: u32) -> Vec<f32> {
        let mut state = seed;
        let mut next = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..n).map(|_| next()).collect()
    }

    /// The product, against that of the same quantized weights spread to 32 bits.
    fn check(dtype: GgmlDType, count: usize) {
        let (rows, columns) = (48, 512);
        let weights = Tensor::from_vec(numbers(rows * columns, 1), (rows, columns), &Device::Cpu).unwrap();
        let weights = QTensor::quantize(&weights, dtype).unwrap();
        let x = Tensor::from_vec(numbers(count * columns, 2), (count, columns), &Device::Cpu).unwrap();
        let Some(packed) = Packed::new(&weights).unwrap() else {
            assert!(!available(), "packing was refused");
            return;
        };
        let got = x.apply_op1_no_bwd(&packed).unwrap();
        let plain = QMatMul::Tensor(weights.dequantize(&Device::Cpu).unwrap());
        let wrong = (got - plain.forward(&x).unwrap()).unwrap().abs().unwrap();
        let wrong: f32 = wrong.max_all().unwrap().to_scalar().unwrap();
        // The activations' 8 bits: an error of up to 1/254 in each of 512 products, of random sign.
        assert!(wrong < 0.15, "{dtype:?} {count}: {wrong}");
    }

    #[test]
    fn products_are_those_of_the_unpacked_weights() {
        for count in [1, 2, 3, 8, 15] {
            check(GgmlDType::Q4K, count);
            check(GgmlDType::Q6K, count);
        }
    }
}
