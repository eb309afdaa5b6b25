//! Commands about baselines of sites: fix one, remove one. What a baseline holds is copied by the store.

use super::Pipeline;
use super::command::{Obeyed, Refusal, conflict, not_found};
use super::command_declared::Checked;
use crate::model::{Actor, Baseline, BaselineId, CustomerId, SiteId};
use crate::store::{Effects, Result};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

/// Baselines of one site.
const BASELINES_MAX: usize = 100;
/// Items of all baselines of one customer.
const BASELINE_ITEMS_MAX: u64 = 5_000_000;
/// What is fixed again sooner is the same press of a button.
const BASELINE_APART: SignedDuration = SignedDuration::from_mins(1);

impl Pipeline {
    /// Fixes the baseline of a site.
    pub(super) async fn fix_baseline(
        &self,
        actor: &Actor,
        customer: &str,
        site: &str,
        now: Timestamp,
    ) -> Result<Obeyed> {
        let (customer, site) = match self.customer_and_site(actor, customer, site) {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let fixed = self.store.baselines(site).await?;
        let sizes = self.store.baseline_sizes(customer, site).await?;
        if let Some(refusal) = too_many(&fixed, now).or_else(|| too_large(sizes)) {
            return Ok(Err(refusal));
        }
        let baseline = Baseline { id: BaselineId::new(), customer, site, fixed_at: now, actor: actor.name.clone() };
        let id = json!(baseline.id);
        Ok(Ok((Effects { baselines: vec![baseline], ..Effects::default() }, id)))
    }

    /// Forgets a baseline of a site.
    pub(super) async fn remove_baseline(
        &self,
        actor: &Actor,
        customer: &str,
        site: &str,
        baseline: BaselineId,
    ) -> Result<Obeyed> {
        let site = match self.customer_and_site(actor, customer, site) {
            Ok((_, site)) => site,
            Err(refusal) => return Ok(Err(refusal)),
        };
        if !self.store.baselines(site).await?.iter().any(|one| one.id == baseline) {
            return Ok(Err(not_found(format!("this site has no baseline {baseline}"))));
        }
        Ok(Ok((Effects { baselines_removed: vec![baseline], ..Effects::default() }, Value::Null)))
    }

    fn customer_and_site(&self, actor: &Actor, customer: &str, site: &str) -> Checked<(CustomerId, SiteId)> {
        let customer = self.own_customer(actor, customer)?;
        Ok((customer, self.own_site(customer, site)?.id))
    }
}

/// A baseline copies a whole site and is kept until a person removes it: neither a second press of the button nor a script fills the disk.
fn too_many(fixed: &[Baseline], now: Timestamp) -> Option<Refusal> {
    if fixed.len() >= BASELINES_MAX {
        return Some(conflict(format!("a site has at most {BASELINES_MAX} baselines")));
    }
    let newest = fixed.first().filter(|newest| now.duration_since(newest.fixed_at) < BASELINE_APART)?;
    Some(conflict(format!("the baseline of this site was fixed by {} less than a minute ago", newest.actor)))
}

fn too_large((held, coming): (u64, u64)) -> Option<Refusal> {
    (held + coming > BASELINE_ITEMS_MAX).then(|| {
        conflict(format!(
            "the baselines of this customer hold {held} items and this one would add {coming}, where {BASELINE_ITEMS_MAX} \
             is the most: remove one that nobody needs any more first"
        ))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_that_would_be_too_much_is_refused_with_the_numbers() {
        assert!(too_large((BASELINE_ITEMS_MAX - 7, 7)).is_none());
        let Refusal(_, reason) = too_large((BASELINE_ITEMS_MAX - 7, 8)).unwrap();
        assert!(reason.contains("4999993") && reason.contains("would add 8") && reason.contains("remove"), "{reason}");
    }
}
