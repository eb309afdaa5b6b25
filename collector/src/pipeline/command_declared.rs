//! Commands about what people declare: add, change, move on, replace, tables, baselines.

use super::Pipeline;
use super::command::{Obeyed, Refusal, invalid, not_found};
use crate::contract::calendar::Calendar;
use crate::declare::{self, Books, Edit, Hand, Preview, Refused, RowKind};
use crate::incident::lifecycle;
use crate::model::{
    Actor, Ci, CiClass, Class, CustomerId, DeclaredFields, DeclaredWish, Incident, ItemId, LifeState, Permission,
    Relation, RelationKind, Site, SiteId,
};
use crate::store::{Effects, Result};
use jiff::Timestamp;
use jiff::civil::Date;
use serde_json::{Value, json};

pub(super) type Checked<T> = std::result::Result<T, Refusal>;

/// For the audit log: the act, its subject, and the permission that it needs.
pub(super) fn about(wish: &DeclaredWish) -> (&'static str, String, Permission) {
    use Permission::Handle;
    match wish {
        DeclaredWish::Add { customer, name, .. } => ("declared_add", format!("{customer}/{name}"), Handle),
        DeclaredWish::Set { item, .. } => ("declared_set", item.clone(), Handle),
        DeclaredWish::Move { item, state, .. } => ("declared_move", format!("{item} {}", state.word()), Handle),
        DeclaredWish::Replace { old, new } => ("replace", format!("{old} {new}"), Handle),
        DeclaredWish::Import { customer, digest: Some(_), .. } => ("declared_import", customer.clone(), Handle),
        DeclaredWish::Import { customer, digest: None, .. } => ("declared_preview", customer.clone(), Handle),
        DeclaredWish::Baseline { customer, site } => ("baseline_fix", format!("{customer}/{site}"), Handle),
        DeclaredWish::BaselineRemove { customer, site, baseline } => {
            ("baseline_remove", format!("{customer}/{site} {baseline}"), Handle)
        }
    }
}

impl Pipeline {
    /// Carries a declaration out. What is of another customer is as absent as nothing.
    pub(super) async fn declare_item(&mut self, actor: &Actor, wish: DeclaredWish, now: Timestamp) -> Result<Obeyed> {
        Ok(match wish {
            DeclaredWish::Add { customer, class, name, site, state, since, fields } => {
                let begin = |hand: &Hand, customer: CustomerId, site: Option<&Site>| {
                    let place = site.map(|site| (site.id, site.name.as_str()));
                    let state = (state, since.unwrap_or(hand.today));
                    let mut edit = declare::add((ItemId::new(), customer), class, &name, place, state, hand)?;
                    put(&mut edit, &fields)?;
                    Ok(edit)
                };
                self.add_item(actor, &customer, site.as_deref(), begin, now)
            }
            DeclaredWish::Set { item, name, site, fields, version } => match self.seen(actor, &item, version).await? {
                Ok(ci) => self.set_item(actor, ci, name.as_deref(), site.as_deref(), &fields, now),
                Err(refusal) => Err(refusal),
            },
            DeclaredWish::Move { item, state, since, version } => match self.seen(actor, &item, version).await? {
                Ok(ci) => self.move_item(actor, ci, state, since, now),
                Err(refusal) => Err(refusal),
            },
            DeclaredWish::Replace { old, new } => match (self.ci(actor, &old).await?, self.ci(actor, &new).await?) {
                (Ok(old), Ok(new)) => self.replace_item(actor, old, new, now).await?,
                (Err(refusal), _) | (_, Err(refusal)) => Err(refusal),
            },
            DeclaredWish::Import { customer, text, digest } => match self.own_customer(actor, &customer) {
                Ok(customer) => self.import(actor, customer, &text, digest.as_deref(), now).await?,
                Err(refusal) => Err(refusal),
            },
            DeclaredWish::Baseline { customer, site } => self.fix_baseline(actor, &customer, &site, now).await?,
            DeclaredWish::BaselineRemove { customer, site, baseline } => {
                self.remove_baseline(actor, &customer, &site, baseline).await?
            }
        })
    }

    fn add_item(
        &self,
        actor: &Actor,
        customer: &str,
        site: Option<&str>,
        begin: impl FnOnce(&Hand, CustomerId, Option<&Site>) -> std::result::Result<Edit, Refused>,
        now: Timestamp,
    ) -> Obeyed {
        let customer = self.own_customer(actor, customer)?;
        let site = site.filter(|site| !site.is_empty()).map(|site| self.own_site(customer, site)).transpose()?;
        let edit = begin(&self.hand(actor, customer, now), customer, site).map_err(refused)?;
        let id = json!(edit.declared.item);
        Ok((done(vec![edit]), id))
    }

    fn set_item(
        &self,
        actor: &Actor,
        ci: Ci,
        name: Option<&str>,
        site: Option<&str>,
        fields: &DeclaredFields,
        now: Timestamp,
    ) -> Obeyed {
        let customer = ci.declared.customer;
        let mut edit = Edit::new(ci.declared, &self.hand(actor, customer, now));
        if let Some(name) = name {
            edit.rename(name).map_err(refused)?;
        }
        if let Some(site) = site {
            let wanted = if site.is_empty() { None } else { Some(self.own_site(customer, site)?) };
            let before = edit.declared.site.and_then(|site| self.world.sites.get(&site)).map(|site| site.name.as_str());
            edit.place(wanted.map(|site| (site.id, site.name.as_str())), before).map_err(refused)?;
        }
        put(&mut edit, fields).map_err(refused)?;
        Ok((done(vec![edit]), Value::Null))
    }

    fn move_item(&self, actor: &Actor, ci: Ci, state: LifeState, since: Option<Date>, now: Timestamp) -> Obeyed {
        let hand = self.hand(actor, ci.declared.customer, now);
        let since = since.unwrap_or(hand.today);
        let mut edit = Edit::new(ci.declared, &hand);
        edit.go(state, since).map_err(refused)?;
        Ok((done(vec![edit]), Value::Null))
    }

    async fn replace_item(&mut self, actor: &Actor, old: Ci, new: Ci, now: Timestamp) -> Result<Obeyed> {
        let is_replaced = self.store.successors(old.declared.item).await?.len() > 1;
        let customer = old.declared.customer;
        let hand = self.hand(actor, customer, now);
        let sites: Vec<Site> = self.world.sites.values().filter(|site| site.customer == customer).cloned().collect();
        let (goes, comes) = match declare::replace(&old, &new, is_replaced, &sites, &hand) {
            Ok(both) => both,
            Err(refusal) => return Ok(Err(refused(refusal))),
        };
        let mut effects = done(vec![goes, comes]);
        let (from, to) = (new.declared.item, old.declared.item);
        effects.relations.push(Relation { from, kind: RelationKind::Supersedes, to, since: now, until: None });
        let moved: Vec<Incident> = self.incidents_about(&old).cloned().collect();
        for incident in moved {
            let advance = lifecycle::succeeded(&incident, from, (old.name(), new.name()), &actor.name, now);
            self.apply(advance, &mut effects, now);
        }
        let incidents = effects.incidents.len();
        Ok(Ok((effects, json!({ "incidents": incidents }))))
    }

    /// Live incidents about an item; those of a host are about its machine.
    fn incidents_about<'a>(&'a self, ci: &'a Ci) -> impl Iterator<Item = &'a Incident> {
        let machine = ci.declared.class == CiClass::Observed(Class::Computer);
        let host = ci.declared.host.filter(|_| machine);
        let about = move |incident: &&Incident| {
            incident.item == Some(ci.declared.item) || (host.is_some() && incident.host == host)
        };
        self.world.incidents.values().filter(|incident| incident.state.is_live()).filter(about)
    }

    async fn import(
        &self,
        actor: &Actor,
        customer: CustomerId,
        text: &str,
        digest: Option<&str>,
        now: Timestamp,
    ) -> Result<Obeyed> {
        let cis = self.store.cis(customer).await?;
        let sites: Vec<Site> = self.world.sites.values().filter(|site| site.customer == customer).cloned().collect();
        let books = Books { customer, cis: &cis, sites: &sites, place: &|ci| self.place(ci) };
        let preview = match declare::plan(text, &books, &self.hand(actor, customer, now)) {
            Ok(preview) => preview,
            Err(refusal) => return Ok(Err(refused(refusal))),
        };
        Ok(match digest {
            None => Ok((Effects::default(), told(&preview))),
            Some(digest) => accepted(preview, digest).map(|preview| {
                let answer = told(&preview);
                (done(preview.edits), answer)
            }),
        })
    }

    /// Where an item stands: where it is declared to, or where its host does.
    fn place(&self, ci: &Ci) -> Option<SiteId> {
        let of_host = || self.world.hosts.get(&ci.declared.host?).map(|host| host.site);
        ci.declared.site.or_else(of_host)
    }

    /// The day at the desk of a customer.
    pub(super) fn hand(&self, actor: &Actor, customer: CustomerId, now: Timestamp) -> Hand {
        let rule = self.world.contracts.get(&customer).map(|contract| contract.calendar.clone());
        let desk = Calendar::new(&rule.unwrap_or_default());
        let today = desk.map_or_else(|_| jiff::tz::TimeZone::UTC.to_datetime(now).date(), |desk| desk.date_of(now));
        Hand { actor: actor.name.clone(), now, today }
    }

    async fn ci(&self, actor: &Actor, id: &str) -> Result<Checked<Ci>> {
        let absent = || not_found(format!("no item {id:?}"));
        let Ok(id) = id.parse() else { return Ok(Err(absent())) };
        let found = self.store.ci(id).await?.filter(|ci| actor.scope.covers(ci.declared.customer));
        Ok(found.ok_or_else(absent))
    }

    /// An item that is still as the actor saw it.
    async fn seen(&self, actor: &Actor, id: &str, version: Option<String>) -> Result<Checked<Ci>> {
        Ok(self.ci(actor, id).await?.and_then(|ci| {
            declare::unchanged_since(version.as_deref(), &ci.declared).map_err(refused)?;
            Ok(ci)
        }))
    }

    pub(super) fn own_customer(&self, actor: &Actor, text: &str) -> Checked<CustomerId> {
        let named = || self.world.customer_by_name(text).map(|customer| customer.id);
        let by_id = text.parse().ok().filter(|id| self.world.customers.contains_key(id));
        let found = by_id.or_else(named).filter(|id| actor.scope.covers(*id));
        found.ok_or_else(|| not_found(format!("no customer {text:?}")))
    }

    pub(super) fn own_site(&self, customer: CustomerId, text: &str) -> Checked<&Site> {
        let by_id = text.parse().ok().and_then(|id: SiteId| self.world.sites.get(&id));
        let found = by_id.filter(|site| site.customer == customer);
        let found = found.or_else(|| self.world.site_by_name(customer, text));
        found.ok_or_else(|| not_found(format!("this customer has no site {text:?}")))
    }
}

fn put(edit: &mut Edit, fields: &DeclaredFields) -> std::result::Result<(), Refused> {
    fields.iter().try_for_each(|(field, value)| edit.put(field, value))
}

/// What changes; an item that stays as it is makes nothing.
pub(super) fn done(edits: Vec<Edit>) -> Effects {
    let mut effects = Effects::default();
    for edit in edits.into_iter().filter(|edit| !edit.changes.is_empty()) {
        effects.declared.push(edit.declared);
        effects.declared_changes.extend(edit.changes);
    }
    effects
}

fn accepted(preview: Preview, digest: &str) -> Checked<Preview> {
    let bad = preview.count(RowKind::Refused);
    if bad > 0 {
        return Err(invalid(format!("{bad} rows are refused, so nothing is applied: look at the preview")));
    }
    if preview.digest != digest {
        let reason = "the table or what is declared changed since the preview: look at it again";
        return Err(super::command::conflict(reason.to_owned()));
    }
    Ok(preview)
}

fn told(preview: &Preview) -> Value {
    json!({
        "digest": preview.digest,
        "new": preview.count(RowKind::New),
        "changed": preview.count(RowKind::Changed),
        "unchanged": preview.count(RowKind::Unchanged),
        "refused": preview.count(RowKind::Refused),
        "rows": preview.rows,
    })
}

pub(super) fn refused(refusal: Refused) -> Refusal {
    Refusal(refusal.kind, refusal.reason)
}
