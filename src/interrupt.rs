//! Ctrl-C: a flag that long work looks at between two units, so that what is done is kept.

use std::sync::atomic::{AtomicBool, Ordering};

static REQUESTED: AtomicBool = AtomicBool::new(false);

/// Takes over Ctrl-C and the request to terminate. A second Ctrl-C ends the program at once.
pub fn install() {
    // Only fails when installed twice; the first handler then goes on serving.
    let _ = ctrlc::set_handler(|| {
        if REQUESTED.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    });
}

/// Whether the person wants to stop.
#[must_use]
pub fn requested() -> bool {
    REQUESTED.load(Ordering::SeqCst)
}
