//! `base64`, `md5sum`, `sha1sum`, `sha256sum`.

use super::context::{Context, Pending, Trouble, Whole, open_error};
use super::options::{Known, parse};
use super::whole::options;
use crate::script::Flavour;
use crate::text::digest::{md5, sha1, sha256};

const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Bytes as base64, without line breaks.
pub fn encode(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let byte = |at: usize| u32::from(chunk.get(at).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (at, shift) in [18, 12, 6, 0].into_iter().enumerate() {
            let index = (bits >> shift & 63) as usize;
            let letter = LETTERS.get(index).copied().map_or('=', char::from);
            out.push(if at <= chunk.len() { letter } else { '=' });
        }
    }
    out
}

/// The bytes of base64 up to the first thing that is none, and whether all was read.
pub fn decode(text: &str) -> (Vec<u8>, bool) {
    let mut out = Vec::new();
    let mut group: Vec<u32> = Vec::new();
    let mut padding = 0;
    for c in text.bytes().filter(|c| *c != b'\n' && *c != b'\r') {
        if c == b'=' {
            padding += 1;
            continue;
        }
        match LETTERS.iter().position(|letter| *letter == c) {
            Some(value) if padding == 0 => group.push(value as u32),
            _ => return (out, false),
        }
        if group.len() == 4 {
            let bits = group.drain(..).fold(0, |bits, value| bits << 6 | value);
            out.extend([(bits >> 16) as u8, (bits >> 8) as u8, bits as u8]);
        }
    }
    let complete = (group.len() + padding).is_multiple_of(4) && padding <= 2;
    let bits = group.iter().fold(0, |bits, value| bits << 6 | value);
    match group.len() {
        2 => out.push((bits >> 4) as u8),
        3 => out.extend([(bits >> 10) as u8, (bits >> 2) as u8]),
        _ => {}
    }
    (out, complete && group.len() != 1)
}

/// `base64`.
pub fn base64(context: &mut Context<'_>) -> Whole {
    let long = &[("decode", 'd'), ("wrap", 'w'), ("ignore-garbage", 'i')];
    let options = options!(context, Known { short: "dDw:i", long, permutes: true });
    let operand = options.operands.first().cloned().unwrap_or_else(|| "-".into());
    let bytes = match context.read(&operand) {
        Ok(bytes) => bytes,
        Err(Trouble::Pending) => return Err(Pending),
        Err(Trouble::Failed(error)) => {
            let text = open_error("base64", &operand, error, context.flavour);
            context.complain(&text);
            return Ok(1);
        }
    };
    if options.has('d') || options.has('D') {
        let (bytes, complete) = decode(&String::from_utf8_lossy(&bytes));
        context.bytes(&bytes);
        if !complete {
            context.complain(match context.flavour {
                Flavour::Gnu => "invalid input",
                Flavour::Busybox => "truncated base64 input",
            });
            return Ok(1);
        }
        return Ok(0);
    }
    let width = options.value('w').and_then(|text| text.parse().ok()).unwrap_or(76);
    let text = encode(&bytes);
    if width == 0 {
        context.out(&text);
        return Ok(0);
    }
    let letters: Vec<char> = text.chars().collect();
    for line in letters.chunks(width) {
        let line: String = line.iter().collect();
        context.out(&format!("{line}\n"));
    }
    Ok(0)
}

/// `md5sum`, `sha1sum`, `sha256sum`.
pub fn sum(context: &mut Context<'_>) -> Whole {
    let options =
        options!(context, Known { short: "cbtswz", long: &[("check", 'c')], permutes: true });
    if options.has('c') {
        context.complain("-c is not simulated here");
        return Ok(1);
    }
    let stdin = ["-".into()];
    let operands = if options.operands.is_empty() { &stdin[..] } else { &options.operands };
    let mut status = 0;
    let mut rows = String::new();
    for operand in operands {
        match context.read(operand) {
            Ok(bytes) => {
                let digest = match context.name.as_str() {
                    "md5sum" => md5(&bytes).to_vec(),
                    "sha1sum" => sha1(&bytes).to_vec(),
                    _ => sha256(&bytes).to_vec(),
                };
                let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
                rows.push_str(&format!("{hex}  {operand}\n"));
            }
            Err(Trouble::Pending) => return Err(Pending),
            Err(Trouble::Failed(error)) => {
                let text = open_error(&context.name, operand, error, context.flavour);
                context.complain(&text);
                status = 1;
            }
        }
    }
    context.out(&rows);
    Ok(status)
}
