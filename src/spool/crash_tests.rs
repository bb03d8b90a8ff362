//! Crashes and full disks: what was acknowledged is never lost.

use std::{
    cell::{Cell, RefCell},
    env, fs,
    io::{self, BufRead, BufReader, Seek, SeekFrom, Write},
    path::Path,
    process::{Command, Stdio},
    rc::Rc,
};

use super::{
    Ending, SpoolError, SpoolKey, SpoolReader, SpoolWriter,
    frame::{FRAME, HEADER, SECOND},
    writer::SpoolFile,
};
use crate::vault::{DiskError, WrappingKey, keys::Secret};

/// A disk with so much room, in bytes.
#[derive(Clone, Default)]
struct SmallDisk {
    bytes: Rc<RefCell<Vec<u8>>>,
    room: Rc<Cell<usize>>,
    at: usize,
}

impl Write for SmallDisk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let fits = self.room.get().saturating_sub(self.at).min(bytes.len());
        if fits == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let mut disk = self.bytes.borrow_mut();
        let end = self.at + fits;
        let length = disk.len().max(end);
        disk.resize(length, 0);
        disk[self.at..end].copy_from_slice(&bytes[..fits]);
        self.at = end;
        Ok(fits)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Seek for SmallDisk {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let SeekFrom::Start(at) = to else { return Err(io::ErrorKind::Unsupported.into()) };
        self.at = at as usize;
        Ok(at)
    }
}

impl SpoolFile for SmallDisk {
    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.bytes.borrow_mut().truncate(length as usize);
        Ok(())
    }
}

impl SmallDisk {
    fn read_back(&self, key: &SpoolKey, acknowledged: u32) -> SpoolReader {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("copy");
        fs::write(&path, &*self.bytes.borrow()).unwrap();
        SpoolReader::open(&path, 1, key, acknowledged).unwrap()
    }
}

#[test]
fn a_full_disk_keeps_what_was_acknowledged_and_recording_goes_on_once_there_is_room() {
    let key = SpoolKey::random().unwrap();
    let disk = SmallDisk::default();
    disk.room.set(HEADER + 4 * FRAME + 100);
    let mut writer = SpoolWriter::begin(disk.clone(), 1, &key).unwrap();
    let second: Vec<i16> = (0..SECOND as i16).collect();
    assert_eq!(writer.push(&[second.as_slice(); 3].concat()).unwrap().frames, 4);
    for _ in 0..2 {
        assert!(matches!(writer.push(&second), Err(SpoolError::Disk(DiskError::Full))));
        assert_eq!(writer.acknowledged().frames, 4);
        assert_eq!(disk.read_back(&key, 4).frames(), 4);
    }
    disk.room.set(usize::MAX);
    assert_eq!(writer.push(&second).unwrap().frames, 7);
    let last = writer.finish().unwrap();
    let reader = disk.read_back(&key, last.frames);
    assert_eq!((reader.ending(), reader.length()), (Ending::Complete, 6.0));
    assert!(reader.seconds(0).all(|s| s.unwrap() == second));
}

#[test]
fn a_spool_that_cannot_begin_is_refused() {
    let disk = SmallDisk::default();
    disk.room.set(HEADER + 10);
    let begun = SpoolWriter::begin(disk, 1, &SpoolKey::random().unwrap()).map(|_| ());
    assert!(matches!(begun, Err(SpoolError::Disk(DiskError::Full))));
}

/// Names the folder for the child of the kill test.
const CHILD: &str = "CANDOR_SPOOL_CHILD";
/// How often it is killed; 20 times unless told.
const KILLS: &str = "CANDOR_SPOOL_KILLS";

fn shared_key(folder: &Path) -> SpoolKey {
    let under = WrappingKey::new(
        Secret::made_by(|bytes| {
            bytes.fill(1);
            Ok::<_, ()>(())
        })
        .unwrap(),
    );
    let path = folder.join("key");
    if !path.exists() {
        fs::write(&path, SpoolKey::random().unwrap().wrap(&under, 1).unwrap()).unwrap();
    }
    SpoolKey::unwrap(&fs::read(&path).unwrap(), &under, 1).unwrap()
}

/// Records until it is killed, and tells what is acknowledged. Frame `n` holds only the number `n`.
#[test]
fn child() {
    let Some(folder) = env::var_os(CHILD) else { return };
    let (key, path) = (shared_key(folder.as_ref()), Path::new(&folder).join("spool"));
    let mut writer = match SpoolWriter::resume(&path, 1, &key, 0) {
        Ok(writer) => writer,
        Err(_) => SpoolWriter::create(&path, 1, &key).unwrap(),
    };
    loop {
        let number = writer.acknowledged().frames as i16;
        let frames = writer.push(&vec![number; SECOND]).unwrap().frames;
        writeln!(io::stdout(), "acknowledged {frames}").unwrap();
    }
}

#[test]
#[allow(clippy::disallowed_methods, reason = "the test kills a process of its own")]
fn killing_the_recorder_loses_no_acknowledged_frame() {
    let folder = tempfile::tempdir().unwrap();
    let key = shared_key(folder.path());
    let kills: usize = env::var(KILLS).map_or(20, |n| n.parse().unwrap());
    let mut acknowledged = 0;
    for kill in 0..kills {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "spool::crash_tests::child", "--nocapture"])
            .env(CHILD, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = || lines.find_map(|l| l.unwrap().strip_prefix("acknowledged ")?.parse::<u32>().ok());
        for _ in 0..=kill % 7 {
            acknowledged = told().unwrap();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        while let Some(frames) = told() {
            acknowledged = frames;
        }
        let spool = SpoolReader::open(&folder.path().join("spool"), 1, &key, acknowledged).unwrap();
        assert_eq!(spool.ending(), Ending::Interrupted);
        for (number, second) in (1..).zip(spool.seconds(0)) {
            assert!(second.unwrap() == vec![number; SECOND], "frame {number} after kill {kill}");
        }
    }
    assert!(acknowledged as usize > kills);
}
