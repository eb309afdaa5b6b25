//! Reads what CUPS writes: its file of queues, the answers of `lpstat` and a printer's description. It opens no file itself.

use std::collections::BTreeSet;

use wacht_proto::v1::Printer;

use super::uri::without_secrets;
use crate::inventory::notes::Notes;
use crate::inventory::placeholder::real;

/// Longest address, in bytes.
const URI_BYTES_MAX: usize = 512;
/// Queues that are read of one file; what is beyond the section's bound is cut there, with a note.
const QUEUES_MAX: usize = 2_000;

/// The queues of `printers.conf`: `<Printer NAME>` or `<DefaultPrinter NAME>`, one setting a line, `</Printer>`.
pub fn of_queues(text: &str, notes: &mut Notes) -> Vec<Printer> {
    let mut printers: Vec<Printer> = Vec::new();
    let mut is_open = false;
    for line in text.lines().map(str::trim) {
        if let Some((name, is_default)) = opening(line) {
            if printers.len() == QUEUES_MAX {
                break;
            }
            let name = notes.text("name", name);
            // A queue accepts unless its file says otherwise.
            printers.push(Printer { name, is_default, accepting: true, ..Default::default() });
            is_open = true;
        } else if line.starts_with("</") {
            is_open = false;
        } else if let (true, Some(printer), Some((key, value))) = (is_open, printers.last_mut(), line.split_once(' ')) {
            set(printer, key, value.trim(), notes);
        }
    }
    printers
}

fn opening(line: &str) -> Option<(&str, bool)> {
    let inner = line.strip_prefix('<')?.strip_suffix('>')?;
    let plain = inner.strip_prefix("Printer ").map(|name| (name, false));
    plain.or_else(|| inner.strip_prefix("DefaultPrinter ").map(|name| (name, true)))
}

fn set(printer: &mut Printer, key: &str, value: &str, notes: &mut Notes) {
    match key {
        "MakeModel" => printer.model = notes.text("model", real_model(value)),
        "Location" => printer.location = notes.text("location", value),
        "DeviceURI" => printer.uri = notes.text_within("uri", &without_secrets(value), URI_BYTES_MAX),
        "Shared" => printer.shared = value == "Yes",
        "Accepting" => printer.accepting = value != "No",
        _ => {}
    }
}

/// A queue without a driver says that instead of a model.
fn real_model(text: &str) -> &str {
    real(text).filter(|text| !text.starts_with("Local Raw Printer")).unwrap_or_default()
}

/// The queues by the answers of `lpstat -v`, `-a` and `-d`; whether they are shared it does not tell.
pub fn of_lpstat(addresses: &str, accepting: &str, default: &str, notes: &mut Notes) -> Vec<Printer> {
    let default = default.rsplit_once(": ").map(|(_, name)| name.trim());
    let closed: BTreeSet<&str> =
        accepting.lines().filter_map(|line| Some(line.split_once(" not accepting ")?.0)).collect();
    let lines = addresses.lines().filter_map(|line| line.strip_prefix("device for ")?.split_once(": "));
    let printers = lines.take(QUEUES_MAX).map(|(name, uri)| Printer {
        name: notes.text("name", name),
        uri: notes.text_within("uri", &without_secrets(uri.trim()), URI_BYTES_MAX),
        is_default: default == Some(name),
        accepting: !closed.contains(name),
        ..Default::default()
    });
    printers.collect()
}

/// The model that a printer's description (PPD) names; empty where it names none.
pub fn model(description: &str) -> &str {
    let value = |key: &str| {
        let line = description.lines().find_map(|line| line.strip_prefix(key))?;
        Some(line.trim().trim_matches('"').trim()).filter(|name| !name.is_empty())
    };
    ["*NickName:", "*ModelName:", "*Product:"].iter().find_map(|key| value(key)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUEUES: &str = "# Printer configuration file\nNextPrinterId 3\n<Printer Desk>\nInfo Desk\nLocation 2nd floor\nMakeModel Maker Model 5\n\
        DeviceURI smb://user:secret@server/desk\nState Idle\nStateTime 1700000000\nAccepting Yes\nShared No\n</Printer>\n\
        Location nowhere\n<DefaultPrinter Hall>\nMakeModel Local Raw Printer\nDeviceURI ipp://10.1.1.8/ipp/print\nAccepting No\nShared Yes\n</DefaultPrinter>\n";

    #[test]
    fn queues_are_read_with_their_settings() {
        let found = of_queues(QUEUES, &mut Notes::default());
        let desk = Printer {
            name: "Desk".into(),
            model: "Maker Model 5".into(),
            uri: "smb://server/desk".into(),
            location: "2nd floor".into(),
            accepting: true,
            ..Default::default()
        };
        assert_eq!((found.len(), &found[0]), (2, &desk));
        assert_eq!((found[1].is_default, found[1].shared, found[1].accepting), (true, true, false));
        assert_eq!((found[1].model.as_str(), found[1].location.as_str()), ("", ""));
    }

    #[test]
    fn a_file_of_nonsense_or_without_end_stays_within_bounds() {
        let mut notes = Notes::default();
        for text in ["", "<Printer", "<Printer >", "DeviceURI x", "</Printer>\nShared Yes", "\u{0}\u{0}<Printer \n>"] {
            assert!(of_queues(text, &mut notes).iter().all(|printer| printer.uri.is_empty()), "{text:?}");
        }
        assert_eq!(of_queues(&"<Printer a>\n".repeat(100_000), &mut notes).len(), QUEUES_MAX);
        assert!(of_lpstat("device for", ": ", ":", &mut notes).is_empty());
        assert_eq!(model("*NickName: \"\"\n*ModelName: \"Model 5\"\n"), "Model 5");
    }
}
