//! One item takes the place of another: what belongs to the place (the person, how much depends on it, notes) goes
//! over, what tells of the thing itself (serial, purchase, warranty) stays with it. Both keep their history.

use super::edit::{Edit, Hand, Refused};
use super::field::OF_THE_THING;
use crate::model::{Ci, CiClass, DeclaredFields, LifeState, Site};
use jiff::civil::Date;

/// Of these, the word of the one that goes counts: they are about the place. Of other fields what the new one says
/// itself stays.
const OF_THE_PLACE: &[&str] = &["owner", "criticality", "solvable_remotely"];

/// The two changes, of the one that goes and of the one that comes. `is_replaced` says that another took the place of
/// the first before.
pub fn replace(old: &Ci, new: &Ci, is_replaced: bool, sites: &[Site], hand: &Hand) -> Result<(Edit, Edit), Refused> {
    allowed(old, new, is_replaced)?;
    let mut goes = Edit::new(old.declared.clone(), hand);
    let mut comes = Edit::new(new.declared.clone(), hand);
    for (field, value) in moving(&old.declared.fields, &new.declared.fields) {
        comes.put(&field, &value)?;
        goes.put(&field, "")?;
    }
    let site = sites.iter().find(|site| Some(site.id) == old.declared.site);
    if let (CiClass::Declared(_), None, Some(site)) = (new.declared.class, new.declared.site, site) {
        comes.place(Some((site.id, &site.name)), None)?;
    }
    if new.declared.state != LifeState::Active {
        comes.go(LifeState::Active, later(new.declared.state_since, hand.today))?;
    }
    if !matches!(old.declared.state, LifeState::Retired | LifeState::Disposed) {
        retire(&mut goes, later(old.declared.state_since, hand.today))?;
    }
    goes.note("superseded_by", new.declared.item);
    comes.note("supersedes", old.declared.item);
    Ok((goes, comes))
}

/// Two hosts are one machine: all that people said of the older goes over where they said nothing of the newer, and the
/// older is retired. Both keep their history.
pub fn merge(old: &Ci, new: &Ci, hand: &Hand) -> Result<Vec<Edit>, Refused> {
    let mut goes = Edit::new(old.declared.clone(), hand);
    let mut comes = Edit::new(new.declared.clone(), hand);
    for (field, value) in old.declared.fields.iter().filter(|(field, _)| !new.declared.fields.contains_key(*field)) {
        comes.put(field, value)?;
        goes.put(field, "")?;
    }
    if !matches!(old.declared.state, LifeState::Retired | LifeState::Disposed) {
        retire(&mut goes, later(old.declared.state_since, hand.today))?;
    }
    goes.note("superseded_by", new.declared.item);
    comes.note("supersedes", old.declared.item);
    Ok(vec![goes, comes])
}

fn allowed(old: &Ci, new: &Ci, is_replaced: bool) -> Result<(), Refused> {
    if old.declared.item == new.declared.item {
        return Err(Refused::invalid("an item does not replace itself".to_owned()));
    }
    if old.declared.customer != new.declared.customer {
        return Err(Refused::invalid("both belong to one customer".to_owned()));
    }
    let out = |state| matches!(state, LifeState::Retired | LifeState::Disposed);
    if out(new.declared.state) {
        return Err(Refused::conflict(
            "what is retired or disposed replaces nothing: make it a spare first".to_owned(),
        ));
    }
    if is_replaced && out(old.declared.state) {
        return Err(Refused::conflict("it was replaced already".to_owned()));
    }
    Ok(())
}

fn moving(old: &DeclaredFields, new: &DeclaredFields) -> Vec<(String, String)> {
    let goes_over =
        |field: &str| !OF_THE_THING.contains(&field) && (OF_THE_PLACE.contains(&field) || !new.contains_key(field));
    old.iter().filter(|(field, _)| goes_over(field)).map(|(field, value)| (field.clone(), value.clone())).collect()
}

/// What was only ordered comes into stock on its way out.
fn retire(edit: &mut Edit, on: Date) -> Result<(), Refused> {
    if edit.declared.state == LifeState::Ordered {
        edit.go(LifeState::Spare, on)?;
    }
    edit.go(LifeState::Retired, on)
}

fn later(since: Option<Date>, today: Date) -> Date {
    since.map_or(today, |since| since.max(today))
}
