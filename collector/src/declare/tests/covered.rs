//! Promises of coverage, and of which seen devices are told.

use super::*;

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

#[test]
fn what_lives_behind_a_virtual_interface_or_is_shared_by_routers_is_no_device_of_the_site() {
    let mut field = Field::new();
    let mut port = |host: usize, name: &str, kind: &str, members: &[&str]| {
        let members = Value::List(members.iter().map(|name| (*name).to_owned()).collect());
        field.items.push(item(
            &field.hosts[host],
            Class::Interface,
            name,
            &[("kind", text(kind)), ("members", members)],
        ));
    };
    port(0, "eno1", "physical", &[]);
    port(0, "docker0", "bridge", &[]);
    port(0, "br0", "bridge", &["vnet1", "eno1"]);
    port(0, "wg0", "virtual", &[]);
    port(0, "loop-a", "bridge", &["loop-b"]);
    port(0, "loop-b", "bridge", &["loop-a"]);
    port(1, "eth7", "virtual", &[]);
    let by = |field: &mut Field, host: usize, mac: &str, interface: &str| {
        let fields = [("mac", text(mac)), ("interface", text(interface))];
        let seen = item(&field.hosts[host], Class::Neighbour, &format!("{mac} {interface}"), &fields);
        field.items.push(seen);
    };
    by(&mut field, 0, "a4:00:00:00:00:01", "eno1");
    by(&mut field, 0, "a4:00:00:00:00:02", "docker0");
    by(&mut field, 0, "a4:00:00:00:00:03", "br0");
    by(&mut field, 0, "a4:00:00:00:00:04", "wg0");
    by(&mut field, 0, "a4:00:00:00:00:05", "unheard-of");
    by(&mut field, 1, "a4:00:00:00:00:06", "eth7");
    by(&mut field, 0, "01:00:5e:00:00:fb", "eno1");
    by(&mut field, 0, "33:33:00:00:00:01", "eno1");
    by(&mut field, 0, "00:00:5e:00:01:0a", "eno1");
    by(&mut field, 0, "00:00:0c:07:ac:01", "eno1");
    by(&mut field, 0, "a4:00:00:00:00:08", "loop-a");
    let found = field.look(true).strangers;
    let mut ends: Vec<&str> = found.iter().map(|one| &one.mac[15..]).collect();
    ends.sort_unstable();
    // A container has no card of its own: its virtual interface is its way out. Two bridges in a ring tell nothing.
    assert_eq!(ends, ["01", "03", "05", "06", "08"]);
}

#[test]
fn what_a_workstation_sees_at_home_is_no_device_of_the_site() {
    let mut field = Field::new();
    let mut laptop = host(field.customer, field.sites[0], "lap-1");
    laptop.role = Role::Workstation;
    field.hosts.push(laptop);
    field.sees(2, "a4:00:00:00:00:01", "192.168.1.1", true);
    field.sees(2, "a4:00:00:00:00:02", "192.168.1.7", false);
    assert!(field.look(true).strangers.is_empty());
    field.sees(2, "00:00:5e:00:00:01", "10.0.0.5", false);
    assert_eq!(field.look(true).strangers.len(), 2, "it sees srv-1, so it is at the site");
    field.items.pop();
    field.sees(0, "a4:00:00:00:00:01", "10.0.0.1", true);
    assert_eq!(field.look(true).strangers.len(), 2, "it sees the router that srv-1 sees");
}

#[test]
fn a_component_is_told_with_its_agent_its_watch_and_what_is_solved_remotely() {
    let mut field = Field::new();
    let mut ci = Ci::silent(field.items[0].clone());
    ci.declared.fields.insert("solvable_remotely".into(), "partly".into());
    field.declared = vec![ci, thing(field.customer, DeclaredClass::Ups, "ups", &[("solvable_remotely", "no")])];
    field.hosts[1].presence = Presence::Silent { since: "2026-11-30T00:00:00Z".parse().unwrap() };
    let told = |field: &Field, class: CiClass, host: Option<usize>| {
        let host = host.map(|host| field.hosts[host].id);
        let found = field.look(true).rows.into_iter().find(|row| row.class == class && row.host == host).unwrap();
        (found.agent_reports, found.watched, found.solvable_remotely)
    };
    let (disk, machine) = (CiClass::Observed(Class::Disk), CiClass::Observed(Class::Computer));
    assert_eq!(told(&field, disk, Some(0)), (Some(true), false, Some("partly".into())));
    field.contract.rmm = Some(Rmm::default());
    assert_eq!(told(&field, disk, Some(0)), (Some(true), true, Some("partly".into())));
    assert_eq!(told(&field, machine, Some(1)), (Some(false), false, None));
    assert_eq!(told(&field, CiClass::Declared(DeclaredClass::Ups), None), (None, false, Some("no".into())));
}
