//! Customers and their sites, as people declare them.

use super::{CustomerId, Language, SiteId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// A customer of the MSP.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Customer {
    /// Id.
    pub id: CustomerId,
    /// Unique name, <= 128 characters.
    pub name: String,
    /// Language of mails and tickets to and about this customer.
    pub language: Language,
    /// When it was added.
    pub created_at: Timestamp,
}

/// A place of a customer. Which hosts are there is declared by the enrolment token, never guessed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Site {
    /// Id.
    pub id: SiteId,
    /// Its customer.
    pub customer: CustomerId,
    /// Unique within the customer.
    pub name: String,
    /// What an engineer needs when something is wrong there.
    #[serde(default)]
    pub card: SiteCard,
    /// When it was added.
    pub created_at: Timestamp,
    /// Ended by a person; `None` while the site is in intake.
    #[serde(default)]
    pub intake_ended_at: Option<Timestamp>,
}

/// The card of a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SiteCard {
    /// Street and town.
    pub address: String,
    /// Whom to call, in order.
    pub contacts: Vec<Contact>,
    /// Internet line: provider and line number.
    pub line: String,
    /// The provider's fault desk: phone, hours, contract number.
    pub fault_desk: String,
    /// How to get in.
    pub access: String,
}

/// A person at a site.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// Name.
    pub name: String,
    /// What for: reception, owner, key holder.
    pub role: String,
    /// Phone.
    pub phone: String,
    /// Mail.
    pub email: String,
}
