//! Writes a sheet down as HTML, Markdown or JSON. Escaping is the default: what the templates print is text.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};

use super::pictures::{LANE_WIDTH, bars};
use super::sheet::Sheet;
use super::words::{clock, percent};

/// Why a sheet could not be written; both kinds are mistakes in Candor, not in the sheet.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A template asks for something that the sheet does not have.
    #[error("could not fill in the brief's template")]
    Template(#[from] minijinja::Error),
    /// The sheet does not serialise.
    #[error("could not write the brief as json")]
    Json(#[from] serde_json::Error),
}

/// One self-contained page: no script, no outside reference.
///
/// # Errors
/// [`Error::Template`], never for a [`Sheet`] of this version.
pub fn html(sheet: &Sheet) -> Result<String, Error> {
    render("brief.html", sheet)
}

/// The same content as CommonMark.
///
/// # Errors
/// [`Error::Template`], never for a [`Sheet`] of this version.
pub fn markdown(sheet: &Sheet) -> Result<String, Error> {
    render("brief.md", sheet)
}

/// The same content as data.
///
/// # Errors
/// [`Error::Json`], never for a [`Sheet`] of this version.
pub fn json(sheet: &Sheet) -> Result<String, Error> {
    Ok(serde_json::to_string_pretty(sheet)?)
}

fn render(template: &str, sheet: &Sheet) -> Result<String, Error> {
    let mut env = Environment::new();
    env.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).keep_trailing_newline(true).build()?);
    env.set_undefined_behavior(UndefinedBehavior::Strict);
    env.set_auto_escape_callback(|name| {
        if name.ends_with(".md") { AutoEscape::Custom("markdown".into()) } else { AutoEscape::Html }
    });
    env.set_formatter(|out, state, value| match (state.auto_escape(), value.as_str()) {
        (AutoEscape::Custom(_), Some(text)) if !value.is_safe() => Ok(out.write_str(&plain(text))?),
        (AutoEscape::Custom(_), _) => Ok(write!(out, "{value}")?),
        _ => minijinja::escape_formatter(out, state, value),
    });
    env.add_filter("bars", |spans: Serde<Vec<(f32, f32)>>, seconds: f32| bars(&spans, seconds));
    env.add_filter("clock", clock);
    env.add_filter("percent", percent);
    env.add_template("brief.html", include_str!("brief.html"))?;
    env.add_template("brief.md", include_str!("brief.md"))?;
    let style = Value::from_safe_string(include_str!("style.css").to_owned());
    Ok(env.get_template(template)?.render(context! { style, lane_width => LANE_WIDTH, ..Value::from(Serde(sheet)) })?)
}

/// Text whose Markdown meaning is taken away: no emphasis, link, heading, list, table, HTML or entity is left in it.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '#' | '|' | '~' | '$' | '@' => out.extend(['\\', c]),
            _ => out.push(c),
        }
    }
    let out = out.replace("://", "\\://").replace("www.", "www\\.");
    let (marker, rest) = out.split_at(out.len() - out.trim_start_matches(|c: char| c.is_ascii_digit()).len());
    let list = if marker.is_empty() {
        rest.starts_with(['-', '+', '='])
    } else {
        rest.starts_with(". ") || rest.starts_with(") ")
    };
    if list { format!("{marker}\\{rest}") } else { out }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_in_speech_stays_speech() {
        assert_eq!(plain("*so* [x](y) <b> a&amp;b"), r"\*so\* \[x\](y) &lt;b&gt; a&amp;amp;b");
        assert_eq!(plain("- one"), r"\- one");
        assert_eq!(plain("12. twelve"), r"12\. twelve");
        assert_eq!((plain("12:40"), plain("0.1.0")), ("12:40".into(), "0.1.0".into()));
        assert_eq!(plain("see www.a.b or ftp://c"), r"see www\.a.b or ftp\://c");
    }
}
