//! Teaches the encoder the moves: a low-rank update of its matrices, the marks, and the last layer, together.
//!
//! Windows are cut anew in every epoch and speakers numbered anew, and in some meetings the marks of writing are taken away,
//! as Whisper often leaves them out, so that nothing is learnt that only holds here. Adam with decoupled decay (Loshchilov
//! and Hutter, 2019), a rate that rises and falls in straight lines, labels smoothed, rare moves weighed up.

use std::{collections::HashMap, time::Instant};

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{AdamW, Optimizer, ParamsAdamW, ops};
use candor::{
    mind::{
        encoder::{Encoder, LAYERS, MATRICES, WIDTH, Weights},
        moves::Head,
        turns::{self, Window},
    },
    session::{MOVES, Move},
    wire::MeetingText,
};
use rand::{RngExt, SeedableRng, rngs::StdRng, seq::SliceRandom};
use tokenizers::Tokenizer;

use crate::{Failure, data::Labelled};

/// Rank of the update.
const RANK: usize = 32;

/// Times through all meetings.
const EPOCHS: usize = 3;

/// Windows a step.
const BATCH: usize = 4;

/// Highest rate, for the update and for the marks and the last layer.
const RATES: [f64; 2] = [1e-3, 2e-3];

/// Part of the steps over which the rate rises.
const WARM_UP: f64 = 0.1;

/// Part of the probability that is spread over all moves.
const SMOOTHING: f64 = 0.05;

/// How far rare moves are weighed up: 0 not at all, 1 until all are alike.
const EVEN: f64 = 0.3;

/// Part of the meetings that are read without capitals and punctuation.
const BARE: f64 = 0.2;

/// A meeting as it is trained on.
pub(crate) struct Lesson {
    meeting: MeetingText,
    words: Vec<Vec<u32>>,
    bare: Vec<Vec<u32>>,
    moves: Vec<Move>,
}

impl Lesson {
    pub(crate) fn new(labelled: &Labelled, tokenizer: &Tokenizer) -> std::result::Result<Self, Failure> {
        let meeting = MeetingText::of(&labelled.meeting);
        let texts = || meeting.utterances.iter().map(|u| &u.text);
        let words = turns::tokens(tokenizer, texts())?;
        let bare = turns::tokens(tokenizer, texts().map(|t| without_marks(t)))?;
        Ok(Self { words, bare, moves: labelled.moves.clone(), meeting })
    }
}

fn without_marks(text: &str) -> String {
    text.to_lowercase().chars().filter(|c| c.is_alphanumeric() || c.is_whitespace() || *c == '\'').collect()
}

/// Trains on all lessons; the tensors for [`candor::mind::moves::MoveReader::new`].
pub(crate) fn moves(weights: &Weights, lessons: &[&Lesson], seed: u64) -> std::result::Result<Weights, Failure> {
    let mut chance = StdRng::seed_from_u64(seed);
    let taught = begin(weights, &mut chance)?;
    let variables = |wanted: &dyn Fn(&str) -> bool| -> Vec<Var> {
        let mut names: Vec<&String> = taught.keys().filter(|k| wanted(k)).collect();
        names.sort();
        names.into_iter().map(|k| taught[k].clone()).collect()
    };
    let low_rank = |name: &str| name.starts_with("encoder");
    let settings = ParamsAdamW { weight_decay: 0.01, ..ParamsAdamW::default() };
    let mut optimizers =
        [AdamW::new(variables(&low_rank), settings.clone())?, AdamW::new(variables(&|n| !low_rank(n)), settings)?];

    let evened = weigh(lessons)?;
    let began = Instant::now();
    let mut step = 0usize;
    let mut steps = None;
    for epoch in 0..EPOCHS {
        let windows = cut(lessons, &mut chance);
        let steps = *steps.get_or_insert(EPOCHS * windows.len().div_ceil(BATCH));
        let mut sum = 0.0;
        for (k, batch) in windows.chunks(BATCH).enumerate() {
            step += 1;
            let at = step as f64 / steps as f64;
            let slope = (at / WARM_UP).min((1.0 - at) / (1.0 - WARM_UP)).max(0.01);
            for (optimizer, rate) in optimizers.iter_mut().zip(RATES) {
                optimizer.set_learning_rate(rate * slope);
            }
            let now: Weights = taught.iter().map(|(k, v)| (k.clone(), v.as_tensor().clone())).collect();
            let loss = loss(weights, &now, batch, &evened)?;
            let slopes = loss.backward()?;
            for optimizer in &mut optimizers {
                optimizer.step(&slopes)?;
            }
            sum += f64::from(loss.to_scalar::<f32>()?);
            if k % 50 == 49 {
                let left = began.elapsed().mul_f64(steps as f64 / step as f64 - 1.0);
                eprintln!("  epoch {}: loss {:.3}, {} s left", epoch + 1, sum / (k + 1) as f64, left.as_secs());
            }
        }
    }
    let mut taught: Weights = taught.into_iter().map(|(k, v)| (k, v.as_detached_tensor())).collect();
    taught.insert("follows".to_owned(), follows(lessons)?);
    Ok(taught)
}

/// `[before][after]`: the logarithm of how much likelier a move is after another than at any time.
fn follows(lessons: &[&Lesson]) -> Result<Tensor> {
    let n = MOVES.len();
    let mut counts = vec![1.0f64; n * n];
    for pair in lessons.iter().flat_map(|l| l.moves.windows(2)) {
        counts[pair[0].index() * n + pair[1].index()] += 1.0;
    }
    let all: f64 = counts.iter().sum();
    let after = |b: usize| (0..n).map(|a| counts[a * n + b]).sum::<f64>() / all;
    let before = |a: usize| counts[a * n..][..n].iter().sum::<f64>();
    let odds = (0..n * n).map(|k| (counts[k] / before(k / n) / after(k % n)).ln() as f32);
    Tensor::from_vec(odds.collect::<Vec<_>>(), (n, n), &Device::Cpu)
}

/// What training begins with: no update, marks that mean nothing, a last layer that says nothing.
fn begin(weights: &Weights, chance: &mut StdRng) -> Result<HashMap<String, Var>> {
    let zero = |shape: &[usize]| Var::zeros(shape, DType::F32, &Device::Cpu);
    let mut found = HashMap::from([
        ("marks".to_owned(), zero(&[turns::MARKS.len(), WIDTH])?),
        ("head.weight".to_owned(), zero(&[MOVES.len(), 2 * WIDTH])?),
        ("head.bias".to_owned(), zero(&[MOVES.len()])?),
    ]);
    for (layer, name) in (0..LAYERS).flat_map(|l| MATRICES.map(|m| (l, m))) {
        let name = format!("encoder.layer.{layer}.{name}");
        let (out, width) = weights[&format!("{name}.weight")].dims2()?;
        let spread = 3f32.sqrt() / (width as f32).sqrt();
        let down: Vec<f32> = (0..RANK * width).map(|_| chance.random_range(-spread..spread)).collect();
        found.insert(format!("{name}.down"), Var::from_vec(down, (RANK, width), &Device::Cpu)?);
        found.insert(format!("{name}.up"), zero(&[out, RANK])?);
    }
    Ok(found)
}

/// A weight for every move, about 1 on the mean.
fn weigh(lessons: &[&Lesson]) -> Result<Tensor> {
    let mut counts = [5.0f64; MOVES.len()];
    lessons.iter().flat_map(|l| &l.moves).for_each(|m| counts[m.index()] += 1.0);
    let all: f64 = counts.iter().sum();
    let raw = counts.map(|c| (all / c).powf(EVEN));
    let mean = raw.iter().zip(counts).map(|(w, c)| w * c / all).sum::<f64>();
    Tensor::from_vec(raw.iter().map(|w| (w / mean) as f32).collect::<Vec<_>>(), MOVES.len(), &Device::Cpu)
}

/// Windows over all lessons, cut at other places each time, in another order each time.
fn cut<'a>(lessons: &[&'a Lesson], chance: &mut StdRng) -> Vec<(Window, &'a [Move])> {
    let mut found = Vec::new();
    for lesson in lessons {
        let words = if chance.random_bool(BARE) { &lesson.bare } else { &lesson.words };
        let mut from = 0;
        let mut room = chance.random_range(turns::WINDOW / 4..=turns::WINDOW);
        while from < words.len() {
            let range = turns::fit(words, from, room);
            let mut numbers = turns::AS_THEY_COME;
            numbers.shuffle(chance);
            from = range.end;
            room = turns::WINDOW;
            found.push((turns::lay(&lesson.meeting, words, range.clone(), &numbers), &lesson.moves[range]));
        }
    }
    found.shuffle(chance);
    found
}

/// Mean cross-entropy of the batch's turns against smoothed labels, weighed by move.
fn loss(weights: &Weights, taught: &Weights, batch: &[(Window, &[Move])], evened: &Tensor) -> Result<Tensor> {
    let encoder = Encoder::new(weights, taught)?;
    let windows: Vec<&Window> = batch.iter().map(|(w, _)| w).collect();
    let logs = ops::log_softmax(&Head::new(taught)?.logits(&encoder, &windows)?, 1)?;
    let labels: Vec<u32> = batch.iter().flat_map(|(_, m)| m.iter().map(|m| m.index() as u32)).collect();
    let n = labels.len();
    let labels = Tensor::from_vec(labels, n, &Device::Cpu)?;
    let weight = evened.index_select(&labels, 0)?;
    let right = logs.gather(&labels.unsqueeze(1)?, 1)?.squeeze(1)?;
    let per_turn = ((right * (1.0 - SMOOTHING))? + (logs.mean(1)? * SMOOTHING)?)?;
    (per_turn * &weight)?.sum_all()?.neg()? / f64::from(weight.sum_all()?.to_scalar::<f32>()?)
}
