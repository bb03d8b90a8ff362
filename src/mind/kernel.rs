//! The innermost loop of the language model on processors with AVX-512 and VNNI.
//!
//! Weights lie in tiles of 16 rows, so that one `vpdpbusd` multiplies four columns of 16 rows with four activations.
//! Candle has such kernels too; they keep three copies of the weights, spread to up to 10 bits, and on 64-byte loads that
//! straddle cache lines lose half the speed. Here is one aligned copy at 5 and 7 bits for reading and for writing.
//!
//! `unsafe`: the intrinsics need a processor that has them ([`available`]), and rows are addressed by pointer, since
//! bounds checks in here cost a third of the speed.

#![allow(unsafe_code)]

use core::arch::x86_64::*;

use half::f16;

/// Rows of weights in a tile: lanes of a register.
pub(super) const LANES: usize = 16;

/// Activations that share a scale.
pub(super) const BLOCK: usize = 64;

/// Whether this processor has what [`dot`] needs.
pub(super) fn available() -> bool {
    is_x86_feature_detected!("avx512f")
        && is_x86_feature_detected!("avx512bw")
        && is_x86_feature_detected!("avx512vnni")
}

/// A few columns of 16 rows of weights with their scales: a weight is `scale * value - min`.
pub(super) trait Unit: Copy + Send + Sync {
    /// Columns.
    const COLUMNS: usize;
    /// A register for every four columns.
    type Values: AsRef<[__m512i]>;

    /// Packs values and scales of 16 rows.
    fn pack(values: [&[u8]; LANES], scales: [f32; LANES], mins: [f32; LANES]) -> Self;

    /// Values, scales and mins, by row.
    ///
    /// # Safety
    /// The processor must have AVX-512 F and BW.
    unsafe fn unpack(&self) -> (Self::Values, __m512, __m512);
}

/// 32 columns of values below 16, with a min: Q4_K, Q4_1, Q4_0.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(super) struct Nibbles {
    values: [[u8; 64]; 4],
    scales: [f16; LANES],
    mins: [f16; LANES],
}

impl Unit for Nibbles {
    const COLUMNS: usize = 32;
    type Values = [__m512i; 8];

    fn pack(values: [&[u8]; LANES], scales: [f32; LANES], mins: [f32; LANES]) -> Self {
        let byte = |group: usize, lane: usize| values[lane / 4][group * 8 + lane % 4];
        let both = |group, lane| byte(group, lane) | values[lane / 4][group * 8 + 4 + lane % 4] << 4;
        Self {
            values: std::array::from_fn(|group| std::array::from_fn(|lane| both(group, lane))),
            scales: scales.map(f16::from_f32),
            mins: mins.map(f16::from_f32),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    unsafe fn unpack(&self) -> ([__m512i; 8], __m512, __m512) {
        let low = _mm512_set1_epi8(15);
        let mut values = [_mm512_setzero_si512(); 8];
        for (pair, bytes) in values.chunks_exact_mut(2).zip(&self.values) {
            let bytes = load(bytes);
            pair[0] = _mm512_and_si512(bytes, low);
            pair[1] = _mm512_and_si512(_mm512_srli_epi16::<4>(bytes), low);
        }
        (values, widen(&self.scales), widen(&self.mins))
    }
}

/// 16 columns of values below 64 that stand for -32..32: Q6_K.
#[derive(Clone, Copy)]
#[repr(C, align(32))]
pub(super) struct Sixes {
    low: [[u8; 64]; 2],
    high: [u8; 64],
    scales: [f16; LANES],
}

impl Unit for Sixes {
    const COLUMNS: usize = 16;
    type Values = [__m512i; 4];

    fn pack(values: [&[u8]; LANES], scales: [f32; LANES], _mins: [f32; LANES]) -> Self {
        let byte = |group: usize, lane: usize| values[lane / 4][group * 4 + lane % 4];
        let low = |pair, lane| byte(2 * pair, lane) & 15 | byte(2 * pair + 1, lane) << 4;
        let high = |lane| (0..4).map(|group| byte(group, lane) >> 4 << (2 * group)).sum();
        Self {
            low: std::array::from_fn(|pair| std::array::from_fn(|lane| low(pair, lane))),
            high: std::array::from_fn(high),
            scales: scales.map(f16::from_f32),
        }
    }

    #[inline]
    #[target_feature(enable = "avx512f,avx512bw")]
    unsafe fn unpack(&self) -> ([__m512i; 4], __m512, __m512) {
        let (low, top) = (_mm512_set1_epi8(15), _mm512_set1_epi8(48));
        let (a, b, high) = (load(&self.low[0]), load(&self.low[1]), load(&self.high));
        let join = |low4, high2| _mm512_or_si512(_mm512_and_si512(low4, low), _mm512_and_si512(high2, top));
        let values = [
            join(a, _mm512_slli_epi16::<4>(high)),
            join(_mm512_srli_epi16::<4>(a), _mm512_slli_epi16::<2>(high)),
            join(b, high),
            join(_mm512_srli_epi16::<4>(b), _mm512_srli_epi16::<2>(high)),
        ];
        let scales = widen(&self.scales);
        (values, scales, _mm512_mul_ps(scales, _mm512_set1_ps(32.0)))
    }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn load(bytes: &[u8; 64]) -> __m512i {
    // SAFETY: the array is as long as the register.
    unsafe { _mm512_loadu_si512(bytes.as_ptr().cast()) }
}

#[inline]
#[target_feature(enable = "avx512f")]
fn widen(halves: &[f16; LANES]) -> __m512 {
    // SAFETY: 16 halves are 32 bytes, as long as the register.
    _mm512_cvtph_ps(unsafe { _mm256_loadu_si256(halves.as_ptr().cast()) })
}

/// Rows of activations in 8 bits.
pub(super) struct Activations {
    columns: usize,
    /// -127..=127
    values: Vec<i8>,
    /// One for every [`BLOCK`] columns.
    scales: Vec<f32>,
    /// Sums of the values that meet one unit of weights.
    sums: Vec<f32>,
}

impl Activations {
    /// Quantizes rows of so many columns, a multiple of [`BLOCK`], to meet weights in such units.
    pub(super) fn new<U: Unit>(rows: &[f32], columns: usize) -> Self {
        assert!(available() && columns.is_multiple_of(BLOCK) && rows.len().is_multiple_of(columns));
        let mut activations = Self {
            columns,
            values: vec![0; rows.len()],
            scales: vec![0.0; rows.len() / BLOCK],
            sums: vec![0.0; rows.len() / U::COLUMNS],
        };
        // SAFETY: the processor has AVX-512, see the assertion.
        unsafe { activations.fill(rows, U::COLUMNS) };
        activations
    }

    /// # Safety
    /// The processor must have AVX-512 F and BW; lengths are those that `new` made.
    #[target_feature(enable = "avx512f,avx512bw")]
    unsafe fn fill(&mut self, rows: &[f32], unit: usize) {
        let blocks = rows.chunks_exact(BLOCK).zip(self.values.chunks_exact_mut(BLOCK));
        let outs = self.scales.iter_mut().zip(self.sums.chunks_exact_mut(BLOCK / unit));
        for ((block, values), (scale, sums)) in blocks.zip(outs) {
            // SAFETY: a block is four registers long, of floats as of bytes once narrowed.
            let part = |i: usize| unsafe { _mm512_loadu_ps(block.as_ptr().add(i * LANES)) };
            let largest = (0..4).fold(_mm512_setzero_ps(), |most, i| _mm512_max_ps(most, _mm512_abs_ps(part(i))));
            let largest = _mm512_reduce_max_ps(largest);
            *scale = largest / 127.0;
            let inverse = _mm512_set1_ps(if largest > 0.0 { 127.0 / largest } else { 0.0 });
            sums.fill(0.0);
            for i in 0..4 {
                let whole = _mm512_cvtps_epi32(_mm512_mul_ps(part(i), inverse));
                // SAFETY: as above.
                unsafe { _mm_storeu_si128(values.as_mut_ptr().add(i * LANES).cast(), _mm512_cvtsepi32_epi8(whole)) };
                sums[i * LANES / unit] += _mm512_reduce_add_epi32(whole) as f32;
            }
        }
    }
}

/// Products of one tile with `ROWS` rows of activations from `row` on, written to 16 columns of as many rows of `out`,
/// `stride` apart.
///
/// # Safety
/// The processor must be [`available`]. The tile must be as wide as the activations, which must have these rows, and
/// `out` must be valid for the writes. Returns `ROWS`.
#[target_feature(enable = "avx512f,avx512bw,avx512vnni")]
pub(super) unsafe fn dot<U: Unit, const ROWS: usize>(
    tile: &[U],
    activations: &Activations,
    row: usize,
    out: *mut f32,
    stride: usize,
) -> usize {
    let columns = activations.columns;
    let units = columns / U::COLUMNS;
    // SAFETY: the caller vouches for rows and widths; every index below is less than rows × columns, or the number of
    // blocks or units in it.
    unsafe {
        let values = activations.values.as_ptr().add(row * columns);
        let scales = activations.scales.as_ptr().add(row * (columns / BLOCK));
        let sums = activations.sums.as_ptr().add(row * units);
        let mut total = [_mm512_setzero_ps(); ROWS];
        for (b, block) in tile.chunks_exact(BLOCK / U::COLUMNS).enumerate() {
            let mut scaled = [_mm512_setzero_ps(); ROWS];
            for (u, unit) in block.iter().enumerate() {
                let unit_at = b * (BLOCK / U::COLUMNS) + u;
                let (weights, scale, min) = unit.unpack();
                let mut whole = [_mm512_setzero_si512(); ROWS];
                for (g, &four) in weights.as_ref().iter().enumerate() {
                    for (r, whole) in whole.iter_mut().enumerate() {
                        let at = values.add(r * columns + unit_at * U::COLUMNS + g * 4);
                        let repeated = _mm512_set1_epi32(at.cast::<i32>().read_unaligned());
                        *whole = _mm512_dpbusd_epi32(*whole, four, repeated);
                    }
                }
                for r in 0..ROWS {
                    let sum = _mm512_set1_ps(*sums.add(r * units + unit_at));
                    scaled[r] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(whole[r]), scale, scaled[r]);
                    scaled[r] = _mm512_fnmadd_ps(min, sum, scaled[r]);
                }
            }
            for r in 0..ROWS {
                let scale = _mm512_set1_ps(*scales.add(r * (columns / BLOCK) + b));
                total[r] = _mm512_fmadd_ps(scaled[r], scale, total[r]);
            }
        }
        for (r, total) in total.into_iter().enumerate() {
            _mm512_storeu_ps(out.add((row + r) * stride), total);
        }
    }
    ROWS
}
