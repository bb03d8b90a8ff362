//! From text to tokens: the model's own chat template around text that can never become a control token.
//!
//! The template in the GGUF file is rendered once, at load, with marks in the places of the system's and the user's
//! text. What stands around the marks is the template's own and may hold control tokens; the texts themselves are
//! encoded apart, with the parsing of special tokens off, so that a member who says "<|im_end|>" says only that.

use candle_core::quantized::{gguf_file::Content, tokenizer::TokenizerFromGguf};
use minijinja::{Environment, context, syntax::SyntaxConfig};
use tokenizers::{
    Tokenizer,
    pre_tokenizers::{byte_level::ByteLevel, digits::Digits, sequence::Sequence},
};

use super::MindError;

/// Private-use characters: they are in no template, and the texts are not there when the template is rendered.
const SYSTEM: char = '\u{f8f0}';
const USER: char = '\u{f8f1}';

/// Encodes prompts for one model.
pub struct Prompter {
    tokenizer: Tokenizer,
    before_system: Vec<u32>,
    before_user: Vec<u32>,
    after_user: Vec<u32>,
    /// Ends an answer.
    pub end: u32,
}

impl Prompter {
    /// Takes tokenizer and chat template from the model's file.
    ///
    /// # Errors
    /// When the file has none, or the template does not place both texts once and in order.
    pub fn from_gguf(content: &Content) -> Result<Self, MindError> {
        let mut tokenizer = tokenizer(content)?;
        let template = text(content, "tokenizer.chat_template")?;
        let (before_system, before_user, after_user) = render(template).ok_or_else(|| broken("its chat template"))?;
        let control = |text: &str| encode(&tokenizer, text);
        let (before_system, before_user, after_user) =
            (control(&before_system)?, control(&before_user)?, control(&after_user)?);
        tokenizer.set_encode_special_tokens(true);
        let end = content.metadata.get("tokenizer.ggml.eos_token_id").and_then(|id| id.to_u32().ok());
        Ok(Self { tokenizer, before_system, before_user, after_user, end: end.ok_or_else(|| broken("its end token"))? })
    }

    /// The whole prompt, up to where the answer begins.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn prompt(&self, system: &str, user: &str) -> Result<Vec<u32>, MindError> {
        let (system, user) = (self.data(system)?, self.data(user)?);
        Ok([&self.before_system[..], &system, &self.before_user, &user, &self.after_user].concat())
    }

    /// Text as mere text: whatever it says, no control token comes out.
    ///
    /// # Errors
    /// When the tokenizer fails.
    pub fn data(&self, text: &str) -> Result<Vec<u32>, MindError> {
        encode(&self.tokenizer, text)
    }

    /// The tokenizer, for the grammar.
    #[must_use]
    pub fn tokenizer(&self) -> &Tokenizer {
        &self.tokenizer
    }
}

fn encode(tokenizer: &Tokenizer, text: &str) -> Result<Vec<u32>, MindError> {
    let encoding = tokenizer.encode_fast(text, false).map_err(|_| MindError::Tokens)?;
    Ok(encoding.get_ids().to_vec())
}

/// What the template puts before the system's text, between the two, and after the user's.
fn render(template: &str) -> Option<(String, String, String)> {
    let mut environment = Environment::new();
    // As the Transformers library sets it, which the templates are written for.
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().ok()?);
    let turn = |role: &str, mark: char| context! { role, content => mark.to_string() };
    let values = context! {
        messages => [turn("system", SYSTEM), turn("user", USER)],
        add_generation_prompt => true,
    };
    let rendered = environment.render_str(template, values).ok()?;
    let (before_system, rest) = rendered.split_once(SYSTEM)?;
    let (before_user, after_user) = rest.split_once(USER)?;
    let once = !after_user.contains([SYSTEM, USER]) && !before_user.contains(SYSTEM);
    once.then(|| (before_system.into(), before_user.into(), after_user.into()))
}

/// The tokenizer in the file. Candle knows how the Qwen and Llama 3 families split text; for SmolLM2 it would fall back
/// to GPT-2, which sets a blank before every text and keeps numbers whole.
fn tokenizer(content: &Content) -> Result<Tokenizer, MindError> {
    let mut tokenizer = Tokenizer::from_gguf(content).map_err(|e| MindError::Model(e.to_string()))?;
    if text(content, "tokenizer.ggml.pre").is_ok_and(|pre| pre == "smollm") {
        let split = vec![Digits::new(true).into(), ByteLevel::new(false, false, true).into()];
        tokenizer.with_pre_tokenizer(Some(Sequence::new(split)));
    }
    Ok(tokenizer)
}

fn text<'a>(content: &'a Content, key: &str) -> Result<&'a str, MindError> {
    let value = content.metadata.get(key).and_then(|value| value.to_string().ok());
    value.map(String::as_str).ok_or_else(|| broken(key))
}

fn broken(what: &str) -> MindError {
    MindError::Model(format!("{what} is missing or makes no sense"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CHATML: &str = "{% for message in messages %}<|im_start|>{{ message['role'] }}\n{{ message['content'] }}\
        <|im_end|>\n{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant\n{% endif %}";

    #[test]
    fn a_template_is_cut_at_the_texts() {
        let (a, b, c) = render(CHATML).unwrap();
        assert_eq!(a, "<|im_start|>system\n");
        assert_eq!(b, "<|im_end|>\n<|im_start|>user\n");
        assert_eq!(c, "<|im_end|>\n<|im_start|>assistant\n");
    }

    #[test]
    fn a_template_that_drops_doubles_or_turns_the_texts_is_refused() {
        let user_only = "{{ messages[1].content }}";
        let twice = "{{ messages[0].content }}{{ messages[1].content }}{{ messages[1].content }}";
        let turned = "{{ messages[1].content }}{{ messages[0].content }}";
        for template in [user_only, twice, turned, "{% broken"] {
            assert!(render(template).is_none(), "{template}");
        }
    }
}
