//! The displays that are plugged in, by what they say of themselves. It does not look at what they show.

pub(super) mod edid;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{Display, DisplaySection, NoteReason, SectionBody, SectionKind};

use super::Section;
use super::notes::Notes;
use super::root::Root;

const DISPLAYS_MAX: usize = 64;
const CONNECTORS: &str = "sys/class/drm";

/// The section of the displays.
pub struct Displays;

impl Section for Displays {
    fn kind(&self) -> SectionKind {
        SectionKind::Display
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut displays = Vec::new();
        for name in root.names_noted(CONNECTORS, &mut notes) {
            // `card0-HDMI-A-1`: the number of the card depends on the order in which drivers start.
            let Some((_, connector)) = name.strip_prefix("card").and_then(|rest| rest.split_once('-')) else {
                continue;
            };
            if root.value(&format!("{CONNECTORS}/{name}/status")).as_deref() != Some("connected") {
                continue;
            }
            let bytes = root.bytes(&format!("{CONNECTORS}/{name}/edid"), &mut notes).unwrap_or_default();
            // Displays of virtual machines are connected but have nothing to say.
            if bytes.is_empty() {
                continue;
            }
            let connector = notes.text("connector", connector);
            match edid::display(&bytes, &mut notes) {
                Some(display) => displays.push(Display { connector, ..display }),
                None => notes.add(&format!("edid {connector}"), NoteReason::Failed),
            }
        }
        displays.sort_by(|a, b| (&a.connector, &a.serial).cmp(&(&b.connector, &b.serial)));
        body(displays, notes)
    }
}

/// The section of one recorded EDID, or what is wrong with it.
pub fn of_edid(bytes: &[u8]) -> Result<SectionBody, String> {
    let mut notes = Notes::default();
    let display = edid::display(bytes, &mut notes).ok_or("is no EDID: wrong header or checksum")?;
    Ok(body(vec![display], notes))
}

fn body(mut displays: Vec<Display>, mut notes: Notes) -> SectionBody {
    notes.bound("displays", &mut displays, DISPLAYS_MAX);
    notes.into_body(Kind::Display(DisplaySection { displays }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn only_connected_displays_are_listed_and_broken_ones_noted() {
        let folder = tempfile::tempdir().unwrap();
        let whole = edid::tests::whole();
        for (name, status, bytes) in [
            ("card0-HDMI-A-1", "connected\n", whole.clone()),
            ("card0-DP-1", "disconnected\n", whole.clone()),
            ("card1-eDP-1", "connected\n", whole[..100].to_vec()),
            ("card2-Virtual-1", "connected\n", vec![]),
            ("renderD128", "connected\n", whole.clone()),
        ] {
            let at = folder.path().join(CONNECTORS).join(name);
            fs::create_dir_all(&at).unwrap();
            fs::write(at.join("status"), status).unwrap();
            fs::write(at.join("edid"), bytes).unwrap();
        }
        let found = Displays.read(&Root::at(folder.path()));
        let Some(Kind::Display(section)) = found.kind else { panic!("not a display section") };
        assert_eq!(section.displays.iter().map(|display| display.connector.as_str()).collect::<Vec<_>>(), ["HDMI-A-1"]);
        assert_eq!((found.notes.len(), found.notes[0].subject.as_str()), (1, "edid eDP-1"));
    }
}
