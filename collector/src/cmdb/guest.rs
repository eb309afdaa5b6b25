//! Which machine with an agent is the guest of which: a virtual machine as its carrier lists it, joined with a machine
//! of the same customer by the firmware's UUID in either byte order, else by an address. It reads no store.

use super::fingerprint::marks;
use crate::model::{Fingerprint, HostId, Item, ItemId, Mark, MarkKind, Marks, Value};
use std::collections::{BTreeMap, BTreeSet};

/// A machine with an agent.
#[derive(Clone, Debug)]
pub struct Machine {
    /// Its host.
    pub host: HostId,
    /// Its computer item.
    pub computer: ItemId,
    /// By what it is known.
    pub marks: Marks,
}

/// (guest, carrier) of one customer, as computer items. `virtual_machines` are present items; `shared` identify nobody.
pub fn guests(virtual_machines: &[Item], machines: &[Machine], shared: &Marks) -> BTreeSet<(ItemId, ItemId)> {
    let mut known: BTreeMap<&Mark, Vec<&Machine>> = BTreeMap::new();
    for machine in machines {
        for mark in machine.marks.iter().filter(|mark| is_joined_on(mark) && !shared.contains(mark)) {
            known.entry(mark).or_default().push(machine);
        }
    }
    virtual_machines.iter().filter_map(|listed| pair(listed, machines, &known)).collect()
}

fn pair(listed: &Item, machines: &[Machine], known: &BTreeMap<&Mark, Vec<&Machine>>) -> Option<(ItemId, ItemId)> {
    let carrier = machines.iter().find(|machine| machine.host == listed.host)?;
    let own = marks_of(listed);
    let joined = |kind: MarkKind| {
        let found = own.iter().filter(|mark| mark.kind == kind).filter_map(|mark| known.get(mark)).flatten();
        let found: BTreeSet<ItemId> =
            found.filter(|guest| guest.host != carrier.host).map(|guest| guest.computer).collect();
        // Two machines with one value: neither is known by it.
        (found.len() == 1).then(|| found.into_iter().next()).flatten()
    };
    let guest = joined(MarkKind::Uuid).or_else(|| joined(MarkKind::Mac))?;
    Some((guest, carrier.computer))
}

fn is_joined_on(mark: &Mark) -> bool {
    matches!(mark.kind, MarkKind::Uuid | MarkKind::Mac)
}

fn marks_of(listed: &Item) -> Marks {
    let uuid = match listed.fields.get("uuid") {
        Some(Value::Text(uuid)) => uuid.clone(),
        _ => String::new(),
    };
    let macs = match listed.fields.get("macs") {
        Some(Value::List(macs)) => macs.clone(),
        _ => Vec::new(),
    };
    marks(&Fingerprint { uuid, macs, ..Fingerprint::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cmdb::reconcile::tests::{item, text};
    use crate::model::Class;

    const UUID: &str = "4c4c4544-0043-4a10-8056-b7c04f4e3132";
    const SWAPPED: &str = "44454c4c-4300-104a-8056-b7c04f4e3132";
    const MAC: &str = "52:54:00:7a:34:56";

    fn machine(uuid: &str, macs: &[&str]) -> Machine {
        let macs = macs.iter().map(|mac| (*mac).to_owned()).collect();
        let marks = marks(&Fingerprint { uuid: uuid.to_owned(), macs, ..Fingerprint::default() });
        Machine { host: HostId::new(), computer: ItemId::new(), marks }
    }

    fn listed(carrier: &Machine, uuid: &str, macs: &[&str]) -> Item {
        let macs = Value::List(macs.iter().map(|mac| (*mac).to_owned()).collect());
        let fields = [("uuid", text(uuid)), ("macs", macs)];
        Item { host: carrier.host, ..item(Class::VirtualMachine, "vm", &fields) }
    }

    #[test]
    fn a_guest_is_joined_by_its_uuid_in_either_byte_order() {
        let (carrier, guest) = (machine("", &[]), machine(SWAPPED, &[]));
        let machines = [carrier.clone(), guest.clone()];
        let expected = BTreeSet::from([(guest.computer, carrier.computer)]);
        assert_eq!(guests(&[listed(&carrier, UUID, &[])], &machines, &Marks::new()), expected);
        assert_eq!(guests(&[listed(&carrier, SWAPPED, &[])], &machines, &Marks::new()), expected);
    }

    #[test]
    fn without_a_uuid_in_common_the_address_joins() {
        let (carrier, guest) = (machine("", &[]), machine("", &[MAC]));
        let machines = [carrier.clone(), guest.clone()];
        let found = guests(&[listed(&carrier, UUID, &[MAC])], &machines, &Marks::new());
        assert_eq!(found, BTreeSet::from([(guest.computer, carrier.computer)]));
    }

    #[test]
    fn a_value_of_several_machines_joins_none_and_nothing_runs_on_itself() {
        let (carrier, one, other) = (machine(UUID, &[]), machine(UUID, &[]), machine(UUID, &[]));
        let vm = [listed(&carrier, UUID, &[])];
        assert!(guests(&vm, &[carrier.clone(), one.clone(), other], &Marks::new()).is_empty());
        assert!(guests(&vm, std::slice::from_ref(&carrier), &Marks::new()).is_empty());
        let shared = one.marks.clone();
        assert!(guests(&vm, &[carrier, one], &shared).is_empty());
    }
}
