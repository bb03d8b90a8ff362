//! Audio files to mono 16 kHz samples, as the bytes arrive.
//!
//! symphonia reads the containers and codecs, libopus the Opus streams. The work runs in its own thread, which waits for
//! bytes, so that ten hours of WAV never lie in memory; only MP4, whose index may stand at the end, is collected first.
//! symphonia has panicked on tiny files: a panic counts as "not audio".

use std::{
    io::{Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
    sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel},
    thread::{self, JoinHandle},
};

use symphonia::core::{
    codecs::{audio::AudioDecoder, audio::AudioDecoderOptions, registry::CodecRegistry},
    errors::Error,
    formats::{FormatOptions, FormatReader, TrackType, probe::Hint},
    io::{MediaSource, MediaSourceStream, ReadOnlySource},
    meta::MetadataOptions,
};
use symphonia_adapter_libopus::OpusDecoder;

use crate::{
    hear::bytes::ByteStream,
    resample::Mono16k,
    wire::{Decoded, Failure, SECOND},
};

/// Pieces of the file that may wait for the decoder; the sender waits when it is behind.
const PIECES_WAITING: usize = 8;

/// Largest MP4 file, in bytes: 30 hours at 64 kbit/s.
const MAX_MP4: u64 = 1 << 30;

/// A file on its way through the decoder.
pub struct Decoding {
    bytes: SyncSender<Vec<u8>>,
    seconds: Receiver<Vec<i16>>,
    worker: JoinHandle<Result<Decoded, Failure>>,
}

impl Decoding {
    /// Starts to wait for the first bytes.
    #[must_use]
    pub fn start() -> Self {
        let (bytes, arriving) = sync_channel(PIECES_WAITING);
        let (ready, seconds) = channel();
        let worker = thread::spawn(move || decode_guarded(ByteStream::new(arriving), &ready));
        Self { bytes, seconds, worker }
    }

    /// Gives the next bytes of the file; returns the samples that are ready, at most a second each.
    ///
    /// What is wrong with the file is said by [`Decoding::finish`]; bytes after a failure are dropped.
    pub fn push(&mut self, piece: Vec<u8>) -> Vec<Vec<i16>> {
        let _ = self.bytes.send(piece);
        self.seconds.try_iter().collect()
    }

    /// There are no more bytes: hands out the remaining seconds one by one, and says what the file was.
    ///
    /// # Errors
    /// When the file is not audio, is empty, or stops before its end; what was there has been handed out even then.
    pub fn finish(self, mut each_second: impl FnMut(Vec<i16>)) -> Result<Decoded, Failure> {
        drop(self.bytes);
        self.seconds.into_iter().for_each(&mut each_second);
        self.worker.join().unwrap_or_else(|_| Err(broken()))
    }
}

fn broken() -> Failure {
    Failure::NotAudio("the decoder broke off".into())
}

fn decode_guarded(bytes: ByteStream, ready: &Sender<Vec<i16>>) -> Result<Decoded, Failure> {
    let mut seconds = Seconds { to: ready, waiting: Vec::with_capacity(2 * SECOND), sent: 0 };
    let decoded = catch_unwind(AssertUnwindSafe(|| decode(bytes, &mut seconds)));
    seconds.flush();
    match decoded {
        Ok(result) => result,
        Err(_) if seconds.sent > 0 => Err(seconds.truncated()),
        Err(_) => Err(broken()),
    }
}

/// Cuts the samples into messages of a second.
struct Seconds<'a> {
    to: &'a Sender<Vec<i16>>,
    waiting: Vec<i16>,
    sent: u64,
}

impl Seconds<'_> {
    fn send_whole(&mut self) {
        while self.waiting.len() >= SECOND {
            let rest = self.waiting.split_off(SECOND);
            self.send(rest);
        }
    }

    fn flush(&mut self) {
        self.send_whole();
        if !self.waiting.is_empty() {
            self.send(Vec::new());
        }
    }

    /// Sends what waits and keeps `rest`. A receiver that is gone has no use for the samples.
    fn send(&mut self, rest: Vec<i16>) {
        let second = std::mem::replace(&mut self.waiting, rest);
        self.sent += second.len() as u64;
        let _ = self.to.send(second);
    }

    fn truncated(&self) -> Failure {
        Failure::AudioTruncated(((self.sent + self.waiting.len() as u64) / SECOND as u64) as u32)
    }
}

/// How the packets ended.
enum End {
    Whole,
    Cut,
}

fn decode(mut bytes: ByteStream, seconds: &mut Seconds<'_>) -> Result<Decoded, Failure> {
    if bytes.start().is_empty() {
        return Err(Failure::AudioEmpty);
    }
    let mut reader = open(bytes)?;
    let format = reader.format_info().short_name.to_owned();
    let track = reader.default_track(TrackType::Audio).ok_or_else(|| not_audio("it holds no audio track"))?;
    let (track_id, frames_promised) = (track.id, track.num_frames);
    let parameters = track.codec_params.as_ref().and_then(|p| p.audio()).ok_or_else(|| not_audio("unknown codec"))?;
    let mut decoder = codecs()
        .make_audio_decoder(parameters, &AudioDecoderOptions::default())
        .map_err(|e| not_audio(&e.to_string()))?;

    let mut sound = Sound::default();
    let end = decode_packets(reader.as_mut(), track_id, decoder.as_mut(), &mut sound, seconds)?;
    let Some(mono) = sound.mono.take() else {
        return Err(match end {
            End::Whole => Failure::AudioEmpty,
            End::Cut => Failure::AudioTruncated(0),
        });
    };
    mono.finish(&mut seconds.waiting).map_err(|e| not_audio(&e.to_string()))?;
    seconds.flush();
    // The last packet of a lossy file may be cut short by its encoder's padding: a tenth of a second is forgiven.
    let missing = frames_promised.is_some_and(|n| n > sound.frames + u64::from(sound.rate / 10));
    if matches!(end, End::Cut) || missing {
        return Err(seconds.truncated());
    }
    Ok(Decoded { samples: seconds.sent, sample_rate: sound.rate, channels: sound.channels, format })
}

fn open(mut bytes: ByteStream) -> Result<Box<dyn FormatReader>, Failure> {
    let source: Box<dyn MediaSource> = if bytes.start().get(4..8) == Some(b"ftyp") {
        let mut whole = Vec::new();
        bytes.take(MAX_MP4 + 1).read_to_end(&mut whole).map_err(|e| not_audio(&e.to_string()))?;
        if whole.len() as u64 > MAX_MP4 {
            return Err(not_audio("an MP4 file may have 1 GB at most"));
        }
        Box::new(Cursor::new(whole))
    } else {
        Box::new(ReadOnlySource::new(bytes))
    };
    let stream = MediaSourceStream::new(source, Default::default());
    symphonia::default::get_probe()
        .probe(&Hint::new(), stream, FormatOptions::default(), MetadataOptions::default())
        .map_err(|e| not_audio(&e.to_string()))
}

fn codecs() -> CodecRegistry {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
}

fn not_audio(why: &str) -> Failure {
    Failure::NotAudio(why.to_owned())
}

/// What the packets hold, known once the first is decoded.
#[derive(Default)]
struct Sound {
    mono: Option<Mono16k>,
    rate: u32,
    channels: u32,
    frames: u64,
    interleaved: Vec<f32>,
}

fn decode_packets(
    reader: &mut dyn FormatReader,
    track: u32,
    decoder: &mut dyn AudioDecoder,
    sound: &mut Sound,
    seconds: &mut Seconds<'_>,
) -> Result<End, Failure> {
    loop {
        let packet = match reader.next_packet() {
            Ok(Some(packet)) => packet,
            Ok(None) => return Ok(End::Whole),
            Err(Error::ResetRequired) => return Ok(End::Whole),
            Err(_) => return Ok(End::Cut),
        };
        if packet.track_id != track {
            continue;
        }
        match decoder.decode(&packet) {
            Ok(audio) => {
                let (rate, channels) = (audio.spec().rate(), audio.spec().channels().count() as u32);
                audio.copy_to_vec_interleaved(&mut sound.interleaved);
                sound.take(rate, channels, &mut seconds.waiting)?;
                seconds.send_whole();
            }
            // A damaged packet is skipped, as players do.
            Err(Error::DecodeError(_)) => {}
            Err(_) => return Ok(End::Cut),
        }
    }
}

impl Sound {
    /// Converts the interleaved frames of a packet. Rate and channels are those of the first packet.
    fn take(&mut self, rate: u32, channels: u32, out: &mut Vec<i16>) -> Result<(), Failure> {
        if self.interleaved.is_empty() {
            return Ok(());
        }
        if self.mono.is_none() {
            self.mono = Some(Mono16k::new(rate, channels).map_err(|e| not_audio(&e.to_string()))?);
            (self.rate, self.channels) = (rate, channels);
        }
        if (rate, channels) != (self.rate, self.channels) {
            return Err(not_audio("its sample rate changes within"));
        }
        self.frames += self.interleaved.len() as u64 / u64::from(channels);
        let mono = self.mono.as_mut().ok_or_else(broken)?;
        mono.push(&self.interleaved, out).map_err(|e| not_audio(&e.to_string()))
    }
}
