//! What goes out: an incident's change as messages in the outbox, one for each destination it concerns, rendered in
//! the customer's language.

use super::Pipeline;
use crate::model::{
    Alarm, CustomerId, DeliveryState, Destination, HostId, Incident, Language, Message, MessageId, MessageKind,
    OutboxMessage, Purpose, SiteId, Via,
};
use crate::picture;
use crate::store::Effects;
use jiff::Timestamp;
use serde_json::{Value, json};

const PICTURE_COLUMNS: usize = 60;

/// What a message is about, before it is an incident or without ever being one.
pub struct Occasion<'a> {
    /// Whose.
    pub customer: CustomerId,
    /// Where.
    pub site: SiteId,
    /// Which host.
    pub host: Option<HostId>,
    /// What the monitor says.
    pub alarm: &'a Alarm,
    /// Which monitor.
    pub monitor: &'a str,
    /// Which object.
    pub object: &'a str,
}

impl Pipeline {
    /// Puts one change of an incident into the outbox.
    pub(super) fn tell(&self, incident: &Incident, kind: MessageKind, effects: &mut Effects, now: Timestamp) {
        let purpose = if kind == MessageKind::Page { Purpose::Page } else { Purpose::Ticket };
        let body = self.incident_body(incident, kind);
        for destination in self.destinations(incident.customer, purpose) {
            let word = kind.event_type().trim_start_matches("wacht.").trim_end_matches(".v1");
            effects.outbox.push(OutboxMessage {
                id: MessageId::new(),
                customer: incident.customer,
                incident: Some(incident.id),
                key: format!("{}:{}:{word}:{}", incident.id, incident.change_number, destination.name),
                destination: destination.name.clone(),
                kind,
                body: body.clone(),
                not_before: now,
                created_at: now,
                state: DeliveryState::Waiting,
                attempts: 0,
                last_error: None,
                ended_at: None,
            });
        }
    }

    /// Puts a courtesy notice into the outbox; the same fact is told once.
    pub(super) fn tell_courtesy(
        &self,
        occasion: &Occasion<'_>,
        key: String,
        account_email: String,
        at: Timestamp,
        effects: &mut Effects,
        now: Timestamp,
    ) {
        let mut body = self.occasion_body(occasion);
        body["kind"] = json!("courtesy");
        body["account_email"] = json!(account_email);
        let by_mail = |destination: &&Destination| matches!(destination.via, Via::Email { .. });
        let Some(destination) = self.destinations(occasion.customer, Purpose::Courtesy).find(by_mail) else {
            tracing::warn!(customer = %occasion.customer, "no mail destination for courtesy notices");
            return;
        };
        effects.outbox.push(OutboxMessage {
            id: MessageId::new(),
            customer: occasion.customer,
            incident: None,
            key,
            destination: destination.name.clone(),
            kind: MessageKind::Courtesy,
            body,
            not_before: at,
            created_at: now,
            state: DeliveryState::Waiting,
            attempts: 0,
            last_error: None,
            ended_at: None,
        });
    }

    fn destinations(&self, customer: CustomerId, purpose: Purpose) -> impl Iterator<Item = &Destination> {
        let name = self.world.customers.get(&customer).map(|customer| customer.name.clone()).unwrap_or_default();
        self.settings.destinations.iter().filter(move |destination| {
            let concerned = destination.customers.is_empty() || destination.customers.contains(&name);
            concerned && destination.purposes.contains(&purpose)
        })
    }

    fn incident_body(&self, incident: &Incident, kind: MessageKind) -> Value {
        let occasion = Occasion {
            customer: incident.customer,
            site: incident.site,
            host: incident.host,
            alarm: &incident.alarm,
            monitor: &incident.monitor,
            object: &incident.object,
        };
        let language = self.language(incident.customer);
        let mut body = self.occasion_body(&occasion);
        body["kind"] = json!(kind);
        body["incident_id"] = json!(incident.id);
        body["change_number"] = json!(incident.change_number);
        body["state"] = json!(incident.state);
        body["monitor_version"] = json!(incident.monitor_version);
        body["opened_at"] = json!(incident.opened_at);
        body["ended_at"] = json!(incident.ended_at);
        body["page_at"] = json!(incident.moments.page_at);
        body["due_at"] = json!(incident.moments.due_at);
        body["why"] = json!(self.say(&incident.moments.why, language));
        body["acknowledged_by"] = json!(incident.acknowledged_by);
        body["url"] = json!(format!("{}/incidents/{}", self.settings.console_url, incident.id));
        body["evidence_text"] = json!(self.evidence_text(incident, language));
        body["changes"] = json!(incident.evidence.changes.iter().map(change_line).collect::<Vec<_>>());
        body["hosts"] = json!(incident.evidence.hosts.iter().map(|(_, name)| name).collect::<Vec<_>>());
        body["last_event"] = json!(incident.timeline.last().map(|entry| self.say(&entry.what, language)));
        body
    }

    fn occasion_body(&self, occasion: &Occasion<'_>) -> Value {
        let language = self.language(occasion.customer);
        let say = |message: &Message| self.say(message, language);
        let site = self.world.sites.get(&occasion.site);
        json!({
            "severity": occasion.alarm.severity,
            "customer": self.world.customers.get(&occasion.customer).map(|customer| &customer.name),
            "site": site.map(|site| &site.name),
            "site_card": site.map(|site| &site.card),
            "host": occasion.host.and_then(|host| self.world.hosts.get(&host)).map(|host| &host.name),
            "host_id": occasion.host,
            "monitor": occasion.monitor,
            "object": occasion.object,
            "title": say(&occasion.alarm.title),
            "reason": say(&occasion.alarm.reason),
            "next_step": say(&occasion.alarm.next_step),
            "caveat": occasion.alarm.caveat.as_ref().map(say),
            "deadline": occasion.alarm.deadline,
            "since": occasion.alarm.since,
            "language": language,
            "zone": self.settings.zone.iana_name(),
        })
    }

    fn evidence_text(&self, incident: &Incident, language: Language) -> Option<String> {
        let chart = picture::of_incident(incident, self.settings.zone.clone(), language)?;
        Some(picture::plain(&chart, PICTURE_COLUMNS))
    }

    fn language(&self, customer: CustomerId) -> Language {
        self.world.customers.get(&customer).map(|customer| customer.language).unwrap_or_default()
    }

    fn say(&self, message: &Message, language: Language) -> String {
        self.words.say(message, language, &self.settings.zone)
    }
}

fn change_line(change: &crate::model::Change) -> String {
    let text = |value: &Option<crate::model::Value>| {
        value.as_ref().and_then(|value| serde_json::to_string(value).ok()).unwrap_or_default()
    };
    match (change.kind, &change.field) {
        (crate::model::ChangeKind::Added, _) => format!("+ {} {}", change.class.word(), change.name),
        (crate::model::ChangeKind::Removed, _) => format!("- {} {}", change.class.word(), change.name),
        (crate::model::ChangeKind::Changed, field) => {
            let field = field.as_deref().unwrap_or_default();
            format!("~ {} {} {field}: {} -> {}", change.class.word(), change.name, text(&change.old), text(&change.new))
        }
    }
}
