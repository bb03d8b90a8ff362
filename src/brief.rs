//! The brief: one sheet about a circle's newest meeting and its way here, for facilitator and members alike.
//!
//! Pure: [`Findings`](crate::findings::Findings) and a [`Context`] go in, text comes out. [`Sheet::new`] decides once what
//! is said; [`html`], [`markdown`] and [`json`] only write it down, so that the three never differ in content. The two
//! texts are templates (`brief/brief.html`, `brief/brief.md`) in which every value is escaped unless a template says
//! otherwise. Pictures are tables whose cells are drawn as inline SVG: a screen reader reads them as tables, and without
//! colour they still differ in shape.
//!
//! Architecture invariant: nothing here reads a clock, a file or the vault, and nothing advises.

pub use context::{Context, Gathering};
pub use render::{Error, html, json, markdown};
pub use sheet::Sheet;

mod arc;
mod commitments;
mod context;
mod evidence;
mod lead;
mod limits;
mod made;
mod names;
mod pictures;
mod recurring;
mod render;
pub mod sheet;
mod signs;
mod talk;
#[cfg(test)]
mod tests;
mod words;
