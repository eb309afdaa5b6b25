//! A machine and its guest on a real store: found from either side, ended when the carrier no longer lists it.

use super::scenario_test::Story;
use super::*;
use crate::cmdb::reconcile;
use crate::model::*;
use crate::store::{Effects, Enrolment, EnrolmentToken, NewSection, Store};

const UUID: &str = "4c4c4544-0043-4a10-8056-b7c04f4e3132";
const SWAPPED: &str = "44454c4c-4300-104a-8056-b7c04f4e3132";

fn at(hour: i64) -> Timestamp {
    Timestamp::from_second(1_790_000_000 + hour * 3_600).unwrap()
}

struct Machine {
    host: Host,
    items: Vec<Item>,
}

impl Machine {
    /// Takes a scan in as the pipeline does.
    async fn scan(&mut self, store: &Store, hour: i64, class: Class, seen: &[(&str, &[(&str, Value)])]) {
        let one = |(key, fields): &(&str, &[(&str, Value)])| {
            let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
            Observation { class, key: (*key).into(), name: (*key).into(), fields }
        };
        let scan =
            Scan { classes: vec![class], digest: 0, partial: false, observations: seen.iter().map(one).collect() };
        let unknown = crate::cmdb::never_seen(&self.items, &scan);
        let origin = crate::cmdb::Origin { at: at(hour), received_at: at(hour), scan_name: "0a/1", unknown: &unknown };
        let done = reconcile(self.host.id, self.host.customer, &self.items, &scan, origin);
        for item in &done.items {
            self.items.retain(|old| old.id != item.id);
            self.items.push(item.clone());
        }
        let marks = crate::cmdb::fingerprint::marks_of(&self.items);
        let marks = marks.map(|marks| (self.host.id, marks, at(hour))).into_iter().collect();
        let (items, changes, relations) = (done.items, done.changes, done.relations);
        store.commit(Effects { items, changes, relations, marks, ..Effects::default() }).await.unwrap();
    }

    fn computer(&self) -> ItemId {
        self.items.iter().find(|item| item.class == Class::Computer).unwrap().id
    }
}

async fn enrol(store: &Store, customer: CustomerId, name: &str) -> Machine {
    let host = Host {
        id: HostId::new(),
        customer,
        site: SiteId::new(),
        name: name.into(),
        role: Role::Server,
        admission: Admission::Active,
        presence: Presence::Online,
        enrolled_at: at(0),
        last_report_at: None,
        last_heard_at: None,
        agent_version: String::new(),
        interval_s: 60,
    };
    let secret = (name.to_owned(), "h".to_owned());
    let expires_at = at(1);
    let (id, secret_hash) = secret.clone();
    let token = EnrolmentToken { id, secret_hash, customer, site: host.site, uses: 1, expires_at, cidr: None };
    store.commit(Effects { enrolment_tokens: vec![token], ..Effects::default() }).await.unwrap();
    let outcome = store.enrol(Enrolment::of_new(host.clone(), secret, at(1)), |_| true, at(0)).await.unwrap();
    assert!(outcome.1.is_some());
    Machine { host, items: Vec::new() }
}

fn text(text: &str) -> Value {
    Value::Text(text.into())
}

async fn join(store: &Store, customer: CustomerId, hour: i64) {
    let Some(carriers) = store.carriers(customer).await.unwrap() else { return };
    let relations = guests::difference(&carriers, at(hour));
    store.commit(Effects { relations, ..Effects::default() }).await.unwrap();
}

async fn carriers_of(store: &Store, guest: &Machine) -> Vec<(ItemId, Option<Timestamp>)> {
    let rows = store.relations(guest.computer(), None, PageRequest::default()).await.unwrap().items;
    let runs = rows.iter().filter(|row| row.relation.kind == RelationKind::RunsOn);
    runs.map(|row| (row.relation.to, row.relation.until)).collect()
}

#[tokio::test]
async fn a_store_of_an_earlier_release_gets_its_marks_and_the_ends_of_its_relations_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let mut machine = enrol(&store, CustomerId::new(), "old").await;
    machine.scan(&store, 1, Class::Computer, &[("computer", &[("uuid", text(UUID))])]).await;
    machine.scan(&store, 1, Class::User, &[("ann", &[("name", text("ann"))])]).await;
    machine.scan(&store, 1, Class::Group, &[("sudo", &[("members", Value::List(vec![]))])]).await;
    let user = machine.items.iter().find(|item| item.class == Class::User).unwrap().id;
    let group = machine.items.iter().find(|item| item.class == Class::Group).unwrap().id;
    let stale = Relation { from: user, kind: RelationKind::MemberOf, to: group, since: at(1), until: None };
    store.commit(Effects { relations: vec![stale], ..Effects::default() }).await.unwrap();
    forget_marks(folder.path());
    assert_eq!(store.hosts_without_marks().await.unwrap(), [machine.host.id]);
    super::upgrade::complete(&store, at(5)).await.unwrap();
    assert!(store.hosts_without_marks().await.unwrap().is_empty());
    let open = store.open_relations_of_host(machine.host.id).await.unwrap();
    assert!(open.iter().all(|relation| relation.kind == RelationKind::InstalledOn) && open.len() == 2, "{open:?}");
}

fn forget_marks(folder: &std::path::Path) {
    let db = rusqlite::Connection::open(folder.join("cmdb.db")).unwrap();
    assert!(db.execute("DELETE FROM mark", []).unwrap() > 0);
}

#[tokio::test]
async fn a_guest_runs_on_its_carrier_until_another_carries_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    let customer = CustomerId::new();
    let (mut one, mut two) = (enrol(&store, customer, "one").await, enrol(&store, customer, "two").await);
    let mut guest = enrol(&store, customer, "guest").await;
    let mut elsewhere = enrol(&store, CustomerId::new(), "elsewhere").await;
    let uuid = |uuid: &str| [("uuid", text(uuid))];
    for machine in [&mut one, &mut two] {
        machine.scan(&store, 1, Class::Computer, &[("computer", &[])]).await;
    }
    one.scan(&store, 1, Class::VirtualMachine, &[("vm", &uuid(UUID))]).await;
    elsewhere.scan(&store, 1, Class::Computer, &[("computer", &uuid(UUID))]).await;
    join(&store, customer, 1).await;
    guest.scan(&store, 2, Class::Computer, &[("computer", &uuid(SWAPPED))]).await;
    assert!(carriers_of(&store, &guest).await.is_empty());
    join(&store, customer, 2).await;
    assert_eq!(carriers_of(&store, &guest).await, [(one.computer(), None)]);
    assert!(carriers_of(&store, &elsewhere).await.is_empty(), "another customer's machine is never a guest");
    join(&store, customer, 3).await;
    assert_eq!(carriers_of(&store, &guest).await.len(), 1, "nothing new, nothing written");
    one.scan(&store, 4, Class::VirtualMachine, &[]).await;
    two.scan(&store, 4, Class::VirtualMachine, &[("vm", &uuid(UUID))]).await;
    join(&store, customer, 4).await;
    assert_eq!(carriers_of(&store, &guest).await, [(two.computer(), None), (one.computer(), Some(at(4)))]);
    let revoked = Effects { admissions: vec![(two.host.id, Admission::Revoked)], ..Effects::default() };
    store.commit(revoked).await.unwrap();
    join(&store, customer, 5).await;
    assert!(carriers_of(&store, &guest).await.iter().all(|(_, until)| until.is_some()));
}

#[tokio::test]
async fn a_scan_of_virtual_machines_asks_for_a_join_and_the_next_sweep_does_it() {
    let mut story = Story::begin(at(0), |_| {}).await;
    story.pipeline.sweep(at(1)).await.unwrap();
    assert!(story.pipeline.world.to_join.is_empty());
    let section = |class: Class, key: &str| {
        let seen = Observation { class, key: key.into(), name: key.into(), fields: Fields::new() };
        let scan = Scan { classes: vec![class], digest: 1, partial: false, observations: vec![seen] };
        NewSection { kind: 1, digest: 1, scan: zstd::bulk::compress(&serde_json::to_vec(&scan).unwrap(), 1).unwrap() }
    };
    story.send(at(2), &[], vec![section(Class::Software, "nginx")]).await;
    assert!(story.pipeline.world.to_join.is_empty(), "packages join nobody");
    story.send(at(3), &[], vec![section(Class::VirtualMachine, "vm")]).await;
    assert_eq!(story.pipeline.world.to_join.len(), 1);
    story.pipeline.sweep(at(4)).await.unwrap();
    assert!(story.pipeline.world.to_join.is_empty());
}
