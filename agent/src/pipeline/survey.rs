//! When the inventory is taken: at start, then every interval, and soon after a file was touched of which a section is
//! made. Each, the look at the files too, runs on a short-lived thread of its own; a cycle never waits for it, and while
//! one hangs on a dead disk no other is started. Sections whose files were not touched are not read again, save once a day.

use crate::inventory::{Extent, Root, Stamps};
use std::sync::mpsc::{self, Receiver, TryRecvError};
use wacht_proto::v1::{SectionBody, SectionKind};

/// A package installation touches its files many times; and looking at the dates is not free.
const LOOK_PAUSE_MS: u64 = 30_000;
/// However quiet its files, every section is read afresh this often: dates can be set back.
const AFRESH_MS: u64 = 24 * 3_600_000;
/// Longer than all deadlines of a survey together.
const SURVEY_MS_MAX: u64 = 10 * 60_000;

/// What the sections hold that were read.
pub type Inventory = Vec<(SectionKind, SectionBody)>;

/// What a look at the survey gave.
pub enum Outcome {
    /// Nothing new.
    Nothing,
    /// An inventory is ready.
    Finished(Inventory),
    /// It broke off, and the next comes with its time; or it hangs, and the next comes when it no longer does.
    Failed(&'static str),
}

/// See the module.
#[derive(Default)]
pub struct Survey {
    running: Option<Receiver<(Inventory, Stamps)>>,
    /// That the running one hangs was told.
    hangs: bool,
    started_ms: Option<u64>,
    afresh_ms: u64,
    looked_ms: u64,
    /// `None` while a survey runs, and until the first ended: then all sections are read.
    stamps: Option<Stamps>,
}

impl Survey {
    /// Asks for a whole inventory with the next cycle.
    pub fn request(&mut self) {
        self.started_ms = None;
        self.stamps = None;
    }

    /// Starts one when it is time, and gives a finished one.
    pub fn poll(&mut self, now_ms: u64, interval_s: u32, off: &[SectionKind]) -> Outcome {
        let outcome = self.outcome(now_ms);
        if self.running.is_none()
            && let Some(extent) = self.due(now_ms, interval_s)
        {
            self.start(now_ms, off.to_vec(), extent);
        }
        outcome
    }

    fn outcome(&mut self, now_ms: u64) -> Outcome {
        match self.running.as_ref().map(Receiver::try_recv) {
            Some(Ok((inventory, stamps))) => {
                self.over();
                // Asked for afresh meanwhile: what was just read is still true, but the next reads all again.
                if self.started_ms.is_some() {
                    self.stamps = Some(stamps);
                }
                // A look at files of which none was touched.
                if inventory.is_empty() { Outcome::Nothing } else { Outcome::Finished(inventory) }
            }
            Some(Err(TryRecvError::Disconnected)) => {
                self.over();
                Outcome::Failed("broke off")
            }
            Some(Err(TryRecvError::Empty)) if !self.hangs && now_ms.saturating_sub(self.looked_ms) > SURVEY_MS_MAX => {
                self.hangs = true;
                Outcome::Failed("hangs")
            }
            None | Some(Err(TryRecvError::Empty)) => Outcome::Nothing,
        }
    }

    fn over(&mut self) {
        (self.running, self.hangs) = (None, false);
    }

    fn due(&self, now_ms: u64, interval_s: u32) -> Option<Extent> {
        if self.age_ms(now_ms) >= u64::from(interval_s) * 1_000 {
            return Some(Extent::All);
        }
        let is_looked_at = now_ms.saturating_sub(self.looked_ms) < LOOK_PAUSE_MS || self.stamps.is_none();
        (!is_looked_at).then_some(Extent::Touched)
    }

    fn age_ms(&self, now_ms: u64) -> u64 {
        self.started_ms.map_or(u64::MAX, |started_ms| now_ms.saturating_sub(started_ms))
    }

    fn start(&mut self, now_ms: u64, off: Vec<SectionKind>, extent: Extent) {
        if extent == Extent::All {
            self.started_ms = Some(now_ms);
            if now_ms.saturating_sub(self.afresh_ms) >= AFRESH_MS {
                self.stamps = None;
            }
            if self.stamps.is_none() {
                self.afresh_ms = now_ms;
            }
        }
        self.looked_ms = now_ms;
        let mut stamps = self.stamps.take().unwrap_or_default();
        let (sender, receiver) = mpsc::sync_channel(1);
        let thread = std::thread::Builder::new().name("inventory".to_owned()).spawn(move || {
            let inventory = stamps.read(&Root::real(), &off, extent);
            let _ = sender.send((inventory, stamps));
        });
        // Without a thread the receiver is disconnected, which is a failure like any other.
        drop(thread);
        self.running = Some(receiver);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn running(survey: &mut Survey) -> mpsc::SyncSender<(Inventory, Stamps)> {
        let (sender, receiver) = mpsc::sync_channel(1);
        survey.running = Some(receiver);
        sender
    }

    fn one() -> Inventory {
        vec![(SectionKind::User, SectionBody::default())]
    }

    #[test]
    fn the_first_starts_at_once_and_the_next_after_its_interval() {
        let mut survey = Survey::default();
        assert_eq!(survey.due(1_000, 3_600), Some(Extent::All));
        survey.started_ms = Some(1_000);
        assert_eq!(survey.due(1_000 + 3_599_000, 3_600), None);
        assert_eq!(survey.due(1_000 + 3_600_000, 3_600), Some(Extent::All));
        survey.request();
        assert_eq!(survey.due(1_001, 3_600), Some(Extent::All));
    }

    #[test]
    fn a_finished_inventory_is_given_once_and_a_broken_one_is_told() {
        let mut survey = Survey { started_ms: Some(0), ..Survey::default() };
        let sender = running(&mut survey);
        sender.send((one(), Stamps::default())).unwrap();
        assert!(matches!(survey.poll(1, 3_600, &[]), Outcome::Finished(_)));
        assert!(survey.stamps.is_some() && matches!(survey.poll(2, 3_600, &[]), Outcome::Nothing));
        drop(running(&mut survey));
        assert!(matches!(survey.poll(3, 3_600, &[]), Outcome::Failed("broke off")));
    }

    #[test]
    fn one_that_hangs_is_told_once_and_no_other_is_started_beside_it() {
        let mut survey = Survey { started_ms: Some(0), ..Survey::default() };
        let sender = running(&mut survey);
        assert!(matches!(survey.poll(SURVEY_MS_MAX, 86_400, &[]), Outcome::Nothing));
        assert!(matches!(survey.poll(SURVEY_MS_MAX + 1, 86_400, &[]), Outcome::Failed("hangs")));
        let next_day_ms = 90_000_000;
        assert!(matches!(survey.poll(next_day_ms, 86_400, &[]), Outcome::Nothing));
        assert!(survey.running.is_some() && survey.started_ms == Some(0));
        sender.send((one(), Stamps::default())).unwrap();
        assert!(matches!(survey.poll(next_day_ms + 1, 86_400, &[]), Outcome::Finished(_)));
        assert!(!survey.hangs && survey.started_ms == Some(next_day_ms + 1));
    }

    #[test]
    fn a_look_comes_after_its_pause_and_one_that_found_nothing_says_nothing() {
        let mut survey = Survey { started_ms: Some(0), ..Survey::default() };
        assert_eq!(survey.due(LOOK_PAUSE_MS, 3_600), None);
        let sender = running(&mut survey);
        sender.send((Vec::new(), Stamps::default())).unwrap();
        assert!(matches!(survey.outcome(1), Outcome::Nothing) && survey.running.is_none());
        assert_eq!(survey.due(LOOK_PAUSE_MS, 3_600), Some(Extent::Touched));
        survey.looked_ms = LOOK_PAUSE_MS;
        assert_eq!(survey.due(2 * LOOK_PAUSE_MS - 1, 3_600), None);
    }

    #[test]
    fn an_inventory_asked_for_while_one_runs_reads_everything() {
        let mut survey = Survey { started_ms: Some(0), ..Survey::default() };
        let sender = running(&mut survey);
        survey.request();
        sender.send((one(), Stamps::default())).unwrap();
        assert!(matches!(survey.outcome(1), Outcome::Finished(_)) && survey.stamps.is_none());
    }
}
