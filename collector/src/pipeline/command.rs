//! Commands about what people declare: customers, sites, contracts, users, tokens, hosts. Each is checked, carried
//! out and written to the audit log in one commit.

use super::Pipeline;
use crate::contract::{calendar::Calendar, notice};
use crate::model::{
    Actor, Admission, ApiToken, AuditEntry, CiClass, Class, Command, Contract, CredentialId, Customer, CustomerId,
    Duty, HostId, Language, Notice, Outcome, Permission, RefusalKind, Scope, Site, SiteCard, SiteId, User, UserId,
};
use crate::store::{Effects, EnrolmentToken, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::{SignedDuration, Timestamp};
use ring::rand::{SecureRandom, SystemRandom};
use serde_json::{Value, json};

const NAME_CHARS_MAX: usize = 128;

/// Why a command is not carried out.
pub(super) struct Refusal(pub RefusalKind, pub String);

/// What a command changes, and its answer.
pub(super) type Obeyed = std::result::Result<(Effects, Value), Refusal>;

impl Pipeline {
    /// Carries a command out.
    pub(super) async fn obey(&mut self, actor: &Actor, command: Command, now: Timestamp) -> Result<Outcome> {
        let (act, subject, wanted) = about(&command);
        if !actor.duty.may(wanted) {
            let entry = audit(actor, act, &subject, "forbidden", now);
            self.store.audit(entry).await?;
            return Ok(Outcome::Refused {
                kind: RefusalKind::Forbidden,
                reason: format!("{} may not do this", actor.name),
            });
        }
        if matches!(
            command,
            Command::HostApprove { .. }
                | Command::HostRevoke { .. }
                | Command::HostRole { .. }
                | Command::DuplicateDismiss { .. }
                | Command::DuplicateMerge { .. }
        ) {
            self.world.learn_hosts(&self.store).await?;
        }
        if let Err(Refusal(kind, reason)) = self.within_scope(actor, &command).await? {
            self.store.audit(audit(actor, act, &subject, &reason, now)).await?;
            return Ok(Outcome::Refused { kind, reason });
        }
        let who = actor.name.clone();
        let obeyed = match command {
            Command::Acknowledge { .. } | Command::Close { .. } | Command::Silence { .. } | Command::Judge { .. } => {
                self.handle_incident(actor, command, now).await?
            }
            Command::Declared { wish } => self.declare_item(actor, *wish, now).await?,
            Command::DuplicateDismiss { .. } | Command::DuplicateMerge { .. } => {
                self.decide_duplicate(actor, command, now).await?
            }
            Command::UserAdd { ref name, .. } if self.store.user_by_name(name).await?.is_some() => {
                Err(conflict(format!("a user named {name:?} exists already")))
            }
            command => self.declare(command, &who, now),
        };
        match obeyed {
            Ok((mut effects, result)) => {
                effects.audit.push(audit(actor, act, &subject, "done", now));
                effects.hosts = self.world.take_touched();
                self.remember(&effects);
                self.commit(effects, now).await?;
                Ok(Outcome::Done { result })
            }
            Err(Refusal(kind, reason)) => {
                self.store.audit(audit(actor, act, &subject, &reason, now)).await?;
                Ok(Outcome::Refused { kind, reason })
            }
        }
    }

    /// Somebody with some customers touches those alone, and never makes a right that is wider than their own.
    async fn within_scope(&mut self, actor: &Actor, command: &Command) -> Result<std::result::Result<(), Refusal>> {
        if actor.scope == Scope::All {
            return Ok(Ok(()));
        }
        let customer = match command {
            Command::SiteAdd { customer, .. }
            | Command::IntakeEnd { customer, .. }
            | Command::ContractSet { customer, .. }
            | Command::NoticeGive { customer, .. }
            | Command::NoticeConfirm { customer, .. }
            | Command::TokenCreate { customer, .. } => self.customer(customer).ok(),
            Command::HostApprove { host } | Command::HostRevoke { host } => {
                self.host(host).ok().and_then(|host| self.world.hosts.get(&host)).map(|host| host.customer)
            }
            Command::HostRole { host, .. } => self.world.hosts.get(host).map(|host| host.customer),
            Command::Redeliver { message } => match message.parse() {
                Ok(id) => self.store.customer_of_message(id).await?,
                Err(_) => None,
            },
            // Of these the scope is looked at where the thing is found.
            Command::Acknowledge { .. }
            | Command::Close { .. }
            | Command::Silence { .. }
            | Command::Judge { .. }
            | Command::Declared { .. }
            | Command::DuplicateDismiss { .. }
            | Command::DuplicateMerge { .. } => return Ok(Ok(())),
            Command::CustomerAdd { .. } | Command::UserAdd { .. } | Command::ApiTokenCreate { .. } => {
                let reason = format!("{} may not do this: it is for those who see all customers", actor.name);
                return Ok(Err(Refusal(RefusalKind::Forbidden, reason)));
            }
        };
        let visible = customer.is_some_and(|customer| actor.scope.covers(customer));
        Ok(if visible { Ok(()) } else { Err(not_found("no such thing".to_owned())) })
    }

    fn declare(&mut self, command: Command, who: &str, now: Timestamp) -> Obeyed {
        match command {
            Command::CustomerAdd { name, language } => self.customer_add(&name, language, now),
            Command::SiteAdd { customer, name, card } => self.site_add(&customer, &name, card, now),
            Command::IntakeEnd { customer, site } => self.intake_end(&customer, &site, now),
            Command::ContractSet { customer, contract } => self.contract_set(&customer, *contract),
            Command::NoticeGive { customer, received_on } => self.notice_give(&customer, received_on),
            Command::NoticeConfirm { customer, end_on } => self.notice_confirm(&customer, end_on, who, now),
            Command::UserAdd { name, password_hash, duty, customers, language } => {
                self.user_add(&name, password_hash, duty, &customers, language)
            }
            Command::ApiTokenCreate { name, duty, customers } => self.api_token(&name, duty, &customers),
            Command::TokenCreate { customer, site, uses, ttl_s, cidr } => {
                self.token(&customer, &site, uses, ttl_s, cidr, now)
            }
            Command::HostApprove { host } => self.admit(&host, Admission::Active),
            Command::HostRevoke { host } => self.admit(&host, Admission::Revoked),
            Command::HostRole { host, role } => {
                let known = self.world.hosts.get_mut(&host).ok_or_else(|| not_found(format!("no host {host}")))?;
                known.role = role;
                self.world.touch(host);
                Ok((Effects::default(), Value::Null))
            }
            Command::Redeliver { message } => {
                let id = message.parse().map_err(|_| invalid(format!("{message:?} is not the id of a message")))?;
                Ok((Effects { redelivered: vec![id], ..Effects::default() }, Value::Null))
            }
            Command::Acknowledge { .. } | Command::Close { .. } | Command::Silence { .. } | Command::Judge { .. } => {
                Err(invalid("an incident is not declared".to_owned()))
            }
            Command::Declared { .. } => Err(invalid("an item is declared elsewhere".to_owned())),
            Command::DuplicateDismiss { .. } | Command::DuplicateMerge { .. } => {
                Err(invalid("which machine is which is not declared".to_owned()))
            }
        }
    }

    fn customer_add(&self, name: &str, language: Language, now: Timestamp) -> Obeyed {
        let name = good_name(name)?;
        if self.world.customer_by_name(&name).is_some() {
            return Err(conflict(format!("a customer named {name:?} exists already")));
        }
        let customer = Customer { id: CustomerId::new(), name, language, created_at: now };
        let id = json!(customer.id);
        Ok((Effects { customers: vec![customer], ..Effects::default() }, id))
    }

    fn site_add(&self, customer: &str, name: &str, card: SiteCard, now: Timestamp) -> Obeyed {
        let customer = self.customer(customer)?;
        let name = good_name(name)?;
        if self.world.site_by_name(customer, &name).is_some() {
            return Err(conflict(format!("this customer has a site named {name:?} already")));
        }
        let site = Site { id: SiteId::new(), customer, name, card, created_at: now, intake_ended_at: None };
        let id = json!(site.id);
        Ok((Effects { sites: vec![site], ..Effects::default() }, id))
    }

    fn intake_end(&self, customer: &str, site: &str, now: Timestamp) -> Obeyed {
        let mut site = self.site(self.customer(customer)?, site)?;
        if site.intake_ended_at.is_some() {
            return Err(conflict("the intake of this site has ended already".to_owned()));
        }
        site.intake_ended_at = Some(now);
        Ok((Effects { sites: vec![site], ..Effects::default() }, Value::Null))
    }

    fn contract_set(&mut self, customer: &str, mut contract: Contract) -> Obeyed {
        contract.customer = self.customer(customer)?;
        if contract.minimum_term_months < 12 {
            return Err(invalid("the minimum term is at least 12 months".to_owned()));
        }
        let calendar = Calendar::new(&contract.calendar).map_err(|error| invalid(error.to_string()))?;
        if let Some(extra) = &contract.extended_hours {
            calendar.with_extra_hours(extra).map_err(|error| invalid(error.to_string()))?;
        }
        // A contract that is set again keeps the notice that was given on it.
        let before = self.world.contracts.get(&contract.customer);
        contract.notice = contract.notice.or_else(|| before.and_then(|before| before.notice.clone()));
        // What alarmed without being an incident may be one under the new contract.
        let hosts: Vec<HostId> =
            self.world.hosts.values().filter(|host| host.customer == contract.customer).map(|host| host.id).collect();
        for host in hosts {
            self.world.states.tell_again(host);
        }
        Ok((Effects { contracts: vec![contract], ..Effects::default() }, Value::Null))
    }

    fn notice_give(&self, customer: &str, received_on: jiff::civil::Date) -> Obeyed {
        let mut contract = self.contract(customer)?;
        if contract.notice.as_ref().is_some_and(|notice| notice.confirmed_end.is_some()) {
            return Err(conflict("an end was confirmed already".to_owned()));
        }
        contract.notice = Some(Notice { received_on, confirmed_end: None, confirmed_by: None });
        let dates = notice::dates(&contract, received_on);
        let result = json!({
            "received_on": dates.received_on,
            "processed_on": dates.processed_on,
            "full_month_starts_on": dates.full_month_starts_on,
            "minimum_term_ends_on": dates.minimum_term_ends_on,
            "end_on": dates.end_on,
        });
        Ok((Effects { contracts: vec![contract], ..Effects::default() }, result))
    }

    fn notice_confirm(&self, customer: &str, end_on: jiff::civil::Date, who: &str, now: Timestamp) -> Obeyed {
        let mut contract = self.contract(customer)?;
        let Some(given) = contract.notice.clone() else {
            return Err(conflict("no notice was given on this contract".to_owned()));
        };
        let dates = notice::dates(&contract, given.received_on);
        if end_on < dates.end_on {
            return Err(invalid(format!("the contract does not end before {}", dates.end_on)));
        }
        contract.notice =
            Some(Notice { confirmed_end: Some(end_on), confirmed_by: Some((who.to_owned(), now)), ..given });
        Ok((Effects { contracts: vec![contract], ..Effects::default() }, json!({ "end_on": end_on })))
    }

    fn user_add(
        &self,
        name: &str,
        password_hash: String,
        duty: Duty,
        customers: &[String],
        language: Language,
    ) -> Obeyed {
        let user = User {
            id: UserId::new(),
            name: good_name(name)?,
            password_hash,
            duty,
            scope: self.scope(customers)?,
            language,
            disabled: false,
        };
        let id = json!(user.id);
        Ok((Effects { users: vec![user], ..Effects::default() }, id))
    }

    fn api_token(&self, name: &str, duty: Duty, customers: &[String]) -> Obeyed {
        let id = CredentialId::new();
        let text = format!("wacht_{}_{}", id.0.simple(), random_text()?);
        let token = ApiToken {
            id,
            name: good_name(name)?,
            secret_hash: sha256(&text),
            duty,
            scope: self.scope(customers)?,
            expires_at: None,
        };
        Ok((Effects { api_tokens: vec![token], ..Effects::default() }, json!(text)))
    }

    fn token(&self, customer: &str, site: &str, uses: u32, ttl_s: u64, cidr: Option<String>, now: Timestamp) -> Obeyed {
        let customer = self.customer(customer)?;
        let site = self.site(customer, site)?.id;
        if uses == 0 || ttl_s == 0 || ttl_s > 90 * 86_400 {
            return Err(invalid("a token has at least one use and at most 90 days".to_owned()));
        }
        if cidr
            .as_ref()
            .is_some_and(|cidr| cidr.split('/').next().is_none_or(|base| base.parse::<std::net::IpAddr>().is_err()))
        {
            return Err(invalid("--cidr is a network such as 192.0.2.0/24".to_owned()));
        }
        let (id, secret) = (uuid::Uuid::now_v7().simple().to_string(), random_text()?);
        let text = format!("wacht1.{id}.{secret}.{}", URL_SAFE_NO_PAD.encode(self.settings.root_key_hash));
        let expires_at = now + SignedDuration::from_secs(ttl_s as i64);
        let token = EnrolmentToken { id, secret_hash: sha256(&secret), customer, site, uses, expires_at, cidr };
        Ok((Effects { enrolment_tokens: vec![token], ..Effects::default() }, json!(text)))
    }

    fn admit(&mut self, host: &str, admission: Admission) -> Obeyed {
        let id = self.host(host)?;
        let known = self.world.hosts.get_mut(&id).ok_or_else(|| not_found(format!("no host {host:?}")))?;
        match (known.admission, admission) {
            (Admission::Pending | Admission::Quarantined, Admission::Active)
            | (Admission::Active | Admission::Pending | Admission::Quarantined, Admission::Revoked) => {
                Ok((Effects { admissions: vec![(id, admission)], ..Effects::default() }, json!({ "host": id })))
            }
            (now, _) => Err(conflict(format!("the host is {now:?} already").to_lowercase())),
        }
    }

    /// Takes into memory what a command declares.
    fn remember(&mut self, effects: &Effects) {
        for customer in &effects.customers {
            self.world.customers.insert(customer.id, customer.clone());
        }
        for site in &effects.sites {
            self.world.sites.insert(site.id, site.clone());
        }
        for contract in &effects.contracts {
            self.world.contracts.insert(contract.customer, contract.clone());
        }
        for declared in effects.declared.iter().filter(|one| one.class == CiClass::Observed(Class::Computer)) {
            let Some(host) = declared.host else { continue };
            if declared.state.is_in_service() {
                self.world.out_of_service.remove(&host);
            } else {
                self.world.out_of_service.insert(host);
            }
        }
        for (host, admission) in &effects.admissions {
            if let Some(host) = self.world.hosts.get_mut(host) {
                host.admission = *admission;
            }
        }
    }

    fn customer(&self, name: &str) -> std::result::Result<CustomerId, Refusal> {
        let found = self.world.customer_by_name(name).map(|customer| customer.id);
        found.ok_or_else(|| not_found(format!("no customer named {name:?}")))
    }

    fn site(&self, customer: CustomerId, name: &str) -> std::result::Result<Site, Refusal> {
        self.world
            .site_by_name(customer, name)
            .cloned()
            .ok_or_else(|| not_found(format!("this customer has no site named {name:?}")))
    }

    fn contract(&self, customer: &str) -> std::result::Result<Contract, Refusal> {
        let id = self.customer(customer)?;
        self.world.contracts.get(&id).cloned().ok_or_else(|| not_found(format!("{customer:?} has no contract yet")))
    }

    fn host(&self, text: &str) -> std::result::Result<HostId, Refusal> {
        if let Ok(id) = text.parse::<HostId>() {
            return Ok(id);
        }
        let named: Vec<_> = self.world.hosts.values().filter(|host| host.name == text).collect();
        match named[..] {
            [host] => Ok(host.id),
            [] => Err(not_found(format!("no host named {text:?}"))),
            _ => Err(conflict(format!("{} hosts are named {text:?}: give the id instead", named.len()))),
        }
    }

    fn scope(&self, customers: &[String]) -> std::result::Result<Scope, Refusal> {
        if customers.is_empty() {
            return Ok(Scope::All);
        }
        customers.iter().map(|name| self.customer(name)).collect::<std::result::Result<_, _>>().map(Scope::Customers)
    }
}

/// For the audit log: the act, its subject, and the permission that it needs.
fn about(command: &Command) -> (&'static str, String, Permission) {
    use Permission::{Administer, Handle};
    match command {
        Command::CustomerAdd { name, .. } => ("customer_add", name.clone(), Administer),
        Command::SiteAdd { customer, name, .. } => ("site_add", format!("{customer}/{name}"), Administer),
        Command::IntakeEnd { customer, site } => ("intake_end", format!("{customer}/{site}"), Administer),
        Command::ContractSet { customer, .. } => ("contract_set", customer.clone(), Administer),
        Command::NoticeGive { customer, .. } => ("notice_give", customer.clone(), Administer),
        Command::NoticeConfirm { customer, .. } => ("notice_confirm", customer.clone(), Administer),
        Command::UserAdd { name, .. } => ("user_add", name.clone(), Administer),
        Command::ApiTokenCreate { name, .. } => ("api_token_create", name.clone(), Administer),
        Command::TokenCreate { customer, site, .. } => ("token_create", format!("{customer}/{site}"), Administer),
        Command::HostApprove { host } => ("host_approve", host.clone(), Administer),
        Command::HostRevoke { host } => ("host_revoke", host.clone(), Administer),
        Command::HostRole { host, .. } => ("host_role", host.to_string(), Administer),
        Command::DuplicateDismiss { duplicate } => ("duplicate_dismiss", duplicate.to_string(), Administer),
        Command::DuplicateMerge { duplicate } => ("duplicate_merge", duplicate.to_string(), Administer),
        Command::Redeliver { message } => ("redeliver", message.clone(), Handle),
        Command::Acknowledge { incident, .. } => ("acknowledge", incident.to_string(), Handle),
        Command::Close { incident, .. } => ("close", incident.to_string(), Handle),
        Command::Silence { incident, .. } => ("silence", incident.to_string(), Handle),
        Command::Judge { incident, .. } => ("judge", incident.to_string(), Handle),
        Command::Declared { wish } => super::command_declared::about(wish),
    }
}

fn audit(actor: &Actor, act: &str, subject: &str, outcome: &str, now: Timestamp) -> AuditEntry {
    AuditEntry {
        at: now,
        actor: actor.name.clone(),
        act: act.to_owned(),
        subject: subject.to_owned(),
        outcome: outcome.to_owned(),
    }
}

fn good_name(name: &str) -> std::result::Result<String, Refusal> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_CHARS_MAX || name.chars().any(char::is_control) {
        return Err(invalid(format!("a name has 1 to {NAME_CHARS_MAX} characters and no control characters")));
    }
    Ok(name.to_owned())
}

fn random_text() -> std::result::Result<String, Refusal> {
    let mut bytes = [0u8; 32];
    let failed = |_| Refusal(RefusalKind::Failed, "the system gives no random bytes".to_owned());
    SystemRandom::new().fill(&mut bytes).map_err(failed)?;
    Ok(URL_SAFE_NO_PAD.encode(bytes))
}

fn sha256(text: &str) -> String {
    ring::digest::digest(&ring::digest::SHA256, text.as_bytes())
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

pub(super) fn not_found(reason: String) -> Refusal {
    Refusal(RefusalKind::NotFound, reason)
}

pub(super) fn invalid(reason: String) -> Refusal {
    Refusal(RefusalKind::Invalid, reason)
}

pub(super) fn conflict(reason: String) -> Refusal {
    Refusal(RefusalKind::Conflict, reason)
}
