//! Small sound files, made by the test: no fixture is large and none is somebody's.

use std::{f32::consts::TAU, path::Path};

/// A WAV file of whole frames.
pub(crate) struct Wav {
    pub(crate) rate: u32,
    pub(crate) channels: u16,
    pub(crate) bits: u16,
    pub(crate) data: Vec<u8>,
}

impl Wav {
    /// A tone that swells and fades like syllables do, for so many seconds.
    pub(crate) fn tone(rate: u32, channels: u16, bits: u16, seconds: f32) -> Self {
        let mut data = Vec::new();
        for n in 0..(rate as f32 * seconds) as u32 {
            let t = n as f32 / rate as f32;
            let value = (TAU * 220.0 * t).sin() * (TAU * 2.0 * t).sin() * 0.3;
            for _ in 0..channels {
                match bits {
                    8 => data.push((value * 127.0 + 128.0) as u8),
                    16 => data.extend(((value * 32_767.0) as i16).to_le_bytes()),
                    _ => data.extend(&((value * 8_388_607.0) as i32).to_le_bytes()[..3]),
                }
            }
        }
        Self { rate, channels, bits, data }
    }

    pub(crate) fn silence(seconds: u32) -> Self {
        Self { rate: 16_000, channels: 1, bits: 16, data: vec![0; seconds as usize * 32_000] }
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        let frame = self.channels * self.bits / 8;
        let size = self.data.len() as u32;
        let mut out = Vec::with_capacity(self.data.len() + 44);
        out.extend(b"RIFF");
        out.extend((36 + size).to_le_bytes());
        out.extend(b"WAVEfmt ");
        out.extend(16u32.to_le_bytes());
        out.extend(1u16.to_le_bytes());
        out.extend(self.channels.to_le_bytes());
        out.extend(self.rate.to_le_bytes());
        out.extend((self.rate * u32::from(frame)).to_le_bytes());
        out.extend(frame.to_le_bytes());
        out.extend(self.bits.to_le_bytes());
        out.extend(b"data");
        out.extend(size.to_le_bytes());
        out.extend(&self.data);
        out
    }

    pub(crate) fn write(&self, path: &Path) {
        std::fs::write(path, self.bytes()).unwrap();
    }
}
