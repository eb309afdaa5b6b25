//! Antivirus, endpoint detection and intrusion prevention: the products that are known here, one row each. Their own
//! consoles say whether they are content; here it counts that they are there and run.

use wacht_proto::v1::SecurityProduct;

use crate::inventory::notes::Notes;
use crate::inventory::product::{Product, present};
use crate::inventory::root::Root;

const ANTIVIRUS: &str = "antivirus";
const DETECTION: &str = "endpoint_detection";
const PREVENTION: &str = "intrusion_prevention";

const CLAMAV: &str = "ClamAV";

/// Kind; name; packages; services; files; processes.
type Row = (
    &'static str,
    &'static str,
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
    &'static [&'static str],
);

#[rustfmt::skip]
const TABLE: &[Row] = &[
    (ANTIVIRUS, CLAMAV, &["clamav-daemon", "clamd", "clamav"], &["clamav-daemon"], &["usr/sbin/clamd", "usr/bin/clamscan"], &["clamd"]),
    (ANTIVIRUS, "Microsoft Defender for Endpoint", &["mdatp"], &["mdatp"], &["opt/microsoft/mdatp/sbin/wdavdaemon"], &["wdavdaemon"]),
    (ANTIVIRUS, "ESET Endpoint Antivirus", &["eea"], &["eea"], &["opt/eset/eea/sbin/startd"], &["oaeventd", "odfeeder", "eea_oaeventd"]),
    (ANTIVIRUS, "ESET Server Security", &["efs"], &["efs"], &["opt/eset/efs/sbin/startd"], &["oaeventd", "odfeeder"]),
    (ANTIVIRUS, "ESET File Security", &["esets"], &["esets"], &["opt/eset/esets/sbin/esets_daemon"], &["esets_daemon"]),
    (ANTIVIRUS, "Sophos Protection", &[], &["sophos-spl"], &["opt/sophos-spl/base/bin"], &["sophos_watchdog"]),
    (ANTIVIRUS, "Sophos Anti-Virus", &[], &["sav-protect"], &["opt/sophos-av/bin"], &["savd"]),
    (ANTIVIRUS, "Trend Micro Deep Security", &["ds-agent", "ds_agent"], &["ds_agent"], &["opt/ds_agent/ds_agent"], &["ds_agent"]),
    (ANTIVIRUS, "Trend Micro ServerProtect", &["SProtectLinux"], &["splx"], &["opt/TrendMicro/SProtectLinux"], &["splxd", "vsapiapp"]),
    (ANTIVIRUS, "Bitdefender Endpoint Security Tools", &["bitdefender-security-tools"], &["bdsec"], &["opt/bitdefender-security-tools/bin"], &["bdsecd", "epagd"]),
    (ANTIVIRUS, "Kaspersky Endpoint Security", &["kesl", "kesl-astra"], &["kesl"], &["opt/kaspersky/kesl/libexec/kesl"], &["kesl"]),
    (ANTIVIRUS, "WithSecure Linux Security", &["f-secure-linuxsecurity", "withsecure-linuxsecurity"], &[], &["opt/f-secure/linuxsecurity", "opt/withsecure/linuxsecurity"], &[]),
    (ANTIVIRUS, "Trellix Endpoint Security", &["McAfeeTP", "mcafeetp"], &["mfetpd"], &["opt/McAfee/ens/tp/bin", "opt/isec/ens/threatprevention/bin"], &["mfetpd"]),
    (ANTIVIRUS, "Symantec Endpoint Protection", &["sdcss-sepagent", "sep"], &["sisamdagent"], &["opt/Symantec/sdcssagent", "opt/Symantec/symantec_antivirus"], &["sisamddaemon", "rtvscand"]),
    (ANTIVIRUS, "Dr.Web", &["drweb-configd"], &["drweb-configd"], &["opt/drweb.com/bin/drweb-configd"], &["drweb-configd"]),
    (DETECTION, "CrowdStrike Falcon", &["falcon-sensor"], &["falcon-sensor"], &["opt/CrowdStrike/falconctl"], &["falcon-sensor", "falcon-sensor-bpf"]),
    (DETECTION, "SentinelOne", &["sentinelagent", "SentinelAgent"], &["sentinelone"], &["opt/sentinelone/bin/sentinelctl"], &["s1-agent", "s1-orchestrator"]),
    (DETECTION, "Cortex XDR", &["cortex-agent"], &["traps_pmd"], &["opt/traps/bin/cytool"], &["pmd"]),
    (DETECTION, "VMware Carbon Black", &["cb-psc-sensor"], &["cbagentd"], &["opt/carbonblack/psc/bin/cbagentd"], &["cbagentd"]),
    (DETECTION, "Elastic Defend", &[], &["ElasticEndpoint"], &["opt/Elastic/Endpoint/elastic-endpoint"], &["elastic-endpoint"]),
    (DETECTION, "Cybereason", &["cybereason-sensor"], &["cybereason-sensor"], &["opt/cybereason/sensor"], &["cybereason-sensor"]),
    (DETECTION, "CylancePROTECT", &["CylancePROTECT", "cylance-protect"], &["cylancesvc"], &["opt/cylance/desktop/cylancesvc"], &["cylancesvc"]),
    (DETECTION, "Trend Micro Vision One", &[], &["tmxbc"], &["opt/TrendMicro/EndpointBasecamp"], &["tmxbc"]),
    (DETECTION, "Wazuh agent", &["wazuh-agent"], &["wazuh-agent"], &["var/ossec/bin/wazuh-agentd"], &["wazuh-agentd"]),
    (DETECTION, "OSSEC agent", &["ossec-hids-agent"], &["ossec-hids-agent"], &["var/ossec/bin/ossec-agentd"], &["ossec-agentd"]),
    (DETECTION, "Rapid7 Insight Agent", &["rapid7-insight-agent"], &["ir_agent"], &["opt/rapid7/ir_agent/ir_agent"], &["ir_agent"]),
    (PREVENTION, "Fail2ban", &["fail2ban"], &["fail2ban"], &["etc/fail2ban/fail2ban.conf"], &["fail2ban-server"]),
    (PREVENTION, "CrowdSec", &["crowdsec"], &["crowdsec"], &["etc/crowdsec/config.yaml"], &["crowdsec"]),
];

/// Every protection that is known here and present.
pub fn protections(root: &Root, notes: &mut Notes) -> Vec<SecurityProduct> {
    let products: Vec<Product> = TABLE
        .iter()
        .map(|&(_, name, packages, services, files, processes)| Product { name, packages, services, files, processes })
        .collect();
    let kind = |name: &str| TABLE.iter().find(|row| row.1 == name).map_or("", |row| row.0);
    let found = present(root, &products, notes);
    let rows = found.into_iter().map(|(product, presence)| SecurityProduct {
        name: product.name.to_owned(),
        kind: kind(product.name).to_owned(),
        version: presence.version,
        state: presence.running.map_or("", |running| if running { "active" } else { "inactive" }).to_owned(),
        signatures_date: if product.name == CLAMAV { signatures_date(root) } else { String::new() },
        rules: 0,
    });
    rows.collect()
}

/// The date of the daily signatures, whichever of the two files is newer.
fn signatures_date(root: &Root) -> String {
    let files = ["var/lib/clamav/daily.cld", "var/lib/clamav/daily.cvd"];
    let dates = files.iter().filter_map(|path| header_date(&root.value(path)?));
    dates.max().unwrap_or_default()
}

/// `ClamAV-VDB:16 Mar 2021 08-32 -0500:26110:…` as `2021-03-16`; the rest of the file is packed.
fn header_date(header: &str) -> Option<String> {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let mut words = header.strip_prefix("ClamAV-VDB:")?.split_ascii_whitespace();
    let (day, month, year) = (words.next()?, words.next()?, words.next()?);
    let (day, year): (u8, u16) = (day.parse().ok()?, year.parse().ok()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let sound = (1..=31).contains(&day) && (2000..=2199).contains(&year);
    sound.then(|| format!("{year}-{month:02}-{day:02}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_product_stands_twice_and_each_leaves_a_sign() {
        let mut names: Vec<&str> = TABLE.iter().map(|row| row.1).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), TABLE.len());
        assert!(TABLE.iter().all(|row| !row.2.is_empty() || !row.3.is_empty() || !row.4.is_empty()));
        assert!(TABLE.len() < 56, "with firewalls and access control the section has 64 rows");
    }

    #[test]
    fn the_signatures_tell_their_date() {
        let folder = tempfile::tempdir().unwrap();
        let clamav = folder.path().join("var/lib/clamav");
        std::fs::create_dir_all(&clamav).unwrap();
        std::fs::write(clamav.join("daily.cvd"), b"ClamAV-VDB:07 Mar 2026 08-32 -0500:27900:1:x\xff").unwrap();
        std::fs::write(clamav.join("daily.cld"), "ClamAV-VDB:16 Mar 2026 08-32 -0500:27910:1:x").unwrap();
        std::fs::create_dir_all(folder.path().join("usr/sbin")).unwrap();
        std::fs::write(folder.path().join("usr/sbin/clamd"), "").unwrap();
        let rows = protections(&Root::at(folder.path()), &mut Notes::default());
        let shown: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.signatures_date.as_str())).collect();
        assert_eq!(shown, [(CLAMAV, "2026-03-16")]);
        assert_eq!(header_date("ClamAV-VDB:99 Mar 2026 x"), None);
    }
}
