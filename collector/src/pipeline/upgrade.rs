//! What a store of an earlier release lacks, put in place once before the pipeline runs: by what its hosts are known
//! again, and the ends of relations that were never written. A store that lacks nothing is left as it is.

use crate::cmdb;
use crate::store::{Effects, Result, Store};
use jiff::Timestamp;

/// Completes the store.
pub async fn complete(store: &Store, now: Timestamp) -> Result<()> {
    for host in store.hosts_without_marks().await? {
        let items = store.all_items(host).await?;
        let Some(marks) = cmdb::fingerprint::marks_of(&items) else { continue };
        let open = store.open_relations_of_host(host).await?;
        let relations = cmdb::never_ended(&items, &open, now);
        let (marks, count) = (vec![(host, marks, now)], relations.len());
        store.commit(Effects { relations, marks, ..Effects::default() }).await?;
        tracing::info!(%host, ended = count, "a host of an earlier release can be known again now");
    }
    Ok(())
}
