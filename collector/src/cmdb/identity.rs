//! The id of a new item: a UUIDv7 made of its scan's time and its natural key, so that the same history gives the
//! same ids again. It decides nothing about which machine is which.

use crate::model::{Class, HostId, ItemId};
use jiff::Timestamp;
use ring::digest::{Context, SHA256};
use std::collections::HashSet;

/// An id that is not yet among `taken`, which it joins.
pub fn item_id(host: HostId, class: Class, key: &str, at: Timestamp, taken: &mut HashSet<ItemId>) -> ItemId {
    // A machine chooses its keys and could make two collide on purpose: then the next attempt is taken.
    let mut attempt = 0u64;
    loop {
        let id = candidate(host, class, key, at, attempt);
        if taken.insert(id) {
            return id;
        }
        attempt += 1;
    }
}

fn candidate(host: HostId, class: Class, key: &str, at: Timestamp, attempt: u64) -> ItemId {
    let mut context = Context::new(&SHA256);
    context.update(host.0.as_bytes());
    context.update(&attempt.to_le_bytes());
    context.update(class.word().as_bytes());
    context.update(&[0]);
    context.update(key.as_bytes());
    let digest = context.finish();
    let mut bits = [0; 10];
    bits.copy_from_slice(&digest.as_ref()[..10]);
    let at_ms = u64::try_from(at.as_millisecond()).unwrap_or_default();
    ItemId(uuid::Builder::from_unix_timestamp_millis(at_ms, &bits).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_item_at_the_same_time_gets_the_same_id_and_a_taken_id_is_not_given_twice() {
        let (host, at) = (HostId::new(), Timestamp::from_second(1_790_000_000).unwrap());
        let mut taken = HashSet::new();
        let first = item_id(host, Class::Disk, "sda", at, &mut taken);
        assert_eq!(item_id(host, Class::Disk, "sda", at, &mut HashSet::new()), first);
        assert_ne!(item_id(host, Class::Disk, "sda", at, &mut taken), first);
        assert_ne!(item_id(host, Class::Volume, "sda", at, &mut taken), first);
        assert_eq!(first.0.get_version_num(), 7);
    }
}
