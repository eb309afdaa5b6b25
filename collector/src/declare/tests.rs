//! Promises of what people declare: authority, life, tables, replacement, coverage, drift.

use super::*;
use crate::model::*;
use jiff::Timestamp;
use jiff::civil::date;
use proptest::prelude::*;
use std::collections::HashMap;

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
    fields.iter().for_each(|(field, value)| edit.put(field, value).unwrap());
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

struct Shop {
    customer: CustomerId,
    sites: Vec<Site>,
    cis: Vec<Ci>,
    hosts: HashMap<HostId, SiteId>,
}

impl Shop {
    fn new(cis: Vec<Ci>, customer: CustomerId) -> Self {
        let sites = vec![site(customer, "Utrecht"), site(customer, "Ede")];
        let hosts = cis.iter().filter_map(|ci| Some((ci.declared.host?, sites[0].id))).collect();
        Self { customer, sites, cis, hosts }
    }

    fn place(&self, ci: &Ci) -> Option<SiteId> {
        ci.declared.site.or_else(|| self.hosts.get(&ci.declared.host?).copied())
    }

    fn export(&self) -> String {
        let names = self.sites.iter().map(|site| (site.id, site.name.as_str())).collect();
        export(&self.cis, &names, &|ci| self.place(ci)).unwrap()
    }

    fn plan(&self, text: &str) -> Result<Preview, Refused> {
        let place = |ci: &Ci| self.place(ci);
        plan(text, &Books { customer: self.customer, cis: &self.cis, sites: &self.sites, place: &place }, &hand())
    }

    fn apply(&mut self, preview: Preview) {
        for edit in preview.edits {
            match self.cis.iter_mut().find(|ci| ci.declared.item == edit.declared.item) {
                Some(ci) => ci.declared = edit.declared,
                None => self.cis.push(Ci { declared: edit.declared, observed: None }),
            }
        }
    }
}

fn kinds(preview: &Preview) -> Vec<RowKind> {
    preview.rows.iter().map(|row| row.kind).collect()
}

#[test]
fn a_table_says_of_each_row_what_it_comes_to() {
    let customer = CustomerId::new();
    let fw = thing(customer, DeclaredClass::Firewall, "fw", &[("owner", "Joris")]);
    let id = fw.declared.item;
    let shop = Shop::new(vec![fw], customer);
    let table = format!(
        "id,class,name,site,owner,criticality,field.rack\r\n\
         {id},firewall,fw,,Joris,,\r\n\
         ,ups,ups-1,ede,,high,12\r\n\
         ,ups,ups-2,Paris,,,\r\n\
         ,ups,ups-3,,,extreme,\r\n\
         ,teapot,x,,,,\r\n\
         {id},firewall,fw,,Piet,,\r\n\
         ,,,,,,\r\n\
         short,row\r\n"
    );
    let preview = shop.plan(&table).unwrap();
    use RowKind::{New, Refused, Unchanged};
    assert_eq!(kinds(&preview), [Unchanged, New, Refused, Refused, Refused, Refused, Refused]);
    let faults: Vec<_> = preview.rows.iter().map(|row| (row.line, row.column.as_deref())).collect();
    let wanted = [
        (2, None),
        (3, None),
        (4, Some("site")),
        (5, Some("criticality")),
        (6, Some("class")),
        (7, Some("id")),
        (9, None),
    ];
    assert_eq!(faults, wanted);
    assert!(preview.rows[2].reason.as_ref().unwrap().contains("Paris"));
}

#[test]
fn the_same_table_twice_changes_nothing_the_second_time() {
    let customer = CustomerId::new();
    let mut shop = Shop::new(Vec::new(), customer);
    let table = "\u{feff}class;name;site;state;state_since;owner\nups;\"ups; 1\";Utrecht;spare;2026-03-01;'+31 30 1\n";
    let first = shop.plan(table).unwrap();
    assert_eq!(kinds(&first), [RowKind::New]);
    assert_eq!(first.digest, shop.plan(table).unwrap().digest);
    shop.apply(first.clone());
    assert_eq!(shop.cis[0].declared.fields["owner"], "+31 30 1");
    let second = shop.plan(table).unwrap();
    assert_eq!(kinds(&second), [RowKind::Unchanged]);
    assert_ne!(first.digest, second.digest);
}

#[test]
fn a_table_leaves_alone_what_it_has_no_column_for_and_empties_what_is_empty() {
    let customer = CustomerId::new();
    let fw = thing(customer, DeclaredClass::Firewall, "fw", &[("owner", "Joris"), ("supplier", "Acme")]);
    let id = fw.declared.item;
    let mut shop = Shop::new(vec![fw], customer);
    let preview = shop.plan(&format!("id,owner\n{id},\n")).unwrap();
    assert_eq!(kinds(&preview), [RowKind::Changed]);
    shop.apply(preview);
    let fields = &shop.cis[0].declared.fields;
    assert!(!fields.contains_key("owner") && fields["supplier"] == "Acme");
}

#[test]
fn a_table_that_is_none_is_refused_as_a_whole() {
    let shop = Shop::new(Vec::new(), CustomerId::new());
    let long = "x".repeat((1 << 20) + 1);
    let many = format!("class,name\n{}", "ups,u\n".repeat(5_001));
    for bad in ["", "owner\nx\n", "name,ownr\nx,y\n", "name,name\nx,y\n", "name,field.owner\nx,y\n", &long, &many] {
        assert!(shop.plan(bad).is_err(), "{}", &bad[..bad.len().min(30)]);
    }
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,30}", "[=+@'-]{1,3}[ -~]{0,10}", "[a-zé＝\"',;]{1,12}"]
}

fn any_ci(customer: CustomerId) -> impl Strategy<Value = Ci> {
    let class = prop::sample::select(DeclaredClass::ALL.to_vec());
    let fields = prop::collection::btree_map(
        prop::sample::select(vec!["owner", "serial", "reference", "note", "rack", "zzz_9"]),
        any_value(),
        0..5,
    );
    (class, any_value(), fields, prop::sample::select(LifeState::ALL.to_vec()), any::<bool>()).prop_filter_map(
        "a name that says nothing",
        move |(class, name, fields, state, observed)| {
            let start = (state, date(2026, 1, 1));
            let mut edit = add((ItemId::new(), customer), class, &name, None, start, &hand()).ok()?;
            for (field, value) in &fields {
                edit.put(field, value).ok()?;
            }
            if !observed {
                return Some(Ci { declared: edit.declared, observed: None });
            }
            let mut ci = Ci::silent(item(&host(customer, SiteId::new(), &name), Class::Computer, &name, &[]));
            ci.declared.fields = edit.declared.fields;
            Some(ci)
        },
    )
}

proptest! {
    #[test]
    fn a_table_that_goes_out_comes_back_unchanged(
        cis in Just(CustomerId::new()).prop_flat_map(|id| (Just(id), prop::collection::vec(any_ci(id), 0..12)))
    ) {
        let shop = Shop::new(cis.1, cis.0);
        let table = shop.export();
        let preview = shop.plan(&table).unwrap();
        prop_assert_eq!(preview.rows.len(), shop.cis.len());
        for row in &preview.rows {
            prop_assert_eq!(row.kind, RowKind::Unchanged, "{:?}\n{}", row, table);
        }
    }

    #[test]
    fn no_cell_of_a_table_is_a_formula(value in any_value()) {
        let name = value.trim().to_owned();
        prop_assume!(!name.is_empty());
        let cell = crate::export::csv::safe(&name);
        prop_assert!(!cell.starts_with(['=', '+', '-', '@', '＝']));
        prop_assert_eq!(crate::export::csv::plain(&cell), name.as_str());
    }

    #[test]
    fn any_text_is_read_as_a_table_without_a_panic(text in "(?s).{0,300}") {
        let _ = Shop::new(Vec::new(), CustomerId::new()).plan(&format!("class,name,site,state,state_since,owner\n{text}"));
        let _ = Shop::new(Vec::new(), CustomerId::new()).plan(&text);
    }
}

struct Field {
    customer: CustomerId,
    sites: [SiteId; 2],
    contract: Contract,
    hosts: Vec<Host>,
    items: Vec<Item>,
    declared: Vec<Ci>,
}

impl Field {
    fn new() -> Self {
        let (customer, sites) = (CustomerId::new(), [SiteId::new(), SiteId::new()]);
        let hosts = vec![host(customer, sites[0], "srv-1"), host(customer, sites[1], "srv-2")];
        let mac = |mac: &str| [("mac", text(mac))];
        let items = vec![
            item(&hosts[0], Class::Computer, "computer", &[]),
            item(&hosts[0], Class::Disk, "sda", &[]),
            item(&hosts[0], Class::Interface, "eth0", &mac("00:00:5e:00:00:01")),
            item(&hosts[1], Class::Computer, "computer", &[]),
            item(&hosts[1], Class::Interface, "eth0", &mac("00:00:5e:00:00:02")),
        ];
        let contract = Contract::plain(customer, date(2026, 1, 1));
        Self { customer, sites, contract, hosts, items, declared: Vec::new() }
    }

    fn look(&self, with_contract: bool) -> Coverage {
        coverage(&Ground {
            contract: with_contract.then_some(&self.contract),
            hosts: &self.hosts,
            declared: &self.declared,
            items: &self.items,
            site: None,
            now: now(),
        })
    }

    fn standing(&self, host: usize) -> Standing {
        let found = self.look(true);
        found.rows.iter().find(|row| row.host == Some(self.hosts[host].id)).unwrap().standing
    }

    fn sees(&mut self, host: usize, mac: &str, address: &str, router: bool) {
        let fields = [("mac", text(mac)), ("address", text(address)), ("router", Value::Flag(router))];
        let seen = item(&self.hosts[host], Class::Neighbour, &format!("{mac}:{address}"), &fields);
        self.items.push(seen);
    }
}

#[test]
fn each_component_is_told_with_how_it_stands() {
    let mut field = Field::new();
    field.declared.push(thing(field.customer, DeclaredClass::InternetLine, "fibre", &[]));
    let found = field.look(true);
    assert_eq!(found.rows.len(), 6);
    assert!(found.rows.iter().all(|row| row.standing == Standing::Covered && row.standing.is_in_contract()));
    assert!(field.look(false).rows.iter().all(|row| row.standing == Standing::NoContract));
    field.contract.starts_on = date(2027, 1, 1);
    assert!(field.look(true).rows.iter().all(|row| row.standing == Standing::ContractNotStarted));
    field.contract.starts_on = date(2025, 1, 1);
    let confirmed_end = Some(date(2026, 11, 30));
    field.contract.notice = Some(Notice { received_on: date(2026, 10, 1), confirmed_end, confirmed_by: None });
    assert!(field.look(true).rows.iter().all(|row| row.standing == Standing::ContractEnded));
}

#[test]
fn hosts_that_are_pending_held_revoked_or_missing_are_told_apart() {
    let mut field = Field::new();
    for (admission, standing) in [
        (Admission::Pending, Standing::HostPending),
        (Admission::Quarantined, Standing::HostQuarantined),
        (Admission::Revoked, Standing::HostRevoked),
    ] {
        field.hosts[0].admission = admission;
        assert_eq!(field.standing(0), standing);
        assert!(!standing.is_in_contract());
        assert_eq!(field.standing(1), Standing::Covered);
    }
    field.hosts[0].admission = Admission::Active;
    field.hosts[0].presence = Presence::Silent { since: "2026-11-01T00:00:00Z".parse().unwrap() };
    assert_eq!(field.standing(0), Standing::Missing);
    field.hosts[0].presence = Presence::Silent { since: "2026-11-30T00:00:00Z".parse().unwrap() };
    assert_eq!(field.standing(0), Standing::Covered);
    let mut ci = Ci::silent(field.items[0].clone());
    ci.declared.state = LifeState::Missing;
    field.declared = vec![ci.clone()];
    assert_eq!(field.standing(0), Standing::Missing);
    ci.declared.state = LifeState::Retired;
    field.declared = vec![ci];
    assert_eq!(field.standing(0), Standing::NotInService);
    field.items.clear();
    assert_eq!(field.standing(1), Standing::NoInventory);
}

#[test]
fn a_device_that_is_seen_and_not_known_is_told_once_a_site() {
    let mut field = Field::new();
    field.sees(0, "00:00:5e:00:00:02", "10.0.0.2", false);
    field.sees(0, "00:00:5e:00:00:fe", "10.0.0.1", false);
    field.sees(0, "00:00:5E:00:00:FE", "fe80::1", true);
    field.sees(0, "02:00:00:00:00:07", "10.0.0.77", false);
    field.sees(1, "00:00:5e:00:00:fe", "10.1.0.1", false);
    field.sees(1, "ff:ff:ff:ff:ff:ff", "10.1.0.255", false);
    field.sees(1, "00:00:00:00:00:00", "10.1.0.9", false);
    let found = field.look(true).strangers;
    assert_eq!(found.len(), 3);
    let router = found.iter().find(|one| one.site == field.sites[0] && one.mac.ends_with("fe")).unwrap();
    assert!(router.router && !router.made_up);
    assert_eq!(router.addresses, ["10.0.0.1", "fe80::1"]);
    assert_eq!(router.seen_by, ["srv-1"]);
    assert!(found.iter().any(|one| one.made_up && one.mac.ends_with("07")));
    let switch = [("mac", "00-00-5E-00-00-FE")];
    field.declared.push(thing(field.customer, DeclaredClass::NetworkDevice, "switch", &switch));
    assert_eq!(field.look(true).strangers.len(), 1);
}

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
    assert_eq!(HostDrift::between(&before, &now), HostDrift { unchanged: 6, ..HostDrift::default() });
    now[1].facts.insert("serial".into(), text("B"));
    now[5].facts.insert("version".into(), text("5.2"));
    now.remove(6);
    now.remove(2);
    now.push(written(&host, Class::Display, "dell", &[]));
    now.push(written(&host, Class::Software, "git", &[]));
    now.push(written(&host, Class::Neighbour, "10.0.0.9", &[]));
    let drift = HostDrift::between(&before, &now);
    let rows: Vec<_> = drift.rows.iter().map(|row| (row.kind, row.name.as_str())).collect();
    use ChangeKind::{Added, Changed, Removed};
    assert_eq!(rows, [(Removed, "A1"), (Changed, "sda"), (Added, "dell")]);
    assert_eq!(drift.rows[1].fields, [("serial".to_owned(), Some(text("A")), Some(text("B")))]);
    let software = &drift.software;
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
    let came = HostDrift::between(&[], &there);
    assert_eq!((came.rows.len(), came.rows[0].kind, came.rows[0].with), (1, ChangeKind::Added, 2));
    let went = HostDrift::between(&there, &[]);
    assert_eq!((went.rows.len(), went.rows[0].kind, went.rows[0].with), (1, ChangeKind::Removed, 2));
    assert!(went.software.is_none());
}

#[test]
fn words_of_declared_and_observed_classes_never_meet() {
    for class in DeclaredClass::ALL {
        assert!(Class::from_word(class.word()).is_none());
        assert_eq!(CiClass::from_word(class.word()), Some(CiClass::Declared(*class)));
        assert_eq!(serde_json::to_value(class).unwrap(), class.word());
    }
}
