//! Data as text for links and codes: JSON, deflated, in letters that any address may have.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::Serialize;

/// Why a text cannot be unpacked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unpackable {
    /// Longer than any of ours.
    TooLong,
    /// Characters that none of ours has, or cut short.
    Damaged,
}

/// The longest text read.
pub const TEXT_LENGTH_MAX: usize = 256 * 1024;
/// The most a text may unfold to.
const DOCUMENT_LENGTH_MAX: usize = 2 * 1024 * 1024;

/// Plain data as text.
pub fn pack(document: &impl Serialize) -> String {
    let json = serde_json::to_vec(document).expect("what is packed is plain data");
    BASE64_URL_SAFE_NO_PAD.encode(miniz_oxide::deflate::compress_to_vec(&json, 9))
}

/// The JSON in a text.
///
/// # Errors
/// Says what is wrong with it.
pub fn unpack(text: &str) -> Result<Vec<u8>, Unpackable> {
    if text.len() > TEXT_LENGTH_MAX {
        return Err(Unpackable::TooLong);
    }
    let packed = BASE64_URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| Unpackable::Damaged)?;
    miniz_oxide::inflate::decompress_to_vec_with_limit(&packed, DOCUMENT_LENGTH_MAX)
        .map_err(|_| Unpackable::Damaged)
}
