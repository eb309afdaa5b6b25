//! Judgement: monitors as data, and pure functions from (memory, what was reported, event time) to findings. Knows no
//! store, no clock and no incidents: replaying the same reports from the same memory gives the same findings.
//!
//! Pass the whole list that [`MonitorSet::for_host`] gives to each `judge_…` function; each takes the kinds that are
//! its own. What a monitor that is no longer in the list had raised is cleared by [`judge_samples`].

mod absence;
mod forecast;
mod growth;
mod memory;
mod monitor_file;
mod monitor_set;
mod override_file;
mod sample;
mod sentence;
mod slope;
mod state;
mod threshold;
mod watch;

pub use absence::{AbsenceFinding, HOST_SILENT, HostView, SiteView, judge_absence};
pub use memory::Memory;
pub use monitor_file::MonitorError;
pub use monitor_set::{MonitorSet, Subject};
pub use sample::judge_samples;
pub use state::{judge_items, judged_classes};
