//! The CMDB: configuration items, their relations and their history.

use super::{CustomerId, HostId, ItemId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The classes with their words, once.
macro_rules! classes {
    ($($(#[$doc:meta])* $class:ident = $word:literal,)+) => {
        /// Class of a configuration item, as in the API's `?class=`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        pub enum Class {
            $($(#[$doc])* $class,)+
        }

        impl Class {
            /// Every class, for lists and pages.
            pub const ALL: &[Class] = &[$(Class::$class,)+];

            /// The word in the API and in the store.
            pub fn word(self) -> &'static str {
                match self {
                    $(Class::$class => $word,)+
                }
            }

            /// The class of a word.
            pub fn from_word(word: &str) -> Option<Class> {
                Class::ALL.iter().copied().find(|class| class.word() == word)
            }
        }
    };
}

classes! {
    /// The machine.
    Computer = "computer",
    /// A processor socket.
    Cpu = "cpu",
    /// A memory module, or all memory where modules cannot be told apart.
    Memory = "memory",
    /// A physical or virtual disk.
    Disk = "disk",
    /// What a disk says of its own health.
    DiskHealth = "disk_health",
    /// A disk array.
    Array = "array",
    /// A controller that builds arrays in its own firmware.
    Controller = "controller",
    /// A file system.
    Volume = "volume",
    /// The operating system.
    OperatingSystem = "operating_system",
    /// An installed package.
    Software = "software",
    /// A network interface.
    Interface = "interface",
    /// Another device seen on the machine's networks.
    Neighbour = "neighbour",
    /// A socket that listens.
    Port = "port",
    /// A certificate in a store or on a listener.
    Certificate = "certificate",
    /// A local account.
    User = "user",
    /// A local group.
    Group = "group",
    /// A service.
    Service = "service",
    /// A job that starts at set times.
    ScheduledJob = "scheduled_job",
    /// Pending updates and restarts.
    Update = "update",
    /// A newer version that is not installed yet.
    PendingUpdate = "pending_update",
    /// A job that saves data.
    BackupJob = "backup_job",
    /// A container.
    Container = "container",
    /// A virtual machine that this one carries.
    VirtualMachine = "virtual_machine",
    /// A battery.
    Battery = "battery",
    /// A display.
    Display = "display",
    /// A print queue.
    Printer = "printer",
    /// A device on the universal serial bus.
    UsbDevice = "usb_device",
    /// A product that protects the machine.
    SecurityProduct = "security_product",
    /// A program by which the machine can be controlled from afar.
    RemoteTool = "remote_tool",
}

/// A field's value. Text from machines is hostile: bounded at the door, escaped at each way out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(untagged)]
pub enum Value {
    /// Yes or no.
    Flag(bool),
    /// A whole number.
    Integer(i64),
    /// Text.
    Text(String),
    /// A list of texts, sorted.
    List(Vec<String>),
}

/// Field name -> value. An absent fact is absent, not empty.
pub type Fields = BTreeMap<String, Value>;

/// What one inventory section said of one item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Observation {
    /// Class.
    pub class: Class,
    /// Natural key within (host, class): mount point, package and architecture, interface name.
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Facts. Volatile ones (service state) are listed in `cmdb::VOLATILE` and make no history.
    pub fields: Fields,
}

/// All items of the classes that one section covers, at one moment: what is not listed is gone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scan {
    /// The classes that this scan is complete for.
    pub classes: Vec<Class>,
    /// Digest of the section as the agent named it.
    pub digest: u64,
    /// Rows may be missing: what is not listed is not gone.
    #[serde(default)]
    pub partial: bool,
    /// What was seen.
    pub observations: Vec<Observation>,
}

/// A configuration item.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Item {
    /// Id.
    pub id: ItemId,
    /// Whose.
    pub customer: CustomerId,
    /// On which host.
    pub host: HostId,
    /// Class.
    pub class: Class,
    /// Natural key within (host, class).
    pub key: String,
    /// Name for people.
    pub name: String,
    /// Present facts.
    pub fields: Fields,
    /// First seen.
    pub first_seen_at: Timestamp,
    /// No longer there since; `None` = present.
    pub gone_at: Option<Timestamp>,
}

/// One row of history; append-only.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// Which item.
    pub item: ItemId,
    /// On which host.
    pub host: HostId,
    /// Its class.
    pub class: Class,
    /// Its name at that time.
    pub name: String,
    /// What happened.
    pub kind: ChangeKind,
    /// Which field, for `Changed`.
    pub field: Option<String>,
    /// Value before.
    pub old: Option<Value>,
    /// Value after.
    pub new: Option<Value>,
    /// Event time of the scan that showed it.
    pub observed_at: Timestamp,
    /// When the collector received that scan.
    pub received_at: Timestamp,
    /// The report that carried it: `incarnation/sequence`.
    pub scan: String,
}

/// What happened to an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChangeKind {
    /// It was first seen, or came back.
    Added,
    /// It is no longer there.
    Removed,
    /// A field changed.
    Changed,
}

/// A relation of two items, from one moment to another.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Relation {
    /// The part, the software, the volume.
    pub from: ItemId,
    /// What it does to `to`.
    pub kind: RelationKind,
    /// The whole, the machine, the disk.
    pub to: ItemId,
    /// Since when.
    pub since: Timestamp,
    /// Until when; `None` = it holds.
    pub until: Option<Timestamp>,
}

/// A relation as one of its two items sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct RelationRow {
    /// The relation.
    pub relation: Relation,
    /// Class of the other item; none where people declared it.
    pub class: Option<Class>,
    /// Name of the other item.
    pub name: String,
    /// On which host the other one is.
    pub host: Option<HostId>,
}

/// Kinds of relation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelationKind {
    /// A machine at its site; follows from the host and is not stored.
    LocatedAt,
    /// A part of a machine.
    ComponentOf,
    /// Software, service or account on a machine.
    InstalledOn,
    /// A group member, an array member.
    MemberOf,
    /// A container or virtual machine on the machine that carries it, and a machine on the one whose guest it is.
    RunsOn,
    /// A device on the machine that it is plugged into or set up on.
    ConnectedTo,
    /// What took the place of something else.
    Supersedes,
}
