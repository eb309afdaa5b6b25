//! Ids of the things that we name. Each is a UUIDv7, so they sort by the time of their making.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::Uuid;

macro_rules! ids {
    ($($name:ident $meaning:literal)*) => {$(
        #[doc = $meaning]
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Uuid);

        impl $name {
            /// A new id.
            pub fn new() -> Self {
                Self(Uuid::now_v7())
            }
        }

        impl Default for $name {
            fn default() -> Self {
                Self::new()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }
    )*};
}

ids! {
    CustomerId "A customer of the MSP."
    SiteId "A place of a customer."
    HostId "A machine with an agent."
    ItemId "A configuration item."
    IncidentId "An incident."
    BaselineId "A baseline of a site."
    MessageId "A message in the outbox."
    UserId "A person who signs in at the console."
    DuplicateId "A question which machine is which."
    CredentialId "An API token or an enrolment token."
}
