//! What people declare: items without an agent, fields on any item, the life of an item, and baselines of sites. Data
//! only; which change is allowed is decided in `declare`.

use super::{BaselineId, Class, CustomerId, Fields, HostId, Item, ItemId, SiteId};
use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// An enum with the word of each of its values, once.
macro_rules! words {
    ($(#[$about:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$about])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$doc])* $variant,)+
        }

        impl $name {
            /// Every value, for lists and pages.
            pub const ALL: &[$name] = &[$($name::$variant,)+];

            /// The word in the API and in the store.
            pub fn word(self) -> &'static str {
                match self {
                    $($name::$variant => $word,)+
                }
            }

            /// The value of a word.
            pub fn from_word(word: &str) -> Option<$name> {
                $name::ALL.iter().copied().find(|value| value.word() == word)
            }
        }
    };
}

words! {
    /// Class of an item that only people know of.
    DeclaredClass {
        /// A line to the internet.
        InternetLine = "internet_line",
        /// A firewall.
        Firewall = "firewall",
        /// A switch, router or access point.
        NetworkDevice = "network_device",
        /// A tenant of a service in somebody else's cloud.
        SaasTenant = "saas_tenant",
        /// A licence.
        Licence = "licence",
        /// A name in the DNS that the customer holds.
        DomainName = "domain_name",
        /// A telephone exchange.
        PhoneSystem = "phone_system",
        /// A part or machine in stock.
        Spare = "spare",
        /// A printer on the network, not a print queue.
        PrinterDevice = "printer_device",
        /// A power supply that outlasts a failure of the mains.
        Ups = "ups",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Where an item is in its life.
    LifeState {
        /// Bought, not yet here.
        Ordered = "ordered",
        /// Here, not in use.
        Spare = "spare",
        /// In use.
        Active = "active",
        /// Nobody knows where it is.
        Missing = "missing",
        /// Out of use for good.
        Retired = "retired",
        /// No longer the customer's.
        Disposed = "disposed",
    }
}

impl LifeState {
    /// Is it meant to be in use?
    pub fn is_in_service(self) -> bool {
        matches!(self, LifeState::Active | LifeState::Missing)
    }
}

/// Class of any configuration item; the words of the two kinds never meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum CiClass {
    /// Only people know of it.
    Declared(DeclaredClass),
    /// An agent sees it.
    Observed(Class),
}

impl CiClass {
    /// The word in the API and in the store.
    pub fn word(self) -> &'static str {
        match self {
            CiClass::Declared(class) => class.word(),
            CiClass::Observed(class) => class.word(),
        }
    }

    /// The class of a word.
    pub fn from_word(word: &str) -> Option<CiClass> {
        let declared = DeclaredClass::from_word(word).map(CiClass::Declared);
        declared.or_else(|| Class::from_word(word).map(CiClass::Observed))
    }
}

/// Field name -> what people say. An absent field is absent, not empty.
pub type DeclaredFields = BTreeMap<String, String>;

/// What people state about one configuration item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Declared {
    /// Which.
    pub item: ItemId,
    /// Whose.
    pub customer: CustomerId,
    /// Its class.
    pub class: CiClass,
    /// On which host, where an agent sees it.
    pub host: Option<HostId>,
    /// Where it stands, as far as that is declared; an observed item stands where its host does.
    pub site: Option<SiteId>,
    /// Name; of an observed item the one that it had when people first said something about it.
    pub name: String,
    /// Where it is in its life.
    pub state: LifeState,
    /// Since when, where somebody said so.
    pub state_since: Option<Date>,
    /// The rest.
    pub fields: DeclaredFields,
}

/// One row of the history of what people declare; append-only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DeclaredChange {
    /// Which item.
    pub item: ItemId,
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: String,
    /// `name`, `site`, `state`, `state_since`, `supersedes`, `superseded_by`, or the name of a field.
    pub field: String,
    /// Before.
    pub old: Option<String>,
    /// After.
    pub new: Option<String>,
}

/// A configuration item with what both sides say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Ci {
    /// What people say; nothing but its name and class where nobody said anything.
    pub declared: Declared,
    /// What an agent says.
    pub observed: Option<Item>,
}

impl Ci {
    /// An item that an agent sees and of which nobody has said anything.
    pub fn silent(item: Item) -> Self {
        let declared = Declared {
            item: item.id,
            customer: item.customer,
            class: CiClass::Observed(item.class),
            host: Some(item.host),
            site: None,
            name: item.name.clone(),
            state: LifeState::Active,
            state_since: None,
            fields: DeclaredFields::new(),
        };
        Self { declared, observed: Some(item) }
    }

    /// The name that counts: the agent's where there is one.
    pub fn name(&self) -> &str {
        self.observed.as_ref().map_or(&self.declared.name, |item| &item.name)
    }
}

/// A wish about what people declare. `item` names an item, or a host, which stands for its machine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "wish")]
pub enum DeclaredWish {
    /// Adds an item; answers with its id.
    Add {
        /// Customer id or name.
        customer: String,
        /// Class.
        class: DeclaredClass,
        /// Name.
        name: String,
        /// Site id or name.
        site: Option<String>,
        /// Where it is in its life.
        state: LifeState,
        /// Since when; today when absent.
        since: Option<Date>,
        /// The rest.
        fields: DeclaredFields,
    },
    /// Changes fields; an empty text takes a field away.
    Set {
        /// Which.
        item: String,
        /// Its new name.
        name: Option<String>,
        /// Its new site, id or name; empty = none.
        site: Option<String>,
        /// Only those that change.
        fields: DeclaredFields,
        /// Version of the item that the one who asks saw; none = changed whatever it is now.
        #[serde(default)]
        version: Option<String>,
    },
    /// Moves an item on in its life.
    Move {
        /// Which.
        item: String,
        /// Where to.
        state: LifeState,
        /// Since when; today when absent.
        since: Option<Date>,
        /// Version of the item that the one who asks saw; none = moved whatever it is now.
        #[serde(default)]
        version: Option<String>,
    },
    /// One item takes the place of another.
    Replace {
        /// What goes.
        old: String,
        /// What comes.
        new: String,
    },
    /// Reads a table; answers with the preview, and applies it when its digest is given.
    Import {
        /// Customer id or name.
        customer: String,
        /// The table as CSV.
        text: String,
        /// Digest of the preview that was accepted; none = preview only.
        digest: Option<String>,
    },
    /// Fixes the baseline of a site; answers with its id.
    Baseline {
        /// Customer id or name.
        customer: String,
        /// Site id or name.
        site: String,
    },
    /// Forgets a baseline of a site.
    BaselineRemove {
        /// Customer id or name.
        customer: String,
        /// Site id or name.
        site: String,
        /// Which.
        baseline: BaselineId,
    },
}

/// Which declarations.
#[derive(Clone, Debug)]
pub struct DeclaredFilter {
    /// Whose.
    pub scope: super::Scope,
    /// Only this customer's.
    pub customer: Option<CustomerId>,
    /// Only at this site.
    pub site: Option<SiteId>,
    /// Only this class.
    pub class: Option<CiClass>,
    /// Only in this state.
    pub state: Option<LifeState>,
}

/// The state of a site, written down at a moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Baseline {
    /// Id.
    pub id: BaselineId,
    /// Whose.
    pub customer: CustomerId,
    /// Which site.
    pub site: SiteId,
    /// When.
    pub fixed_at: Timestamp,
    /// By whom.
    pub actor: String,
}

/// One item of a baseline, as it was.
#[derive(Clone, Debug, PartialEq)]
pub struct BaselineItem {
    /// Which.
    pub item: ItemId,
    /// On which host; none = declared.
    pub host: Option<HostId>,
    /// Class.
    pub class: CiClass,
    /// Name at that time.
    pub name: String,
    /// Facts at that time.
    pub facts: Fields,
}
