//! The front's side of the ears: the handshake, the list of microphones, opening one.

use super::context::Context;
use crate::{
    capture::{Order, Report},
    error::{Error, ErrorKind, Result},
    process::Helper,
    wire::{self, WireError},
};

/// The ears, once they have said that they are locked down. Without that there is no recording on Linux.
pub(super) fn greeted(c: &Context) -> Result<Helper> {
    let mut ears = c.ears()?;
    match ears.receive::<Report>().map_err(deaf)? {
        Report::Hello { version: wire::VERSION, locked } if locked || !cfg!(target_os = "linux") => Ok(ears),
        Report::Hello { locked: false, .. } => {
            Err(Error::new(ErrorKind::System, "the kernel does not let Candor lock its ears process down")
                .hint("`candor doctor` shows what is missing; Candor does not record without it."))
        }
        _ => Err(deaf(WireError::Malformed)),
    }
}

/// Shows the microphones.
pub(super) fn list_microphones(c: &Context, ears: &mut Helper) -> Result<()> {
    ears.send(&Order::List).map_err(deaf)?;
    match ears.receive::<Report>().map_err(deaf)? {
        Report::Devices(devices) if devices.is_empty() => c.screen.check("microphone", Some(false), "none was found"),
        Report::Devices(devices) => {
            for d in devices {
                c.screen.check(&d.name, Some(true), &d.id);
            }
        }
        Report::Trouble(t) => c.screen.check("microphone", Some(false), &t.to_string()),
        _ => return Err(deaf(WireError::Malformed)),
    }
    Ok(())
}

/// Opens the microphone; the first sound is the proof.
pub(super) fn open_microphone(ears: &mut Helper, device: Option<&str>) -> Result<()> {
    ears.send(&Order::Open { device: device.map(str::to_owned) }).map_err(deaf)?;
    loop {
        match ears.receive::<Report>().map_err(deaf)? {
            Report::Opened(_) => return Ok(()),
            Report::Trouble(t) => {
                return Err(Error::new(ErrorKind::System, t.to_string())
                    .hint("`candor record --list` shows the microphones; choose one with --device."));
            }
            _ => {}
        }
    }
}

/// Closes the microphone; what was still on its way is let go.
pub(super) fn close_microphone(ears: &mut Helper) -> Result<()> {
    ears.send(&Order::Stop).map_err(deaf)?;
    while !matches!(ears.receive::<Report>().map_err(deaf)?, Report::Stopped) {}
    Ok(())
}

pub(super) fn deaf(e: WireError) -> Error {
    Error::new(ErrorKind::System, "the ears process ended in the middle of its work")
        .because(e)
        .hint("What was recorded until then is kept. To go on: candor record")
}
