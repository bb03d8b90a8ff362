//! The steps of the encoder that are no matrix products, each in one pass over the values and with its own derivative.
//!
//! Composed of the tensor library's smaller operations they take longer than the matrix products; its own fused ones cannot be
//! differentiated. All take rows of `f32` that lie one after the other.

use std::{f32::consts::PI, sync::Arc};

use candle_core::{CpuStorage, CustomOp1, CustomOp2, Layout, Result, Shape, Tensor, bail, cpu::erf::erf_f32};
use rayon::prelude::*;

/// Attention's weights from its scores: the softmax of `scale * score` over the last dimension, where padding has no weight.
#[derive(Clone)]
pub(super) struct Attend {
    pub(super) scale: f32,
    /// Whether a token is real: as many a row of texts as the last dimension is long.
    pub(super) real: Arc<Vec<bool>>,
    /// Rows of scores that share a row of texts: heads times tokens.
    pub(super) shared: usize,
}

impl CustomOp1 for Attend {
    fn name(&self) -> &'static str {
        "attend"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        let width = last(layout)?;
        by_rows(rows(x, layout)?, width, layout, |n, x, y| {
            let text = n / self.shared * width;
            let real = &self.real[text..text + width];
            let most = x.iter().zip(real).filter(|(_, r)| **r).map(|(v, _)| *v).fold(f32::MIN, f32::max);
            let mut sum = 0.0;
            for ((y, v), real) in y.iter_mut().zip(x).zip(real) {
                *y = if *real { ((v - most) * self.scale).exp() } else { 0.0 };
                sum += *y;
            }
            y.iter_mut().for_each(|y| *y /= sum);
        })
    }

    fn bwd(&self, _: &Tensor, y: &Tensor, slope: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(y.apply_op2_no_bwd(&slope.contiguous()?, &AttendSlope { scale: self.scale })?))
    }
}

/// `scale * y * (slope - sum(slope * y))`
struct AttendSlope {
    scale: f32,
}

impl CustomOp2 for AttendSlope {
    fn name(&self) -> &'static str {
        "attend-slope"
    }

    fn cpu_fwd(&self, y: &CpuStorage, ly: &Layout, g: &CpuStorage, lg: &Layout) -> Result<(CpuStorage, Shape)> {
        let (width, g) = (last(lg)?, rows(g, lg)?);
        by_rows(rows(y, ly)?, width, ly, |n, y, dx| {
            let g = &g[n * width..][..width];
            let along: f32 = y.iter().zip(g).map(|(y, g)| y * g).sum();
            dx.iter_mut().zip(y.iter().zip(g)).for_each(|(dx, (y, g))| *dx = self.scale * y * (g - along));
        })
    }
}

/// Layer normalization (Ba et al., 2016), with the published weight and bias, which stay as they are.
#[derive(Clone)]
pub(super) struct Normalize {
    pub(super) weight: Arc<Vec<f32>>,
    pub(super) bias: Arc<Vec<f32>>,
    /// Added under the root of the variance.
    pub(super) eps: f32,
}

impl CustomOp1 for Normalize {
    fn name(&self) -> &'static str {
        "normalize"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        by_rows(rows(x, layout)?, last(layout)?, layout, |_, x, y| {
            let (mean, root) = moments(x, self.eps);
            let affine = self.weight.iter().zip(self.bias.iter());
            y.iter_mut().zip(x).zip(affine).for_each(|((y, x), (w, b))| *y = (x - mean) / root * w + b);
        })
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, slope: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(x.contiguous()?.apply_op2_no_bwd(&slope.contiguous()?, &NormalizeSlope(self.clone()))?))
    }
}

/// With `n` the normalized value and `g` the slope times the weight: `(g - mean(g) - n * mean(g * n)) / root`.
struct NormalizeSlope(Normalize);

impl CustomOp2 for NormalizeSlope {
    fn name(&self) -> &'static str {
        "normalize-slope"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, g: &CpuStorage, lg: &Layout) -> Result<(CpuStorage, Shape)> {
        let (width, g) = (last(lg)?, rows(g, lg)?);
        by_rows(rows(x, lx)?, width, lx, |n, x, dx| {
            let (mean, root) = moments(x, self.0.eps);
            let g = g[n * width..][..width].iter().zip(self.0.weight.iter()).map(|(g, w)| g * w);
            let (mut sum, mut along) = (0.0, 0.0);
            for ((dx, g), x) in dx.iter_mut().zip(g).zip(x) {
                *dx = g;
                sum += g;
                along += g * (x - mean) / root;
            }
            let (sum, along) = (sum / width as f32, along / width as f32);
            dx.iter_mut().zip(x).for_each(|(dx, x)| *dx = (*dx - sum - (x - mean) / root * along) / root);
        })
    }
}

/// Mean, and the root of the variance.
fn moments(x: &[f32], eps: f32) -> (f32, f32) {
    let n = x.len() as f32;
    let mean = x.iter().sum::<f32>() / n;
    let variance = x.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / n;
    (mean, (variance + eps).sqrt())
}

/// The Gaussian error linear unit (Hendrycks and Gimpel, 2016): `x` times the normal distribution function at `x`.
pub(super) struct Gelu;

impl CustomOp1 for Gelu {
    fn name(&self) -> &'static str {
        "gelu"
    }

    fn cpu_fwd(&self, x: &CpuStorage, layout: &Layout) -> Result<(CpuStorage, Shape)> {
        by_rows(rows(x, layout)?, last(layout)?, layout, |_, x, y| {
            y.iter_mut().zip(x).for_each(|(y, x)| *y = x * normal(*x));
        })
    }

    fn bwd(&self, x: &Tensor, _: &Tensor, slope: &Tensor) -> Result<Option<Tensor>> {
        Ok(Some(x.contiguous()?.apply_op2_no_bwd(&slope.contiguous()?, &GeluSlope)?))
    }
}

struct GeluSlope;

impl CustomOp2 for GeluSlope {
    fn name(&self) -> &'static str {
        "gelu-slope"
    }

    fn cpu_fwd(&self, x: &CpuStorage, lx: &Layout, g: &CpuStorage, lg: &Layout) -> Result<(CpuStorage, Shape)> {
        let (width, g) = (last(lg)?, rows(g, lg)?);
        by_rows(rows(x, lx)?, width, lx, |n, x, dx| {
            for ((dx, x), g) in dx.iter_mut().zip(x).zip(&g[n * width..][..width]) {
                let density = (-x * x / 2.0).exp() / (2.0 * PI).sqrt();
                *dx = g * (normal(*x) + x * density);
            }
        })
    }
}

/// The normal distribution function.
fn normal(x: f32) -> f32 {
    0.5 * (1.0 + erf_f32(x / std::f32::consts::SQRT_2))
}

/// The values of a tensor whose rows lie one after the other.
fn rows<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    match (storage, layout.contiguous_offsets()) {
        (CpuStorage::F32(values), Some((from, to))) => Ok(&values[from..to]),
        _ => bail!("rows of f32 are needed"),
    }
}

fn last(layout: &Layout) -> Result<usize> {
    match layout.dims().last() {
        Some(width) if *width > 0 => Ok(*width),
        _ => bail!("a last dimension is needed"),
    }
}

/// A row out for every row in, all cores at it: number of the row, the row, what is to be filled.
fn by_rows(
    x: &[f32],
    width: usize,
    layout: &Layout,
    row: impl Fn(usize, &[f32], &mut [f32]) + Sync,
) -> Result<(CpuStorage, Shape)> {
    let mut y = vec![0.0; x.len()];
    y.par_chunks_mut(width).zip(x.par_chunks(width)).enumerate().for_each(|(n, (y, x))| row(n, x, y));
    Ok((CpuStorage::F32(y), layout.shape().clone()))
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    const X: [f32; 8] = [0.3, -1.2, 2.0, 0.1, -0.4, 0.9, 1.1, -2.3];

    /// The derivative of `sum(weights * f(x))` by the operation against small steps.
    fn derivative_is_right(f: &dyn Fn(&Tensor) -> Tensor) {
        let weights = Tensor::new(&[[0.5f32, -1.0, 2.0, 0.7], [1.5, 0.2, -0.6, 1.0]], &Device::Cpu).unwrap();
        let value = |x: &Tensor| (f(x) * &weights).unwrap().sum_all().unwrap();
        let x = Var::from_slice(&X, (2, 4), &Device::Cpu).unwrap();
        let slopes = value(&x).backward().unwrap();
        let slope: Vec<f32> = slopes.get(&x).unwrap().flatten_all().unwrap().to_vec1().unwrap();
        for k in 0..X.len() {
            let near = |by: f32| {
                let mut moved = X;
                moved[k] += by;
                value(&Tensor::from_slice(&moved, (2, 4), &Device::Cpu).unwrap()).to_scalar::<f32>().unwrap()
            };
            let found = (near(1e-2) - near(-1e-2)) / 2e-2;
            assert!((slope[k] - found).abs() < 5e-3, "value {k}: {} by the operation, {found} by steps", slope[k]);
        }
    }

    #[test]
    fn every_derivative_is_the_one_that_small_steps_give() {
        derivative_is_right(&|x| x.apply_op1(Gelu).unwrap());
        let real = Arc::new(vec![true, true, true, false, true, true, true, true]);
        derivative_is_right(&|x| x.apply_op1(Attend { scale: 0.7, real: real.clone(), shared: 1 }).unwrap());
        let (weight, bias) = (Arc::new(vec![1.0, 0.5, 2.0, -1.0]), Arc::new(vec![0.1, 0.2, 0.3, 0.4]));
        derivative_is_right(&|x| {
            x.apply_op1(Normalize { weight: weight.clone(), bias: bias.clone(), eps: 1e-5 }).unwrap()
        });
    }

    #[test]
    fn padding_has_no_weight_and_the_rest_sums_to_one() {
        let real = Arc::new(vec![true, true, false, false, true, true, true, true]);
        let x = Tensor::from_slice(&X, (2, 4), &Device::Cpu).unwrap();
        let y: Vec<Vec<f32>> = x.apply_op1(Attend { scale: 1.0, real, shared: 1 }).unwrap().to_vec2().unwrap();
        assert_eq!(&y[0][2..], [0.0, 0.0]);
        assert!(y.iter().all(|r| (r.iter().sum::<f32>() - 1.0).abs() < 1e-6));
    }
}
