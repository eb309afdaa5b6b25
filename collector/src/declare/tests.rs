//! Promises of what people declare: authority, fields, life and replacement here; tables, coverage and drift beside it.

mod covered;
mod drifted;
mod tables;

use super::*;
use crate::model::*;
use jiff::Timestamp;
use jiff::civil::date;

const NOW: &str = "2026-12-01T12:00:00Z";

fn now() -> Timestamp {
    NOW.parse().unwrap()
}

fn hand() -> Hand {
    Hand { actor: "ann".into(), now: now(), today: date(2026, 12, 1) }
}

fn site(customer: CustomerId, name: &str) -> Site {
    let card = SiteCard::default();
    Site { id: SiteId::new(), customer, name: name.into(), card, created_at: now(), intake_ended_at: None }
}

fn thing(customer: CustomerId, class: DeclaredClass, name: &str, fields: &[(&str, &str)]) -> Ci {
    let state = (LifeState::Active, date(2026, 1, 1));
    let mut edit = add((ItemId::new(), customer), class, name, None, state, &hand()).unwrap();
    for (field, value) in fields {
        edit.put(field, value).unwrap();
    }
    Ci { declared: edit.declared, observed: None }
}

fn host(customer: CustomerId, site: SiteId, name: &str) -> Host {
    Host {
        id: HostId::new(),
        customer,
        site,
        name: name.into(),
        role: Role::Server,
        admission: Admission::Active,
        presence: Presence::Online,
        enrolled_at: "2026-01-01T00:00:00Z".parse().unwrap(),
        last_report_at: Some(now()),
        last_heard_at: Some(now()),
        agent_version: String::new(),
        interval_s: 60,
    }
}

fn item(host: &Host, class: Class, key: &str, fields: &[(&str, Value)]) -> Item {
    Item {
        id: ItemId::new(),
        customer: host.customer,
        host: host.id,
        class,
        key: key.into(),
        name: key.into(),
        fields: fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect(),
        first_seen_at: now(),
        gone_at: None,
    }
}

fn text(value: &str) -> Value {
    Value::Text(value.into())
}

fn machine(fields: &[(&str, Value)]) -> Ci {
    let host = host(CustomerId::new(), SiteId::new(), "srv-1");
    Ci::silent(item(&host, Class::Computer, "srv-1", fields))
}

#[test]
fn both_sides_of_a_fact_are_shown_where_they_differ_and_nothing_is_overwritten() {
    let mut ci = machine(&[("serial", text("CZ1A")), ("product", text("PowerEdge  R650"))]);
    let mut edit = Edit::new(ci.declared.clone(), &hand());
    edit.put("serial", "XX9").unwrap();
    edit.put("model", "poweredge r650").unwrap();
    edit.put("owner", "Joris").unwrap();
    ci.declared = edit.declared;
    let found = conflicts(&ci, true);
    assert_eq!(found, [Conflict { field: "serial".into(), declared: "XX9".into(), observed: "CZ1A".into() }]);
    assert_eq!(ci.observed.as_ref().unwrap().fields["serial"], text("CZ1A"));
    assert_eq!(ci.declared.fields["serial"], "XX9");
}

#[test]
fn any_of_the_typed_serials_may_agree() {
    let mut ci = machine(&[("serial", text("CZ1A")), ("chassis_serial", text("CH-7"))]);
    ci.declared.fields.insert("serial".into(), "ch-7".into());
    assert!(conflicts(&ci, true).is_empty());
}

#[test]
fn a_machine_that_reports_contradicts_that_it_is_retired() {
    let mut ci = machine(&[]);
    ci.declared.state = LifeState::Retired;
    assert_eq!(conflicts(&ci, true)[0].field, "state");
    assert!(conflicts(&ci, false).is_empty());
}

#[test]
fn name_and_site_of_an_observed_item_are_not_for_people() {
    let ci = machine(&[]);
    let mut edit = Edit::new(ci.declared, &hand());
    assert!(edit.rename("other").is_err());
    assert!(edit.place(None, None).is_err());
    assert!(edit.changes.is_empty());
}

#[test]
fn a_life_goes_forward_and_ends_with_disposal() {
    use LifeState::{Active, Disposed, Missing, Ordered, Retired, Spare};
    for (from, to) in [(Ordered, Spare), (Spare, Active), (Active, Missing), (Missing, Active), (Active, Retired)] {
        assert!(may_become(from, to), "{from:?} {to:?}");
    }
    assert!(may_become(Retired, Disposed) && may_become(Retired, Spare));
    for (from, to) in [(Active, Ordered), (Active, Disposed), (Retired, Active), (Ordered, Retired)] {
        assert!(!may_become(from, to), "{from:?} {to:?}");
    }
    assert!(LifeState::ALL.iter().all(|to| !may_become(Disposed, *to)));
}

#[test]
fn a_state_has_a_day_that_has_begun_and_is_not_before_the_last_one() {
    let ci = thing(CustomerId::new(), DeclaredClass::Ups, "ups", &[]);
    let edit = || Edit::new(ci.declared.clone(), &hand());
    assert!(edit().go(LifeState::Retired, date(2025, 12, 31)).is_err());
    assert!(edit().go(LifeState::Retired, date(2027, 1, 1)).is_err());
    let mut good = edit();
    good.go(LifeState::Retired, date(2026, 11, 30)).unwrap();
    let fields: Vec<&str> = good.changes.iter().map(|change| change.field.as_str()).collect();
    assert_eq!(fields, ["state", "state_since"]);
    assert_eq!(good.changes[0].actor, "ann");
}

#[test]
fn values_are_held_to_their_form() {
    let ci = thing(CustomerId::new(), DeclaredClass::Firewall, "fw", &[]);
    let mut edit = Edit::new(ci.declared, &hand());
    let bad = [
        ("criticality", "extreme"),
        ("purchased_on", "1/2/2026"),
        ("mac", "no-mac"),
        ("serial", "a\nb"),
        ("Free", "x"),
        ("state", "active"),
        ("owner", &"x".repeat(501)),
    ];
    for (field, value) in bad {
        assert!(edit.put(field, value).is_err(), "{field}");
    }
    edit.put("criticality", "HIGH").unwrap();
    edit.put("mac", "00-1A-2B-3C-4D-5E; 001a.2b3c.4d5f").unwrap();
    edit.put("note", "one\r\ntwo").unwrap();
    edit.put("rack_unit", " 12 ").unwrap();
    edit.put("owner", "  ").unwrap();
    let fields = &edit.declared.fields;
    assert_eq!((fields["criticality"].as_str(), fields["rack_unit"].as_str()), ("high", "12"));
    assert_eq!(fields["mac"], "00:1a:2b:3c:4d:5e, 00:1a:2b:3c:4d:5f");
    assert_eq!(fields["note"], "one\ntwo");
    assert!(!fields.contains_key("owner"));
}

#[test]
fn what_replaces_takes_the_person_and_leaves_what_tells_of_the_thing() {
    let customer = CustomerId::new();
    let sites = [site(customer, "Utrecht")];
    let facts = [("owner", "Joris"), ("criticality", "high"), ("serial", "OLD"), ("warranty_ends_on", "2026-12-31")];
    let mut old = thing(customer, DeclaredClass::Firewall, "fw-old", &facts);
    old.declared.site = Some(sites[0].id);
    let mut new = thing(customer, DeclaredClass::Firewall, "fw-new", &[("serial", "NEW"), ("owner", "stock")]);
    new.declared.state = LifeState::Spare;
    let (goes, comes) = replace(&old, &new, false, &sites, &hand()).unwrap();
    assert_eq!((goes.declared.state, comes.declared.state), (LifeState::Retired, LifeState::Active));
    assert_eq!(comes.declared.fields["owner"], "Joris");
    assert_eq!((comes.declared.fields["criticality"].as_str(), comes.declared.site), ("high", Some(sites[0].id)));
    assert_eq!((goes.declared.fields["serial"].as_str(), comes.declared.fields["serial"].as_str()), ("OLD", "NEW"));
    assert!(!comes.declared.fields.contains_key("warranty_ends_on") && !goes.declared.fields.contains_key("owner"));
    assert_eq!(goes.changes.last().unwrap().new, Some(new.declared.item.to_string()));
    assert_eq!(comes.changes.last().unwrap().field, "supersedes");
}

#[test]
fn what_cannot_replace_is_refused() {
    let customer = CustomerId::new();
    let (a, mut b) = (thing(customer, DeclaredClass::Ups, "a", &[]), thing(customer, DeclaredClass::Ups, "b", &[]));
    let foreign = thing(CustomerId::new(), DeclaredClass::Ups, "c", &[]);
    assert!(replace(&a, &a, false, &[], &hand()).is_err());
    assert!(replace(&a, &foreign, false, &[], &hand()).is_err());
    b.declared.state = LifeState::Disposed;
    assert!(replace(&a, &b, false, &[], &hand()).is_err());
    b.declared.state = LifeState::Retired;
    assert!(replace(&b, &a, true, &[], &hand()).is_err());
    assert!(replace(&b, &a, false, &[], &hand()).is_ok());
}

#[test]
fn words_of_declared_and_observed_classes_never_meet() {
    for class in DeclaredClass::ALL {
        assert!(Class::from_word(class.word()).is_none());
        assert_eq!(CiClass::from_word(class.word()), Some(CiClass::Declared(*class)));
        assert_eq!(serde_json::to_value(class).unwrap(), class.word());
    }
}
