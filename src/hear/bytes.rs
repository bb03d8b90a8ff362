//! A file's bytes as they arrive through a channel, readable like a file that cannot be rewound.

use std::{
    io::{self, Read},
    sync::mpsc::Receiver,
};

use std::sync::Mutex;

/// Bytes looked at before the container is known.
const START: usize = 12;

/// Reads pieces from a channel, waiting for the next when one is used up; the end comes when the sender is gone.
pub(super) struct ByteStream {
    /// In a mutex because symphonia wants its sources to be `Sync`; never contended.
    arriving: Mutex<Receiver<Vec<u8>>>,
    piece: Vec<u8>,
    used: usize,
}

impl ByteStream {
    pub(super) fn new(arriving: Receiver<Vec<u8>>) -> Self {
        Self { arriving: Mutex::new(arriving), piece: Vec::new(), used: 0 }
    }

    /// The first bytes, at most [`START`], without using them up. To be called before anything is read.
    pub(super) fn start(&mut self) -> &[u8] {
        while self.piece.len() < START {
            let Some(next) = self.receive() else { break };
            self.piece.extend(next);
        }
        &self.piece[..self.piece.len().min(START)]
    }

    fn receive(&mut self) -> Option<Vec<u8>> {
        self.arriving.get_mut().ok()?.recv().ok()
    }
}

impl Read for ByteStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.used == self.piece.len() {
            let Some(next) = self.receive() else { return Ok(0) };
            (self.piece, self.used) = (next, 0);
        }
        let count = buffer.len().min(self.piece.len() - self.used);
        buffer[..count].copy_from_slice(&self.piece[self.used..self.used + count]);
        self.used += count;
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_read_in_order_after_a_look_at_the_start() {
        let (send, arriving) = std::sync::mpsc::channel();
        for piece in [&b"abc"[..], b"", b"defghijklm", b"no"] {
            send.send(piece.to_vec()).unwrap();
        }
        drop(send);
        let mut stream = ByteStream::new(arriving);
        assert_eq!(stream.start(), b"abcdefghijkl");
        let mut all = String::new();
        stream.read_to_string(&mut all).unwrap();
        assert_eq!(all, "abcdefghijklmno");
    }
}
