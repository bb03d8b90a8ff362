//! Whisper: CTranslate2's files to whisper.cpp's, without loss.
//!
//! CTranslate2 stacks queries, keys and values into one array, and names arrays its own way; whisper.cpp wants them apart and
//! under OpenAI's names, with mel filters and vocabulary in front (`convert-pt-to-ggml.py`). What was 16 bits wide stays so.

use std::{collections::HashMap, io::Write};

use crate::{
    ct2::{Array, Arrays},
    error::ConvertError,
    ggml::{self, Numbers},
    mel,
};

/// Positions of the encoder's and the decoder's context.
const CONTEXT: [i32; 2] = [1500, 448];
/// Width of an attention head.
const HEAD: usize = 64;
/// From this size on a vocabulary is the multilingual one, whose text part has one token more.
const MULTILINGUAL: usize = 51_865;
const TEXT_TOKENS: usize = 50_256;
/// Small arrays that whisper.cpp keeps at 32 bits though they have two dimensions.
const WIDE: [&str; 4] =
    ["encoder.conv1.bias", "encoder.conv2.bias", "encoder.positional_embedding", "decoder.positional_embedding"];

/// Converts the contents of `model.bin` and `tokenizer.json`.
///
/// # Errors
/// When one of them is not what a Whisper of CTranslate2 has.
pub(crate) fn convert(model: &[u8], tokenizer: &[u8], mut to: impl Write) -> Result<(), ConvertError> {
    let arrays = Arrays::read(model)?;
    let embedding = arrays.get("decoder/embeddings/weight")?;
    let &[vocabulary, width] = embedding.shape.as_slice() else { return Err(ConvertError::NotCt2) };
    let layers = (0..).take_while(|i| arrays.has(&format!("encoder/layer_{i}/ffn/linear_0/weight"))).count();

    ggml::ints(&mut to, &[ggml::MAGIC])?;
    ggml::count(&mut to, vocabulary)?;
    for context in CONTEXT {
        ggml::ints(&mut to, &[context])?;
        [width, width / HEAD, layers].into_iter().try_for_each(|n| ggml::count(&mut to, n))?;
    }
    ggml::count(&mut to, mel::BANDS)?;
    ggml::ints(&mut to, &[1])?; // 16-bit floats

    ggml::count(&mut to, mel::BANDS)?;
    ggml::count(&mut to, mel::BINS)?;
    mel::filters().iter().try_for_each(|f| to.write_all(&f.to_le_bytes()))?;

    let text_tokens = TEXT_TOKENS + usize::from(vocabulary >= MULTILINGUAL);
    write_tokens(&mut to, &tokens(tokenizer, text_tokens)?)?;

    Tensors { arrays: &arrays, width, to: &mut to }.write(layers)
}

struct Tensors<'a, W> {
    arrays: &'a Arrays<'a>,
    width: usize,
    to: &'a mut W,
}

impl<'a, W: Write> Tensors<'a, W> {
    fn write(&mut self, layers: usize) -> Result<(), ConvertError> {
        self.copy("encoder.positional_embedding", "encoder/position_encodings/encodings")?;
        for conv in ["conv1", "conv2"] {
            self.copy(&format!("encoder.{conv}.weight"), &format!("encoder/{conv}/weight"))?;
            let mut bias = self.arrays.get(&format!("encoder/{conv}/bias"))?.clone();
            bias.shape.push(1);
            write_array(self.to, &format!("encoder.{conv}.bias"), &bias)?;
        }
        self.norm("encoder.ln_post", "encoder/layer_norm")?;
        self.norm("decoder.ln", "decoder/layer_norm")?;
        self.copy("decoder.positional_embedding", "decoder/position_encodings/encodings")?;
        self.copy("decoder.token_embedding.weight", "decoder/embeddings/weight")?;
        for side in ["encoder", "decoder"] {
            for i in 0..layers {
                self.layer(side == "decoder", &format!("{side}.blocks.{i}"), &format!("{side}/layer_{i}"))?;
            }
        }
        Ok(())
    }

    fn layer(&mut self, decoder: bool, to: &str, from: &str) -> Result<(), ConvertError> {
        let stacked = format!("{from}/self_attention/linear_0");
        self.slice(&format!("{to}.attn.query"), &stacked, 0)?;
        self.slice_without_bias(&format!("{to}.attn.key"), &stacked, 1)?;
        self.slice(&format!("{to}.attn.value"), &stacked, 2)?;
        self.linear(&format!("{to}.attn.out"), &format!("{from}/self_attention/linear_1"))?;
        self.norm(&format!("{to}.attn_ln"), &format!("{from}/self_attention/layer_norm"))?;
        if decoder {
            self.linear(&format!("{to}.cross_attn.query"), &format!("{from}/attention/linear_0"))?;
            let stacked = format!("{from}/attention/linear_1");
            self.slice_without_bias(&format!("{to}.cross_attn.key"), &stacked, 0)?;
            self.slice(&format!("{to}.cross_attn.value"), &stacked, 1)?;
            self.linear(&format!("{to}.cross_attn.out"), &format!("{from}/attention/linear_2"))?;
            self.norm(&format!("{to}.cross_attn_ln"), &format!("{from}/attention/layer_norm"))?;
        }
        self.linear(&format!("{to}.mlp.0"), &format!("{from}/ffn/linear_0"))?;
        self.linear(&format!("{to}.mlp.2"), &format!("{from}/ffn/linear_1"))?;
        self.norm(&format!("{to}.mlp_ln"), &format!("{from}/ffn/layer_norm"))
    }

    /// Slice number `n` of arrays that are stacked on each other.
    fn slice(&mut self, to: &str, from: &str, n: usize) -> Result<(), ConvertError> {
        for part in ["weight", "bias"] {
            let rows = self.rows(&format!("{from}/{part}"), n)?;
            write_array(self.to, &format!("{to}.{part}"), &rows)?;
        }
        Ok(())
    }

    /// The same for keys: Whisper's have no bias, and CTranslate2 stores zeros for it.
    fn slice_without_bias(&mut self, to: &str, from: &str, n: usize) -> Result<(), ConvertError> {
        let bias = format!("{from}/bias");
        if self.rows(&bias, n)?.wide().iter().any(|v| *v != 0.0) {
            return Err(ConvertError::Misfit(bias));
        }
        let rows = self.rows(&format!("{from}/weight"), n)?;
        write_array(self.to, &format!("{to}.weight"), &rows)
    }

    fn rows(&self, from: &str, n: usize) -> Result<Array<'a>, ConvertError> {
        self.arrays.get(from)?.rows(n * self.width, (n + 1) * self.width)
    }

    fn linear(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        self.copy(&format!("{to}.weight"), &format!("{from}/weight"))?;
        self.copy(&format!("{to}.bias"), &format!("{from}/bias"))
    }

    fn norm(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        self.copy(&format!("{to}.weight"), &format!("{from}/gamma"))?;
        self.copy(&format!("{to}.bias"), &format!("{from}/beta"))
    }

    fn copy(&mut self, to: &str, from: &str) -> Result<(), ConvertError> {
        let array = self.arrays.get(from)?;
        write_array(self.to, to, array)
    }
}

fn write_array(to: &mut impl Write, name: &str, array: &Array) -> Result<(), ConvertError> {
    let numbers = if array.shape.len() < 2 || WIDE.contains(&name) {
        Numbers::Wide(array.wide())
    } else {
        Numbers::Narrow(array.narrow())
    };
    let shape: Vec<usize> = array.shape.iter().rev().copied().collect();
    Ok(ggml::tensor(to, name, &shape, &numbers)?)
}

fn write_tokens(to: &mut impl Write, tokens: &[Vec<u8>]) -> Result<(), ConvertError> {
    ggml::count(to, tokens.len())?;
    for token in tokens {
        ggml::count(to, token.len())?;
        to.write_all(token)?;
    }
    Ok(())
}

/// The first `n` tokens as bytes. GPT-2's vocabularies write each byte as a printable character.
fn tokens(tokenizer: &[u8], n: usize) -> Result<Vec<Vec<u8>>, ConvertError> {
    #[derive(serde::Deserialize)]
    struct Tokenizer {
        model: Vocabulary,
    }
    #[derive(serde::Deserialize)]
    struct Vocabulary {
        vocab: HashMap<String, usize>,
    }
    let vocab = serde_json::from_slice::<Tokenizer>(tokenizer)?.model.vocab;
    let by_id: HashMap<usize, &str> = vocab.iter().map(|(text, id)| (*id, text.as_str())).collect();
    let bytes = printable();
    let token = |id| {
        let text = by_id.get(&id)?;
        text.chars().map(|c| bytes.get(&c).copied()).collect::<Option<Vec<u8>>>()
    };
    (0..n).map(|id| token(id).ok_or(ConvertError::Token(id))).collect()
}

/// The byte behind each character: itself where it is printable, else counted from 256 on.
fn printable() -> HashMap<char, u8> {
    let plain = |b: &u8| matches!(b, 33..=126 | 161..=172 | 174..=255);
    let (shown, hidden): (Vec<u8>, Vec<u8>) = (0..=255).partition(plain);
    let shown = shown.into_iter().map(|b| (char::from(b), b));
    shown.chain(('\u{100}'..).zip(hidden)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ct2::tests::file;

    #[test]
    fn tokens_become_bytes_again() {
        let json = r#"{"model": {"vocab": {"a": 0, "Ġb": 1, "Ã¼": 2, "<x>": 3}}}"#.as_bytes();
        assert_eq!(tokens(json, 3).unwrap(), [b"a".to_vec(), b" b".to_vec(), "ü".as_bytes().to_vec()]);
        assert!(matches!(tokens(json, 5), Err(ConvertError::Token(4))));
        assert!(matches!(tokens(b"{", 1), Err(ConvertError::Json(_))));
    }

    #[test]
    fn every_byte_has_its_own_character() {
        let mut bytes: Vec<u8> = printable().into_values().collect();
        bytes.sort_unstable();
        assert_eq!(bytes, (0..=255).collect::<Vec<u8>>());
    }

    #[test]
    fn stacked_arrays_are_taken_apart_and_a_key_bias_is_refused() {
        let weight = ["a/weight", "a/bias", "b/bias"];
        let two = file("WhisperSpec", &[(weight[0], &[2, 1], &[1.0, 2.0]), (weight[1], &[2], &[0.0, 4.0])]);
        let arrays = Arrays::read(&two).unwrap();
        let mut out = Vec::new();
        let mut tensors = Tensors { arrays: &arrays, width: 1, to: &mut out };
        tensors.slice_without_bias("k", "a", 0).unwrap();
        assert!(matches!(tensors.slice_without_bias("k", "a", 1), Err(ConvertError::Misfit(_))));
        assert!(matches!(tensors.slice("v", "b", 0), Err(ConvertError::NoTensor(_))));
        assert_eq!(out[20..], [b"k.weight".as_slice(), &[0, 0x3c]].concat());
    }

    #[test]
    fn a_model_without_layers_lacks_its_tensors() {
        let bare = file("WhisperSpec", &[("decoder/embeddings/weight", &[0, 64], &[])]);
        let refused = convert(&bare, br#"{"model": {"vocab": {}}}"#, Vec::new());
        assert!(matches!(refused, Err(ConvertError::Token(0))));
        assert!(matches!(convert(b"GGUF", b"{}", Vec::new()), Err(ConvertError::CutOff)));
    }
}
