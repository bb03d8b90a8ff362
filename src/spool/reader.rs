//! Reading a spool: every frame is checked when it is opened, and again when it is read.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    path::Path,
};

use zeroize::Zeroizing;

use super::{
    SAMPLE_RATE, SpoolError, SpoolKey,
    frame::{FRAME, Frame, HEADER, SECOND, Sealer, offset},
};

/// How a recording ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// Finished.
    Complete,
    /// Cut off by a crash or a power failure; it can go on.
    Interrupted,
}

/// A stretch in which nothing was recorded, in seconds of the meeting's clock.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Pause {
    /// When it began.
    pub start: f32,
    /// How long it lasted.
    pub seconds: f32,
}

/// A spool that was checked from end to end.
pub struct SpoolReader {
    pub(super) file: File,
    pub(super) sealer: Sealer,
    /// First sample of each frame on the meeting's clock; one more for what comes after the last.
    starts: Vec<u64>,
    pauses: Vec<Pause>,
    ending: Ending,
}

impl SpoolReader {
    /// Opens and checks a spool. `acknowledged` is the number of frames that the vault knows to be on the disk.
    ///
    /// A last frame that does not open, whole or in part, is what a crash leaves of a second that was never acknowledged: it
    /// is left out. Everything else that does not open is an error.
    ///
    /// # Errors
    /// When the file is not this meeting's spool, the key does not fit, a frame was altered or acknowledged frames are gone.
    pub fn open(path: &Path, meeting: u64, key: &SpoolKey, acknowledged: u32) -> Result<Self, SpoolError> {
        Self::check(File::open(path)?, meeting, key, acknowledged)
    }

    pub(super) fn check(mut file: File, meeting: u64, key: &SpoolKey, acknowledged: u32) -> Result<Self, SpoolError> {
        let length = file.metadata()?.len();
        let mut header = [0; HEADER];
        if length < HEADER as u64 {
            return Err(SpoolError::NotThisSpool);
        }
        file.rewind()?;
        file.read_exact(&mut header)?;
        let mut spool = Self {
            file,
            sealer: Sealer::of(header, meeting, key)?,
            starts: vec![0],
            pauses: Vec::new(),
            ending: Ending::Interrupted,
        };
        spool.check_frames(length - HEADER as u64)?;
        let found = spool.frames();
        if found < acknowledged {
            return Err(SpoolError::Lost { found, acknowledged });
        }
        Ok(spool)
    }

    fn check_frames(&mut self, bytes: u64) -> Result<(), SpoolError> {
        let whole = u32::try_from(bytes / FRAME as u64).map_err(|_| SpoolError::TooLong)?;
        let torn = !bytes.is_multiple_of(FRAME as u64);
        for number in 0..whole {
            if self.ending == Ending::Complete {
                return Err(SpoolError::Altered(number));
            }
            let Some(frame) = self.frame(number)? else {
                return match number {
                    0 => Err(SpoolError::WrongKey),
                    // Only one frame is ever under way.
                    _ if number + 1 == whole && !torn => Ok(()),
                    _ => Err(SpoolError::Altered(number)),
                };
            };
            let start = self.clock();
            match frame {
                Frame::Pause(length) => {
                    self.pauses.push(Pause { start: seconds(start), seconds: seconds(length.into()) });
                }
                Frame::End => self.ending = Ending::Complete,
                Frame::Start | Frame::Sound(_) => {}
            }
            self.starts.push(start + frame.length());
        }
        match self.ending {
            Ending::Complete if torn => Err(SpoolError::Altered(whole)),
            _ if whole == 0 => Err(SpoolError::NotThisSpool),
            _ => Ok(()),
        }
    }

    /// Frames that open, start and end included.
    #[must_use]
    pub fn frames(&self) -> u32 {
        self.starts.len() as u32 - 1
    }

    /// How the recording ends.
    #[must_use]
    pub fn ending(&self) -> Ending {
        self.ending
    }

    /// Length on the meeting's clock, pauses included.
    #[must_use]
    pub fn length(&self) -> f32 {
        seconds(self.clock())
    }

    /// When nothing was recorded, in order.
    #[must_use]
    pub fn pauses(&self) -> &[Pause] {
        &self.pauses
    }

    /// Every second of the meeting's clock from one of them on; pauses are silence.
    #[must_use]
    pub fn seconds(&self, from: u32) -> Seconds<'_> {
        let from = u64::from(from) * SECOND as u64;
        let number = self.starts[1..].partition_point(|&end| end <= from);
        let skip = from.saturating_sub(self.starts[number]);
        Seconds { spool: self, next: number as u32, skip, silence: 0, sound: Zeroizing::default(), taken: 0 }
    }

    /// Samples on the meeting's clock so far.
    pub(super) fn clock(&self) -> u64 {
        self.starts[self.starts.len() - 1]
    }

    fn frame(&self, number: u32) -> Result<Option<Frame>, SpoolError> {
        let mut bytes = vec![0; FRAME];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset(number)))?;
        file.read_exact(&mut bytes)?;
        Ok(self.sealer.open(number, &bytes))
    }
}

fn seconds(samples: u64) -> f32 {
    (samples as f64 / f64::from(SAMPLE_RATE)) as f32
}

/// The seconds of a spool, each of 16,000 samples but the last; see [`SpoolReader::seconds`].
pub struct Seconds<'a> {
    spool: &'a SpoolReader,
    next: u32,
    skip: u64,
    silence: u64,
    sound: Zeroizing<Vec<i16>>,
    taken: usize,
}

impl Seconds<'_> {
    /// Takes the next frame; false at the end.
    fn load(&mut self) -> Result<bool, SpoolError> {
        if self.next >= self.spool.frames() {
            return Ok(false);
        }
        let frame = self.spool.frame(self.next)?.ok_or(SpoolError::Altered(self.next))?;
        self.next += 1;
        let skip = std::mem::take(&mut self.skip);
        match frame {
            Frame::Sound(sound) => (self.sound, self.taken) = (sound, skip as usize),
            Frame::Pause(length) => self.silence = u64::from(length) - skip,
            Frame::Start | Frame::End => {}
        }
        Ok(true)
    }

    fn fill(&mut self, second: &mut Vec<i16>) -> Result<(), SpoolError> {
        while second.len() < SECOND {
            let room = SECOND - second.len();
            if self.silence > 0 {
                let quiet = self.silence.min(room as u64);
                second.resize(second.len() + quiet as usize, 0);
                self.silence -= quiet;
            } else if self.taken < self.sound.len() {
                let end = self.sound.len().min(self.taken + room);
                second.extend(&self.sound[self.taken..end]);
                self.taken = end;
            } else if !self.load()? {
                break;
            }
        }
        Ok(())
    }
}

impl Iterator for Seconds<'_> {
    type Item = Result<Vec<i16>, SpoolError>;

    fn next(&mut self) -> Option<Self::Item> {
        let mut second = Vec::with_capacity(SECOND);
        match self.fill(&mut second) {
            Ok(()) => (!second.is_empty()).then_some(Ok(second)),
            Err(e) => {
                // Nothing after an altered frame is given out.
                self.next = u32::MAX;
                Some(Err(e))
            }
        }
    }
}
