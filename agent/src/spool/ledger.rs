//! The spool's bookkeeping nouns: counts, reasons, gaps and the ledger that adds them up. No files, no clock.

/// How much stood in one or more reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Reports.
    pub reports: u64,
    /// Values of their blocks.
    pub samples: u64,
    /// Inventory sections.
    pub sections: u64,
    /// Events.
    pub events: u64,
}

impl Counts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Counts) -> Counts {
        Counts {
            reports: self.reports.saturating_add(other.reports),
            samples: self.samples.saturating_add(other.samples),
            sections: self.sections.saturating_add(other.sections),
            events: self.events.saturating_add(other.events),
        }
    }

    /// This without the other, never below zero.
    #[must_use]
    pub fn minus(self, other: Counts) -> Counts {
        Counts {
            reports: self.reports.saturating_sub(other.reports),
            samples: self.samples.saturating_sub(other.samples),
            sections: self.sections.saturating_sub(other.sections),
            events: self.events.saturating_sub(other.events),
        }
    }

    pub(super) fn fields(self) -> [u64; 4] {
        [self.reports, self.samples, self.sections, self.events]
    }

    pub(super) fn of(fields: [u64; 4]) -> Counts {
        let [reports, samples, sections, events] = fields;
        Counts { reports, samples, sections, events }
    }
}

/// Why reports were given up. The numbers are those on the wire and on the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Reason {
    /// Over the byte cap: every fifth was kept.
    Thinned = 1,
    /// Over the byte cap: the oldest went.
    Cap = 2,
    /// A record failed its checksum, or is missing.
    Damaged = 3,
    /// The disk refused it and the memory ring was full.
    DiskFull = 4,
    /// The collector refused it.
    Refused = 5,
}

/// All reasons, by rising number.
pub const REASONS: [Reason; 5] = [Reason::Thinned, Reason::Cap, Reason::Damaged, Reason::DiskFull, Reason::Refused];

impl Reason {
    pub(super) fn of(number: u64) -> Option<Reason> {
        REASONS.into_iter().find(|reason| u64::from(*reason as u8) == number)
    }
}

/// What was given up since the incarnation began, by reason.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Dropped([Counts; 5]);

impl Dropped {
    /// Counts of one reason.
    pub fn of(&self, reason: Reason) -> Counts {
        self.0[reason as usize - 1]
    }

    /// Counts of all reasons together.
    pub fn total(&self) -> Counts {
        self.0.iter().fold(Counts::default(), |sum, counts| sum.plus(*counts))
    }

    pub(super) fn add(&mut self, reason: Reason, counts: Counts) {
        let slot = &mut self.0[reason as usize - 1];
        *slot = slot.plus(counts);
    }

    pub(super) fn plus(mut self, other: &Dropped) -> Dropped {
        for reason in REASONS {
            self.add(reason, other.of(reason));
        }
        self
    }

    pub(super) fn minus(self, other: &Dropped) -> Dropped {
        Dropped(std::array::from_fn(|index| self.0[index].minus(other.0[index])))
    }
}

/// Sequences that will never come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// First sequence.
    pub first: u64,
    /// Last sequence, inclusive.
    pub last: u64,
    /// Why.
    pub reason: Reason,
    /// What stood in them, as far as known.
    pub counts: Counts,
}

impl Gap {
    pub(super) fn covers(&self, sequence: u64) -> bool {
        (self.first..=self.last).contains(&sequence)
    }
}

/// `collected = stored by the collector + spooled + dropped`, since the incarnation began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ledger {
    /// Counted when a report entered the spool.
    pub collected: Counts,
    /// Not yet acknowledged.
    pub spooled: Counts,
    /// Given up.
    pub dropped: Dropped,
    /// Oldest sequence still spooled; the next sequence when none is.
    pub oldest_sequence: u64,
    /// Newest sequence ever spooled; 0 when none was.
    pub last_sequence: u64,
}
