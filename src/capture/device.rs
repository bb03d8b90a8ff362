//! The microphone, through cpal.
//!
//! The audio thread's callback does one thing: it copies samples into a ring. It takes no lock, allocates nothing and
//! never waits; if the ring is full it counts what it drops.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
    mpsc::{Receiver, channel},
};

use cpal::{
    Error, ErrorKind, FromSample, SampleFormat, SizedSample, Stream, StreamConfig,
    traits::{DeviceTrait, HostTrait, StreamTrait},
};
use rtrb::{Consumer, RingBuffer};

use super::messages::{Format, Microphone, Trouble};

/// Seconds that the ring holds.
const RING_SECONDS: usize = 4;

/// An open microphone. Closed when dropped.
pub(super) struct Open {
    pub(super) format: Format,
    /// Interleaved samples, -1 to 1.
    pub(super) ring: Consumer<f32>,
    /// What cpal reports while the stream runs.
    pub(super) errors: Receiver<Trouble>,
    dropped: Arc<AtomicU64>,
    _stream: Stream,
}

impl Open {
    /// Samples that found the ring full since the last call.
    pub(super) fn dropped(&self) -> u64 {
        self.dropped.swap(0, Ordering::Relaxed)
    }
}

/// What ALSA lists beside microphones: converters, mixers, servers that it can only guess at, and a source of zeros.
const NO_MICROPHONE: [&str; 10] = [
    "alsa:null",
    "alsa:lavrate",
    "alsa:samplerate",
    "alsa:speexrate",
    "alsa:speex",
    "alsa:upmix",
    "alsa:vdownmix",
    "alsa:usbstream",
    "alsa:jack",
    "alsa:oss",
];

/// The microphones that the system names.
pub(super) fn list() -> Result<Vec<Microphone>, Trouble> {
    let devices = cpal::default_host().input_devices().map_err(|e| trouble(&e))?;
    let named = devices.filter_map(|d| microphone(&d));
    Ok(named.filter(|m| !NO_MICROPHONE.iter().any(|n| m.id == *n)).collect())
}

/// Opens a microphone by its id, or the default one, and starts it.
pub(super) fn open(id: Option<&str>) -> Result<Open, Trouble> {
    let host = cpal::default_host();
    let device = match id {
        None => host.default_input_device(),
        Some(id) => id.parse().ok().and_then(|id| host.device_by_id(&id)),
    }
    .ok_or(Trouble::NoDevice)?;
    let supported = device.default_input_config().map_err(|e| trouble(&e))?;
    let format = Format {
        device: microphone(&device).ok_or(Trouble::NoDevice)?,
        rate: supported.sample_rate(),
        channels: u32::from(supported.channels()),
    };
    let config = supported.config();
    let build = match supported.sample_format() {
        SampleFormat::I8 => start::<i8>,
        SampleFormat::U8 => start::<u8>,
        SampleFormat::I16 => start::<i16>,
        SampleFormat::U16 => start::<u16>,
        SampleFormat::I24 => start::<cpal::I24>,
        SampleFormat::I32 => start::<i32>,
        SampleFormat::F32 => start::<f32>,
        SampleFormat::F64 => start::<f64>,
        other => return Err(Trouble::Unsupported(other.to_string())),
    };
    build(&device, config, format)
}

fn start<T>(device: &cpal::Device, config: StreamConfig, format: Format) -> Result<Open, Trouble>
where
    T: SizedSample,
    f32: FromSample<T>,
{
    let (mut writer, ring) = RingBuffer::new(RING_SECONDS * (format.rate * format.channels) as usize);
    let dropped = Arc::new(AtomicU64::new(0));
    let lost = Arc::clone(&dropped);
    let take = move |samples: &[T], _: &cpal::InputCallbackInfo| {
        let fits = samples.len().min(writer.slots());
        if let Ok(space) = writer.write_chunk_uninit(fits) {
            space.fill_from_iter(samples.iter().map(|&s| f32::from_sample_(s)));
        }
        lost.fetch_add((samples.len() - fits) as u64, Ordering::Relaxed);
    };
    let (report, errors) = channel();
    let failed = move |error: Error| {
        if let Some(trouble) = while_running(&error) {
            let _ = report.send(trouble);
        }
    };
    let stream = device.build_input_stream(config, take, failed, None).map_err(|e| trouble(&e))?;
    stream.play().map_err(|e| trouble(&e))?;
    Ok(Open { format, ring, errors, dropped, _stream: stream })
}

fn microphone(device: &cpal::Device) -> Option<Microphone> {
    let id = device.id().ok()?.to_string();
    let name = device.description().map_or_else(|_| id.clone(), |d| d.name().to_owned());
    Some(Microphone { id, name })
}

fn trouble(error: &Error) -> Trouble {
    match error.kind() {
        ErrorKind::DeviceBusy => Trouble::Busy,
        ErrorKind::PermissionDenied => Trouble::Denied,
        ErrorKind::DeviceNotAvailable | ErrorKind::HostUnavailable => Trouble::NoDevice,
        ErrorKind::UnsupportedConfig | ErrorKind::UnsupportedOperation => Trouble::Unsupported(error.to_string()),
        _ => Trouble::Other(error.to_string()),
    }
}

/// An error of a running stream; None for what the stream itself survives unharmed.
fn while_running(error: &Error) -> Option<Trouble> {
    match error.kind() {
        ErrorKind::RealtimeDenied => None,
        ErrorKind::Xrun => Some(Trouble::Overrun(0)),
        ErrorKind::DeviceChanged => Some(Trouble::Changed),
        ErrorKind::DeviceNotAvailable | ErrorKind::StreamInvalidated | ErrorKind::HostUnavailable => {
            Some(Trouble::Lost)
        }
        _ => Some(trouble(error)),
    }
}
