//! The life of an item: from which state it may come to which.

use crate::model::LifeState;

/// May an item in one state come to another?
pub fn may_become(from: LifeState, to: LifeState) -> bool {
    use LifeState::{Active, Disposed, Missing, Ordered, Retired, Spare};
    match from {
        Ordered => matches!(to, Spare | Active | Disposed),
        Spare => matches!(to, Active | Missing | Retired | Disposed),
        Active => matches!(to, Spare | Missing | Retired),
        Missing => matches!(to, Active | Spare | Retired | Disposed),
        // What was repaired goes into stock first.
        Retired => matches!(to, Spare | Disposed),
        Disposed => false,
    }
}
