//! Archives as tar writes them: ustar headers, blocks of 512 bytes, two empty ones at the end.
//!
//! Long names are kept in the prefix field; what fits nowhere is cut, as old tars do.

/// One file, directory or link of an archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name; that of a directory ends with a slash.
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Permission bits.
    pub mode: u32,
    /// Seconds since 1970 of its last change.
    pub modified: u64,
    /// Its content.
    pub bytes: Vec<u8>,
}

/// What an entry is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link to this path.
    Link(String),
}

const BLOCK: usize = 512;
const NAME_LENGTH: usize = 100;
const PREFIX_LENGTH: usize = 155;

/// An archive of these entries.
pub fn write(entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::new();
    for entry in entries {
        out.extend(header(entry));
        out.extend_from_slice(&entry.bytes);
        out.resize(out.len().next_multiple_of(BLOCK), 0);
    }
    out.resize(out.len() + 2 * BLOCK, 0);
    out
}

fn header(entry: &Entry) -> Vec<u8> {
    let (prefix, name) = split(&entry.name);
    let (flag, link) = match &entry.kind {
        Kind::File => (b'0', ""),
        Kind::Directory => (b'5', ""),
        Kind::Link(target) => (b'2', target.as_str()),
    };
    let mut block = vec![0; BLOCK];
    put(&mut block, 0, NAME_LENGTH, name.as_bytes());
    put(&mut block, 100, 8, format!("{:07o}", entry.mode & 0o7777).as_bytes());
    put(&mut block, 108, 8, b"0000000");
    put(&mut block, 116, 8, b"0000000");
    put(&mut block, 124, 12, format!("{:011o}", entry.bytes.len()).as_bytes());
    put(&mut block, 136, 12, format!("{:011o}", entry.modified).as_bytes());
    put(&mut block, 148, 8, b"        ");
    put(&mut block, 156, 1, &[flag]);
    put(&mut block, 157, NAME_LENGTH, link.as_bytes());
    put(&mut block, 257, 8, b"ustar\x0000");
    put(&mut block, 265, 32, b"root");
    put(&mut block, 297, 32, b"root");
    put(&mut block, 345, PREFIX_LENGTH, prefix.as_bytes());
    let sum: u32 = block.iter().map(|byte| u32::from(*byte)).sum();
    put(&mut block, 148, 8, format!("{sum:06o}\0 ").as_bytes());
    block
}

fn put(block: &mut [u8], at: usize, room: usize, bytes: &[u8]) {
    for (slot, byte) in block.iter_mut().skip(at).take(room).zip(bytes) {
        *slot = *byte;
    }
}

// A name that is too long is divided at a slash.
fn split(name: &str) -> (&str, &str) {
    if name.len() <= NAME_LENGTH {
        return ("", name);
    }
    let fits = |at: &usize| *at <= PREFIX_LENGTH && name.len() - at - 1 <= NAME_LENGTH;
    match name.match_indices('/').map(|(at, _)| at).find(fits) {
        Some(at) => (&name[..at], &name[at + 1..]),
        None => ("", name),
    }
}

/// The entries of an archive; an error if it is none or is cut off.
pub fn read(bytes: &[u8]) -> Result<Vec<Entry>, Damaged> {
    let (mut entries, mut at) = (Vec::new(), 0);
    loop {
        let Some(block) = bytes.get(at..at + BLOCK) else {
            return if at >= bytes.len() && at > 0 { Ok(entries) } else { Err(Damaged) };
        };
        if block.iter().all(|byte| *byte == 0) {
            return Ok(entries);
        }
        let size = octal(block, 124, 12).ok_or(Damaged)? as usize;
        at += BLOCK;
        let content = bytes.get(at..at.saturating_add(size)).ok_or(Damaged)?;
        at += size.next_multiple_of(BLOCK);
        let (prefix, name) = (text(block, 345, PREFIX_LENGTH), text(block, 0, NAME_LENGTH));
        let kind = match block.get(156) {
            Some(b'5') => Kind::Directory,
            Some(b'2') => Kind::Link(text(block, 157, NAME_LENGTH)),
            Some(b'0' | 0) => Kind::File,
            _ => continue,
        };
        let name = if prefix.is_empty() { name } else { format!("{prefix}/{name}") };
        let mode = octal(block, 100, 8).ok_or(Damaged)? as u32;
        let modified = octal(block, 136, 12).ok_or(Damaged)?;
        entries.push(Entry { name, kind, mode, modified, bytes: content.to_vec() });
    }
}

/// The bytes are no archive, or not a whole one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damaged;

fn text(block: &[u8], at: usize, room: usize) -> String {
    let field: Vec<u8> =
        block.iter().skip(at).take(room).copied().take_while(|b| *b != 0).collect();
    String::from_utf8_lossy(&field).into_owned()
}

fn octal(block: &[u8], at: usize, room: usize) -> Option<u64> {
    let text = text(block, at, room);
    let digits = text.trim();
    if digits.is_empty() { Some(0) } else { u64::from_str_radix(digits, 8).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let long = format!("{}/b", "a".repeat(120));
        let entry = |name: &str, kind, bytes: &[u8]| Entry {
            name: name.into(),
            kind,
            mode: 0o640,
            modified: 7,
            bytes: bytes.to_vec(),
        };
        let entries = [
            entry("d/", Kind::Directory, b""),
            entry("d/f", Kind::File, b"hello"),
            entry(&long, Kind::File, &[1; 600]),
            entry("l", Kind::Link("d/f".into()), b""),
        ];
        let bytes = write(&entries);
        assert_eq!(bytes.len() % BLOCK, 0);
        assert_eq!(read(&bytes).as_deref(), Ok(&entries[..]));
        assert_eq!(read(&bytes[..700]), Err(Damaged));
        assert_eq!(read(b"hello"), Err(Damaged));
    }
}
