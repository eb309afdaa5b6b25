//! The door of the inventory: a section from the wire becomes a typed, bounded scan, or is refused with a reason.
//! It judges nothing: what a scan changes is found by the CMDB. Every text here comes from a machine and is hostile.

mod facts;
#[cfg(test)]
mod history_test;
mod items;
mod rows;

use crate::model::{Class, Scan};
use items::Seen;
use prost::Message;
use prost::encoding::{DecodeContext, WireType, decode_key, decode_varint, skip_field};
use std::io::Read;
use wacht_proto::block::content_digest;
use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Section, SectionBody, SectionKind};

const COMPRESSED_BYTES_MAX: usize = 1024 * 1024;
const BODY_BYTES_MAX: usize = 4 * 1024 * 1024;
/// A hostile frame may name a window of gigabytes, which zstd would allocate at once.
const WINDOW_LOG_MAX: u32 = 23;
/// The longest lists that one body may hold together, counted before anything is allocated for them.
const ENTRIES_MAX: usize = 20_064;

/// Why a section is refused. The report that carries it is still taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SectionError {
    /// More compressed bytes than the contract allows.
    #[error("section is larger than 1 MiB")]
    TooLarge,
    /// More bytes than the contract allows once decompressed; reading stopped there.
    #[error("section is larger than 4 MiB when decompressed")]
    TooLargeDecompressed,
    /// Not a zstd frame.
    #[error("section cannot be decompressed")]
    Compression,
    /// The body is not the one that the digest names.
    #[error("section does not match its digest")]
    Digest,
    /// Not an encoded body.
    #[error("section cannot be decoded")]
    Malformed,
    /// The body is of another kind than the section says, or of none that we know.
    #[error("section is not of the kind that it names")]
    Kind,
    /// A list is longer than its bound.
    #[error("section lists too many {0}")]
    TooMany(&'static str),
}

/// Reads one section. Texts over their bound are clipped, lists over theirs refuse the section; unknown facts
/// (empty text, zero size) become absent fields.
pub fn scan(section: &Section) -> Result<Scan, SectionError> {
    let bytes = decompress(&section.body_zstd)?;
    if content_digest(&bytes) != section.digest {
        return Err(SectionError::Digest);
    }
    if entry_count(&bytes).ok_or(SectionError::Malformed)? > ENTRIES_MAX {
        return Err(SectionError::TooMany("entries"));
    }
    let body = SectionBody::decode(bytes.as_slice()).map_err(|_| SectionError::Malformed)?;
    bound("notes", &body.notes, 32)?;
    let kind = body.kind.ok_or(SectionError::Kind)?;
    if kind_of(&kind) != section.kind() {
        return Err(SectionError::Kind);
    }
    let mut seen = Seen::default();
    seen.observe(kind)?;
    if seen.clipped > 0 || seen.unnamed > 0 || !body.notes.is_empty() {
        let (clipped, unnamed, notes) = (seen.clipped, seen.unnamed, body.notes.len());
        tracing::debug!(clipped, unnamed, notes, kind = section.kind().as_str_name(), "section is not whole");
    }
    Ok(Scan {
        classes: classes_of(section.kind()).to_vec(),
        digest: section.digest,
        partial: body.partial,
        observations: seen.finish(),
    })
}

/// The classes that a section of this kind is complete for; none for an unknown kind.
pub fn classes_of(kind: SectionKind) -> &'static [Class] {
    match kind {
        SectionKind::Unspecified => &[],
        SectionKind::System => &[Class::Computer],
        SectionKind::Cpu => &[Class::Cpu],
        SectionKind::Memory => &[Class::Memory],
        SectionKind::Disk => &[Class::Disk],
        SectionKind::Array => &[Class::Array, Class::Controller],
        SectionKind::Volume => &[Class::Volume],
        SectionKind::OperatingSystem => &[Class::OperatingSystem],
        SectionKind::Software => &[Class::Software],
        SectionKind::Interface => &[Class::Interface],
        SectionKind::User => &[Class::User, Class::Group],
        SectionKind::Service => &[Class::Service],
        SectionKind::Update => &[Class::Update, Class::PendingUpdate],
        SectionKind::DiskHealth => &[Class::DiskHealth],
        SectionKind::BackupJob => &[Class::BackupJob],
        SectionKind::Neighbour => &[Class::Neighbour],
        SectionKind::Port => &[Class::Port],
        SectionKind::Certificate => &[Class::Certificate],
        SectionKind::Container => &[Class::Container],
        SectionKind::VirtualMachine => &[Class::VirtualMachine],
        SectionKind::Battery => &[Class::Battery],
        SectionKind::Display => &[Class::Display],
        SectionKind::Printer => &[Class::Printer],
        SectionKind::UsbDevice => &[Class::UsbDevice],
        SectionKind::Security => &[Class::SecurityProduct],
        SectionKind::RemoteTool => &[Class::RemoteTool],
        SectionKind::ScheduledJob => &[Class::ScheduledJob],
    }
}

/// The kind of a decoded body.
pub fn kind_of(kind: &Kind) -> SectionKind {
    match kind {
        Kind::System(_) => SectionKind::System,
        Kind::Cpu(_) => SectionKind::Cpu,
        Kind::Memory(_) => SectionKind::Memory,
        Kind::Disk(_) => SectionKind::Disk,
        Kind::Array(_) => SectionKind::Array,
        Kind::Volume(_) => SectionKind::Volume,
        Kind::OperatingSystem(_) => SectionKind::OperatingSystem,
        Kind::Software(_) => SectionKind::Software,
        Kind::Interface(_) => SectionKind::Interface,
        Kind::User(_) => SectionKind::User,
        Kind::Service(_) => SectionKind::Service,
        Kind::Update(_) => SectionKind::Update,
        Kind::DiskHealth(_) => SectionKind::DiskHealth,
        Kind::BackupJob(_) => SectionKind::BackupJob,
        Kind::Neighbour(_) => SectionKind::Neighbour,
        Kind::Port(_) => SectionKind::Port,
        Kind::Certificate(_) => SectionKind::Certificate,
        Kind::Container(_) => SectionKind::Container,
        Kind::VirtualMachine(_) => SectionKind::VirtualMachine,
        Kind::Battery(_) => SectionKind::Battery,
        Kind::Display(_) => SectionKind::Display,
        Kind::Printer(_) => SectionKind::Printer,
        Kind::UsbDevice(_) => SectionKind::UsbDevice,
        Kind::Security(_) => SectionKind::Security,
        Kind::RemoteTool(_) => SectionKind::RemoteTool,
        Kind::ScheduledJob(_) => SectionKind::ScheduledJob,
    }
}

fn decompress(compressed: &[u8]) -> Result<Vec<u8>, SectionError> {
    if compressed.len() > COMPRESSED_BYTES_MAX {
        return Err(SectionError::TooLarge);
    }
    let mut decoder = zstd::stream::read::Decoder::with_buffer(compressed).map_err(|_| SectionError::Compression)?;
    decoder.window_log_max(WINDOW_LOG_MAX).map_err(|_| SectionError::Compression)?;
    let mut bytes = Vec::new();
    // One byte more than allowed tells "full" from "too much" without reading on.
    let mut bounded = decoder.take(BODY_BYTES_MAX as u64 + 1);
    bounded.read_to_end(&mut bytes).map_err(|_| SectionError::Compression)?;
    if bytes.len() > BODY_BYTES_MAX { Err(SectionError::TooLargeDecompressed) } else { Ok(bytes) }
}

/// Length-delimited fields one level below the body: list entries and texts. An empty entry costs two bytes on the
/// wire and a hundred in memory, so they are counted before they are decoded. `None` where the bytes are no message.
fn entry_count(body: &[u8]) -> Option<usize> {
    let mut count = 0;
    each_message(body, &mut |section| {
        each_message(section, &mut |_| {
            count += 1;
            Some(())
        })
    })?;
    Some(count)
}

fn each_message(mut bytes: &[u8], visit: &mut dyn FnMut(&[u8]) -> Option<()>) -> Option<()> {
    while !bytes.is_empty() {
        let (tag, wire_type) = decode_key(&mut bytes).ok()?;
        if wire_type == WireType::LengthDelimited {
            let length = usize::try_from(decode_varint(&mut bytes).ok()?).ok()?;
            let (message, rest) = bytes.split_at_checked(length)?;
            bytes = rest;
            visit(message)?;
        } else {
            skip_field(wire_type, tag, &mut bytes, DecodeContext::default()).ok()?;
        }
    }
    Some(())
}

fn bound<T>(list: &'static str, entries: &[T], most: usize) -> Result<(), SectionError> {
    if entries.len() > most { Err(SectionError::TooMany(list)) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Value;
    use proptest::prelude::*;
    use wacht_proto::v1::section_body::Kind;
    use wacht_proto::v1::*;

    fn wire(kind: SectionKind, body: &[u8]) -> Section {
        Section { kind: kind.into(), digest: content_digest(body), body_zstd: zstd::encode_all(body, 3).unwrap() }
    }

    fn section(kind: SectionKind, body: Kind) -> Section {
        wire(kind, &SectionBody { kind: Some(body), notes: vec![], ..Default::default() }.encode_to_vec())
    }

    fn software(name: &str, version: &str) -> Software {
        let (name, version, architecture) = (name.into(), version.into(), "amd64".into());
        Software { name, version, architecture, source: SoftwareSource::Dpkg.into(), ..Default::default() }
    }

    fn software_section(software: Vec<Software>) -> Section {
        section(SectionKind::Software, Kind::Software(SoftwareSection { software }))
    }

    #[test]
    fn software_is_keyed_without_its_version_and_a_double_is_numbered_by_version() {
        let seen = scan(&software_section(vec![software("linux", "6.2"), software("linux", "6.1"), software("", "1")]));
        let seen = seen.unwrap().observations;
        let found: Vec<_> = seen.iter().map(|o| (o.key.as_str(), o.fields["version"].clone())).collect();
        let expected = [("dpkg:linux:amd64", "6.1"), ("dpkg:linux:amd64#2", "6.2")];
        assert_eq!(found, expected.map(|(key, version)| (key, Value::Text(version.into()))));
    }

    #[test]
    fn a_name_that_imitates_a_number_cannot_take_another_items_key() {
        let plain = Service { name: "a".into(), ..Default::default() };
        let services = vec![plain.clone(), plain, Service { name: "a#2".into(), ..Default::default() }];
        let seen = scan(&section(SectionKind::Service, Kind::Service(ServiceSection { services }))).unwrap();
        let keys: std::collections::HashSet<_> = seen.observations.iter().map(|o| o.key.as_str()).collect();
        assert_eq!(keys.len(), 3);
    }

    #[test]
    fn users_and_groups_are_both_complete_after_one_section() {
        let users = vec![User { name: "root".into(), ..Default::default() }];
        let groups = vec![Group { name: "sudo".into(), members: vec!["b".into(), "a".into()], ..Default::default() }];
        let seen = scan(&section(SectionKind::User, Kind::User(UserSection { users, groups }))).unwrap();
        assert_eq!(seen.classes, [Class::User, Class::Group]);
        assert_eq!(seen.observations[0].fields["uid"], Value::Integer(0));
        assert_eq!(seen.observations[1].fields["members"], Value::List(vec!["a".into(), "b".into()]));
    }

    #[test]
    fn memory_without_modules_is_one_item() {
        let memory = MemorySection { total_bytes: 1 << 33, ..Default::default() };
        let seen = scan(&section(SectionKind::Memory, Kind::Memory(memory))).unwrap().observations;
        assert_eq!((seen[0].key.as_str(), &seen[0].fields["size_bytes"]), ("total", &Value::Integer(1 << 33)));
    }

    #[test]
    fn an_array_without_redundancy_says_so_with_a_zero() {
        let degraded = Array { name: "md0".into(), state: ArrayState::Degraded.into(), ..Default::default() };
        let arrays = ArraySection { arrays: vec![degraded], controllers: vec![] };
        let seen = scan(&section(SectionKind::Array, Kind::Array(arrays))).unwrap().observations;
        assert_eq!(seen[0].fields["redundancy_left"], Value::Integer(0));
        assert_eq!(seen[0].fields["state"], Value::Text("degraded".into()));
        assert!(!seen[0].fields.contains_key("members"));
    }

    #[test]
    fn a_list_at_its_bound_passes_and_one_more_is_refused() {
        let listed = |count: usize| {
            let disks = (0..count).map(|n| Disk { name: format!("sd{n}"), ..Default::default() }).collect();
            scan(&section(SectionKind::Disk, Kind::Disk(DiskSection { disks })))
        };
        assert_eq!(listed(1_024).unwrap().observations.len(), 1_024);
        assert_eq!(listed(1_025), Err(SectionError::TooMany("disks")));
    }

    #[test]
    fn a_million_empty_entries_are_refused_before_they_are_decoded() {
        let software = software_section(vec![Software::default(); 1_000_000]);
        assert_eq!(scan(&software), Err(SectionError::TooMany("entries")));
    }

    #[test]
    fn a_decompression_bomb_is_refused() {
        assert_eq!(scan(&wire(SectionKind::Cpu, &vec![0; 64 << 20])), Err(SectionError::TooLargeDecompressed));
        let large = Section { body_zstd: vec![0; COMPRESSED_BYTES_MAX + 1], ..Default::default() };
        assert_eq!(scan(&large), Err(SectionError::TooLarge));
    }

    #[test]
    fn another_body_or_another_kind_than_named_is_refused() {
        let mut section = software_section(vec![]);
        section.kind = SectionKind::Cpu.into();
        assert_eq!(scan(&section), Err(SectionError::Kind));
        section.digest ^= 1;
        assert_eq!(scan(&section), Err(SectionError::Digest));
        assert_eq!(scan(&wire(SectionKind::Cpu, &[])), Err(SectionError::Kind));
        assert_eq!(scan(&Section { body_zstd: vec![1, 2, 3], ..Default::default() }), Err(SectionError::Compression));
    }

    proptest! {
        #[test]
        fn hostile_bytes_are_refused_without_a_panic(kind in 0..28i32, body in prop::collection::vec(any::<u8>(), 0..300)) {
            let mut section = wire(SectionKind::Cpu, &body);
            section.kind = kind;
            let _ = scan(&section);
            section.body_zstd = body;
            let _ = scan(&section);
        }
    }
}
