//! The remote-control tools that are known here, and where some of them keep their id or the leave to control.

use crate::inventory::product::Product;

const fn tool(
    name: &'static str,
    packages: &'static [&'static str],
    services: &'static [&'static str],
    files: &'static [&'static str],
    processes: &'static [&'static str],
) -> Product {
    Product { name, packages, services, files, processes }
}

const ZABBIX: &str = "Zabbix agent";
const TEAMVIEWER: &str = "TeamViewer";
const ANYDESK: &str = "AnyDesk";

/// Every tool: name, packages, services, files, processes.
#[rustfmt::skip]
pub const TABLE: &[Product] = &[
    // Remote desktops and support.
    tool(TEAMVIEWER, &["teamviewer", "teamviewer-host"], &["teamviewerd"], &["opt/teamviewer/tv_bin/teamviewerd"], &["teamviewerd"]),
    tool(ANYDESK, &["anydesk"], &["anydesk"], &["usr/bin/anydesk"], &["anydesk"]),
    tool("RustDesk", &["rustdesk"], &["rustdesk"], &["usr/bin/rustdesk", "usr/lib/rustdesk/rustdesk"], &["rustdesk"]),
    tool("HopToDesk", &["hoptodesk"], &["hoptodesk"], &["usr/bin/hoptodesk"], &["hoptodesk"]),
    tool("Splashtop Streamer", &["splashtop-streamer"], &["SRStreamer"], &["opt/splashtop-streamer/SRStreamer"], &["SRStreamer", "SRAgent"]),
    tool("ScreenConnect", &[], &[], &["opt/screenconnect-*", "opt/connectwisecontrol-*"], &[]),
    tool("BeyondTrust", &[], &[], &["opt/bomgar-scc-*", "opt/beyondtrust/jumpclient-*"], &["bomgar-scc"]),
    tool("ISL Online", &[], &["ISLAlwaysOn"], &["opt/ISLOnline/ISLAlwaysOn", "opt/ISL Online"], &["ISLAlwaysOn"]),
    tool("Getscreen.me", &["getscreen.me"], &["getscreen.me"], &["opt/getscreen.me/getscreen.me"], &["getscreen.me"]),
    tool("DWAgent", &[], &["dwagent"], &["usr/share/dwagent/native/dwagsvc"], &["dwagsvc", "dwagent"]),
    tool("NoMachine", &["nomachine", "nomachine-enterprise-desktop"], &["nxserver"], &["usr/NX/bin/nxserver"], &["nxserver.bin", "nxd"]),
    tool("Chrome Remote Desktop", &["chrome-remote-desktop"], &[], &["opt/google/chrome-remote-desktop/chrome-remote-desktop-host"], &["chrome-remote-desktop-host"]),
    tool("xrdp", &["xrdp"], &["xrdp"], &["usr/sbin/xrdp"], &["xrdp"]),
    tool("X2Go", &["x2goserver"], &["x2goserver"], &["usr/sbin/x2gocleansessions"], &["x2gocleansessions"]),
    tool("GNOME Remote Desktop", &[], &[], &["etc/systemd/system/graphical.target.wants/gnome-remote-desktop.service"], &["gnome-remote-desktop-daemon"]),
    tool("RealVNC Server", &["realvnc-vnc-server"], &["vncserver-x11-serviced"], &["usr/bin/vncserver-x11"], &["vncserver-x11-serviced", "vncserver-x11-core"]),
    tool("TigerVNC", &["tigervnc-standalone-server", "tigervnc-scraping-server", "tigervnc-server", "tigervnc-server-minimal"], &[], &["usr/bin/Xtigervnc", "usr/bin/x0vncserver"], &["Xtigervnc", "x0tigervncserver", "x0vncserver"]),
    tool("TightVNC", &["tightvncserver"], &[], &["usr/bin/Xtightvnc"], &["Xtightvnc"]),
    tool("x11vnc", &["x11vnc"], &["x11vnc"], &["usr/bin/x11vnc"], &["x11vnc"]),
    tool("Teleport", &["teleport", "teleport-ent"], &["teleport"], &["usr/local/bin/teleport"], &["teleport"]),
    // Agents of management services.
    tool("MeshAgent", &[], &["meshagent"], &["usr/local/mesh_services/meshagent/meshagent", "usr/local/mesh/meshagent", "opt/meshagent/meshagent"], &["meshagent"]),
    tool("Tactical RMM agent", &[], &["tacticalagent"], &["usr/local/bin/tacticalagent", "etc/tacticalagent"], &["tacticalagent"]),
    tool("NinjaOne agent", &["ninjarmm-agent", "ninjarmm-ninjarmm-linagent"], &["ninjarmm-agent"], &["opt/NinjaRMMAgent/programfiles"], &["ninjarmm-linagent"]),
    tool("N-able agent", &["nagent", "n-central-agent"], &["nagent", "N-Central-Agent"], &["usr/local/nagent", "opt/nable", "usr/local/rmmagent"], &["nagent", "rmmagentd"]),
    tool("Atera agent", &["ateraagent"], &["AteraAgent"], &["opt/Atera/AteraAgent", "usr/lib/AteraAgent"], &["AteraAgent"]),
    tool("Datto RMM agent", &[], &["CagService"], &["opt/CentraStage/CagService", "usr/local/share/CentraStage"], &["CagService"]),
    tool("ConnectWise Automate agent", &[], &["ltechagent"], &["usr/local/ltechagent/ltechagent"], &["ltechagent"]),
    tool("Kaseya agent", &[], &["kagent"], &["opt/Kaseya"], &["KaseyaAgentEndpoint", "kagent"]),
    tool("ManageEngine agent", &[], &["dcservice"], &["usr/local/manageengine/uems_agent", "usr/local/desktopcentralagent"], &["dcservice"]),
    tool("Level agent", &[], &["level"], &["usr/local/bin/level"], &["level"]),
    tool("Action1 agent", &[], &["action1_agent"], &["opt/Action1"], &["action1_agent"]),
    tool("AWS Systems Manager agent", &["amazon-ssm-agent"], &["amazon-ssm-agent"], &["usr/bin/amazon-ssm-agent"], &["amazon-ssm-agent"]),
    tool("Azure Arc agent", &["azcmagent"], &["himdsd"], &["opt/azcmagent/bin/azcmagent"], &["himds"]),
    tool("Landscape client", &["landscape-client"], &["landscape-client"], &["usr/bin/landscape-client"], &["landscape-client"]),
    tool(ZABBIX, &["zabbix-agent", "zabbix-agent2"], &["zabbix-agent", "zabbix-agent2"], &["usr/sbin/zabbix_agentd", "usr/sbin/zabbix_agent2"], &["zabbix_agentd", "zabbix_agent2"]),
    // Agents of configuration management.
    tool("Salt minion", &["salt-minion"], &["salt-minion"], &["usr/bin/salt-minion"], &["salt-minion"]),
    tool("Puppet agent", &["puppet-agent", "puppet"], &["puppet"], &["opt/puppetlabs/bin/puppet"], &["puppet", "pxp-agent"]),
    tool("Chef client", &["chef"], &["chef-client"], &["opt/chef/bin/chef-client"], &["chef-client"]),
    tool("CFEngine agent", &["cfengine-community", "cfengine-nova"], &["cf-execd"], &["var/cfengine/bin/cf-agent"], &["cf-execd"]),
];

/// Where a tool keeps the id that it gave this machine: tool, files, key.
pub const IDS: &[(&str, &[&str], &str)] = &[
    (TEAMVIEWER, &["etc/teamviewer/global.conf", "opt/teamviewer/config/global.conf"], "ClientID"),
    (ANYDESK, &["etc/anydesk/system.conf", "etc/anydesk/service.conf"], "ad.anynet.id"),
];

/// Agents that control a machine only where a line of their settings begins so, blanks aside: tool, files, lines.
pub const ONLY_WITH: &[(&str, &[&str], &[&str])] = &[(
    ZABBIX,
    &[
        "etc/zabbix/zabbix_agentd.conf",
        "etc/zabbix/zabbix_agentd.d/*.conf",
        "etc/zabbix/zabbix_agentd.conf.d/*.conf",
        "etc/zabbix/zabbix_agent2.conf",
        "etc/zabbix/zabbix_agent2.d/*.conf",
    ],
    &["AllowKey=system.run", "EnableRemoteCommands=1"],
)];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_tool_stands_twice_and_each_leaves_a_sign() {
        let mut names: Vec<&str> = TABLE.iter().map(|tool| tool.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
        assert!(
            TABLE.iter().all(|tool| !tool.packages.is_empty() || !tool.services.is_empty() || !tool.files.is_empty())
        );
        assert!(TABLE.len() <= 64);
    }
}
