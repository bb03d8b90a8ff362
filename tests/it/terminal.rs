//! A person at a terminal: a pseudo-terminal that is the program's own, keys that are pressed, words that appear.

use std::{
    fs::File,
    io::{Read, Write},
    os::fd::OwnedFd,
    process::{Child, Command},
    sync::{Arc, Mutex},
    thread::sleep,
    time::{Duration, Instant},
};

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use crate::run::under;

/// How long a person waits for the next words before they give up.
const PATIENCE: Duration = Duration::from_secs(60);

pub(crate) struct Terminal {
    keyboard: File,
    screen: Arc<Mutex<String>>,
    seen: usize,
    pub(crate) program: Child,
}

impl Terminal {
    /// Starts a program with this terminal as its controlling one, as `rpassword` needs it.
    pub(crate) fn start(command: &Command) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, vec![]).unwrap();
        let open = || File::options().read(true).write(true).open(name.to_str().unwrap()).unwrap();
        let mut leader = Command::new("setsid");
        leader.arg("--ctty");
        let mut whole = under(leader, command);
        let program = whole.stdin(open()).stdout(open()).stderr(open()).spawn().unwrap();
        let screen = Arc::new(Mutex::new(String::new()));
        show(master.try_clone().unwrap(), Arc::clone(&screen));
        Self { keyboard: master.into(), screen, seen: 0, program }
    }

    /// Presses keys.
    pub(crate) fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).unwrap();
    }

    /// Types a line.
    pub(crate) fn line(&mut self, text: &str) {
        self.press(&format!("{text}\r"));
    }

    /// Waits until words appear that have not been seen before.
    pub(crate) fn expect(&mut self, words: &str) {
        let began = Instant::now();
        loop {
            let screen = self.screen.lock().unwrap();
            if let Some(at) = screen[self.seen..].find(words) {
                self.seen += at + words.len();
                return;
            }
            assert!(
                began.elapsed() < PATIENCE,
                "\"{words}\" does not appear; the screen shows:\n{}",
                &screen[self.seen..]
            );
            drop(screen);
            sleep(Duration::from_millis(5));
        }
    }

    /// All that was ever shown.
    pub(crate) fn shown(&self) -> String {
        self.screen.lock().unwrap().clone()
    }

    /// Waits for the end and gives the exit code.
    pub(crate) fn end(&mut self) -> Option<i32> {
        self.program.wait().unwrap().code()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let _ = self.program.kill();
        let _ = self.program.wait();
    }
}

/// Reads what the program shows until the terminal closes.
fn show(master: OwnedFd, screen: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut master = File::from(master);
        let mut bytes = [0; 4096];
        while let Ok(n @ 1..) = master.read(&mut bytes) {
            screen.lock().unwrap().push_str(&String::from_utf8_lossy(&bytes[..n]));
        }
    });
}
