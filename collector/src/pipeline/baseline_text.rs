//! A site's baseline, and its drift, as plain text for the command line. The pages show the same in their own form.

use super::Pipeline;
use super::command::{Obeyed, not_found};
use crate::declare::{self, DriftRow, LISTED, Sheet};
use crate::model::{Actor, Baseline, BaselineItem, ChangeKind, CiClass, Customer, HostId, Language, Site, Value};
use crate::store::{Effects, Result};
use serde_json::json;

/// Characters of a value.
const VALUE_CHARACTERS_MAX: usize = 60;

impl Pipeline {
    /// The newest baseline of a site as a paper.
    pub(super) async fn print_baseline(&self, actor: &Actor, customer: &str, site: &str) -> Result<Obeyed> {
        let (site, baseline) = match self.newest_baseline(actor, customer, site).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let listed = LISTED.iter().map(|class| class.word()).collect();
        let items = self.store.baseline_of_classes(baseline.id, listed).await?;
        let counts = self.store.baseline_counts(baseline.id).await?;
        let mut lines = self.heading(actor, "declare-baseline", &site, &baseline);
        for sheet in declare::sheets(items, counts) {
            lines.extend(self.sheet(actor.language, &sheet));
        }
        Ok(Ok((Effects::default(), json!(lines.join("\n")))))
    }

    /// What drifted since the newest baseline of a site.
    pub(super) async fn print_drift(&self, actor: &Actor, customer: &str, site: &str) -> Result<Obeyed> {
        let (site, baseline) = match self.newest_baseline(actor, customer, site).await? {
            Ok(found) => found,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let counts = self.store.baseline_counts(baseline.id).await?;
        let fixed: u64 = counts.iter().filter(|(_, class, _)| declare::may_drift(*class)).map(|(.., n)| n).sum();
        let (before, now) = self.store.baseline_differences(baseline.id, site.id).await?;
        let drift = declare::drift(&before, &now, fixed as usize);
        let mut lines = self.heading(actor, "declare-drift", &site, &baseline);
        lines.extend(drift.rows.iter().map(|row| self.drift_line(actor.language, row)));
        lines.extend(drift.counted.iter().map(|one| {
            let class = self.class(actor.language, CiClass::Observed(one.class));
            let (host, names) = (self.host_name(one.host), one.names.join(", "));
            plain(&format!("+{} −{} ~{}  {class}  {host}  {names}", one.added, one.removed, one.changed))
        }));
        if drift.rows.is_empty() && drift.counted.is_empty() {
            lines.push(self.words.text("declare-drift-none", actor.language));
        }
        Ok(Ok((Effects::default(), json!(lines.join("\n")))))
    }

    async fn newest_baseline(
        &self,
        actor: &Actor,
        customer: &str,
        site: &str,
    ) -> Result<std::result::Result<(Site, Baseline), super::command::Refusal>> {
        let site = self.own_customer(actor, customer).and_then(|customer| self.own_site(customer, site).cloned());
        let site = match site {
            Ok(site) => site,
            Err(refusal) => return Ok(Err(refusal)),
        };
        let newest = self.store.baselines(site.id).await?.into_iter().next();
        let absent = || not_found(format!("no baseline of {:?} was fixed yet", site.name));
        Ok(newest.ok_or_else(absent).map(|baseline| (site, baseline)))
    }

    fn heading(&self, actor: &Actor, key: &str, site: &Site, baseline: &Baseline) -> Vec<String> {
        let text = |key: &str| self.words.text(key, actor.language);
        let customer = self.world.customers.get(&site.customer).map(|customer: &Customer| customer.name.as_str());
        let day = baseline.fixed_at.to_zoned(self.settings.zone.clone());
        let fixed = self.words.date(day.date(), actor.language);
        let clock = day.strftime("%H:%M");
        vec![
            plain(&format!("{}: {}, {}", text(key), customer.unwrap_or_default(), site.name)),
            plain(&format!("{} {fixed} {clock} · {}", text("declare-baseline-fixed"), baseline.actor)),
            String::new(),
        ]
    }

    fn sheet(&self, language: Language, sheet: &Sheet) -> Vec<String> {
        let declared = || self.words.text("declare-by-people", language);
        let name = sheet.machine.clone().or_else(|| sheet.host.map(|host| self.host_name(host)));
        let mut lines = vec![plain(&name.unwrap_or_else(declared))];
        lines.extend(sheet.rows.iter().map(|item| self.item_line(language, item)));
        let counts = sheet.counts.iter().map(|(class, count)| format!("{}: {count}", self.class(language, *class)));
        let counts = counts.collect::<Vec<_>>().join(" · ");
        lines.extend((!counts.is_empty()).then(|| format!("  {counts}")));
        lines.push(String::new());
        lines
    }

    fn item_line(&self, language: Language, item: &BaselineItem) -> String {
        let fact = |(name, value): (&str, &Value)| format!("{} {}", named(name), self.value(language, name, value));
        let facts = declare::facts(item).into_iter().map(fact).collect::<Vec<_>>().join(" · ");
        plain(&format!("  {:<20} {}  {facts}", self.class(language, item.class), item.name))
    }

    fn drift_line(&self, language: Language, row: &DriftRow) -> String {
        let sign = match row.kind {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '−',
            ChangeKind::Changed => '~',
        };
        let side = |name: &str, value: &Option<Value>| {
            value.as_ref().map_or_else(|| "–".to_owned(), |value| self.value(language, name, value))
        };
        let fields = row
            .fields
            .iter()
            .map(|(name, old, new)| format!("{}: {} → {}", named(name), side(name, old), side(name, new)));
        let fields = fields.collect::<Vec<_>>().join("; ");
        let with = if row.with > 0 { format!("(+{})", row.with) } else { String::new() };
        let place =
            row.host.map_or_else(|| self.words.text("declare-by-people", language), |host| self.host_name(host));
        plain(&format!("{sign}  {}  {}  {place}  {fields}{with}", self.class(language, row.class), row.name))
    }

    fn host_name(&self, host: HostId) -> String {
        self.world.hosts.get(&host).map_or_else(|| host.to_string(), |host| host.name.clone())
    }

    fn class(&self, language: Language, class: CiClass) -> String {
        let room = if matches!(class, CiClass::Declared(_)) { "declare" } else { "console" };
        self.words.text(&format!("{room}-class-{}", class.word().replace('_', "-")), language)
    }

    fn value(&self, language: Language, name: &str, value: &Value) -> String {
        let text = match value {
            Value::Flag(flag) => self.words.text(if *flag { "console-yes" } else { "console-no" }, language),
            Value::Integer(bytes) if name.ends_with("_bytes") => self.words.bytes(*bytes as f64, language),
            Value::Integer(number) => number.to_string(),
            Value::Text(text) => text.clone(),
            Value::List(texts) => texts.join(", "),
        };
        text.chars().take(VALUE_CHARACTERS_MAX).collect()
    }
}

fn named(field: &str) -> String {
    field.trim_end_matches("_bytes").replace('_', " ")
}

/// One line: what machines and people wrote must not steer a terminal.
fn plain(line: &str) -> String {
    line.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>().trim_end().to_owned()
}
