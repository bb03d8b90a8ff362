//! Multinomial logistic regression with groups of features on their own scales, by full-batch Adam.
//!
//! The scales set how far each group is trusted: a feature that is scaled down has to pay more to be used. They, the
//! standard deviations and the inverse document frequencies are folded into the weights at the end, so that reading needs
//! none of them.

use candle_core::{D, DType, Device, Tensor};
use candor::session::MOVES;

use crate::Failure;

/// Steps of Adam.
const STEPS: usize = 150;

/// Strength of the ridge: the weights' prior has this precision.
const RIDGE: f64 = 1.0;

/// How far the classes are evened out: 0 leaves the frequencies as they are, 1 makes all equal (Menon et al., 2021).
const EVEN: f64 = 0.5;

/// A trained layer.
pub(crate) struct Softmax {
    pub(crate) weight: Tensor,
    pub(crate) bias: Tensor,
}

/// Trains on rows with their classes; `scale` holds a factor a feature, already divided by its spread.
pub(crate) fn train(rows: &Tensor, classes: &[usize], scale: &[f32]) -> Result<Softmax, Failure> {
    let (n, width) = rows.dims2()?;
    let scale = Tensor::from_slice(scale, (1, width), &Device::Cpu)?;
    let x = rows.broadcast_mul(&scale)?;
    let xt = x.t()?.contiguous()?;
    let y = one_hot(classes)?;
    let prior = ((y.sum_keepdim(0)? + 1.0)? / n as f64)?.log()?;

    let mut weight = Adam::new((width, MOVES.len()))?;
    let mut bias = Adam::new((1, MOVES.len()))?;
    for step in 1..=STEPS {
        // Training against the logits plus the prior leaves the evened-out logits in the weights.
        let logits = x.matmul(&weight.value)?.broadcast_add(&bias.value)?.broadcast_add(&(&prior * EVEN)?)?;
        let slope = ((candle_nn::ops::softmax(&logits, D::Minus1)? - &y)? / n as f64)?;
        let ridge = (&weight.value * (RIDGE / n as f64))?;
        let rate = 0.1 * (1.0 - (step - 1) as f64 / STEPS as f64);
        weight.step(&(xt.matmul(&slope)? + ridge)?, step, rate)?;
        bias.step(&slope.sum_keepdim(0)?, step, rate)?;
    }
    Ok(Softmax { weight: weight.value.broadcast_mul(&scale.t()?)?.t()?.contiguous()?, bias: bias.value.squeeze(0)? })
}

fn one_hot(classes: &[usize]) -> Result<Tensor, Failure> {
    let mut y = vec![0.0f32; classes.len() * MOVES.len()];
    for (row, class) in classes.iter().enumerate() {
        y[row * MOVES.len() + class] = 1.0;
    }
    Ok(Tensor::from_vec(y, (classes.len(), MOVES.len()), &Device::Cpu)?)
}

/// Adam (Kingma and Ba, 2015) for one tensor.
struct Adam {
    value: Tensor,
    mean: Tensor,
    square: Tensor,
}

impl Adam {
    fn new(shape: (usize, usize)) -> Result<Self, Failure> {
        let zero = Tensor::zeros(shape, DType::F32, &Device::Cpu)?;
        Ok(Self { value: zero.clone(), mean: zero.clone(), square: zero })
    }

    fn step(&mut self, slope: &Tensor, step: usize, rate: f64) -> Result<(), Failure> {
        const BETA1: f64 = 0.9;
        const BETA2: f64 = 0.99;
        self.mean = ((&self.mean * BETA1)? + (slope * (1.0 - BETA1))?)?;
        self.square = ((&self.square * BETA2)? + (slope.sqr()? * (1.0 - BETA2))?)?;
        let i = i32::try_from(step).unwrap_or(i32::MAX);
        let mean = (&self.mean / (1.0 - BETA1.powi(i)))?;
        let root = (&self.square / (1.0 - BETA2.powi(i)))?.sqrt()?;
        self.value = (&self.value - (mean / (root + 1e-8)?)?.affine(rate, 0.0)?)?;
        Ok(())
    }
}
