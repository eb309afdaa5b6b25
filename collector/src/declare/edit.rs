//! A change of what people declare, with the rows of history that it makes. What changes nothing makes no row.

use super::field::checked;
use super::life::may_become;
use crate::model::{
    CiClass, CustomerId, Declared, DeclaredChange, DeclaredClass, DeclaredFields, ItemId, LifeState, RefusalKind,
    SiteId,
};
use jiff::Timestamp;
use jiff::civil::Date;

/// Characters of a name.
pub const NAME_CHARACTERS_MAX: usize = 128;
/// Fields of one item.
const FIELDS_MAX: usize = 60;

/// Why it may not be.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{reason}")]
pub struct Refused {
    /// Which kind of refusal.
    pub kind: RefusalKind,
    /// What is wrong and what to do.
    pub reason: String,
}

impl Refused {
    pub(super) fn invalid(reason: String) -> Self {
        Self { kind: RefusalKind::Invalid, reason }
    }

    pub(super) fn conflict(reason: String) -> Self {
        Self { kind: RefusalKind::Conflict, reason }
    }
}

/// Who declares, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct Hand {
    /// Who.
    pub actor: String,
    /// When.
    pub now: Timestamp,
    /// Which day that is at the desk.
    pub today: Date,
}

/// A change that is being made.
#[derive(Clone, Debug, PartialEq)]
pub struct Edit {
    /// As it is now.
    pub declared: Declared,
    /// What changed, in order.
    pub changes: Vec<DeclaredChange>,
    hand: Hand,
}

/// A new item. Its first row of history is its name.
pub fn add(
    (item, customer): (ItemId, CustomerId),
    class: DeclaredClass,
    name: &str,
    site: Option<(SiteId, &str)>,
    (state, since): (LifeState, Date),
    hand: &Hand,
) -> Result<Edit, Refused> {
    let blank = Declared {
        item,
        customer,
        class: CiClass::Declared(class),
        host: None,
        site: None,
        name: String::new(),
        state,
        state_since: None,
        fields: DeclaredFields::new(),
    };
    let mut edit = Edit::new(blank, hand);
    edit.rename(name)?;
    edit.place(site, None)?;
    edit.record("state", None, Some(state.word().to_owned()));
    edit.since(since)?;
    Ok(edit)
}

impl Edit {
    /// Begins a change of what is declared.
    pub fn new(declared: Declared, hand: &Hand) -> Self {
        Self { declared, changes: Vec::new(), hand: hand.clone() }
    }

    /// Gives it another name, which an observed item has from its agent.
    pub fn rename(&mut self, name: &str) -> Result<(), Refused> {
        let name = name.trim();
        self.own("name")?;
        if name.is_empty() || name.chars().count() > NAME_CHARACTERS_MAX || name.chars().any(char::is_control) {
            return Err(Refused::invalid(format!("name: 1 to {NAME_CHARACTERS_MAX} characters on one line")));
        }
        let old = Some(self.declared.name.clone()).filter(|old| !old.is_empty());
        self.record("name", old, Some(name.to_owned()));
        name.clone_into(&mut self.declared.name);
        Ok(())
    }

    /// Puts it elsewhere. Sites come with their names, for the history.
    pub fn place(&mut self, site: Option<(SiteId, &str)>, old_name: Option<&str>) -> Result<(), Refused> {
        self.own("site")?;
        if site.map(|(site, _)| site) != self.declared.site {
            self.record("site", old_name.map(str::to_owned), site.map(|(_, name)| name.to_owned()));
            self.declared.site = site.map(|(site, _)| site);
        }
        Ok(())
    }

    /// Sets a field; an empty text takes it away.
    pub fn put(&mut self, field: &str, value: &str) -> Result<(), Refused> {
        let value = checked(field, value)?;
        let old = self.declared.fields.get(field).cloned();
        self.record(field, old, value.clone());
        match value {
            Some(value) => self.declared.fields.insert(field.to_owned(), value),
            None => self.declared.fields.remove(field),
        };
        if self.declared.fields.len() > FIELDS_MAX {
            return Err(Refused::invalid(format!("{field}: an item has at most {FIELDS_MAX} fields")));
        }
        Ok(())
    }

    /// Moves it on in its life, or corrects since when it is where it is.
    pub fn go(&mut self, state: LifeState, since: Date) -> Result<(), Refused> {
        let old = self.declared.state;
        if state != old {
            if !may_become(old, state) {
                return Err(Refused::conflict(format!("{} does not become {}", old.word(), state.word())));
            }
            if self.declared.state_since.is_some_and(|before| since < before) {
                return Err(Refused::invalid("state_since: not before the state that it had".to_owned()));
            }
            self.record("state", Some(old.word().to_owned()), Some(state.word().to_owned()));
            self.declared.state = state;
        }
        self.since(since)
    }

    /// Notes what happened to it beside its fields.
    pub(super) fn note(&mut self, what: &str, other: ItemId) {
        self.record(what, None, Some(other.to_string()));
    }

    fn since(&mut self, since: Date) -> Result<(), Refused> {
        // A day of grace: the customer's zone may be ahead.
        if since > self.hand.today.tomorrow().unwrap_or(self.hand.today) {
            return Err(Refused::invalid("state_since: a day that has begun".to_owned()));
        }
        let old = self.declared.state_since.map(|since| since.to_string());
        self.record("state_since", old, Some(since.to_string()));
        self.declared.state_since = Some(since);
        Ok(())
    }

    fn own(&self, field: &str) -> Result<(), Refused> {
        match self.declared.class {
            CiClass::Declared(_) => Ok(()),
            CiClass::Observed(_) => Err(Refused::invalid(format!("{field}: this one is the agent's to say"))),
        }
    }

    fn record(&mut self, field: &str, old: Option<String>, new: Option<String>) {
        if old != new {
            let (item, at, actor) = (self.declared.item, self.hand.now, self.hand.actor.clone());
            self.changes.push(DeclaredChange { item, at, actor, field: field.to_owned(), old, new });
        }
    }
}
