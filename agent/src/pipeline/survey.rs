//! When the inventory is taken: at start, then every interval, and soon after a file changed that tells of installed
//! software or users. Each runs on a short-lived thread of its own; a cycle never waits for it.

use crate::inventory::{self, Root};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, TryRecvError};
use std::time::SystemTime;
use wacht_proto::v1::{SectionBody, SectionKind};

/// Files whose change means that an inventory would differ; asking costs one look at their date.
const HINTS: [&str; 6] = [
    "/var/lib/dpkg/status",
    "/var/lib/rpm/rpmdb.sqlite",
    "/etc/passwd",
    "/etc/group",
    "/etc/os-release",
    "/run/reboot-required",
];
/// A package installation changes its files many times.
const HINT_PAUSE_MS: u64 = 30_000;

/// What all sections hold.
pub type Inventory = Vec<(SectionKind, SectionBody)>;

/// What a look at the survey gave.
pub enum Outcome {
    /// Nothing new.
    Nothing,
    /// An inventory is ready.
    Finished(Inventory),
    /// It broke off; the next comes with its time.
    Failed,
}

/// See the module.
#[derive(Default)]
pub struct Survey {
    running: Option<Receiver<Inventory>>,
    started_ms: Option<u64>,
    requested: bool,
    dates: [Option<SystemTime>; HINTS.len()],
}

impl Survey {
    /// Asks for an inventory with the next cycle.
    pub fn request(&mut self) {
        self.started_ms = None;
    }

    /// Starts one when it is time, and gives a finished one.
    pub fn poll(&mut self, now_ms: u64, interval_s: u32, off: &[SectionKind]) -> Outcome {
        let outcome = match self.running.as_ref().map(Receiver::try_recv) {
            Some(Ok(inventory)) => Outcome::Finished(inventory),
            Some(Err(TryRecvError::Disconnected)) => Outcome::Failed,
            None | Some(Err(TryRecvError::Empty)) => Outcome::Nothing,
        };
        if !matches!(outcome, Outcome::Nothing) {
            self.running = None;
        }
        self.look_at_hints();
        if self.running.is_none() && self.is_due(now_ms, interval_s) {
            (self.started_ms, self.requested) = (Some(now_ms), false);
            self.start(off.to_vec());
        }
        outcome
    }

    fn is_due(&self, now_ms: u64, interval_s: u32) -> bool {
        let Some(started_ms) = self.started_ms else { return true };
        let age_ms = now_ms.saturating_sub(started_ms);
        age_ms >= u64::from(interval_s) * 1_000 || (self.requested && age_ms >= HINT_PAUSE_MS)
    }

    fn look_at_hints(&mut self) {
        for (date, path) in self.dates.iter_mut().zip(HINTS) {
            let now = Path::new(path).metadata().and_then(|metadata| metadata.modified()).ok();
            if *date != now {
                *date = now;
                self.requested |= self.started_ms.is_some();
            }
        }
    }

    fn start(&mut self, off: Vec<SectionKind>) {
        let (sender, receiver) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("inventory".to_owned()).spawn(move || {
            let _ = sender.send(inventory::read_all(&Root::real(), &off));
        });
        // Without a thread the receiver is disconnected, which is a failure like any other.
        drop(thread);
        self.running = Some(receiver);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn the_first_starts_at_once_and_the_next_after_its_interval_or_a_hint() {
        let mut survey = Survey::default();
        assert!(matches!(survey.poll(1_000, 3_600, &[]), Outcome::Nothing));
        assert!(!survey.is_due(1_000 + 3_599_000, 3_600) && survey.is_due(1_000 + 3_600_000, 3_600));
        survey.requested = true;
        assert!(!survey.is_due(1_000 + HINT_PAUSE_MS - 1, 3_600) && survey.is_due(1_000 + HINT_PAUSE_MS, 3_600));
    }

    #[test]
    fn a_finished_inventory_is_given_once_and_a_broken_one_is_told() {
        let mut survey = Survey { started_ms: Some(0), ..Survey::default() };
        let (sender, receiver) = mpsc::sync_channel(1);
        survey.running = Some(receiver);
        survey.look_at_hints();
        sender.send(Vec::new()).unwrap();
        assert!(matches!(survey.poll(1, 3_600, &[]), Outcome::Finished(_)));
        assert!(matches!(survey.poll(2, 3_600, &[]), Outcome::Nothing));
        survey.running = Some(mpsc::sync_channel(1).1);
        std::thread::sleep(Duration::from_millis(1));
        assert!(matches!(survey.poll(3, 3_600, &[]), Outcome::Failed));
    }
}
