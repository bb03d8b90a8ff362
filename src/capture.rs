//! The ears: the process that holds the microphone.
//!
//! It opens a device when ordered, resamples to 16 kHz mono and writes a tenth of a second at a time to its pipe. It holds
//! no key, writes no file, and keeps nothing: sound that the front does not take is gone when the process ends.
//!
//! Invariant: only this module mentions cpal.

use std::{
    io::{Read, Write},
    sync::mpsc::{Receiver, TryRecvError, channel},
    thread,
    time::{Duration, Instant},
};

use crate::{
    resample::{Mono16k, RATE},
    wire::{self, WireError},
};

use self::{device::Open, level::Meter};
pub use messages::{Format, Level, Microphone, Order, Report, Trouble};

mod device;
mod level;
mod messages;

/// Samples in a message: a tenth of a second.
pub const SOUND: usize = RATE as usize / 10;

/// How often the ring is emptied.
const ROUND: Duration = Duration::from_millis(20);

/// Without any sound for so long, the input counts as dead.
const STALLED: Duration = Duration::from_secs(3);

/// Obeys the orders that come through `orders` until it is closed, and writes reports. `locked` tells whether the kernel's
/// lockdown is in force.
///
/// # Errors
/// When the front is gone while there is something to say.
pub fn run(orders: impl Read + Send + 'static, mut reports: impl Write, locked: bool) -> Result<(), WireError> {
    wire::send(&mut reports, &Report::Hello { version: wire::VERSION, locked })?;
    let orders = receive_orders(orders);
    while let Ok(order) = orders.recv() {
        match order {
            Order::List => {
                let devices = device::list();
                wire::send(&mut reports, &devices.map_or_else(Report::Trouble, Report::Devices))?;
            }
            Order::Open { device } => match device::open(device.as_deref()) {
                Ok(microphone) => listen(microphone, &orders, &mut reports)?,
                Err(trouble) => wire::send(&mut reports, &Report::Trouble(trouble))?,
            },
            Order::Stop => wire::send(&mut reports, &Report::Stopped)?,
        }
    }
    Ok(())
}

/// Reads orders in a thread of their own, so that "stop" is seen while sound is flowing.
fn receive_orders(mut from: impl Read + Send + 'static) -> Receiver<Order> {
    let (send, orders) = channel();
    thread::spawn(move || {
        while let Ok(order) = wire::receive(&mut from) {
            if send.send(order).is_err() {
                break;
            }
        }
    });
    orders
}

/// Passes sound on until it is told to stop, the front goes away, or the microphone fails.
fn listen(mut microphone: Open, orders: &Receiver<Order>, reports: &mut impl Write) -> Result<(), WireError> {
    let mut sound = match Sound::new(&microphone.format) {
        Ok(sound) => sound,
        Err(trouble) => return wire::send(reports, &Report::Trouble(trouble)),
    };
    let mut last_sound = Instant::now();
    let mut opened = false;
    loop {
        let taken = sound.take(&mut microphone, reports, &mut opened)?;
        match orders.try_recv() {
            Ok(Order::Stop) | Err(TryRecvError::Disconnected) => break,
            Ok(Order::List | Order::Open { .. }) | Err(TryRecvError::Empty) => {}
        }
        for trouble in microphone.errors.try_iter() {
            let ends = trouble.ends();
            wire::send(reports, &Report::Trouble(trouble))?;
            if ends {
                return sound.send_rest(reports);
            }
        }
        match microphone.dropped() {
            0 => {}
            samples => wire::send(reports, &Report::Trouble(Trouble::Overrun(samples)))?,
        }
        if taken {
            last_sound = Instant::now();
        } else if last_sound.elapsed() > STALLED {
            wire::send(reports, &Report::Trouble(Trouble::Stalled(STALLED.as_secs() as u32)))?;
            last_sound = Instant::now();
        }
        thread::sleep(ROUND);
    }
    sound.take(&mut microphone, reports, &mut opened)?;
    drop(microphone);
    sound.send_rest(reports)?;
    wire::send(reports, &Report::Stopped)
}

/// Sound between the ring and the pipe.
struct Sound {
    mono: Mono16k,
    meter: Meter,
    waiting: Vec<i16>,
    raw: Vec<f32>,
}

impl Sound {
    fn new(format: &Format) -> Result<Self, Trouble> {
        let mono = Mono16k::new(format.rate, format.channels).map_err(|e| Trouble::Unsupported(e.to_string()))?;
        Ok(Self { mono, meter: Meter::default(), waiting: Vec::with_capacity(2 * SOUND), raw: Vec::new() })
    }

    /// Empties the ring and sends what is whole; true if there was anything. The first sound opens the recording.
    fn take(&mut self, microphone: &mut Open, to: &mut impl Write, opened: &mut bool) -> Result<bool, WireError> {
        let channels = microphone.format.channels as usize;
        let whole_frames = microphone.ring.slots() / channels * channels;
        let Ok(chunk) = microphone.ring.read_chunk(whole_frames) else { return Ok(false) };
        if whole_frames == 0 {
            return Ok(false);
        }
        self.raw.clear();
        self.raw.extend(chunk);
        if !*opened {
            wire::send(to, &Report::Opened(microphone.format.clone()))?;
            *opened = true;
        }
        self.meter.add(&self.raw);
        if let Err(e) = self.mono.push(&self.raw, &mut self.waiting) {
            wire::send(to, &Report::Trouble(Trouble::Other(e.to_string())))?;
        }
        while self.waiting.len() >= SOUND {
            let rest = self.waiting.split_off(SOUND);
            let samples = std::mem::replace(&mut self.waiting, rest);
            wire::send(to, &Report::Sound { samples, level: self.meter.take() })?;
        }
        Ok(true)
    }

    fn send_rest(mut self, to: &mut impl Write) -> Result<(), WireError> {
        if self.mono.finish(&mut self.waiting).is_ok() && !self.waiting.is_empty() {
            for samples in self.waiting.chunks(SOUND) {
                wire::send(to, &Report::Sound { samples: samples.to_vec(), level: self.meter.take() })?;
            }
        }
        Ok(())
    }
}
