//! Space and inodes of real file systems. A network mount is asked in a thread of its own: when its server is gone
//! there is no value, and nothing waits.

use super::mounts::{Mount, mounts};
use super::parse::share;
use super::{Readings, Sampler};
use crate::platform::{HotFile, Space, space};
use std::collections::HashMap;
use std::io;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use wacht_proto::block::content_digest;
use wacht_proto::catalog::Metric;

/// A network mount's last answer is shown for this long.
const ANSWER_AGE_MAX: Duration = Duration::from_secs(300);
/// File systems of one machine; more are left out.
const MOUNTS_MAX: usize = 200;

/// The sampler.
pub struct Filesystem {
    table: HotFile,
    digest: u64,
    mounts: Vec<Mount>,
    network: Arc<Mutex<Network>>,
}

/// What the thread for network mounts shares.
#[derive(Default)]
struct Network {
    busy: bool,
    answers: HashMap<String, (Instant, Space)>,
}

impl Filesystem {
    /// Reads the mount table.
    pub fn new() -> Self {
        Self { table: HotFile::new("/proc/self/mountinfo"), digest: 0, mounts: Vec::new(), network: Arc::default() }
    }

    fn refresh(&mut self) -> io::Result<()> {
        let table = self.table.read()?;
        let digest = content_digest(table);
        if digest != self.digest {
            self.mounts = mounts(&String::from_utf8_lossy(table));
            self.mounts.truncate(MOUNTS_MAX);
            self.digest = digest;
        }
        Ok(())
    }

    fn ask_network(&self) {
        let wanted: Vec<Mount> = self.mounts.iter().filter(|mount| mount.network).cloned().collect();
        let mut shared = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        if wanted.is_empty() || shared.busy {
            return;
        }
        shared.busy = true;
        let network = Arc::clone(&self.network);
        // A thread that hangs stays busy, so that there is never a second one.
        let asked = std::thread::Builder::new().name("network-mounts".to_owned()).spawn(move || {
            for mount in wanted {
                let answer = space(&mount.path);
                let mut shared = network.lock().unwrap_or_else(PoisonError::into_inner);
                if let Ok(space) = answer {
                    shared.answers.insert(mount.point, (Instant::now(), space));
                }
            }
            network.lock().unwrap_or_else(PoisonError::into_inner).busy = false;
        });
        shared.busy = asked.is_ok();
    }

    fn network_answer(&self, point: &str) -> Option<Space> {
        let shared = self.network.lock().unwrap_or_else(PoisonError::into_inner);
        shared.answers.get(point).filter(|(at, _)| at.elapsed() < ANSWER_AGE_MAX).map(|(_, space)| *space)
    }
}

impl Sampler for Filesystem {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        self.refresh()?;
        self.ask_network();
        for mount in &self.mounts {
            let answer = if mount.network { self.network_answer(&mount.point) } else { space(&mount.path).ok() };
            if let Some(space) = answer {
                push(out, &mount.point, &space);
            }
        }
        Ok(())
    }
}

fn push(out: &mut Readings, point: &str, space: &Space) {
    let limit = space.used_bytes + space.available_bytes;
    if limit == 0 {
        return;
    }
    out.push(Metric::FilesystemUsage, point, space.used_bytes as f64);
    out.push(Metric::FilesystemLimit, point, limit as f64);
    out.push(Metric::FilesystemUtilization, point, share(space.used_bytes as f64, limit as f64));
    out.push(Metric::FilesystemAvailable, point, space.available_bytes as f64);
    let inodes = share(space.inodes.saturating_sub(space.inodes_free) as f64, space.inodes as f64);
    out.push(Metric::FilesystemInodesUtilization, point, inodes);
}
