//! SQLCipher's cryptography, taken from RustCrypto instead of OpenSSL.
//!
//! SQLCipher asks a provider for four things: random bytes, HMAC, PBKDF2 and AES-256-CBC. Compiled with
//! `SQLCIPHER_CRYPTO_CUSTOM=candor_cipher_setup` (see `.cargo/config.toml`) it calls [`candor_cipher_setup`] for them. The
//! format stays SQLCipher's own: an ordinary `sqlcipher` with the key reads the file, and the other way round.
//!
//! The file is unsafe because C calls it with raw pointers. Every length comes from SQLCipher and is positive there; a
//! null pointer or a negative length is refused all the same. Nothing here may panic: a panic cannot cross into C.

#![allow(unsafe_code)]

use std::{
    ffi::{CStr, c_char, c_int, c_void},
    ptr, slice,
};

use aes::Aes256;
use cbc::cipher::{Array, BlockModeDecrypt, BlockModeEncrypt, KeyIvInit};
use hmac::{Hmac, KeyInit, Mac};
use sha1::Sha1;
use sha2::{Sha256, Sha512};

// The flags must reach the C compiler, or SQLCipher would quietly be built on OpenSSL instead.
const _: () = assert!(
    names_our_setup(env!("LIBSQLITE3_FLAGS", "build inside the repository: its .cargo/config.toml sets the flags")),
    "LIBSQLITE3_FLAGS is set in the environment without SQLCIPHER_CRYPTO_CUSTOM=candor_cipher_setup: unset it"
);

/// What `PRAGMA cipher_provider` answers when SQLCipher runs on this file.
pub(super) const NAME: &CStr = c"rustcrypto";

const OK: c_int = 0;
const ERROR: c_int = 1;
const KEY_BYTES: c_int = 32;
const BLOCK_BYTES: c_int = 16;
/// SQLCipher's number for encryption; decryption is 0.
const ENCRYPT: c_int = 1;

type Bytes = *const u8;
type BytesMut = *mut u8;
type Context = *mut c_void;

/// `struct sqlcipher_provider` of SQLCipher 4.19's `sqlcipher.h`, field by field.
#[repr(C)]
pub(super) struct Provider {
    init: Option<extern "C" fn() -> c_int>,
    shutdown: Option<extern "C" fn()>,
    provider_name: extern "C" fn(Context) -> *const c_char,
    add_random: extern "C" fn(Context, *const c_void, c_int) -> c_int,
    random: extern "C" fn(Context, *mut c_void, c_int) -> c_int,
    hmac: extern "C" fn(Context, c_int, Bytes, c_int, Bytes, c_int, Bytes, c_int, BytesMut) -> c_int,
    kdf: extern "C" fn(Context, c_int, Bytes, c_int, Bytes, c_int, c_int, c_int, BytesMut) -> c_int,
    cipher: extern "C" fn(Context, c_int, Bytes, c_int, Bytes, Bytes, c_int, BytesMut) -> c_int,
    cipher_name: extern "C" fn(Context) -> *const c_char,
    key_bytes: extern "C" fn(Context) -> c_int,
    iv_bytes: extern "C" fn(Context) -> c_int,
    block_bytes: extern "C" fn(Context) -> c_int,
    hmac_bytes: extern "C" fn(Context, c_int) -> c_int,
    context_init: extern "C" fn(*mut Context) -> c_int,
    context_free: extern "C" fn(*mut Context) -> c_int,
    fips_status: extern "C" fn(Context) -> c_int,
    provider_version: extern "C" fn(Context) -> *const c_char,
    next: *mut Provider,
}

/// Fills in the provider; SQLCipher calls it once, before the first database is opened.
///
/// # Safety
/// `provider` is null or points to memory for one [`Provider`].
#[unsafe(no_mangle)]
pub(super) unsafe extern "C" fn candor_cipher_setup(provider: *mut Provider) -> c_int {
    if provider.is_null() {
        return ERROR;
    }
    let ours = Provider {
        init: None,
        shutdown: None,
        provider_name,
        add_random,
        random,
        hmac,
        kdf,
        cipher,
        cipher_name,
        key_bytes,
        iv_bytes: block_bytes,
        block_bytes,
        hmac_bytes,
        context_init,
        context_free: context_init,
        fips_status,
        provider_version,
        next: ptr::null_mut(),
    };
    // SAFETY: not null, and the caller gives memory for one `Provider`, which may be uninitialised.
    unsafe { provider.write(ours) };
    OK
}

extern "C" fn provider_name(_: Context) -> *const c_char {
    NAME.as_ptr()
}

extern "C" fn provider_version(_: Context) -> *const c_char {
    c"1".as_ptr()
}

extern "C" fn cipher_name(_: Context) -> *const c_char {
    c"aes-256-cbc".as_ptr()
}

extern "C" fn key_bytes(_: Context) -> c_int {
    KEY_BYTES
}

extern "C" fn block_bytes(_: Context) -> c_int {
    BLOCK_BYTES
}

extern "C" fn hmac_bytes(_: Context, algorithm: c_int) -> c_int {
    match algorithm {
        0 => 20,
        1 => 32,
        2 => 64,
        _ => 0,
    }
}

/// The functions keep no state, so there is nothing to allocate or to free.
extern "C" fn context_init(_: *mut Context) -> c_int {
    OK
}

extern "C" fn fips_status(_: Context) -> c_int {
    0
}

/// The system's generator needs no help.
extern "C" fn add_random(_: Context, _: *const c_void, _: c_int) -> c_int {
    OK
}

extern "C" fn random(_: Context, out: *mut c_void, length: c_int) -> c_int {
    // SAFETY: SQLCipher gives `length` writable bytes that nobody else uses meanwhile.
    let Some(out) = (unsafe { writable(out.cast(), length) }) else { return ERROR };
    if getrandom::fill(out).is_ok() { OK } else { ERROR }
}

#[allow(clippy::too_many_arguments, reason = "SQLCipher's signature")]
extern "C" fn hmac(
    _: Context,
    algorithm: c_int,
    key: Bytes,
    key_length: c_int,
    first: Bytes,
    first_length: c_int,
    second: Bytes,
    second_length: c_int,
    out: BytesMut,
) -> c_int {
    // SAFETY: SQLCipher gives each pointer with its length, and at `out` room for the digest; `second` may be null.
    let (Some(key), Some(first), Some(second), Some(out)) = (unsafe {
        (
            readable(key, key_length),
            readable(first, first_length),
            if second.is_null() { Some(&[][..]) } else { readable(second, second_length) },
            writable(out, hmac_bytes(ptr::null_mut(), algorithm)),
        )
    }) else {
        return ERROR;
    };
    match algorithm {
        0 => authenticate::<Hmac<Sha1>>(key, first, second, out),
        1 => authenticate::<Hmac<Sha256>>(key, first, second, out),
        2 => authenticate::<Hmac<Sha512>>(key, first, second, out),
        _ => ERROR,
    }
}

fn authenticate<M: Mac + KeyInit>(key: &[u8], first: &[u8], second: &[u8], out: &mut [u8]) -> c_int {
    let Ok(mac) = <M as KeyInit>::new_from_slice(key) else { return ERROR };
    let tag = mac.chain_update(first).chain_update(second).finalize().into_bytes();
    if tag.len() != out.len() {
        return ERROR;
    }
    out.copy_from_slice(&tag);
    OK
}

#[allow(clippy::too_many_arguments, reason = "SQLCipher's signature")]
extern "C" fn kdf(
    _: Context,
    algorithm: c_int,
    password: Bytes,
    password_length: c_int,
    salt: Bytes,
    salt_length: c_int,
    rounds: c_int,
    key_length: c_int,
    key: BytesMut,
) -> c_int {
    // SAFETY: SQLCipher gives each pointer with its length.
    let (Some(password), Some(salt), Some(key), Ok(rounds)) = (unsafe {
        (
            readable(password, password_length),
            readable(salt, salt_length),
            writable(key, key_length),
            u32::try_from(rounds),
        )
    }) else {
        return ERROR;
    };
    match algorithm {
        0 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, rounds, key),
        1 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, rounds, key),
        2 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, rounds, key),
        _ => return ERROR,
    }
    OK
}

#[allow(clippy::too_many_arguments, reason = "SQLCipher's signature")]
extern "C" fn cipher(
    _: Context,
    mode: c_int,
    key: Bytes,
    key_length: c_int,
    iv: Bytes,
    from: Bytes,
    length: c_int,
    to: BytesMut,
) -> c_int {
    let Ok(bytes) = usize::try_from(length) else { return ERROR };
    if from.is_null() || to.is_null() || length % BLOCK_BYTES != 0 {
        return ERROR;
    }
    // SAFETY: SQLCipher gives `length` readable bytes at `from` and writable ones at `to`; the two may overlap, so they are
    // copied before a slice of `to` exists. The key has `key_length` bytes and the vector a block.
    let (Some(key), Some(iv), Some(page)) = (unsafe {
        ptr::copy(from, to, bytes);
        (readable(key, key_length), readable(iv, BLOCK_BYTES), writable(to, length))
    }) else {
        return ERROR;
    };
    let (blocks, _) = Array::slice_as_chunks_mut(page);
    if mode == ENCRYPT {
        let Ok(mut cbc) = cbc::Encryptor::<Aes256>::new_from_slices(key, iv) else { return ERROR };
        cbc.encrypt_blocks(blocks);
    } else {
        let Ok(mut cbc) = cbc::Decryptor::<Aes256>::new_from_slices(key, iv) else { return ERROR };
        cbc.decrypt_blocks(blocks);
    }
    OK
}

/// A slice of what C gave, or None when the pointer is null or the length negative.
///
/// # Safety
/// `length` bytes at `start` are readable and do not change while the slice lives.
unsafe fn readable<'a>(start: Bytes, length: c_int) -> Option<&'a [u8]> {
    let length = usize::try_from(length).ok()?;
    // SAFETY: not null; the rest is the caller's promise.
    (!start.is_null()).then(|| unsafe { slice::from_raw_parts(start, length) })
}

/// As [`readable`], for writing.
///
/// # Safety
/// `length` bytes at `start` are initialised or will only be written, and nothing else refers to them meanwhile.
unsafe fn writable<'a>(start: BytesMut, length: c_int) -> Option<&'a mut [u8]> {
    let length = usize::try_from(length).ok()?;
    // SAFETY: not null; the rest is the caller's promise.
    (!start.is_null()).then(|| unsafe { slice::from_raw_parts_mut(start, length) })
}

/// Whether the flags tell SQLCipher to call [`candor_cipher_setup`].
const fn names_our_setup(flags: &str) -> bool {
    let (flags, name) = (flags.as_bytes(), b"SQLCIPHER_CRYPTO_CUSTOM=candor_cipher_setup");
    let mut start = 0;
    while start + name.len() <= flags.len() {
        let mut same = 0;
        while same < name.len() && flags[start + same] == name[same] {
            same += 1;
        }
        if same == name.len() {
            return true;
        }
        start += 1;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unhex(text: &str) -> Vec<u8> {
        text.as_bytes().chunks(2).map(|b| u8::from_str_radix(str::from_utf8(b).unwrap(), 16).unwrap()).collect()
    }

    /// NIST SP 800-38A, F.2.5: AES-256-CBC.
    #[test]
    fn cbc_gives_the_published_blocks_and_undoes_them_in_place() {
        let key = unhex("603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4");
        let iv = unhex("000102030405060708090a0b0c0d0e0f");
        let plain = unhex("6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51");
        let sealed = unhex("f58c4c04d6e5f1ba779eabfb5f7bfbd69cfc4e967edb808d679f777bc6702c7d");
        let mut page = plain.clone();
        let run = |mode, page: &mut Vec<u8>| {
            let (n, at) = (page.len() as c_int, page.as_mut_ptr());
            cipher(ptr::null_mut(), mode, key.as_ptr(), 32, iv.as_ptr(), at, n, at)
        };
        assert_eq!(run(ENCRYPT, &mut page), OK);
        assert_eq!(page, sealed);
        assert_eq!(run(0, &mut page), OK);
        assert_eq!(page, plain);
    }

    /// RFC 4231, test case 2, with the message in two parts.
    #[test]
    fn hmac_gives_the_published_tag() {
        let expected = unhex(concat!(
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea250554",
            "9758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ));
        let (key, first, second) = (b"Jefe", b"what do ya want ", b"for nothing?");
        let mut tag = [0; 64];
        let rc = hmac(
            ptr::null_mut(),
            2,
            key.as_ptr(),
            4,
            first.as_ptr(),
            first.len() as c_int,
            second.as_ptr(),
            second.len() as c_int,
            tag.as_mut_ptr(),
        );
        assert_eq!((rc, tag.as_slice()), (OK, expected.as_slice()));
    }

    #[test]
    fn null_pointers_negative_lengths_and_unknown_algorithms_are_refused() {
        let mut out = [0u8; 64];
        assert_eq!(random(ptr::null_mut(), ptr::null_mut(), 8), ERROR);
        assert_eq!(random(ptr::null_mut(), out.as_mut_ptr().cast(), -1), ERROR);
        let k = [0u8; 16];
        assert_eq!(hmac(ptr::null_mut(), 9, k.as_ptr(), 16, k.as_ptr(), 16, ptr::null(), 0, out.as_mut_ptr()), ERROR);
        let mut kdf_with =
            |algorithm| kdf(ptr::null_mut(), algorithm, k.as_ptr(), 16, k.as_ptr(), 16, 2, 32, out.as_mut_ptr());
        assert_eq!((kdf_with(2), kdf_with(9)), (OK, ERROR));
        let page = [0u8; 17];
        assert_eq!(
            cipher(ptr::null_mut(), 1, out.as_ptr(), 32, k.as_ptr(), page.as_ptr(), 17, out.as_mut_ptr()),
            ERROR
        );
    }

    #[test]
    fn the_flags_are_recognised() {
        assert!(names_our_setup("-DA -DSQLCIPHER_CRYPTO_CUSTOM=candor_cipher_setup -DB"));
        assert!(!names_our_setup("-DSQLCIPHER_CRYPTO_CUSTOM=another"));
        assert!(!names_our_setup(""));
    }
}
