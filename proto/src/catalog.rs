//! Every metric once: number on the wire, name, unit, kind and meaning. Names follow the OpenTelemetry host
//! conventions. Numbers are never reused; a metric that ends keeps its line with its number in a comment.

/// How values of a metric are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A level at a moment.
    Gauge,
    /// A total that only grows until the machine restarts.
    Counter,
}

/// One catalogue entry.
#[derive(Clone, Copy, Debug)]
pub struct Entry {
    /// The metric.
    pub metric: Metric,
    /// Its name in history, API and monitors.
    pub name: &'static str,
    /// UCUM unit: `1` ratio, `By`, `s`, `{thing}`.
    pub unit: &'static str,
    /// Gauge or counter.
    pub kind: Kind,
    /// What the object of the series names; empty when there is one series a host.
    pub object: &'static str,
    /// What it tells, in one sentence.
    pub meaning: &'static str,
}

macro_rules! catalog {
    ($($number:literal $variant:ident $name:literal $unit:literal $kind:ident $object:literal $meaning:literal)*) => {
        /// A metric of the catalogue.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u16)]
        pub enum Metric {
            $(#[doc = $meaning] $variant = $number,)*
        }

        /// All entries, by rising number.
        pub const ENTRIES: &[Entry] = &[
            $(Entry { metric: Metric::$variant, name: $name, unit: $unit, kind: Kind::$kind, object: $object, meaning: $meaning },)*
        ];
    };
}

catalog! {
    1  CpuUtilization "system.cpu.utilization" "1" Gauge "" "share of all processors that was busy since the last report"
    2  CpuTime "system.cpu.time" "s" Counter "cpu.mode" "processor time by mode, summed over processors"
    3  CpuLoad1m "system.cpu.load_average.1m" "{thread}" Gauge "" "runnable threads, one-minute average"
    4  CpuLoad5m "system.cpu.load_average.5m" "{thread}" Gauge "" "runnable threads, five-minute average"
    5  CpuLoad15m "system.cpu.load_average.15m" "{thread}" Gauge "" "runnable threads, fifteen-minute average"
    6  CpuLogicalCount "system.cpu.logical.count" "{cpu}" Gauge "" "logical processors"
    10 MemoryUsage "system.memory.usage" "By" Gauge "memory.state" "memory by state"
    11 MemoryLimit "system.memory.limit" "By" Gauge "" "memory installed"
    12 MemoryAvailable "system.memory.linux.available" "By" Gauge "" "memory that programs can still get without paging"
    13 MemoryUtilization "system.memory.utilization" "1" Gauge "" "share of memory that is not available"
    14 MemoryCommitted "system.memory.committed" "By" Gauge "" "memory promised to programs"
    20 PagingUsage "system.paging.usage" "By" Gauge "" "swap in use"
    21 PagingUtilization "system.paging.utilization" "1" Gauge "" "share of swap in use"
    22 PagingOperations "system.paging.operations" "{operation}" Counter "direction" "pages swapped in or out"
    23 PagingFaults "system.paging.faults" "{fault}" Counter "type" "page faults, minor or major"
    30 FilesystemUsage "system.filesystem.usage" "By" Gauge "mount point" "space in use"
    31 FilesystemLimit "system.filesystem.limit" "By" Gauge "mount point" "size that users can fill: used plus available"
    32 FilesystemUtilization "system.filesystem.utilization" "1" Gauge "mount point" "share of the space in use, as df shows it"
    33 FilesystemAvailable "system.filesystem.available" "By" Gauge "mount point" "space that programs without privilege can still fill"
    34 FilesystemInodesUtilization "system.filesystem.inodes.utilization" "1" Gauge "mount point" "share of inodes in use"
    40 DiskIo "system.disk.io" "By" Counter "device/direction" "bytes read or written"
    41 DiskOperations "system.disk.operations" "{operation}" Counter "device/direction" "operations done"
    42 DiskOperationTime "system.disk.operation_time" "s" Counter "device/direction" "time spent in operations"
    43 DiskIoTime "system.disk.io_time" "s" Counter "device" "time in which at least one operation was under way"
    44 DiskLatency "system.disk.operation.latency" "s" Gauge "device" "mean time an operation took since the last report"
    45 DiskBusy "system.disk.utilization" "1" Gauge "device" "share of time in which the disk was busy since the last report"
    50 NetworkIo "system.network.io" "By" Counter "interface/direction" "bytes received or sent"
    51 NetworkPackets "system.network.packets" "{packet}" Counter "interface/direction" "packets received or sent"
    52 NetworkErrors "system.network.errors" "{error}" Counter "interface/direction" "packets with errors"
    53 NetworkDropped "system.network.dropped" "{packet}" Counter "interface/direction" "packets dropped"
    60 Uptime "system.uptime" "s" Gauge "" "time since start, sleep counted"
    61 ProcessCount "system.process.count" "{process}" Gauge "" "processes"
    62 ProcessCreated "system.process.created" "{process}" Counter "" "processes ever started"
    63 ProcessBlocked "system.process.blocked" "{process}" Gauge "" "processes that wait for a disk"
    70 PressureSome "system.linux.pressure.some" "1" Gauge "resource" "share of the last minute in which some task waited"
    71 PressureFull "system.linux.pressure.full" "1" Gauge "resource" "share of the last minute in which all tasks waited"
    80 OomKills "system.memory.oom_kills" "{process}" Counter "" "processes that the kernel ended for lack of memory"
    90 AgentCpuTime "wacht.agent.cpu.time" "s" Counter "" "processor time of the agent itself"
    91 AgentMemory "wacht.agent.memory.usage" "By" Gauge "" "resident memory of the agent itself"
    92 AgentSpoolUtilization "wacht.agent.spool.utilization" "1" Gauge "" "share of the spool's cap in use"
}

impl Metric {
    /// The catalogue entry of this metric.
    pub fn entry(self) -> &'static Entry {
        // Every variant comes from the same macro line as its entry.
        match ENTRIES.binary_search_by_key(&(self as u16), |entry| entry.metric as u16) {
            Ok(index) => &ENTRIES[index],
            Err(_) => unreachable!("a metric without an entry"),
        }
    }

    /// Name, as in history, API and monitors.
    pub fn name(self) -> &'static str {
        self.entry().name
    }

    /// Number on the wire.
    pub fn number(self) -> u32 {
        u32::from(self as u16)
    }
}

/// The metric of a number on the wire; `None` for one that this build does not know.
pub fn by_number(number: u32) -> Option<Metric> {
    let index = ENTRIES.binary_search_by_key(&number, |entry| entry.metric.number()).ok()?;
    Some(ENTRIES[index].metric)
}

/// The metric of a name; `None` when the catalogue lacks it.
pub fn by_name(name: &str) -> Option<Metric> {
    ENTRIES.iter().find(|entry| entry.name == name).map(|entry| entry.metric)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_rise_and_names_are_unique() {
        assert!(ENTRIES.windows(2).all(|pair| pair[0].metric.number() < pair[1].metric.number()));
        let mut names: Vec<_> = ENTRIES.iter().map(|entry| entry.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), ENTRIES.len());
    }

    #[test]
    fn every_metric_is_found_by_its_number_and_its_name() {
        for entry in ENTRIES {
            assert_eq!(by_number(entry.metric.number()), Some(entry.metric));
            assert_eq!(by_name(entry.name), Some(entry.metric));
        }
        assert_eq!(by_number(9_999), None);
    }
}
