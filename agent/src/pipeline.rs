//! The crank: every interval it reads the machine, spools the report and wakes the sender. It also takes finished
//! inventories, says goodbye, and tells the service manager that it is alive. One thread; nothing here waits for a
//! network.

pub mod known;
pub mod status;
pub mod survey;

use crate::clock::Clock;
use crate::config::Config;
use crate::platform;
use crate::platform::service::{self, Signal, Signals};
use crate::report::{self, Moment, Origin, Pending};
use crate::sample::{Readings, Schedule};
use crate::spool::{Counts, Reason};
use crate::transport::Link;
use crate::transport::identity::{Enrolment, State};
use known::Known;
use prost::Message;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;
use survey::{Outcome, Survey};
use wacht_proto::catalog::Metric;
use wacht_proto::v1::{EventKind, Presence};

const GOODBYE_MAX: Duration = Duration::from_secs(2);
/// The service manager hears of us at least this often.
const SLEEP_MS_MAX: u64 = 60_000;
const CLOCK_STEP_MS: u64 = 30_000;
const FIRST_INVENTORY_MS: u64 = 3_000;
/// Reports after which the sections of an inventory have been sent.
const CYCLES_UNTIL_SENT: u32 = 3;

/// The crank and all that it turns.
pub struct Crank<'a> {
    link: &'a Link,
    clock: Clock,
    config: Config,
    config_path: Option<PathBuf>,
    state: State,
    enrolment: Enrolment,
    schedule: Schedule,
    readings: Readings,
    dictionary: (u64, Vec<u8>),
    pending: Pending,
    known: Known,
    survey: Survey,
    /// In so many cycles the inventory that was taken is sent, and its memory free.
    cycles_until_sent: u32,
    failing: BTreeMap<&'static str, String>,
    wall_offset_ms: i64,
    cycles: u64,
    was_connected: bool,
}

impl<'a> Crank<'a> {
    /// A crank over a link, not yet turning.
    pub fn new(
        link: &'a Link,
        clock: Clock,
        config: Config,
        config_path: Option<PathBuf>,
        state: State,
        enrolment: Enrolment,
    ) -> Self {
        let known = Known::load(&state, link.spool.borrow().incarnation());
        Crank {
            link,
            clock,
            config,
            config_path,
            state,
            enrolment,
            known,
            schedule: Schedule::new(),
            readings: Readings::new(),
            dictionary: (0, Vec::new()),
            pending: Pending::default(),
            survey: Survey::default(),
            cycles_until_sent: 0,
            failing: BTreeMap::new(),
            wall_offset_ms: 0,
            cycles: 0,
            was_connected: false,
        }
    }

    /// Turns until the service is told to stop, then says goodbye.
    pub async fn run(mut self, mut signals: Signals) {
        let now_ms = (self.clock.boottime_ms)();
        self.wall_offset_ms = self.wall_offset();
        self.pending.event(EventKind::AgentStarted, "", env!("CARGO_PKG_VERSION"), now_ms);
        let damaged = self.link.spool.borrow().damage_found();
        if damaged > 0 {
            tracing::warn!(reports = damaged, "the spool was damaged");
            self.pending.event(EventKind::SpoolDamaged, "", &format!("{damaged} reports"), now_ms);
        }
        self.cycle(Presence::Unspecified);
        service::ready();
        // The first inventory is ready soon after the first report: it need not wait for a whole interval.
        let mut due_ms = self.next_due().min((self.clock.boottime_ms)() + FIRST_INVENTORY_MS);
        loop {
            let wait_ms = due_ms.saturating_sub((self.clock.boottime_ms)());
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(wait_ms.min(SLEEP_MS_MAX))) => {}
                signal = signals.next() => match signal {
                    Signal::Stop => break,
                    Signal::Reload => self.reload(),
                },
                () = self.link.progress.notified() => self.note_connection(),
            }
            service::alive();
            if (self.clock.boottime_ms)() >= due_ms {
                self.cycle(Presence::Unspecified);
                due_ms = self.next_due();
            } else {
                // The interval may have become shorter by policy or configuration.
                due_ms = due_ms.min(self.next_due());
            }
        }
        self.goodbye().await;
    }

    /// One report: read, spool, wake.
    fn cycle(&mut self, presence: Presence) -> u64 {
        let boottime_ms = (self.clock.boottime_ms)();
        self.look_at_clock(boottime_ms);
        self.look_at_spool();
        let sampling = self.link.policy.borrow().health_sampling;
        let top = if sampling { self.sample(boottime_ms) } else { Vec::new() };
        self.look_at_inventory(boottime_ms);
        let mut spool = self.link.spool.borrow_mut();
        let moment = Moment {
            sequence: spool.next_sequence(),
            boottime_ms,
            wall_unix_ms: (self.clock.wall_unix_ms)(),
            interval_s: u64::from(self.interval_s()),
            presence,
        };
        let origin = Origin { incarnation: spool.incarnation(), boot: self.clock.boot };
        let readings = sampling.then_some(&self.readings);
        let report = report::build(origin, moment, readings, top, &mut self.pending);
        if report.dictionary != 0 && self.dictionary.0 != report.dictionary {
            self.dictionary = (report.dictionary, report::dictionary(&self.readings).encode_to_vec());
        }
        let preamble = (report.dictionary != 0).then_some(self.dictionary.1.as_slice());
        // A missing value is no sample: the collector counts none either.
        let samples = if report.dictionary == 0 { 0 } else { self.readings.filled() as u64 };
        let (sections, events) = (report.sections.len() as u64, report.events.len() as u64);
        spool.append(preamble, Counts { reports: 1, samples, sections, events }, report.encode_to_vec());
        if let Some(error) = spool.take_trouble() {
            tracing::warn!(%error, waiting = spool.waiting(), "the spool's disk");
        }
        drop(spool);
        self.known.note(&self.state, &report.sections);
        self.link.wake.notify_one();
        self.cycles += 1;
        self.tell_status();
        moment.sequence
    }

    fn sample(&mut self, boottime_ms: u64) -> Vec<crate::sample::TopProcess> {
        let failures = self.schedule.cycle(boottime_ms, &mut self.readings);
        self.readings.push(Metric::AgentSpoolUtilization, "", self.link.spool.borrow().utilization());
        let now: BTreeMap<_, _> = failures.into_iter().map(|failure| (failure.sampler, failure.error)).collect();
        for (sampler, error) in now.iter().filter(|(sampler, error)| self.failing.get(*sampler) != Some(error)) {
            tracing::warn!(sampler, error, "cannot sample");
            self.pending.event(EventKind::SectionFailed, sampler, error, boottime_ms);
        }
        self.failing = now;
        if report::wants_processes(self.cycles, &self.readings) { self.schedule.top_processes() } else { Vec::new() }
    }

    fn look_at_inventory(&mut self, boottime_ms: u64) {
        let policy = self.link.policy.borrow();
        let interval_s = self.config.inventory_interval_s.unwrap_or(policy.inventory_interval_s);
        match self.survey.poll(boottime_ms, interval_s, &policy.sections_off) {
            Outcome::Nothing if self.cycles_until_sent > 0 => {
                self.cycles_until_sent -= 1;
                if self.cycles_until_sent == 0 {
                    platform::give_back_memory();
                }
            }
            Outcome::Nothing => {}
            Outcome::Finished(inventory) => {
                self.cycles_until_sent = CYCLES_UNTIL_SENT;
                tracing::debug!(sections = inventory.len(), "inventory taken");
                self.pending.take_inventory(inventory, self.known.digests(), boottime_ms);
            }
            Outcome::Failed(how) => {
                tracing::error!("the inventory {how}");
                self.pending.event(EventKind::SectionFailed, "inventory", how, boottime_ms);
            }
        }
    }

    /// Sections that were given up, or went under a life that ended, are sent again.
    fn look_at_spool(&mut self) {
        let spool = self.link.spool.borrow();
        let lost = spool.ledger().dropped.total().sections;
        if self.link.inventory_is_lost.take() || self.known.is_outdated(spool.incarnation(), lost) {
            tracing::info!("the whole inventory is sent again");
            self.known.forget(spool.incarnation(), lost);
            self.survey.request();
        }
    }

    fn look_at_clock(&mut self, boottime_ms: u64) {
        let offset = self.wall_offset();
        let step = offset.saturating_sub(self.wall_offset_ms);
        if step.unsigned_abs() > CLOCK_STEP_MS {
            self.pending.event(EventKind::ClockStepped, "", &format!("{} s", step / 1_000), boottime_ms);
        }
        self.wall_offset_ms = offset;
    }

    fn wall_offset(&self) -> i64 {
        (self.clock.wall_unix_ms)().saturating_sub_unsigned((self.clock.boottime_ms)())
    }

    fn interval_s(&self) -> u32 {
        self.config.report_interval_s.unwrap_or(self.link.policy.borrow().report_interval_s).max(1)
    }

    fn next_due(&self) -> u64 {
        slot_after((self.clock.boottime_ms)(), u64::from(self.interval_s()) * 1_000, &self.enrolment.host_id)
    }

    fn note_connection(&mut self) {
        let is_connected = self.link.state.borrow().is_connected;
        if is_connected != self.was_connected {
            self.was_connected = is_connected;
            self.tell_status();
        }
    }

    fn tell_status(&self) {
        let status = status::Status::of(self.link, self.clock, &self.enrolment);
        service::status(&status.sentence());
        if let Err(error) = status.store(&self.state) {
            tracing::debug!(%error, "status not written");
        }
    }

    fn reload(&mut self) {
        match Config::load(self.config_path.as_deref()) {
            Ok(config) => {
                tracing::info!("configuration and certificates read anew");
                self.config = config;
                self.link.reload.notify_one();
            }
            Err(error) => tracing::error!(%error, "configuration kept as it was"),
        }
    }

    async fn goodbye(&mut self) {
        service::stopping();
        let presence = if platform::is_shutting_down() { Presence::Shutdown } else { Presence::ServiceStop };
        let sequence = self.cycle(presence);
        self.link.hurry.notify_one();
        let heard = async {
            while !self.link.spool.borrow().is_acknowledged(sequence) {
                self.link.progress.notified().await;
            }
        };
        let is_heard = tokio::time::timeout(GOODBYE_MAX, heard).await.is_ok();
        tracing::info!(is_heard, "stopped");
    }
}

/// The next moment of this host's own rhythm: a grid of the interval, shifted by the host's id, so that a fleet spreads
/// over it. Never sooner than a third of the interval.
fn slot_after(now_ms: u64, interval_ms: u64, host_id: &str) -> u64 {
    let offset = wacht_proto::block::content_digest(host_id.as_bytes()) % interval_ms;
    let earliest = now_ms + interval_ms / 3;
    let behind = (earliest + interval_ms - offset) % interval_ms;
    if behind == 0 { earliest } else { earliest + interval_ms - behind }
}

/// What was given up for one reason, for people.
fn dropped_text(counts: Counts, reason: Reason) -> Option<String> {
    (counts.reports > 0).then(|| format!("{} {reason:?}", counts.reports))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_keep_their_rhythm_and_differ_between_hosts() {
        let first = slot_after(1_000_000, 60_000, "a");
        assert!((1_020_000..=1_080_000).contains(&first));
        assert_eq!(slot_after(first + 5, 60_000, "a"), first + 60_000);
        assert_eq!(slot_after(first + 39_000, 60_000, "a"), first + 60_000);
        assert_ne!(first % 60_000, slot_after(1_000_000, 60_000, "b") % 60_000);
    }
}
