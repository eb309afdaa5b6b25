//! A site's baseline, and its drift, as plain text for the command line, which reads the store beside the collector that
//! may be running on it. The pages show the same in their own form.

use crate::declare::{self, DriftRow, LISTED, Sheet};
use crate::model::{Baseline, BaselineItem, ChangeKind, CiClass, Customer, HostId, Language, Site, Value};
use crate::store::{Result, Store};
use crate::words::Words;
use jiff::tz::TimeZone;
use std::collections::HashMap;

/// Characters of a value.
const VALUE_CHARACTERS_MAX: usize = 60;

/// Writes the texts of one site.
pub struct Writer {
    store: Store,
    words: Words,
    language: Language,
    zone: TimeZone,
    customer: Customer,
    site: Site,
    /// Names of the customer's hosts.
    hosts: HashMap<HostId, String>,
}

impl Writer {
    /// Reads the names of the hosts; times are told in `zone`.
    pub async fn new(
        store: Store,
        (words, language): (Words, Language),
        zone: TimeZone,
        (customer, site): (Customer, Site),
    ) -> Result<Self> {
        let hosts = store.host_list().await?.into_iter().filter(|host| host.customer == customer.id);
        let hosts = hosts.map(|host| (host.id, host.name)).collect();
        Ok(Self { store, words, language, zone, customer, site, hosts })
    }

    /// The baselines of the site, newest first, each with the number by which a person names it.
    pub fn list(&self, baselines: &[Baseline]) -> String {
        let line = |(index, baseline)| plain(&format!("{:>3}  {}", index + 1, self.fixed(baseline)));
        baselines.iter().enumerate().map(line).collect::<Vec<_>>().join("\n")
    }

    /// A baseline of the site as a paper.
    pub async fn paper(&self, baseline: &Baseline) -> Result<String> {
        let listed = LISTED.iter().map(|class| class.word()).collect();
        let items = self.store.baseline_of_classes(baseline.id, listed).await?;
        let counts = self.store.baseline_counts(baseline.id).await?;
        let mut lines = self.heading("declare-baseline", baseline);
        for sheet in declare::sheets(items, counts) {
            lines.extend(self.sheet(&sheet));
        }
        Ok(lines.join("\n"))
    }

    /// What drifted since a baseline of the site.
    pub async fn drift(&self, baseline: &Baseline) -> Result<String> {
        let drift = super::survey::drift(&self.store, baseline).await?;
        let mut lines = self.heading("declare-drift", baseline);
        lines.extend(drift.rows.iter().map(|row| self.drift_line(row)));
        lines.extend(drift.counted.iter().map(|one| {
            let class = self.class(CiClass::Observed(one.class));
            let (host, names) = (self.host_name(one.host), one.names.join(", "));
            plain(&format!("+{} −{} ~{}  {class}  {host}  {names}", one.added, one.removed, one.changed))
        }));
        if drift.rows.is_empty() && drift.counted.is_empty() {
            lines.push(self.words.text("declare-drift-none", self.language));
        }
        Ok(lines.join("\n"))
    }

    fn heading(&self, key: &str, baseline: &Baseline) -> Vec<String> {
        let text = |key: &str| self.words.text(key, self.language);
        vec![
            plain(&format!("{}: {}, {}", text(key), self.customer.name, self.site.name)),
            plain(&format!("{} {}", text("declare-baseline-fixed"), self.fixed(baseline))),
            String::new(),
        ]
    }

    fn fixed(&self, baseline: &Baseline) -> String {
        let day = baseline.fixed_at.to_zoned(self.zone.clone());
        let clock = day.strftime("%H:%M");
        format!("{} {clock} · {}", self.words.date(day.date(), self.language), baseline.actor)
    }

    fn sheet(&self, sheet: &Sheet) -> Vec<String> {
        let declared = || self.words.text("declare-by-people", self.language);
        let name = sheet.machine.clone().or_else(|| sheet.host.map(|host| self.host_name(host)));
        let mut lines = vec![plain(&name.unwrap_or_else(declared))];
        lines.extend(sheet.rows.iter().map(|item| self.item_line(item)));
        let counts = sheet.counts.iter().map(|(class, count)| format!("{}: {count}", self.class(*class)));
        let counts = counts.collect::<Vec<_>>().join(" · ");
        lines.extend((!counts.is_empty()).then(|| format!("  {counts}")));
        lines.push(String::new());
        lines
    }

    fn item_line(&self, item: &BaselineItem) -> String {
        let fact = |(name, value): (&str, &Value)| format!("{} {}", named(name), self.value(name, value));
        let facts = declare::facts(item).into_iter().map(fact).collect::<Vec<_>>().join(" · ");
        plain(&format!("  {:<20} {}  {facts}", self.class(item.class), item.name))
    }

    fn drift_line(&self, row: &DriftRow) -> String {
        let sign = match row.kind {
            ChangeKind::Added => '+',
            ChangeKind::Removed => '−',
            ChangeKind::Changed => '~',
        };
        let side = |name: &str, value: &Option<Value>| {
            value.as_ref().map_or_else(|| "–".to_owned(), |value| self.value(name, value))
        };
        let fields = row
            .fields
            .iter()
            .map(|(name, old, new)| format!("{}: {} → {}", named(name), side(name, old), side(name, new)));
        let fields = fields.collect::<Vec<_>>().join("; ");
        let with = if row.with > 0 { format!("(+{})", row.with) } else { String::new() };
        let place =
            row.host.map_or_else(|| self.words.text("declare-by-people", self.language), |host| self.host_name(host));
        plain(&format!("{sign}  {}  {}  {place}  {fields}{with}", self.class(row.class), row.name))
    }

    fn host_name(&self, host: HostId) -> String {
        self.hosts.get(&host).cloned().unwrap_or_else(|| host.to_string())
    }

    fn class(&self, class: CiClass) -> String {
        let room = if matches!(class, CiClass::Declared(_)) { "declare" } else { "console" };
        self.words.text(&format!("{room}-class-{}", class.word().replace('_', "-")), self.language)
    }

    fn value(&self, name: &str, value: &Value) -> String {
        let text = match value {
            Value::Flag(flag) => self.words.text(if *flag { "console-yes" } else { "console-no" }, self.language),
            Value::Integer(bytes) if name.ends_with("_bytes") => self.words.bytes(*bytes as f64, self.language),
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
