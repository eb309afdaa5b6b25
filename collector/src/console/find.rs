//! Who has what, as people and programs ask it: some words become a search of the store and the CMDB's own predicate.

use crate::cmdb::{Query, VersionWish, beginning};
use crate::model::{Class, CustomerId, ItemSearch, Scope};

/// The longest text of a wish.
const TEXT_BYTES_MAX: usize = 256;

/// What is asked for; every text may be empty.
#[derive(Clone, Debug, Default)]
pub struct Wanted {
    /// A package's name, or its beginning: `openssl*`.
    pub software: String,
    /// Its version: `3.0.5`, `=3.0.5`, `3.0*`, `<3.0.5`, `<=`, `>`, `>=`.
    pub version: String,
    /// A disk's model, or its beginning.
    pub disk: String,
    /// Accounts with the rights of an administrator.
    pub administrators: bool,
    /// Any class.
    pub class: String,
    /// Name of the item, or its beginning.
    pub name: String,
    /// A field of it.
    pub field: String,
    /// The field's value, or its beginning.
    pub value: String,
}

/// Which part of a wish does not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unread {
    /// Nothing is asked for.
    Empty,
    /// More than one of `software`, `disk`, `administrators` and `class` is.
    Several,
    /// A text is too long.
    Long,
    /// No such class.
    Class,
    /// A version without a package, or no version.
    Version,
    /// A value without a field, or no name of a field.
    Field,
}

impl Wanted {
    /// The search and the predicate of a wish.
    pub fn read(&self, scope: Scope, customer: Option<CustomerId>) -> Result<(ItemSearch, Query), Unread> {
        let texts = [&self.software, &self.version, &self.disk, &self.class, &self.name, &self.field, &self.value];
        if texts.iter().any(|text| text.len() > TEXT_BYTES_MAX) {
            return Err(Unread::Long);
        }
        let asked = [!self.software.is_empty(), !self.disk.is_empty(), self.administrators, !self.class.is_empty()];
        match asked.iter().filter(|one| **one).count() {
            0 => return Err(Unread::Empty),
            1 => {}
            _ => return Err(Unread::Several),
        }
        let class = self.class()?;
        let name = if class == Class::Software && !self.software.is_empty() { &self.software } else { &self.name };
        let (name, is_prefix) = beginning(name);
        let name = (!name.is_empty()).then(|| name.to_owned());
        let query = Query { version: self.version(class)?, field: self.field()? };
        Ok((ItemSearch { scope, customer, class, name, is_prefix }, query))
    }

    fn class(&self) -> Result<Class, Unread> {
        if !self.software.is_empty() {
            return Ok(Class::Software);
        }
        if !self.disk.is_empty() {
            return Ok(Class::Disk);
        }
        if self.administrators {
            return Ok(Class::User);
        }
        Class::from_word(&self.class).ok_or(Unread::Class)
    }

    fn version(&self, class: Class) -> Result<Option<VersionWish>, Unread> {
        if self.version.trim().is_empty() {
            return Ok(None);
        }
        let wish = VersionWish::read(&self.version).filter(|_| class == Class::Software);
        wish.map(Some).ok_or(Unread::Version)
    }

    fn field(&self) -> Result<Option<(String, Option<String>)>, Unread> {
        if !self.disk.is_empty() {
            return Ok(Some(("model".to_owned(), Some(self.disk.clone()))));
        }
        if self.administrators {
            return Ok(Some(("administrator".to_owned(), Some("true".to_owned()))));
        }
        let is_name = self.field.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
        match (self.field.as_str(), self.value.as_str()) {
            ("", "") => Ok(None),
            ("", _) => Err(Unread::Field),
            _ if !is_name => Err(Unread::Field),
            (field, "") => Ok(Some((field.to_owned(), None))),
            (field, value) => Ok(Some((field.to_owned(), Some(value.to_owned())))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(shape: impl FnOnce(&mut Wanted)) -> Result<(ItemSearch, Query), Unread> {
        let mut wanted = Wanted::default();
        shape(&mut wanted);
        wanted.read(Scope::All, None)
    }

    #[test]
    fn a_wish_becomes_a_class_a_name_and_a_predicate() {
        let (search, query) = read(|wanted| {
            wanted.software = "openssl*".into();
            wanted.version = "<3.0.5".into();
        })
        .unwrap();
        assert_eq!((search.class, search.name.as_deref(), search.is_prefix), (Class::Software, Some("openssl"), true));
        assert!(query.version.is_some() && query.field.is_none());
        let (search, query) = read(|wanted| wanted.administrators = true).unwrap();
        assert_eq!((search.class, search.name), (Class::User, None));
        assert_eq!(query.field, Some(("administrator".into(), Some("true".into()))));
    }

    #[test]
    fn what_does_not_read_is_named() {
        assert_eq!(read(|_| {}).unwrap_err(), Unread::Empty);
        assert_eq!(read(|wanted| wanted.class = "mouse".into()).unwrap_err(), Unread::Class);
        let several = read(|wanted| (wanted.software, wanted.disk) = ("a".into(), "b".into()));
        assert_eq!(several.unwrap_err(), Unread::Several);
        let bare = read(|wanted| (wanted.software, wanted.version) = ("a".into(), "<".into()));
        assert_eq!(bare.unwrap_err(), Unread::Version);
        let elsewhere = read(|wanted| (wanted.disk, wanted.version) = ("a".into(), "1".into()));
        assert_eq!(elsewhere.unwrap_err(), Unread::Version);
        let value = read(|wanted| (wanted.class, wanted.value) = ("disk".into(), "1".into()));
        assert_eq!(value.unwrap_err(), Unread::Field);
        let hostile = read(|wanted| (wanted.class, wanted.field) = ("disk".into(), "a\"b".into()));
        assert_eq!(hostile.unwrap_err(), Unread::Field);
        assert_eq!(read(|wanted| wanted.software = "x".repeat(257)).unwrap_err(), Unread::Long);
    }
}
