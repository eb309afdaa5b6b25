//! The programs by which somebody could control this machine from afar: remote desktops, agents of management services
//! and of configuration management. Plain SSH is a service and a port; a VPN moves packets and controls nothing.

mod table;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{RemoteTool, RemoteToolSection, SectionBody, SectionKind};
use zeroize::Zeroizing;

use super::Section;
use super::notes::Notes;
use super::pattern::expand;
use super::product::{Presence, present};
use super::root::Root;
use table::{IDS, ONLY_WITH, TABLE};

const TOOLS_MAX: usize = 64;

/// The section of the remote-control tools.
pub struct RemoteTools;

impl Section for RemoteTools {
    fn kind(&self) -> SectionKind {
        SectionKind::RemoteTool
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut tools = Vec::new();
        for (product, presence) in present(root, TABLE, &mut notes) {
            if controls(root, product.name, &mut notes) {
                tools.push(tool(root, product.name, presence, &mut notes));
            }
        }
        tools.sort_by(|a, b| a.name.cmp(&b.name));
        notes.bound("tools", &mut tools, TOOLS_MAX);
        notes.into_body(Kind::RemoteTool(RemoteToolSection { tools }))
    }
}

fn tool(root: &Root, name: &str, presence: Presence, notes: &mut Notes) -> RemoteTool {
    RemoteTool {
        name: name.to_owned(),
        id: own_id(root, name, notes).unwrap_or_default(),
        version: presence.version,
        running: presence.running.unwrap_or(false),
        found_by: presence.found_by.to_owned(),
    }
}

/// The id that a tool gave this machine.
fn own_id(root: &Root, name: &str, notes: &mut Notes) -> Option<String> {
    let (_, files, key) = IDS.iter().find(|(of, _, _)| *of == name)?;
    // Secrets may stand in the same file.
    files.iter().find_map(|file| id_of(&Zeroizing::new(root.text(file, notes)?), key))
}

/// Some agents control a machine only where its settings allow it.
fn controls(root: &Root, name: &str, notes: &mut Notes) -> bool {
    let Some((_, files, starts)) = ONLY_WITH.iter().find(|(of, _, _)| *of == name) else {
        return true;
    };
    let files: Vec<String> = files.iter().flat_map(|pattern| expand(root, pattern, notes)).collect();
    let allows = |line: &str| {
        let plain: String = line.chars().take(200).filter(|c| !c.is_whitespace()).collect();
        starts.iter().any(|start| plain.starts_with(start))
    };
    files.iter().any(|file| root.text(file, notes).unwrap_or_default().lines().any(allows))
}

/// The value in `[int32] ClientID = 1234567890` or `ad.anynet.id=123456789`.
fn id_of(text: &str, key: &str) -> Option<String> {
    const ID_BYTES_MAX: usize = 64;
    text.lines().find_map(|line| {
        let (before, value) = line.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        let sound = !value.is_empty() && value != "0" && value.len() <= ID_BYTES_MAX;
        let plain = value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        (before.split_ascii_whitespace().last() == Some(key) && sound && plain).then(|| value.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    fn put(root: &Path, path: &str, text: &str) {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn tools(root: &Path) -> Vec<RemoteTool> {
        let Some(Kind::RemoteTool(section)) = RemoteTools.read(&Root::at(root)).kind else {
            panic!("not a remote tool section")
        };
        section.tools
    }

    #[test]
    fn tools_are_found_with_the_id_that_they_gave_this_machine() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        put(root, "opt/teamviewer/tv_bin/teamviewerd", "");
        put(
            root,
            "etc/teamviewer/global.conf",
            "TeamViewer User Settings\n[strng] Version = \"15\"\n[int32] ClientID = 1234567890\n",
        );
        put(root, "etc/systemd/system/anydesk.service", "");
        put(root, "etc/anydesk/system.conf", "ad.anynet.id_alias=x\nad.anynet.id=987654321\n");
        put(root, "proc/5/comm", "teamviewerd\n");
        put(root, "opt/screenconnect-0123456789abcdef/ClientLaunchParameters.txt", "");
        let shown: Vec<_> =
            tools(root).into_iter().map(|tool| (tool.name, tool.id, tool.running, tool.found_by)).collect();
        let row = |name: &str, id: &str, running, by: &str| (name.to_owned(), id.to_owned(), running, by.to_owned());
        let expected = [
            row("AnyDesk", "987654321", false, "service"),
            row("ScreenConnect", "", false, "file"),
            row("TeamViewer", "1234567890", true, "file"),
        ];
        assert_eq!(shown, expected);
    }

    #[test]
    fn an_agent_that_may_run_no_command_controls_nothing() {
        let folder = tempfile::tempdir().unwrap();
        put(folder.path(), "usr/sbin/zabbix_agentd", "");
        put(folder.path(), "etc/zabbix/zabbix_agentd.conf", "# AllowKey=system.run[*]\nDenyKey=system.run[*]\n");
        assert!(tools(folder.path()).is_empty());
        put(folder.path(), "etc/zabbix/zabbix_agentd.d/run.conf", "AllowKey = system.run[*]\n");
        assert_eq!(tools(folder.path())[0].name, "Zabbix agent");
    }

    #[test]
    fn ids_that_are_none_are_not_taken() {
        for text in [
            "ClientID",
            "ClientID = 0",
            "ClientID =",
            "ClientID = a b",
            "MyClientID = 5",
            &format!("ClientID = {}", "9".repeat(65)),
        ] {
            assert_eq!(id_of(text, "ClientID"), None, "{text}");
        }
    }
}
