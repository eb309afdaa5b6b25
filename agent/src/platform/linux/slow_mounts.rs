//! Filesystems that may never answer: one detached thread asks them, everyone else reads its last answers. Nobody ever
//! waits for it; while it hangs, answers grow old and are then withheld.

use super::clock::boottime_ms;
use crate::platform::SpaceFigures;
use std::ffi::{CStr, CString};
use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How old an answer may be. Five minutes is the longest interval between reports; the rest is for its jitter.
const AGE_MS_MAX: u64 = 310_000;
/// The thread makes one system call at a time.
const STACK_BYTES: usize = 64 << 10;

type Ask = fn(&CStr) -> io::Result<SpaceFigures>;

/// The asking thread's front. The thread starts with the first question.
pub(super) struct SlowMounts {
    ask: Ask,
    questions: Option<SyncSender<Vec<CString>>>,
    slot: Arc<Slot>,
}

#[derive(Default)]
struct Slot {
    is_busy: AtomicBool,
    answers: Mutex<Vec<Answer>>,
}

struct Answer {
    path: CString,
    boottime_ms: u64,
    space: SpaceFigures,
}

impl SlowMounts {
    /// `ask` runs in the thread alone and may block for ever.
    pub(super) fn new(ask: Ask) -> Self {
        SlowMounts { ask, questions: None, slot: Arc::default() }
    }

    /// Has all of `paths` asked, unless the last round is still under way. Returns at once. Errors when the thread
    /// cannot be started.
    pub(super) fn refresh<'a>(&mut self, paths: impl Iterator<Item = &'a CStr>) -> io::Result<()> {
        let mut paths = paths.peekable();
        if paths.peek().is_none() || self.slot.is_busy.swap(true, Ordering::AcqRel) {
            return Ok(());
        }
        let sent = self.questions()?.try_send(paths.map(CStr::to_owned).collect());
        if sent.is_err() {
            self.questions = None;
            self.slot.is_busy.store(false, Ordering::Release);
        }
        Ok(())
    }

    /// The last answer for `path` that is not too old.
    pub(super) fn get(&self, path: &CStr, now_ms: u64) -> Option<SpaceFigures> {
        let answers = self.slot.answers();
        let answer = answers.iter().find(|answer| answer.path.as_c_str() == path)?;
        (now_ms.saturating_sub(answer.boottime_ms) <= AGE_MS_MAX).then_some(answer.space)
    }

    fn questions(&mut self) -> io::Result<&SyncSender<Vec<CString>>> {
        if self.questions.is_none() {
            let (sender, receiver) = sync_channel(1);
            let (ask, slot) = (self.ask, Arc::clone(&self.slot));
            let thread = std::thread::Builder::new().name("slow-mounts".to_owned()).stack_size(STACK_BYTES);
            if let Err(error) = thread.spawn(move || answer_all(ask, &receiver, &slot)) {
                self.slot.is_busy.store(false, Ordering::Release);
                return Err(error);
            }
            self.questions = Some(sender);
        }
        self.questions.as_ref().ok_or_else(|| io::Error::other("no thread for slow mounts"))
    }
}

impl Slot {
    // Answers are whole at every moment, so a thread that died holding them harms nothing.
    fn answers(&self) -> MutexGuard<'_, Vec<Answer>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs until the front is gone. The answers are never held while a filesystem is asked.
fn answer_all(ask: Ask, questions: &Receiver<Vec<CString>>, slot: &Slot) {
    for paths in questions {
        slot.answers().retain(|answer| paths.contains(&answer.path));
        for path in paths {
            let space = ask(&path);
            let mut answers = slot.answers();
            answers.retain(|answer| answer.path != path);
            if let Ok(space) = space {
                answers.push(Answer { path, boottime_ms: boottime_ms(), space });
            }
        }
        slot.is_busy.store(false, Ordering::Release);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    const SPACE: SpaceFigures = SpaceFigures { used: 1, available: 2, inodes_used: 3, inodes_total: 4 };

    fn answer_or_hang(path: &CStr) -> io::Result<SpaceFigures> {
        match path.to_bytes() {
            b"/hung" => loop {
                std::thread::park();
            },
            b"/gone" => Err(io::ErrorKind::NotFound.into()),
            _ => Ok(SPACE),
        }
    }

    fn wait_for(mounts: &SlowMounts, path: &CStr) -> Option<SpaceFigures> {
        let end = Instant::now() + Duration::from_secs(5);
        loop {
            let answer = mounts.get(path, boottime_ms());
            if answer.is_some() || Instant::now() > end {
                return answer;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    #[test]
    fn an_answer_is_used_for_five_minutes_and_then_withheld() {
        let mut mounts = SlowMounts::new(answer_or_hang);
        mounts.refresh([c"/nfs"].into_iter()).unwrap();
        assert_eq!(wait_for(&mounts, c"/nfs"), Some(SPACE));
        assert_eq!(mounts.get(c"/nfs", boottime_ms() + 299_000), Some(SPACE));
        assert_eq!(mounts.get(c"/nfs", boottime_ms() + 311_000), None);
    }

    #[test]
    fn a_hung_mount_makes_nobody_wait() {
        let mut mounts = SlowMounts::new(answer_or_hang);
        let start = Instant::now();
        mounts.refresh([c"/nfs", c"/hung", c"/behind"].into_iter()).unwrap();
        assert_eq!(wait_for(&mounts, c"/nfs"), Some(SPACE));
        for _ in 0..100 {
            mounts.refresh([c"/nfs", c"/hung"].into_iter()).unwrap();
            assert_eq!(mounts.get(c"/hung", boottime_ms()), None);
        }
        assert!(start.elapsed() < Duration::from_secs(2));
    }

    #[test]
    fn a_mount_that_fails_has_no_answer() {
        let mut mounts = SlowMounts::new(answer_or_hang);
        mounts.refresh([c"/gone", c"/nfs"].into_iter()).unwrap();
        assert_eq!(wait_for(&mounts, c"/nfs"), Some(SPACE));
        assert_eq!(mounts.get(c"/gone", boottime_ms()), None);
    }

    #[test]
    fn without_slow_mounts_there_is_no_thread() {
        let mut mounts = SlowMounts::new(answer_or_hang);
        mounts.refresh(std::iter::empty()).unwrap();
        assert!(mounts.questions.is_none());
    }
}
