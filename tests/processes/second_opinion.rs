//! This machine's inventory beside what other tools say of it. Where they differ, the reason stands here: the others
//! leave something out, or count something else.

use serde_json::Value;
use std::collections::BTreeSet;
use std::process::Command;
use wacht_tests::house::executables;
use wacht_tests::tell;

/// What a program prints; `None`, with a word, where it is not installed.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let Ok(output) = Command::new(program).args(arguments).output() else {
        tell(&format!("skipped: this comparison needs {program}"));
        return None;
    };
    Some(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn inventory() -> Option<Value> {
    let text = output(executables()?.join("wacht-agent").to_str()?, &["inventory", "--json"])?;
    Some(serde_json::from_str::<Value>(&text).expect("JSON")["sections"].clone())
}

fn texts(rows: &Value, field: &str) -> BTreeSet<String> {
    let rows = rows.as_array().into_iter().flatten();
    rows.filter_map(|row| row[field].as_str().filter(|text| !text.is_empty()).map(str::to_owned)).collect()
}

#[test]
fn packages_are_those_of_dpkg_query_by_name_version_and_architecture() {
    let format = "${db:Status-Status} ${Package} ${Version} ${Architecture}\\n";
    let Some(listed) = output("dpkg-query", &["-W", "-f", format]) else { return };
    let Some(sections) = inventory() else { return };
    let theirs: BTreeSet<String> =
        listed.lines().filter_map(|line| line.strip_prefix("installed ").map(str::to_owned)).collect();
    let rows = sections["software"].as_array().expect("software");
    let row = |row: &Value| {
        let text = |name: &str| row[name].as_str().unwrap_or_default().to_owned();
        format!("{} {} {}", text("name"), text("version"), text("architecture"))
    };
    let ours: BTreeSet<String> = rows.iter().filter(|row| row["source"] == "dpkg").map(row).collect();
    assert_eq!(ours.symmetric_difference(&theirs).collect::<Vec<_>>(), Vec::<&String>::new());
    tell(&format!("{} packages, the same as dpkg-query's", ours.len()));
}

/// Nodes of lshw's tree by class.
fn nodes<'a>(tree: &'a Value, class: &str, found: &mut Vec<&'a Value>) {
    if tree["class"] == class {
        found.push(tree);
    }
    let children = tree.as_array().or_else(|| tree["children"].as_array());
    children.into_iter().flatten().for_each(|child| nodes(child, class, found));
}

#[test]
fn processors_memory_disks_and_addresses_are_those_of_lshw() {
    let Some(listed) = output("lshw", &["-json", "-quiet"]) else { return };
    let Some(sections) = inventory() else { return };
    let tree: Value = serde_json::from_str(&listed).expect("lshw prints JSON");
    let of = |class: &str| {
        let mut found = Vec::new();
        nodes(&tree, class, &mut found);
        found
    };
    let name = |node: &&Value| node["product"].as_str().map(str::to_owned);
    let processors: BTreeSet<String> = of("processor").iter().filter_map(name).collect();
    assert_eq!(texts(&sections["cpu"], "model"), processors);
    memory(&of("memory"), &sections["memory"]);
    // lshw lists a disk by each of its names, and by what is mounted from it.
    let names = |node: &&Value| match &node["logicalname"] {
        Value::Array(names) => names.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect(),
        name => name.as_str().map(str::to_owned).into_iter().collect::<Vec<_>>(),
    };
    let device = |name: String| Some(name.strip_prefix("/dev/")?.to_owned());
    let disks: BTreeSet<String> =
        of("disk").iter().flat_map(names).filter_map(device).filter(|name| !name.starts_with("sr")).collect();
    assert_eq!(texts(&sections["disk"], "name"), disks);
    interfaces(&of("network"), &sections["interface"]);
}

/// lshw adds up memory blocks or modules; without modules the agent says what the kernel can use, a few per cent less.
fn memory(theirs: &[&Value], ours: &Value) {
    let theirs = theirs.iter().filter(|node| node["id"] == "memory").filter_map(|node| node["size"].as_u64()).sum();
    let modules = ours["modules"].as_array().into_iter().flatten();
    let installed: u64 = modules.filter_map(|module| module["size_bytes"].as_u64()).sum();
    let usable = ours["total_bytes"].as_u64().expect("total_bytes");
    tell(&format!("memory: lshw {theirs}, modules {installed}, usable {usable} bytes"));
    assert!(installed == theirs || (usable <= theirs && theirs - usable < theirs / 20));
}

/// lshw gives each interface one IPv4 address and no IPv6 ones, and leaves out those without hardware.
fn interfaces(theirs: &[&Value], ours: &Value) {
    for node in theirs.iter().filter(|node| node["logicalname"].is_string()) {
        let rows = ours.as_array().expect("interfaces");
        let row = rows.iter().find(|row| row["name"] == node["logicalname"]).expect("the interface");
        assert_eq!(row["mac"], node["serial"], "{node}");
        if let Some(address) = node["configuration"]["ip"].as_str() {
            assert!(texts_of(&row["addresses"]).iter().any(|own| own.split('/').next() == Some(address)), "{row}");
        }
    }
}

fn texts_of(list: &Value) -> Vec<&str> {
    list.as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

#[test]
fn accounts_addresses_and_processors_are_those_of_fusioninventory() {
    let Some(listed) = output("fusioninventory-inventory", &[]) else { return };
    let Some(sections) = inventory() else { return };
    assert_eq!(texts(&sections["user"], "name"), tags(&listed, "LOCAL_USERS", "LOGIN"));
    assert_eq!(texts(&sections["cpu"], "model"), tags(&listed, "CPUS", "NAME"));
    let count = |field: &str| {
        let rows = sections["cpu"].as_array().into_iter().flatten();
        rows.filter_map(|row| row[field].as_u64()).sum::<u64>()
    };
    let (cores, threads) = (tags(&listed, "CPUS", "CORE"), tags(&listed, "CPUS", "THREAD"));
    assert!(cores.contains(&count("cores").to_string()) || cores.len() > 1, "{cores:?}");
    assert!(!threads.is_empty());
    let mut theirs: BTreeSet<String> = tags(&listed, "NETWORKS", "IPADDRESS");
    theirs.extend(tags(&listed, "NETWORKS", "IPADDRESS6"));
    let rows = sections["interface"].as_array().expect("interfaces").iter();
    let ours: BTreeSet<String> = rows
        .flat_map(|row| texts_of(&row["addresses"]))
        .filter_map(|address| address.split('/').next().map(str::to_owned))
        .collect();
    assert_eq!(ours, theirs);
}

/// The texts of a tag within all elements of a name.
fn tags(xml: &str, element: &str, tag: &str) -> BTreeSet<String> {
    let start = format!("<{element}>");
    let bodies = xml.split(&start).skip(1);
    let body = |body: &str| {
        let body = body.split(&format!("</{element}>")).next()?;
        Some(body.split(&format!("<{tag}>")).nth(1)?.split('<').next()?.to_owned())
    };
    bodies.filter_map(body).collect()
}
