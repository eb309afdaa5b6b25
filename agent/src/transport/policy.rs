//! What the collector may ask of this agent, held to the agent's own limits: numbers are clamped, never believed.

use wacht_proto::v1;
use wacht_proto::v1::SectionKind;

const SECTIONS_MAX: usize = 32;

/// A policy within limits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Seconds between reports, 10..300.
    pub report_interval_s: u32,
    /// Seconds between inventories, 300..86,400.
    pub inventory_interval_s: u32,
    /// Without it reports are heartbeats and inventory.
    pub health_sampling: bool,
    /// Sections that are not read.
    pub sections_off: Vec<SectionKind>,
}

impl Default for Policy {
    fn default() -> Self {
        Policy { report_interval_s: 60, inventory_interval_s: 3_600, health_sampling: true, sections_off: Vec::new() }
    }
}

impl Policy {
    /// Clamps what came over the wire; 0 means the default.
    pub fn of(wire: &v1::Policy) -> Policy {
        let or = |value: u32, default: u32| if value == 0 { default } else { value };
        let default = Policy::default();
        let kinds = wire.sections_off.iter().take(SECTIONS_MAX).filter_map(|kind| SectionKind::try_from(*kind).ok());
        Policy {
            report_interval_s: or(wire.report_interval_s, default.report_interval_s).clamp(10, 300),
            inventory_interval_s: or(wire.inventory_interval_s, default.inventory_interval_s).clamp(300, 86_400),
            health_sampling: wire.health_sampling,
            sections_off: kinds.collect(),
        }
    }
}

/// The collector's wish for a pause, at most 10 minutes.
pub fn retry_after_ms(wire: &v1::Policy) -> u64 {
    u64::from(wire.retry_after_ms.min(600_000))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hostile_policy_is_held_to_our_limits() {
        let wire = v1::Policy {
            report_interval_s: 1,
            inventory_interval_s: u32::MAX,
            health_sampling: false,
            sections_off: vec![i32::MAX, SectionKind::User as i32, -1],
            retry_after_ms: u32::MAX,
        };
        let policy = Policy::of(&wire);
        assert_eq!((policy.report_interval_s, policy.inventory_interval_s), (10, 86_400));
        assert_eq!(policy.sections_off, [SectionKind::User]);
        assert_eq!(retry_after_ms(&wire), 600_000);
    }

    #[test]
    fn an_empty_policy_keeps_the_defaults() {
        let policy = Policy::of(&v1::Policy { health_sampling: true, ..Default::default() });
        assert_eq!(policy, Policy::default());
    }
}
