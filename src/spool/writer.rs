//! Writing a spool: a second is sealed, written and synchronised before it is acknowledged.

use std::{
    fs::{self, File},
    io::{self, Seek, SeekFrom, Write},
    path::Path,
    time::Duration,
};

use zeroize::Zeroizing;

use super::{
    SAMPLE_RATE, SpoolError, SpoolKey,
    frame::{Frame, SECOND, Sealer, offset},
    reader::{Ending, SpoolReader},
};
use crate::vault::{
    DiskError,
    disk::{self, Open},
};

/// What is safely on the disk; the vault keeps `frames`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Acknowledged {
    /// Frames, start and end included.
    pub frames: u32,
    /// Seconds of the meeting's clock, pauses included.
    pub seconds: f32,
}

/// What the writer needs of a file; another stands in for it where the disk has to fail.
pub(super) trait SpoolFile: Write + Seek {
    /// Returns once everything written is on the disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file.
    fn truncate(&mut self, length: u64) -> io::Result<()>;
}

impl SpoolFile for File {
    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)
    }
}

/// A recording under way. Dropped without [`SpoolWriter::finish`] it is interrupted, and loses less than a second.
#[allow(private_bounds, reason = "the bound is for tests; everybody else writes files")]
pub struct SpoolWriter<F: SpoolFile = File> {
    file: F,
    sealer: Sealer,
    frames: u32,
    clock: u64,
    waiting: Zeroizing<Vec<i16>>,
}

impl SpoolWriter {
    /// Begins a spool, in a folder that is made if need be. The name is on the disk when this returns.
    ///
    /// # Errors
    /// When there is a file already or the disk does not take it.
    pub fn create(path: &Path, meeting: u64, key: &SpoolKey) -> Result<Self, SpoolError> {
        if let Some(folder) = path.parent() {
            disk::private_folder(folder)?;
        }
        let file = disk::private_file(path, Open::New)?;
        let begun = Self::begin(file, meeting, key).and_then(|writer| {
            disk::sync_folder_of(path)?;
            Ok(writer)
        });
        if begun.is_err() {
            // Without its first frame the file is no spool, and it would stand in the way of a second try.
            let _ = fs::remove_file(path);
        }
        begun
    }

    /// Goes on with an interrupted recording, behind its last whole frame.
    ///
    /// # Errors
    /// When it was finished, or cannot be read (see [`SpoolReader::open`]).
    pub fn resume(path: &Path, meeting: u64, key: &SpoolKey, acknowledged: u32) -> Result<Self, SpoolError> {
        let file = File::options().read(true).write(true).open(path)?;
        let spool = SpoolReader::check(file, meeting, key, acknowledged)?;
        if spool.ending() == Ending::Complete {
            return Err(SpoolError::Finished);
        }
        let (frames, clock) = (spool.frames(), spool.clock());
        let SpoolReader { mut file, sealer, .. } = spool;
        file.truncate(offset(frames))?;
        file.sync()?;
        Ok(Self::over(file, sealer, frames, clock))
    }
}

#[allow(private_bounds, reason = "as above")]
impl<F: SpoolFile> SpoolWriter<F> {
    pub(super) fn begin(mut file: F, meeting: u64, key: &SpoolKey) -> Result<Self, SpoolError> {
        let sealer = Sealer::new(meeting, key)?;
        file.write_all(sealer.header())?;
        let mut writer = Self::over(file, sealer, 0, 0);
        writer.append(&Frame::Start)?;
        Ok(writer)
    }

    fn over(file: F, sealer: Sealer, frames: u32, clock: u64) -> Self {
        Self { file, sealer, frames, clock, waiting: Zeroizing::new(Vec::with_capacity(2 * SECOND)) }
    }

    /// Adds mono 16 kHz samples, as many as there are. Whole seconds are written; the rest waits for more.
    ///
    /// # Errors
    /// When the disk does not take a frame. What waits is kept, and the next call tries again, so that room can be made while
    /// the meeting goes on; what was acknowledged stays good.
    pub fn push(&mut self, samples: &[i16]) -> Result<Acknowledged, SpoolError> {
        self.waiting.extend_from_slice(samples);
        while self.waiting.len() >= SECOND {
            self.write_waiting(SECOND)?;
        }
        Ok(self.acknowledged())
    }

    /// Notes that nothing was recorded for a while; what waited is written first.
    ///
    /// # Errors
    /// As [`SpoolWriter::push`].
    pub fn pause(&mut self, length: Duration) -> Result<Acknowledged, SpoolError> {
        self.write_waiting(self.waiting.len())?;
        let samples = (length.as_secs_f64() * f64::from(SAMPLE_RATE)) as u64;
        let samples = u32::try_from(samples).map_err(|_| SpoolError::TooLong)?;
        self.append(&Frame::Pause(samples))?;
        Ok(self.acknowledged())
    }

    /// Ends the recording.
    ///
    /// # Errors
    /// When the disk does not take it; the recording is then interrupted.
    pub fn finish(mut self) -> Result<Acknowledged, SpoolError> {
        self.write_waiting(self.waiting.len())?;
        self.append(&Frame::End)?;
        Ok(self.acknowledged())
    }

    /// What is on the disk so far.
    #[must_use]
    pub fn acknowledged(&self) -> Acknowledged {
        let seconds = (self.clock as f64 / f64::from(SAMPLE_RATE)) as f32;
        Acknowledged { frames: self.frames, seconds }
    }

    fn write_waiting(&mut self, samples: usize) -> Result<(), SpoolError> {
        if samples > 0 {
            let sound = self.waiting[..samples].to_vec();
            self.append(&Frame::Sound(Zeroizing::new(sound)))?;
            self.waiting.drain(..samples);
        }
        Ok(())
    }

    /// Writes at the frame's own place, so that a second try overwrites what a first one left.
    fn append(&mut self, frame: &Frame) -> Result<(), SpoolError> {
        let place = offset(self.frames);
        let sealed = self.sealer.seal(self.frames, frame)?;
        let written = (|| {
            self.file.seek(SeekFrom::Start(place))?;
            self.file.write_all(&sealed)?;
            self.file.sync()
        })();
        if let Err(e) = written {
            // Reading would leave the torn frame out anyway; the first error is the one to tell.
            let _ = self.file.truncate(place);
            return Err(e.into());
        }
        self.frames = self.frames.checked_add(1).ok_or(SpoolError::TooLong)?;
        self.clock += frame.length();
        Ok(())
    }
}

/// Overwrites and removes a spool; one that is gone already is no error. The overwriting is a courtesy, which flash memory
/// and copying file systems need not honour: what makes the audio unreadable is that the vault forgets the key.
///
/// # Errors
/// When the file cannot be removed.
pub fn destroy(path: &Path) -> Result<(), SpoolError> {
    let mut file = match File::options().write(true).open(path) {
        Ok(file) => file,
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(e) => return Err(e.into()),
    };
    let length = file.metadata()?.len();
    io::copy(&mut io::Read::take(io::repeat(0), length), &mut file)?;
    file.sync_all()?;
    fs::remove_file(path).map_err(DiskError::from)?;
    disk::sync_folder_of(path)?;
    Ok(())
}
