//! Pools in good and bad states, and cut texts.

use super::*;

fn pool(status: &str) -> Array {
    parse(status, &mut Notes::default()).remove(0)
}

fn facts(array: &Array) -> (&str, ArrayState, u32, u32, u32) {
    (&array.level, array.state(), array.members_expected, array.members_active, array.redundancy_left)
}

const STATUS: &str = "  pool: tank
 state: DEGRADED
status: One or more devices has been removed.
  scan: scrub repaired 0B in 01:02:03 with 0 errors on Sun Nov  8 01:26:04 2026
config:

\tNAME                               STATE     READ WRITE CKSUM
\ttank                               DEGRADED     0     0     0
\t  raidz2-0                         DEGRADED     0     0     0
\t    /dev/disk/by-id/ata-A-part1    ONLINE       0     0     0
\t    /dev/disk/by-id/ata-B-part1    ONLINE       0     0     0
\t    1234567890                     UNAVAIL      0     0     0  was /dev/disk/by-id/ata-C-part1
\t    /dev/disk/by-id/ata-D-part1    ONLINE       0     0     0
\tlogs
\t  /dev/nvme0n1p1                   FAULTED      0     0     0
\tcache
\t  /dev/nvme0n1p2                   ONLINE       0     0     0
\tspares
\t  /dev/sdq1                        AVAIL

errors: No known data errors

  pool: boot
 state: ONLINE
config:

\tNAME        STATE     READ WRITE CKSUM
\tboot        ONLINE       0     0     0
\t  /dev/sda3 ONLINE       0     0     0

errors: No known data errors
";

#[test]
fn a_pool_keeps_what_its_group_keeps_and_logs_and_caches_do_not_count() {
    let pools = parse(STATUS, &mut Notes::default());
    assert_eq!(facts(&pools[0]), ("raidz2", ArrayState::Degraded, 4, 3, 1));
    assert_eq!((pools[0].members_failed.as_slice(), pools[0].spares), (&["ata-C-part1".to_owned()][..], 1));
    assert_eq!(facts(&pools[1]), ("stripe", ArrayState::Clean, 1, 1, 0));
}

#[test]
fn the_weakest_mirror_tells_and_a_disk_that_is_being_replaced_does_not_count_yet() {
    let text = "  pool: t
 state: DEGRADED
  scan: resilver in progress since Mon
config:

\tNAME             STATE     READ WRITE CKSUM
\tt                DEGRADED     0     0     0
\t  mirror-0       ONLINE       0     0     0
\t    sda          ONLINE       0     0     0
\t    sdb          ONLINE       0     0     0
\t  mirror-1       DEGRADED     0     0     0
\t    sdc          ONLINE       0     0     0
\t    replacing-1  DEGRADED     0     0     0
\t      sdd        FAULTED      0     0     0
\t      sde        ONLINE       0     0     0  (resilvering)
";
    assert_eq!(facts(&pool(text)), ("mirror", ArrayState::Rebuilding, 4, 3, 0));
    let whole = text.replace("sdd        FAULTED", "sdd        ONLINE ");
    assert_eq!(pool(&whole).redundancy_left, 1);
}

#[test]
fn a_pool_may_be_named_like_a_heading_and_what_was_taken_out_does_not_count() {
    let text = "  pool: cache
 state: ONLINE
config:

\tNAME         STATE     READ WRITE CKSUM
\tcache        ONLINE       0     0     0
\t  mirror-0   ONLINE       0     0     0
\t    sda      ONLINE       0     0     0
\t    sdb      ONLINE       0     0     0
\t  indirect-1 ONLINE       0     0     0
";
    assert_eq!(facts(&pool(text)), ("mirror", ArrayState::Clean, 2, 2, 1));
}

#[test]
fn a_pool_that_cannot_be_opened_has_failed() {
    let text = "  pool: tank\n state: UNAVAIL\nconfig:\n\n        NAME        STATE     READ WRITE CKSUM\n        tank        UNAVAIL      0     0     0  insufficient replicas\n          c1t0d0    ONLINE       0     0     0\n          c1t1d0    UNAVAIL      4     1     0  cannot open\n";
    assert_eq!(facts(&pool(text)), ("stripe", ArrayState::Failed, 2, 1, 0));
}

#[test]
fn sizes_come_from_the_list_by_the_pools_whole_name() {
    let list = "tank2\t5\t1\ntank\t1992864825344\t84480\t-\n";
    assert_eq!((size_bytes(list, "tank"), size_bytes(list, "tan"), size_bytes("", "tank")), (1_992_864_825_344, 0, 0));
}

#[test]
fn cut_and_strange_texts_never_panic() {
    for end in 0..STATUS.len() {
        parse(STATUS.get(..end).unwrap_or_default(), &mut Notes::default());
    }
    assert!(parse("no pools available\n", &mut Notes::default()).is_empty());
    parse("  pool: x\n\tNAME STATE\na\n   b\n c ONLINE\n", &mut Notes::default());
}
