//! The print queues of this machine, as CUPS keeps them. Printers that it merely sees on the network are the matter of
//! discovery; accounts and passwords inside addresses are cut out here.

mod cups;
mod uri;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Printer, PrinterSection, SectionBody, SectionKind};

use super::Section;
use super::child::Program;
use super::notes::Notes;
use super::root::Root;

const PRINTERS_MAX: usize = 1_024;
const QUEUES: &str = "etc/cups/printers.conf";

/// The section of the printers.
pub struct Printers;

impl Section for Printers {
    fn kind(&self) -> SectionKind {
        SectionKind::Printer
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut unread = Notes::default();
        let mut printers = match root.text(QUEUES, &mut unread) {
            Some(queues) => cups::of_queues(&queues, &mut notes),
            None if root.has_program(Program::Lpstat) => ask(root, &mut notes),
            None => {
                notes = unread;
                Vec::new()
            }
        };
        for printer in printers.iter_mut().filter(|printer| printer.model.is_empty() && is_plain(&printer.name)) {
            let description = root.text(&format!("etc/cups/ppd/{}.ppd", printer.name), &mut Notes::default());
            printer.model = notes.text("model", cups::model(&description.unwrap_or_default()));
        }
        body(printers, notes)
    }
}

/// The section of a recorded `printers.conf`, or of the answer of `lpstat -v`.
pub fn of_file(text: &str) -> SectionBody {
    let mut notes = Notes::default();
    let printers = if text.contains("Printer ") {
        cups::of_queues(text, &mut notes)
    } else {
        cups::of_lpstat(text, "", "", &mut notes)
    };
    body(printers, notes)
}

/// Without the right to read the file the printing service itself tells, though less.
fn ask(root: &Root, notes: &mut Notes) -> Vec<Printer> {
    // Where there is no printer it says so by its code.
    let mut answer = |flag: &str| root.output_of_any_code(Program::Lpstat, &[flag], notes).unwrap_or_default();
    let addresses = answer("-v");
    if addresses.is_empty() {
        return Vec::new();
    }
    let [accepting, default] = ["-a", "-d"].map(&mut answer);
    cups::of_lpstat(&addresses, &accepting, &default, notes)
}

/// Names of queues hold no slash by rule; a name from outside is not trusted with a path.
fn is_plain(name: &str) -> bool {
    !name.contains(['/', '\0']) && !name.starts_with('.') && !name.is_empty()
}

fn body(mut printers: Vec<Printer>, mut notes: Notes) -> SectionBody {
    printers.sort_by(|a, b| a.name.cmp(&b.name));
    notes.bound("printers", &mut printers, PRINTERS_MAX);
    notes.into_body(Kind::Printer(PrinterSection { printers }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::path::Path;

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn printers(root: &Path) -> Vec<Printer> {
        let body = Printers.read(&Root::at(root));
        let Some(Kind::Printer(section)) = body.kind else { panic!("not a printer section") };
        assert!(body.notes.is_empty(), "{:?}", body.notes);
        section.printers
    }

    #[test]
    fn the_description_names_the_model_where_the_queue_does_not() {
        let folder = tempfile::tempdir().unwrap();
        assert!(printers(folder.path()).is_empty());
        put(folder.path(), QUEUES, "<Printer Desk>\nDeviceURI usb://Maker/Model?serial=7\n</Printer>\n");
        put(folder.path(), "etc/cups/ppd/Desk.ppd", "*PPD-Adobe: \"4.3\"\n*NickName: \"Maker Model 5, driverless\"\n");
        let found = printers(folder.path()).remove(0);
        assert_eq!(
            (found.model.as_str(), found.uri.as_str()),
            ("Maker Model 5, driverless", "usb://Maker/Model?serial=7")
        );
    }

    #[test]
    fn the_service_is_asked_where_the_file_cannot_be_read() {
        let folder = tempfile::tempdir().unwrap();
        put(
            folder.path(),
            "commands/lpstat/-v",
            "device for Desk: socket://10.1.1.9\ndevice for Hall: ipp://u:p@10.1.1.8/ipp\n",
        );
        put(
            folder.path(),
            "commands/lpstat/-a",
            "Desk accepting requests since Mon\nHall not accepting requests since Mon -\n",
        );
        put(folder.path(), "commands/lpstat/-d", "system default destination: Hall\n");
        let found = printers(folder.path());
        let shown: Vec<_> =
            found.iter().map(|p| (p.name.as_str(), p.uri.as_str(), p.accepting, p.is_default)).collect();
        assert_eq!(shown, [("Desk", "socket://10.1.1.9", true, false), ("Hall", "ipp://10.1.1.8/ipp", false, true)]);
    }
}
