//! Promises of drift.

use super::*;

fn written(host: &Host, class: Class, name: &str, facts: &[(&str, Value)]) -> BaselineItem {
    let item = item(host, class, name, facts);
    let class = CiClass::Observed(class);
    BaselineItem { item: item.id, host: Some(host.id), class, name: item.name, facts: item.fields }
}

#[test]
fn drift_is_what_came_went_and_changed_and_nothing_volatile() {
    let host = host(CustomerId::new(), SiteId::new(), "srv-1");
    let before = vec![
        written(&host, Class::Computer, "srv-1", &[("product", text("R650"))]),
        written(&host, Class::Disk, "sda", &[("serial", text("A")), ("name", text("sda"))]),
        written(&host, Class::Memory, "A1", &[]),
        written(&host, Class::Service, "nginx", &[("state", text("running"))]),
        written(&host, Class::Update, "updates", &[("pending", Value::Integer(3))]),
        written(&host, Class::Software, "bash", &[("version", text("5.1"))]),
        written(&host, Class::Software, "vim", &[("version", text("9"))]),
    ];
    let mut now = before.clone();
    now[1].facts.insert("name".into(), text("sdb"));
    now[3].facts.insert("state".into(), text("stopped"));
    now[4].facts.insert("pending".into(), Value::Integer(9));
    assert_eq!(drift(&before, &now, 6), Drift { unchanged: 6, ..Drift::default() });
    now[1].facts.insert("serial".into(), text("B"));
    now[5].facts.insert("version".into(), text("5.2"));
    now.remove(6);
    now.remove(2);
    now.push(written(&host, Class::Display, "dell", &[]));
    now.push(written(&host, Class::Software, "git", &[]));
    now.push(written(&host, Class::Neighbour, "10.0.0.9", &[]));
    let drift = drift(&before, &now, 6);
    assert_eq!(drift.unchanged, 2);
    let rows: Vec<_> = drift.rows.iter().map(|row| (row.kind, row.name.as_str())).collect();
    assert_eq!(rows, [(ChangeKind::Removed, "A1"), (ChangeKind::Changed, "sda"), (ChangeKind::Added, "dell")]);
    assert_eq!(drift.rows[1].fields, [("serial".to_owned(), Some(text("A")), Some(text("B")))]);
    let software = &drift.counted[0];
    assert_eq!((drift.counted.len(), software.class), (1, Class::Software));
    assert_eq!((software.added, software.removed, software.changed), (1, 1, 1));
    assert_eq!(software.names, ["bash", "git", "vim"]);
}

#[test]
fn a_machine_that_came_as_a_whole_is_one_row() {
    let host = host(CustomerId::new(), SiteId::new(), "srv-1");
    let there = [
        written(&host, Class::Computer, "srv-1", &[]),
        written(&host, Class::Disk, "sda", &[]),
        written(&host, Class::Software, "bash", &[]),
    ];
    let came = drift(&[], &there, 0);
    assert_eq!((came.rows.len(), came.rows[0].kind, came.rows[0].with), (1, ChangeKind::Added, 2));
    let went = drift(&there, &[], 3);
    assert_eq!((went.rows.len(), went.rows[0].kind, went.rows[0].with), (1, ChangeKind::Removed, 2));
    assert_eq!((went.counted.len(), went.unchanged), (0, 0));
}

#[test]
fn updates_and_leases_are_counted_and_a_new_system_is_listed() {
    let host = host(CustomerId::new(), SiteId::new(), "srv-1");
    let before = vec![
        written(&host, Class::OperatingSystem, "Debian 12", &[("version", text("12.5")), ("kernel", text("6.1.0-18"))]),
        written(&host, Class::Interface, "eth0", &[("addresses", Value::List(vec!["10.0.0.7/24".into()]))]),
        written(&host, Class::User, "ann", &[("administrator", Value::Flag(false))]),
    ];
    let mut now = before.clone();
    now[0].facts.insert("kernel".into(), text("6.1.0-25"));
    now[1].facts.insert("addresses".into(), Value::List(vec!["10.0.0.8/24".into()]));
    now[2].facts.insert("administrator".into(), Value::Flag(true));
    let minor = drift(&before, &now, 3);
    assert!(minor.rows.is_empty());
    let counted: Vec<_> = minor.counted.iter().map(|one| (one.class, one.changed, one.names.join(","))).collect();
    let wanted = [(Class::OperatingSystem, "Debian 12"), (Class::Interface, "eth0"), (Class::User, "ann")];
    assert_eq!(counted, wanted.map(|(class, name)| (class, 1, name.to_owned())));
    now[0].name = "Debian 13".into();
    now[1].facts.insert("mac".into(), text("00:00:5e:00:00:09"));
    let major = drift(&before, &now, 3);
    let rows: Vec<_> = major.rows.iter().map(|row| (row.name.as_str(), row.fields.len())).collect();
    assert_eq!(rows, [("Debian 13", 1), ("eth0", 2)]);
}
