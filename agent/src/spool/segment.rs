//! One segment file: a header frame (twice, so that one flipped bit cannot take the dictionary away), then records.
//! It knows bytes on the disk and which sequence stands where; it does not decide what is kept.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::disk;
use super::frame::{self, Reader, Scan};
use super::ledger::{Counts, Dropped, Gap};

const KIND_HEADER: u8 = 1;
const KIND_RECORD: u8 = 2;

/// What stands at the head of a segment.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Header {
    pub incarnation: u128,
    pub first: u64,
    /// Collected before the first record.
    pub collected: Counts,
    /// Sequences that thinning took out of this file.
    pub holes: Vec<Gap>,
    /// The dictionary of its reports.
    pub preamble: Vec<u8>,
}

/// One record, before its payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RecordHead {
    pub sequence: u64,
    pub own: Counts,
    /// Collected up to and with this record.
    pub collected: Counts,
    /// Dropped up to this record.
    pub dropped: Dropped,
}

/// Where a record stands; kept small, since a full spool has tens of thousands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Entry {
    delta: u32,
    offset: u32,
    length: u32,
    samples: u16,
    sections: u16,
    events: u16,
}

/// A segment as the spool knows it in memory.
#[derive(Debug)]
pub(super) struct Segment {
    pub path: PathBuf,
    pub first: u64,
    pub entries: Vec<Entry>,
    pub bytes: u64,
    pub holes: Vec<Gap>,
    pub thinned: bool,
}

/// What reading a segment at start found.
pub(super) struct Loaded {
    pub segment: Segment,
    pub header: Header,
    pub heads: Vec<RecordHead>,
    /// Something in it was unreadable.
    pub damaged: bool,
    /// Its end was unreadable.
    pub torn: bool,
}

impl Segment {
    /// Creates the file with its header.
    pub(super) fn create(folder: &Path, header: &Header) -> io::Result<(Segment, File)> {
        let path = folder.join(format!("{:016x}.segment", header.first));
        let bytes = encode_header(header);
        let mut file = disk::create(&path)?;
        if let Err(error) = disk::write_durably(&mut file, &bytes).and_then(|()| disk::sync_folder(folder)) {
            let _ = fs::remove_file(&path);
            return Err(error);
        }
        let size = bytes.len() as u64;
        let holes = header.holes.clone();
        Ok((Segment { path, first: header.first, entries: Vec::new(), bytes: size, holes, thinned: false }, file))
    }

    /// Appends one record durably. After an error the file is cut back and must not be appended to again.
    pub(super) fn append(&mut self, file: &mut File, head: &RecordHead, payload: &[u8]) -> io::Result<()> {
        let mut bytes = Vec::with_capacity(payload.len() + 96);
        frame::put(&mut bytes, &encode_record(head, payload));
        if let Err(error) = disk::write_durably(file, &bytes) {
            let _ = file.set_len(self.bytes);
            return Err(error);
        }
        self.entries.push(Entry::new(self.first, head, self.bytes, bytes.len()));
        self.bytes += bytes.len() as u64;
        Ok(())
    }

    /// Reads a file whose name carries `first`. `None` when neither copy of its header is sound.
    pub(super) fn load(path: &Path, first: u64, buffer: &mut Vec<u8>) -> io::Result<Option<Loaded>> {
        buffer.clear();
        File::open(path)?.read_to_end(buffer)?;
        let mut scan = Scan::new(buffer);
        let mut header = None;
        let (mut entries, mut heads) = (Vec::new(), Vec::<RecordHead>::new());
        for (offset, body) in scan.by_ref() {
            if let Some(found) = decode_header(body) {
                header = header.or(Some(found));
            } else if let Some((head, _)) = decode_record(body) {
                let follows = heads.last().map_or(first, |last| last.sequence + 1) <= head.sequence;
                if follows && head.sequence - first < u64::from(u32::MAX) {
                    entries.push(Entry::new(first, &head, offset as u64, frame::OVERHEAD + body.len()));
                    heads.push(head);
                }
            }
        }
        let (damaged, torn, bytes) = (scan.damaged, scan.end != buffer.len(), buffer.len() as u64);
        Ok(header.filter(|header| header.first == first).map(|header| {
            let holes = header.holes.clone();
            let segment = Segment { path: path.to_owned(), first, entries, bytes, thinned: !holes.is_empty(), holes };
            Loaded { segment, header, heads, damaged, torn }
        }))
    }

    /// The payload of a record; `None` when it is not here or no longer sound.
    pub(super) fn read(&self, sequence: u64) -> io::Result<Option<Vec<u8>>> {
        let Some(entry) = self.find(sequence) else { return Ok(None) };
        let bytes = self.raw(entry)?;
        let record = frame::body(&bytes).and_then(decode_record);
        Ok(record.filter(|(head, _)| head.sequence == sequence).map(|(_, payload)| payload.to_vec()))
    }

    /// The dictionary of this segment's reports; `None` when the header is no longer sound.
    pub(super) fn header(&self) -> io::Result<Option<Header>> {
        let length = self.entries.first().map_or(self.bytes, |entry| u64::from(entry.offset));
        let mut bytes = Vec::new();
        File::open(&self.path)?.take(length).read_to_end(&mut bytes)?;
        Ok(Scan::new(&bytes).find_map(|(_, body)| decode_header(body)))
    }

    /// Rewrites the file with the records that `keep` names and with `holes` declared, in one step.
    pub(super) fn rewrite(&mut self, keep: impl Fn(&Entry, u64) -> bool, holes: Vec<Gap>) -> io::Result<()> {
        let header = self.header()?.ok_or(io::ErrorKind::InvalidData)?;
        let mut bytes = encode_header(&Header { holes: holes.clone(), ..header });
        let mut entries = Vec::new();
        for entry in self.entries.iter().filter(|entry| keep(entry, self.first)) {
            let raw = self.raw(entry)?;
            entries.push(Entry { offset: bytes.len() as u32, ..*entry });
            bytes.extend_from_slice(&raw);
        }
        disk::replace(&self.path, &bytes)?;
        (self.entries, self.bytes, self.holes, self.thinned) = (entries, bytes.len() as u64, holes, true);
        Ok(())
    }

    /// The newest sequence that this segment holds or declares.
    pub(super) fn last(&self) -> u64 {
        let record = self.entries.last().map_or(self.first.saturating_sub(1), |entry| entry.sequence(self.first));
        self.holes.iter().map(|hole| hole.last).fold(record, u64::max)
    }

    pub(super) fn find(&self, sequence: u64) -> Option<&Entry> {
        let delta = u32::try_from(sequence.checked_sub(self.first)?).ok()?;
        let index = self.entries.binary_search_by_key(&delta, |entry| entry.delta).ok()?;
        self.entries.get(index)
    }

    fn raw(&self, entry: &Entry) -> io::Result<Vec<u8>> {
        let mut file = File::open(&self.path)?;
        file.seek(SeekFrom::Start(u64::from(entry.offset)))?;
        let mut bytes = Vec::with_capacity(entry.length as usize);
        file.take(u64::from(entry.length)).read_to_end(&mut bytes)?;
        Ok(bytes)
    }
}

impl Entry {
    fn new(first: u64, head: &RecordHead, offset: u64, length: usize) -> Entry {
        let small = |count: u64| u16::try_from(count).unwrap_or(u16::MAX);
        Entry {
            delta: (head.sequence - first) as u32,
            offset: offset as u32,
            length: length as u32,
            samples: small(head.own.samples),
            sections: small(head.own.sections),
            events: small(head.own.events),
        }
    }

    /// Its sequence, in a segment that starts at `first`.
    pub(super) fn sequence(&self, first: u64) -> u64 {
        first + u64::from(self.delta)
    }

    pub(super) fn counts(&self) -> Counts {
        let [samples, sections, events] = [self.samples, self.sections, self.events].map(u64::from);
        Counts { reports: 1, samples, sections, events }
    }
}

fn encode_header(header: &Header) -> Vec<u8> {
    let mut body = vec![KIND_HEADER];
    body.extend_from_slice(&header.incarnation.to_le_bytes());
    frame::put_varint(&mut body, header.first);
    frame::put_counts(&mut body, header.collected);
    frame::put_gaps(&mut body, &header.holes);
    body.extend_from_slice(&header.preamble);
    let mut bytes = Vec::with_capacity(2 * (body.len() + frame::OVERHEAD));
    frame::put(&mut bytes, &body);
    frame::put(&mut bytes, &body);
    bytes
}

fn decode_header(body: &[u8]) -> Option<Header> {
    let mut reader = Reader(body);
    if reader.take(1)? != [KIND_HEADER] {
        return None;
    }
    let (incarnation, first, collected) = (reader.u128()?, reader.varint()?, reader.counts()?);
    let holes = reader.gaps()?;
    Some(Header { incarnation, first, collected, holes, preamble: reader.0.to_vec() })
}

fn encode_record(head: &RecordHead, payload: &[u8]) -> Vec<u8> {
    let mut body = Vec::with_capacity(payload.len() + 80);
    body.push(KIND_RECORD);
    frame::put_varint(&mut body, head.sequence);
    frame::put_counts(&mut body, head.own);
    frame::put_counts(&mut body, head.collected);
    frame::put_dropped(&mut body, &head.dropped);
    body.extend_from_slice(payload);
    body
}

fn decode_record(body: &[u8]) -> Option<(RecordHead, &[u8])> {
    let mut reader = Reader(body);
    if reader.take(1)? != [KIND_RECORD] {
        return None;
    }
    let (sequence, own) = (reader.varint()?, reader.counts()?);
    let (collected, dropped) = (reader.counts()?, reader.dropped()?);
    Some((RecordHead { sequence, own, collected, dropped }, reader.0))
}
