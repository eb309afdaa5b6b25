//! By what a machine is known again: identifying values of its hardware and its system, what two machines have in
//! common, and the task for a person where a machine cannot choose. Every value is a claim.

use super::{Admission, CustomerId, DuplicateId, HostId, SiteId};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What kind of value a mark is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MarkKind {
    /// SMBIOS UUID, in one form for both byte orders.
    Uuid,
    /// The system's serial.
    Serial,
    /// The board's serial.
    BoardSerial,
    /// The chassis' serial.
    ChassisSerial,
    /// Serial of a disk.
    DiskSerial,
    /// Model of the machine; compared, never looked up.
    Product,
    /// Model of its board; compared, never looked up.
    BoardProduct,
    /// Burnt-in address of a physical interface.
    Mac,
    /// Id of the installed system.
    MachineId,
    /// Hostname; compared, never looked up.
    Name,
    /// It is a container: the firmware that it sees is another machine's.
    Container,
}

impl MarkKind {
    /// The word in the store and in the catalogues.
    pub fn word(self) -> &'static str {
        match self {
            MarkKind::Uuid => "uuid",
            MarkKind::Serial => "serial",
            MarkKind::BoardSerial => "board_serial",
            MarkKind::ChassisSerial => "chassis_serial",
            MarkKind::DiskSerial => "disk_serial",
            MarkKind::Product => "product",
            MarkKind::BoardProduct => "board_product",
            MarkKind::Mac => "mac",
            MarkKind::MachineId => "machine_id",
            MarkKind::Name => "name",
            MarkKind::Container => "container",
        }
    }

    /// Does a value of this kind narrow the search to a few machines?
    pub fn is_looked_up(self) -> bool {
        !matches!(self, MarkKind::Product | MarkKind::BoardProduct | MarkKind::Name | MarkKind::Container)
    }
}

/// One value, normalised; filler never becomes a mark.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark {
    /// Of what.
    pub kind: MarkKind,
    /// Normalised.
    pub value: String,
}

/// All marks of a machine.
pub type Marks = BTreeSet<Mark>;

/// What an agent says of its machine when it enrols, before any normalisation. All of it may be absent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct Fingerprint {
    /// SMBIOS UUID.
    pub uuid: String,
    /// System serial.
    pub serial: String,
    /// Board serial.
    pub board_serial: String,
    /// Chassis serial.
    pub chassis_serial: String,
    /// Model.
    pub product: String,
    /// Board's model.
    pub board_product: String,
    /// Physical interfaces.
    pub macs: Vec<String>,
    /// Id of the installed system.
    pub machine_id: String,
    /// Boot disk first.
    pub disk_serials: Vec<String>,
    /// Is it a container?
    pub container: bool,
    /// Hostname.
    pub hostname: String,
}

/// A known host that has a mark in common with a newcomer.
#[derive(Clone, Debug)]
pub struct Lookalike {
    /// Which.
    pub host: HostId,
    /// Whose.
    pub customer: CustomerId,
    /// May it report?
    pub admission: Admission,
    /// Said goodbye, and was not heard since.
    pub said_goodbye: bool,
    /// The last sign of life: a report, or its enrolment.
    pub heard_at: Timestamp,
    /// Its marks, each with the time since which it has it.
    pub marks: Vec<(Mark, Timestamp)>,
    /// A person merged it into another.
    pub is_merged: bool,
    /// Has it a stream open now? The doors know.
    pub is_connected: bool,
}

/// What two machines share, and what speaks against them being one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Resemblance {
    /// Equal.
    pub matched: Vec<MarkKind>,
    /// Both known, and different.
    pub contradicting: Vec<MarkKind>,
}

/// Who a newcomer is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recognised {
    /// It is this host, enrolled anew.
    pub same: Option<(HostId, Resemblance)>,
    /// It may be these; a person decides.
    pub possible: Vec<(HostId, DuplicateKind, Resemblance)>,
    /// Values that turned out to be on several machines at once: they identify nobody.
    pub shared: Vec<SharedMark>,
}

/// A value that turned out to be on several machines at once.
#[derive(Clone, Debug, PartialEq)]
pub struct SharedMark {
    /// The value.
    pub mark: Mark,
    /// At which customer it identifies nobody; none = at any.
    pub customer: Option<CustomerId>,
    /// When it was learned.
    pub learned_at: Timestamp,
}

/// How machines are recognised; the rules stand in `cmdb`, the doors are given them.
#[derive(Clone, Copy)]
pub struct Recognition {
    /// The marks of a fingerprint.
    pub marks: fn(&Fingerprint) -> Marks,
    /// Who a newcomer of this customer with these marks is.
    pub judge: fn(CustomerId, &Marks, &[Lookalike], &Marks, Timestamp) -> Recognised,
}

/// A task for a person: which machine is which.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Duplicate {
    /// Id.
    pub id: DuplicateId,
    /// Of the newer host.
    pub customer: CustomerId,
    /// What is to be decided.
    pub kind: DuplicateKind,
    /// The host that came later; the held one of a clone.
    pub newer: HostId,
    /// The host that was there; none for a clone.
    pub older: Option<HostId>,
    /// What speaks for and against it.
    pub resemblance: Resemblance,
    /// How two holders of one identity showed themselves; none for other kinds.
    pub sign: Option<CloneSign>,
    /// Is it decided?
    pub state: DuplicateState,
    /// When it was found.
    pub found_at: Timestamp,
    /// Who decided, and when.
    pub decided: Option<(String, Timestamp)>,
}

/// What is to be decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateKind {
    /// Two hosts of one customer may be one machine.
    SameMachine,
    /// The machine was another customer's.
    Moved,
    /// One identity has two holders; the host is held.
    Clone,
}

/// How a second holder of an identity showed itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CloneSign {
    /// The generation presented is not the one that was last given.
    Generation,
    /// The spool is older than what it has sent already.
    RewoundSpool,
    /// One sequence came with two contents.
    TwoContents,
    /// The key that an enrolment replaced is in use again.
    ReplacedKey,
}

/// Whether a task is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateState {
    /// Somebody has to look.
    Open,
    /// They are two machines; of a clone: the host was given back or revoked.
    Dismissed,
    /// They are one: the older host was retired into the newer.
    Merged,
}

/// A task with the names that a person knows.
#[derive(Clone, Debug)]
pub struct DuplicateRow {
    /// The task.
    pub duplicate: Duplicate,
    /// The newer host.
    pub newer: HostName,
    /// The older one.
    pub older: Option<HostName>,
}

/// What a person knows a host by.
#[derive(Clone, Debug)]
pub struct HostName {
    /// Hostname.
    pub name: String,
    /// Customer's name.
    pub customer: String,
    /// Whose.
    pub customer_id: CustomerId,
    /// Site.
    pub site_id: SiteId,
    /// Site's name.
    pub site: String,
    /// When it was enrolled.
    pub enrolled_at: Timestamp,
    /// When it was last heard.
    pub last_heard_at: Option<Timestamp>,
}
