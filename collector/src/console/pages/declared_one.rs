//! One configuration item with what people and agents say of it: fields, conflicts, life, what it replaces and is
//! replaced by, history, and the forms that change it.

use super::declared::{Choices, chosen, class_key, customer_names, sites_of, states};
use crate::console::Console;
use crate::console::act::act;
use crate::console::fault::{self, Fault, Result};
use crate::console::survey::{self, Past};
use crate::console::view::{Frame, Speech, clip};
use crate::declare::{self, Form as FieldForm, TYPED};
use crate::model::{Actor, Ci, CiClass, Command, DeclaredFields, DeclaredWish, LifeState};
use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{Redirect, Response};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::Arc;
use uuid::Uuid;

/// Lines of history on the page; the API gives all.
const HISTORY_MAX: usize = 200;
/// Items that are offered to take the place of this one.
const OFFERED_MAX: usize = 500;

/// A field of the form: how it is asked for, and what it holds.
struct Input {
    name: String,
    label: String,
    kind: &'static str,
    value: String,
    choices: Choices,
}

struct Line {
    at: String,
    who: String,
    name: String,
    what: String,
}

#[derive(Template)]
#[template(path = "declared_one.html")]
struct OnePage {
    frame: Frame,
    id: String,
    name: String,
    class_key: String,
    customer: (String, String),
    host: Option<String>,
    site: String,
    state_key: String,
    since: String,
    is_thing: bool,
    version: String,
    sites: Choices,
    states: Choices,
    inputs: Vec<Input>,
    said: Vec<(String, String)>,
    observed: Vec<(String, String)>,
    conflicts: Vec<[String; 3]>,
    supersedes: Vec<(String, String)>,
    superseded_by: Vec<(String, String)>,
    incidents: Vec<(String, String)>,
    offered: Vec<(String, String)>,
    history: Vec<Line>,
}

/// The page; a host's id shows its machine.
pub async fn page(State(console): State<Arc<Console>>, actor: Actor, Path(id): Path<String>) -> Result<Response> {
    let ci = visible(&console, &actor, &id).await?;
    let frame = Frame::open(&console, &actor, "declared", format!("/declared/{}", ci.declared.item)).await?;
    let customer = customer_names(&console, &actor).await?.remove(&ci.declared.customer).unwrap_or_default();
    let sites = sites_of(&console, &actor, Some(ci.declared.customer)).await?;
    let site = ci.declared.site.map(|site| site.to_string()).unwrap_or_default();
    let kin = survey::kin(&console, &ci).await?;
    let offered = if frame.may_handle() { offered(&console, &frame, &ci).await? } else { Vec::new() };
    let past = survey::history(&console, ci.declared.item).await?;
    let names: BTreeMap<_, _> =
        kin.supersedes.iter().chain([&ci]).map(|ci| (ci.declared.item, clip(ci.name(), 60))).collect();
    let history = past.iter().take(HISTORY_MAX).map(|line| line_of(&frame, line, &names)).collect();
    let conflicts = survey::conflicts(&console, &ci).await?;
    let declared = &ci.declared;
    let page = OnePage {
        id: declared.item.to_string(),
        name: clip(ci.name(), 160),
        class_key: class_key(declared.class),
        customer: (declared.customer.to_string(), customer),
        host: declared.host.map(|host| host.to_string()),
        site: sites.iter().find(|(id, _)| *id == site).map(|(_, name)| name.clone()).unwrap_or_default(),
        state_key: format!("declare-state-{}", declared.state.word()),
        since: declared.state_since.map(|since| frame.date(since)).unwrap_or_default(),
        is_thing: matches!(declared.class, CiClass::Declared(_)),
        sites: chosen(&sites, &site),
        states: next_states(&frame, declared.state),
        version: declare::version(declared),
        inputs: inputs(&frame, &declared.fields),
        said: said(&frame, &declared.fields),
        observed: observed(&frame, &ci),
        conflicts: conflicts.into_iter().map(|one| [label(&frame, &one.field), one.declared, one.observed]).collect(),
        supersedes: kin.supersedes.iter().map(named).collect(),
        superseded_by: kin.superseded_by.iter().map(named).collect(),
        incidents: kin.incidents.iter().map(|one| (one.id.to_string(), frame.say(&one.alarm.title))).collect(),
        offered,
        history,
        frame,
    };
    fault::html(&page)
}

/// Changes its fields; its name and site too, where those are people's to say.
pub async fn set(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Form(mut form): Form<BTreeMap<String, String>>,
) -> Result<Redirect> {
    let ci = visible(&console, &actor, &id).await?;
    let (name, site, version) = (form.remove("name"), form.remove("site"), form.remove("version"));
    let new = form.remove("new_field").zip(form.remove("new_value"));
    let of_field = |(key, value): (String, String)| Some((key.strip_prefix("field.")?.to_owned(), value));
    let mut fields: DeclaredFields = form.into_iter().filter_map(of_field).collect();
    if let Some((name, value)) = new
        && !name.trim().is_empty()
    {
        fields.insert(name.trim().to_lowercase().replace(' ', "_"), value);
    }
    let item = ci.declared.item.to_string();
    done(&console, &actor, &ci, DeclaredWish::Set { item, name, site, fields, version }).await
}

#[derive(Deserialize)]
pub struct MoveForm {
    state: String,
    #[serde(default)]
    since: String,
    version: Option<String>,
}

/// Moves it on in its life.
pub async fn go(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Form(form): Form<MoveForm>,
) -> Result<Redirect> {
    let ci = visible(&console, &actor, &id).await?;
    let state = LifeState::from_word(&form.state).ok_or(Fault::Invalid("a state is needed"))?;
    let since = match form.since.trim() {
        "" => None,
        text => Some(text.parse().map_err(|_| Fault::Invalid("a day is needed"))?),
    };
    let item = ci.declared.item.to_string();
    done(&console, &actor, &ci, DeclaredWish::Move { item, state, since, version: form.version }).await
}

#[derive(Deserialize)]
pub struct ReplaceForm {
    by: String,
}

/// Lets another take its place, and leads there.
pub async fn replace(
    State(console): State<Arc<Console>>,
    actor: Actor,
    Path(id): Path<String>,
    Form(form): Form<ReplaceForm>,
) -> Result<Redirect> {
    let old = visible(&console, &actor, &id).await?;
    let new = visible(&console, &actor, &form.by).await?;
    let (old, by) = (old.declared.item.to_string(), new.declared.item.to_string());
    done(&console, &actor, &new, DeclaredWish::Replace { old, new: by }).await
}

async fn done(console: &Console, actor: &Actor, ci: &Ci, wish: DeclaredWish) -> Result<Redirect> {
    act(console, actor, Command::Declared { wish: Box::new(wish) }).await?;
    Ok(Redirect::to(&format!("/declared/{}", ci.declared.item)))
}

async fn visible(console: &Console, actor: &Actor, id: &str) -> Result<Ci> {
    let id: Uuid = id.trim().parse().map_err(|_| Fault::NotFound)?;
    survey::visible_ci(console, actor, id).await?.ok_or(Fault::NotFound)
}

/// What could take its place: the same class first.
async fn offered(console: &Console, speech: &Speech, ci: &Ci) -> Result<Vec<(String, String)>> {
    let mut all = console.store.cis(ci.declared.customer).await?;
    all.retain(|other| {
        let out = matches!(other.declared.state, LifeState::Retired | LifeState::Disposed);
        other.declared.item != ci.declared.item && !out
    });
    all.sort_by_key(|other| other.declared.class != ci.declared.class);
    all.truncate(OFFERED_MAX);
    let text = |other: &Ci| format!("{} ({})", clip(other.name(), 80), speech.t(&class_key(other.declared.class)));
    Ok(all.iter().map(|other| (other.declared.item.to_string(), text(other))).collect())
}

/// What it may become, and what it is, of which the day can be corrected.
fn next_states(speech: &Speech, state: LifeState) -> Choices {
    let mut all = states(speech, state.word());
    all.retain(|(word, _, _)| {
        LifeState::from_word(word).is_some_and(|to| to == state || declare::may_become(state, to))
    });
    all
}

/// The name of a field for people; free ones name themselves.
fn label(speech: &Speech, field: &str) -> String {
    let known = TYPED.iter().any(|(typed, _)| *typed == field) || KNOWN.contains(&field);
    if known { speech.t(&format!("declare-field-{}", field.replace('_', "-"))) } else { field.replace('_', " ") }
}

/// Lines of history that are no fields.
const KNOWN: &[&str] = &["name", "site", "state", "state_since", "supersedes", "superseded_by"];

fn inputs(speech: &Speech, fields: &DeclaredFields) -> Vec<Input> {
    let value = |name: &str| fields.get(name).cloned().unwrap_or_default();
    let typed = TYPED.iter().map(|(name, form)| Input {
        name: (*name).to_owned(),
        label: label(speech, name),
        kind: match form {
            FieldForm::Line | FieldForm::Macs => "line",
            FieldForm::Note => "note",
            FieldForm::Day => "day",
            FieldForm::Choice(_) => "choice",
        },
        value: value(name),
        choices: match form {
            FieldForm::Choice(words) => words.iter().map(|word| choice(speech, word, &value(name))).collect(),
            _ => Vec::new(),
        },
    });
    let free = fields.iter().filter(|(name, _)| !TYPED.iter().any(|(typed, _)| typed == name));
    let free = free.map(|(name, value)| Input {
        name: name.clone(),
        label: label(speech, name),
        kind: "line",
        value: value.clone(),
        choices: Vec::new(),
    });
    typed.chain(free).collect()
}

fn choice(speech: &Speech, word: &str, chosen: &str) -> (String, String, bool) {
    (word.to_owned(), speech.t(&format!("declare-choice-{word}")), word == chosen)
}

fn said(speech: &Speech, fields: &DeclaredFields) -> Vec<(String, String)> {
    fields.iter().map(|(name, value)| (label(speech, name), shown(speech, name, value))).collect()
}

/// A value for people.
fn shown(speech: &Speech, field: &str, value: &str) -> String {
    let form = TYPED.iter().find(|(typed, _)| *typed == field).map(|(_, form)| *form);
    match form {
        Some(FieldForm::Choice(words)) if words.contains(&value) => speech.t(&format!("declare-choice-{value}")),
        Some(FieldForm::Day) => value.parse().map_or_else(|_| value.to_owned(), |day| speech.date(day)),
        None if field == "state" && LifeState::from_word(value).is_some() => {
            speech.t(&format!("declare-state-{value}"))
        }
        _ => clip(value, 500),
    }
}

fn observed(speech: &Speech, ci: &Ci) -> Vec<(String, String)> {
    let fields = ci.observed.iter().flat_map(|item| item.fields.iter());
    fields.map(|(name, value)| (name.replace('_', " "), speech.value(name, value))).collect()
}

fn named(ci: &Ci) -> (String, String) {
    (ci.declared.item.to_string(), clip(ci.name(), 120))
}

fn line_of(speech: &Speech, past: &Past, names: &BTreeMap<crate::model::ItemId, String>) -> Line {
    let text = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let (item, who, what) = match past {
        Past::Declared(_, change) => {
            let side = |value: &Option<String>| text(value.as_ref().map(|value| shown(speech, &change.field, value)));
            let what = format!("{}: {} → {}", label(speech, &change.field), side(&change.old), side(&change.new));
            (change.item, change.actor.clone(), what)
        }
        Past::Observed(_, change) => {
            let line = super::change::line(speech, change);
            let what = if line.detail.is_empty() { speech.t(line.sign_key) } else { line.detail };
            (change.item, speech.t("declare-agent"), what)
        }
    };
    Line {
        at: speech.time(&past.at()),
        who,
        name: names.get(&item).cloned().unwrap_or_default(),
        what: clip(&what, 400),
    }
}
