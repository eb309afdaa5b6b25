//! What altered inputs are made of: short inputs of our own for each parser, and, where recordings are present, those of
//! their files that the parser makes something of.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use prost::Message;

use crate::inventory::parse::Parser;

/// Folders of recordings that hold small files of many kinds.
const FOLDERS: [&str; 6] = ["smbios", "glpi", "jc", "smartctl-json", "smart", "ups-nut"];
const FILES_MAX: usize = 2_000;
const FOLDER_DEPTH_MAX: usize = 4;
/// Longer recordings are cut: small inputs are altered in more places.
const SEED_BYTES_MAX: usize = 4 << 10;
const RECORDED_SEEDS_MAX: usize = 24;

/// Own inputs that belong to a parser, by its word; a parser without any starts from those of the others.
#[rustfmt::skip]
const OWN: &[(&str, &[u8])] = &[
    ("dpkg", b"Package: vim\nStatus: install ok installed\nArchitecture: amd64\nInstalled-Size: 12\nMaintainer: A <a@example.net>\nVersion: 2:9.1-1\n\nPackage: old\nStatus: deinstall ok config-files\nVersion: 1\n"),
    ("rpm", b"bash\t(none)\t5.1\t6.el9\tx86_64\tVendor\nkernel\t1\t5.14\t70.el9\tx86_64\t(none)\n"),
    ("certificate", b"-----BEGIN CERTIFICATE-----\nMIIBszCCARwCCQDJ7ZpFq0kQ2DANBgkqhkiG9w0BAQUFADAeMQswCQYDVQQGEwJO\nTDEPMA0GA1UEAwwGZXhhbXBs\n-----END CERTIFICATE-----\n"),
    ("certificate", b"\x30\x82\x00\x1a\x30\x13\xa0\x03\x02\x01\x02\x02\x01\x05\x30\x09\x31\x07\x30\x05\x06\x03\x55\x04\x03\x0c\x00\x03\x01\x00"),
    ("neighbour", b"IP address       HW type     Flags       HW address            Mask     Device\n192.0.2.1        0x1         0x2         00:00:5e:00:53:01     *        eth0\n"),
    ("tcp", b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 12345 1 0 100 0 0 10 0\n"),
    ("udp", b"  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops\n  12: 00000000000000000000000001000000:0035 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 777 2 0 0\n"),
    ("smbios", b"\x01\x1b\x01\0\x01\x02\x03\x04\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x06\x05\x06Maker\0Model 5\x001.0\0S-77\0SKU\0Family\0\0\x03\x0d\x03\0\x01\x17\x02\x03\x04\x03\x03\x03\x02Maker\x001\0S\0A\0\0\x7f\x04\x7f\0\0\0"),
    ("smbios", b"\x11\x28\x11\0\0\0\xfe\xff\x48\0\x40\0\0\x40\x09\0\x01\x02\x1a\x80\0\x80\x0c\x03\x04\x05\x06\x01\0\0\0\0\x80\x0c\xb0\x04\xb0\x04\xb0\x04DIMM_A1\0BANK 0\0Maker\x004711\0T\0P-1\0\0\x04\x2a\x04\0\x01\x03\xb3\x02\0\0\0\0\0\0\0\0\x03\x88\x64\0\x98\x3a\x60\x09\x41\0\0\0\0\0\0\0\0\0\0\x08\x08\x10\0\0\0\0CPU0\0Maker\0Model\0\0\x7f\x04\x7f\0\0\0"),
    ("battery", b"POWER_SUPPLY_NAME=BAT0\nPOWER_SUPPLY_TYPE=Battery\nPOWER_SUPPLY_PRESENT=1\nPOWER_SUPPLY_TECHNOLOGY=Li-ion\nPOWER_SUPPLY_CYCLE_COUNT=13\nPOWER_SUPPLY_VOLTAGE_MIN_DESIGN=11400000\nPOWER_SUPPLY_CHARGE_FULL_DESIGN=5000000\nPOWER_SUPPLY_CHARGE_FULL=4500000\nPOWER_SUPPLY_SERIAL_NUMBER=4711\n"),
    ("printer", b"<DefaultPrinter Hall>\nMakeModel Maker Model 5\nLocation Hall\nDeviceURI ipp://user:secret@192.0.2.9:631/ipp/print?a=b\nAccepting Yes\nShared No\n</DefaultPrinter>\n<Printer Desk>\nDeviceURI usb://Maker/Model?serial=7\n</Printer>\n"),
    ("printer", b"device for Desk: socket://192.0.2.9:9100\ndevice for Hall: ipp://192.0.2.8/ipp\n"),
    ("any", b"{\"a\":[{\"b\":1,\"c\":\"text\",\"d\":null,\"e\":-1.5e3,\"f\":true}],\"g\":{\"h\":[]}}"),
    ("any", b"name: value\nother = 2\n\n[section]\nkey=\"quoted\"\nlist a b c\n"),
    ("any", b"NAME      SIZE  STATE   HEALTH\npool      928G  ONLINE  -\n  mirror  928G  DEGRADED\n"),
];

/// At least one input for a parser.
pub fn seeds(word: &str, parser: Parser) -> Vec<Vec<u8>> {
    let mut seeds = own(word);
    if word == "edid" {
        seeds.push(crate::inventory::display::edid::tests::whole());
    }
    seeds.extend(recorded(parser));
    if seeds.is_empty() {
        seeds.extend(OWN.iter().map(|(_, input)| input.to_vec()));
    }
    seeds.extend(own("any"));
    seeds
}

/// Mends the checksum of every second input of a parser that would else look at nothing further.
pub fn sealed(word: &str, number: u64, mut input: Vec<u8>) -> Vec<u8> {
    if word == "edid" && number.is_multiple_of(2) && input.len() >= 128 {
        input[..8].copy_from_slice(&[0, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0]);
        input[127] = input[..127].iter().fold(0u8, |sum, byte| sum.wrapping_sub(*byte));
    }
    input
}

fn own(word: &str) -> Vec<Vec<u8>> {
    OWN.iter().filter(|(owner, _)| *owner == word).map(|(_, input)| input.to_vec()).collect()
}

/// The recordings of which a parser makes the most, cut short.
fn recorded(parser: Parser) -> Vec<Vec<u8>> {
    let Some(root) = std::env::var_os("WACHT_RECORDINGS").map(PathBuf::from) else {
        return Vec::new();
    };
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&root.join(folder), FOLDER_DEPTH_MAX, &mut files);
    }
    let bytes_made = |input: &[u8]| match catch_unwind(AssertUnwindSafe(|| parser(input))) {
        Ok(Ok(bodies)) => bodies.iter().map(Message::encoded_len).sum::<usize>(),
        // Whatever breaks a parser by itself is the best of seeds.
        Err(_) => usize::MAX,
        Ok(Err(_)) => 0,
    };
    let empty = bytes_made(b"");
    let made = files.into_iter().filter_map(|path| {
        let mut input = std::fs::read(path).ok()?;
        input.truncate(SEED_BYTES_MAX);
        Some((bytes_made(&input), input)).filter(|(made, _)| *made > empty)
    });
    let mut made: Vec<(usize, Vec<u8>)> = made.collect();
    made.sort_by(|a, b| b.cmp(a));
    made.into_iter().take(RECORDED_SEEDS_MAX).map(|(_, input)| input).collect()
}

/// The files below a folder, in a stable order.
fn collect(folder: &Path, depth_left: usize, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    paths.sort();
    let mut here = 0;
    for path in paths {
        if path.is_dir() && depth_left > 0 {
            collect(&path, depth_left - 1, files);
        } else if path.is_file() && files.len() < FILES_MAX && here < FILES_MAX / 10 {
            here += 1;
            files.push(path);
        }
    }
}
