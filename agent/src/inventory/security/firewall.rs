//! The packet filters: what is set up, whether it guards what comes in, and how many rules it has. Whether the rules are
//! wise is not judged.

use wacht_proto::v1::SecurityProduct;

use crate::inventory::child::Program;
use crate::inventory::notes::Notes;
use crate::inventory::product::{Product, present};
use crate::inventory::root::Root;

const UFW: Product =
    Product { name: "ufw", packages: &["ufw"], services: &["ufw"], files: &["etc/ufw/ufw.conf"], processes: &[] };
const FIREWALLD: Product = Product {
    name: "firewalld",
    packages: &["firewalld"],
    services: &["firewalld"],
    files: &["etc/firewalld/firewalld.conf"],
    processes: &["firewalld"],
};
const NFTABLES: Product = Product {
    name: "nftables",
    packages: &["nftables"],
    services: &["nftables"],
    files: &["usr/sbin/nft"],
    processes: &[],
};

/// Every packet filter of this machine.
pub fn firewalls(root: &Root, notes: &mut Notes) -> Vec<SecurityProduct> {
    let mut rows: Vec<SecurityProduct> = present(root, [&UFW, &FIREWALLD, &NFTABLES], notes)
        .into_iter()
        .filter_map(|(product, presence)| {
            let (state, rules) = match product.name {
                "ufw" => ufw(root, notes),
                "firewalld" => (firewalld(root, presence.running), 0),
                _ => nftables(root, notes)?,
            };
            Some(row(product.name, presence.version, state, rules))
        })
        .collect();
    rows.extend(iptables(root, notes));
    rows
}

fn row(name: &str, version: String, state: &str, rules: u32) -> SecurityProduct {
    let (name, state) = (name.to_owned(), state.to_owned());
    SecurityProduct { name, kind: "firewall".to_owned(), version, state, rules, ..Default::default() }
}

fn ufw(root: &Root, notes: &mut Notes) -> (&'static str, u32) {
    let settings = root.text("etc/ufw/ufw.conf", notes).unwrap_or_default();
    let enabled = settings.lines().find_map(|line| line.trim().strip_prefix("ENABLED="));
    let state = match enabled.map(|value| value.trim_matches('"').eq_ignore_ascii_case("yes")) {
        Some(true) => "active",
        Some(false) => "inactive",
        None => "",
    };
    let count = |path| {
        let rules = root.text(path, notes).unwrap_or_default();
        rules.lines().filter(|line| line.starts_with("### tuple ###")).count() as u32
    };
    (state, ["etc/ufw/user.rules", "etc/ufw/user6.rules"].map(count).iter().sum())
}

fn firewalld(root: &Root, running: Option<bool>) -> &'static str {
    let exists = |path| root.exists(path);
    match running {
        Some(true) => "active",
        Some(false) => "inactive",
        // A tree without processes still says what was started at boot.
        None if exists("run/firewalld") || exists("run/firewalld.pid") => "active",
        None if exists("etc/systemd/system/multi-user.target.wants/firewalld.service") => "active",
        None => "",
    }
}

/// Nothing where it would not tell: a filter without a state would read as one that was switched off.
fn nftables(root: &Root, notes: &mut Notes) -> Option<(&'static str, u32)> {
    if !root.has_program(Program::Nft) {
        return Some(("", 0));
    }
    root.output(Program::Nft, &["list", "ruleset"], notes).map(|text| ruleset(&text))
}

/// State and number of rules of a rule set: active where a chain that what comes in must pass drops by itself or has a
/// rule. Rules that a ban of single addresses put there guard nothing else.
fn ruleset(text: &str) -> (&'static str, u32) {
    let (mut depth, mut in_chain, mut on_input, mut guards, mut rules) = (0_usize, false, false, false, 0_u32);
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#')) {
        if line == "}" {
            depth = depth.saturating_sub(1);
            in_chain &= depth > 1;
        } else if line.ends_with('{') {
            depth += 1;
            if depth == 2 {
                (in_chain, on_input) = (line.starts_with("chain "), false);
            }
        } else if in_chain && line.starts_with("type ") {
            on_input = line.starts_with("type filter ") && line.contains(" hook input ");
            guards |= on_input && line.contains("policy drop");
        } else if in_chain && depth == 2 {
            rules = rules.saturating_add(1);
            guards |= on_input && !line.contains("f2b-");
        }
    }
    (if guards { "active" } else { "inactive" }, rules)
}

/// The older filter, which tells only its tables: the rules that are loaded at boot stand in a file.
fn iptables(root: &Root, notes: &mut Notes) -> Option<SecurityProduct> {
    let tables = root.text("proc/net/ip_tables_names", notes);
    let saved: Vec<String> =
        ["etc/iptables/rules.v4", "etc/iptables/rules.v6", "etc/sysconfig/iptables", "etc/sysconfig/ip6tables"]
            .into_iter()
            .filter_map(|path| root.text(path, notes))
            .collect();
    let rules = saved.iter().flat_map(|text| text.lines()).filter(|line| line.starts_with("-A ")).count() as u32;
    let filters = tables.as_deref().is_some_and(|text| text.lines().any(|table| table == "filter"));
    let state = if filters && rules > 0 { "active" } else { "" };
    (filters || !saved.is_empty()).then(|| row("iptables", String::new(), state, rules))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: &str = "# Warning: table ip filter is managed by iptables-nft, do not touch!
table inet filter {
\tset blocked {
\t\ttype ipv4_addr
\t\telements = { 192.0.2.1,
\t\t\t     192.0.2.2 }
\t}

\tchain input {
\t\ttype filter hook input priority filter; policy POLICY;
\t\tRULE
\t}
\tchain forward {
\t\ttype filter hook forward priority filter; policy drop;
\t\ttcp dport { 22, 80 } accept
\t}
}
table ip nat {
\tchain prerouting {
\t\ttype nat hook prerouting priority dstnat; policy accept;
\t}
}\n";

    #[test]
    fn a_rule_set_is_active_where_it_guards_what_comes_in() {
        let with = |policy: &str, rule: &str| ruleset(&RULES.replace("POLICY", policy).replace("RULE", rule));
        assert_eq!(with("drop", ""), ("active", 1));
        assert_eq!(with("accept", "ct state invalid drop"), ("active", 2));
        assert_eq!(with("accept", "jump f2b-sshd"), ("inactive", 2));
        assert_eq!(with("accept", ""), ("inactive", 1));
        assert_eq!(ruleset("}\n}\n{\nchain\n{ {"), ("inactive", 0));
    }

    #[test]
    fn a_filter_that_would_not_tell_has_no_row() {
        let folder = tempfile::tempdir().unwrap();
        let root = Root::at(folder.path());
        assert_eq!(nftables(&root, &mut Notes::default()), Some(("", 0)));
        std::fs::create_dir_all(folder.path().join("commands/nft")).unwrap();
        assert_eq!(nftables(&root, &mut Notes::default()), None);
    }

    #[test]
    fn each_filter_tells_its_state_by_its_own_settings() {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in [
            ("etc/ufw/ufw.conf", "# comment\nENABLED=yes\nLOGLEVEL=low\n"),
            ("etc/ufw/user.rules", "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n-A ufw-user-input\n"),
            ("etc/firewalld/firewalld.conf", ""),
            ("usr/sbin/nft", ""),
            ("commands/nft/list_ruleset", "table inet filter {\n}\n"),
            ("proc/net/ip_tables_names", "nat\nfilter\n"),
        ] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let rows = firewalls(&Root::at(folder.path()), &mut Notes::default());
        let shown: Vec<_> = rows.iter().map(|row| (row.name.as_str(), row.state.as_str(), row.rules)).collect();
        assert_eq!(
            shown,
            [("ufw", "active", 1), ("firewalld", "", 0), ("nftables", "inactive", 0), ("iptables", "", 0)]
        );
    }
}
