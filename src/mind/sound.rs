//! Requests about sound come as streams: many messages in, many out, until the front says that this was all.
//!
//! A failure in the middle is told at the end: the front may be blocked on a full pipe until its last message is read.

use std::io::{Read, Write};

use crate::{
    hear::{Hearing, Models, decode::Decoding},
    wire::{self, Failure, HearOptions, Heard, Reply, Request, WireError},
};

/// Decodes an audio file whose first bytes have come; the answer is what follows the samples.
///
/// # Errors
/// When the pipe breaks.
pub(super) fn decode(first: Vec<u8>, input: &mut impl Read, output: &mut impl Write) -> Result<Reply, WireError> {
    let mut decoding = Decoding::start();
    let mut next = Request::AudioBytes(first);
    loop {
        match next {
            Request::AudioBytes(bytes) => {
                for samples in decoding.push(bytes) {
                    wire::send(output, &Reply::Pcm(samples))?;
                }
            }
            Request::AudioEnd => break,
            _ => return Ok(Reply::Failed(Failure::OutOfOrder)),
        }
        next = wire::receive(input)?;
    }
    let mut broken = Ok(());
    let decoded = decoding.finish(|samples| {
        if broken.is_ok() {
            broken = wire::send(output, &Reply::Pcm(samples));
        }
    });
    broken?;
    Ok(decoded.map_or_else(Reply::Failed, Reply::Decoded))
}

/// Transcribes the samples that follow; the answer is what follows the last finished window.
///
/// # Errors
/// When the pipe breaks.
pub(super) fn hear(
    models: Result<&mut Models, Failure>,
    options: HearOptions,
    input: &mut impl Read,
    output: &mut impl Write,
) -> Result<Reply, WireError> {
    let mut hearing = models.and_then(|m| Hearing::new(m, options));
    loop {
        match wire::receive(input)? {
            Request::Pcm(samples) => {
                if let Ok(h) = &mut hearing {
                    match h.push(&samples) {
                        Ok(heard) => tell(output, heard)?,
                        Err(failure) => hearing = Err(failure),
                    }
                }
            }
            Request::PcmEnd => break,
            _ => return Ok(Reply::Failed(Failure::OutOfOrder)),
        }
    }
    match hearing.and_then(Hearing::finish) {
        Ok(heard) => {
            tell(output, heard)?;
            Ok(Reply::HearDone)
        }
        Err(failure) => Ok(Reply::Failed(failure)),
    }
}

fn tell(output: &mut impl Write, heard: Vec<Heard>) -> Result<(), WireError> {
    heard.into_iter().try_for_each(|h| wire::send(output, &Reply::Heard(h)))
}
