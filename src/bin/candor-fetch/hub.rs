//! The Hugging Face Hub, through its own client.

use std::{
    path::{Path, PathBuf},
    sync::mpsc::{self, RecvTimeoutError, Sender},
    thread,
    time::Duration,
};

use candor::models::Hub;
use hf_hub::{Repo, RepoType, api::sync::ApiBuilder};

use crate::{error::FetchError, screen::Progress};

/// How long the first answer may take; behind a closed firewall there is none.
const FIRST_ANSWER: Duration = Duration::from_secs(10);
/// How long the stream may stand still.
const STALL: Duration = Duration::from_secs(60);

enum Event {
    Total(u64),
    Came(u64),
    Done(Result<PathBuf, String>),
}

/// Downloads a file into the client's cache under `parts`, where an interrupted download goes on.
///
/// The client runs in a thread of its own, because neither it nor the resolver can be told how long to wait.
///
/// # Errors
/// When the Hub cannot be reached, or refuses.
pub(crate) fn download(hub: &Hub, parts: &Path, progress: &Progress) -> Result<PathBuf, FetchError> {
    let (events, incoming) = mpsc::channel();
    let (hub, cache) = (hub.clone(), parts.join("hub"));
    thread::spawn(move || {
        let result = client(&hub, cache, Meter(events.clone()));
        // The receiver is gone when it lost patience: then nobody wants the file.
        drop(events.send(Event::Done(result)));
    });
    let (mut patience, mut came) = (FIRST_ANSWER, 0);
    loop {
        match incoming.recv_timeout(patience) {
            Ok(Event::Total(bytes)) => progress.total(bytes),
            Ok(Event::Came(bytes)) => {
                came += bytes;
                progress.reached(came);
            }
            Ok(Event::Done(result)) => return result.map_err(FetchError::Hub),
            Err(RecvTimeoutError::Timeout) => {
                return Err(FetchError::Hub(format!("silent for {} s", patience.as_secs())));
            }
            Err(RecvTimeoutError::Disconnected) => return Err(FetchError::Hub("its client gave up".into())),
        }
        patience = STALL;
    }
}

fn client(hub: &Hub, cache: PathBuf, meter: Meter) -> Result<PathBuf, String> {
    // No token: the files are public, and nobody needs to know who fetches them.
    let api = ApiBuilder::from_env().with_cache_dir(cache).with_token(None).with_progress(false).build();
    let repo = Repo::with_revision(hub.repo.clone(), RepoType::Model, hub.revision.clone());
    let path = api.and_then(|api| api.repo(repo).download_with_progress(&hub.file, meter));
    // The cache holds a link to the file.
    path.map_err(|e| reason(&e)).and_then(|p| p.canonicalize().map_err(|e| e.to_string()))
}

/// The innermost cause: the outer ones repeat the address.
fn reason(e: &dyn std::error::Error) -> String {
    let mut innermost = e;
    while let Some(cause) = innermost.source() {
        innermost = cause;
    }
    innermost.to_string()
}

struct Meter(Sender<Event>);

impl hf_hub::api::Progress for Meter {
    fn init(&mut self, size: usize, _: &str) {
        drop(self.0.send(Event::Total(size as u64)));
    }

    fn update(&mut self, size: usize) {
        drop(self.0.send(Event::Came(size as u64)));
    }

    fn finish(&mut self) {}
}
