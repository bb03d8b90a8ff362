//! The bytes of a spool: header and frames, sealed and opened. No files here.

use chacha20poly1305::{
    XChaCha20Poly1305, XNonce,
    aead::{Aead, KeyInit, Payload},
};
use zeroize::Zeroizing;

use super::{SAMPLE_RATE, SpoolError, SpoolKey};
use crate::vault::keys::{NONCE, TAG};

/// Samples in a full frame.
pub(super) const SECOND: usize = SAMPLE_RATE as usize;
/// Bytes of the header.
pub(super) const HEADER: usize = 36;
/// Bytes of every frame: nonce, kind, count, one second of samples, tag.
pub(super) const FRAME: usize = NONCE + BODY + TAG;

const BODY: usize = 1 + 4 + 2 * SECOND;
const MAGIC: &[u8; 8] = b"CNDRSPL1";

/// What a frame holds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame {
    /// The first.
    Start,
    /// At most [`SECOND`] samples.
    Sound(Zeroizing<Vec<i16>>),
    /// So many samples long nothing was recorded.
    Pause(u32),
    /// The last.
    End,
}

impl Frame {
    /// How far the frame moves the meeting's clock, in samples.
    pub(super) fn length(&self) -> u64 {
        match self {
            Self::Start | Self::End => 0,
            Self::Sound(samples) => samples.len() as u64,
            Self::Pause(samples) => u64::from(*samples),
        }
    }

    fn to_body(&self) -> Zeroizing<Vec<u8>> {
        let (kind, count, samples) = match self {
            Self::Start => (0u8, 0, [].as_slice()),
            Self::Sound(samples) => (1, samples.len() as u32, samples.as_slice()),
            Self::Pause(length) => (2, *length, [].as_slice()),
            Self::End => (3, 0, [].as_slice()),
        };
        let mut body = Zeroizing::new(Vec::with_capacity(BODY));
        body.push(kind);
        body.extend(count.to_le_bytes());
        body.extend(samples.iter().flat_map(|s| s.to_le_bytes()));
        body.resize(BODY, 0);
        body
    }

    fn from_body(body: &[u8]) -> Option<Self> {
        let (kind, rest) = body.split_first()?;
        let (count, samples) = rest.split_first_chunk::<4>()?;
        let count = u32::from_le_bytes(*count);
        Some(match kind {
            0 => Self::Start,
            1 => {
                let (pairs, _) = samples.as_chunks::<2>();
                let sound = pairs.get(..count as usize)?.iter().map(|pair| i16::from_le_bytes(*pair));
                Self::Sound(Zeroizing::new(sound.collect()))
            }
            2 => Self::Pause(count),
            3 => Self::End,
            _ => return None,
        })
    }
}

/// Seals and opens the frames of one spool.
pub(super) struct Sealer {
    cipher: XChaCha20Poly1305,
    header: [u8; HEADER],
}

impl Sealer {
    /// For a new spool, with a header of its own.
    pub(super) fn new(meeting: u64, key: &SpoolKey) -> Result<Self, SpoolError> {
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8..12].copy_from_slice(&SAMPLE_RATE.to_le_bytes());
        header[12..20].copy_from_slice(&meeting.to_le_bytes());
        getrandom::fill(&mut header[20..]).map_err(|_| SpoolError::NoRandomness)?;
        Ok(Self { cipher: XChaCha20Poly1305::new(key.expose().into()), header })
    }

    /// For a spool whose header was read.
    pub(super) fn of(header: [u8; HEADER], meeting: u64, key: &SpoolKey) -> Result<Self, SpoolError> {
        let as_expected = header.starts_with(MAGIC)
            && header[8..12] == SAMPLE_RATE.to_le_bytes()
            && header[12..20] == meeting.to_le_bytes();
        if !as_expected {
            return Err(SpoolError::NotThisSpool);
        }
        Ok(Self { cipher: XChaCha20Poly1305::new(key.expose().into()), header })
    }

    pub(super) const fn header(&self) -> &[u8; HEADER] {
        &self.header
    }

    /// The frame's [`FRAME`] bytes.
    pub(super) fn seal(&self, number: u32, frame: &Frame) -> Result<Vec<u8>, SpoolError> {
        let mut nonce = [0; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SpoolError::NoRandomness)?;
        let sealed = self
            .cipher
            .encrypt(&XNonce::from(nonce), Payload { msg: &frame.to_body(), aad: &self.place(number) })
            .expect("a second is far shorter than the cipher's limit");
        Ok([&nonce[..], &sealed].concat())
    }

    /// None when the bytes are not this frame of this spool.
    pub(super) fn open(&self, number: u32, bytes: &[u8]) -> Option<Frame> {
        let (nonce, sealed) = bytes.split_first_chunk::<NONCE>()?;
        let payload = Payload { msg: sealed, aad: &self.place(number) };
        let body = self.cipher.decrypt(&XNonce::from(*nonce), payload).map(Zeroizing::new).ok()?;
        let frame = Frame::from_body(&body)?;
        ((number == 0) == (frame == Frame::Start)).then_some(frame)
    }

    fn place(&self, number: u32) -> [u8; HEADER + 4] {
        let mut place = [0; HEADER + 4];
        place[..HEADER].copy_from_slice(&self.header);
        place[HEADER..].copy_from_slice(&number.to_le_bytes());
        place
    }
}

/// Where a frame begins in the file.
pub(super) const fn offset(number: u32) -> u64 {
    HEADER as u64 + number as u64 * FRAME as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_come_back_and_only_in_their_place() {
        let key = SpoolKey::random().unwrap();
        let sealer = Sealer::new(3, &key).unwrap();
        let frames = [
            Frame::Sound(Zeroizing::new(vec![i16::MIN, -1, 0, 1, i16::MAX])),
            Frame::Sound(Zeroizing::new(vec![5; SECOND])),
            Frame::Pause(u32::MAX),
            Frame::End,
        ];
        for frame in frames {
            let sealed = sealer.seal(9, &frame).unwrap();
            assert_eq!(sealed.len(), FRAME);
            assert_eq!(sealer.open(9, &sealed).unwrap(), frame);
            assert!(sealer.open(8, &sealed).is_none() && sealer.open(0, &sealed).is_none());
            assert!(Sealer::new(3, &key).unwrap().open(9, &sealed).is_none(), "another spool of the same key");
        }
    }

    #[test]
    fn a_count_beyond_the_second_is_refused() {
        let mut body = Frame::Sound(Zeroizing::new(vec![1; SECOND])).to_body();
        body[1..5].copy_from_slice(&(SECOND as u32 + 1).to_le_bytes());
        assert_eq!(Frame::from_body(&body), None);
        body[0] = 4;
        assert_eq!(Frame::from_body(&body), None);
    }
}
