//! The timing of one verdict: a level must hold before it alarms and be better before it clears. Knows event times
//! and levels, not what they mean: 0 is well, higher is worse.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How long a level must stand before it counts.
#[derive(Clone, Copy, Debug)]
pub(super) struct Patience {
    /// Worse, in seconds.
    pub hold_s: u64,
    /// Better, in seconds.
    pub clear_hold_s: u64,
}

/// Where one (host, monitor, object) stands.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Watch {
    /// The level that counts now.
    pub level: u8,
    /// When the condition first held, while `level` is not 0.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Timestamp>,
    /// Another level that has begun to stand.
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<Turn>,
    /// The alarm is to be said once more.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    retell: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Turn {
    /// The level nearest to the present one that was seen since: what certainly stood all the time.
    to: u8,
    since: Timestamp,
    last: Timestamp,
}

impl Watch {
    /// Nothing alarms and nothing has begun to.
    pub fn is_idle(&self) -> bool {
        *self == Watch::default()
    }

    /// Says what alarms once more at its next reading.
    pub fn tell_again(&mut self) {
        self.retell = self.level > 0;
    }

    /// Takes a level at a moment; the level before, when the one that counts changed or is to be said again.
    pub fn read(&mut self, level: u8, at: Timestamp, patience: Patience) -> Option<u8> {
        if level == self.level {
            self.turn = None;
            return std::mem::take(&mut self.retell).then_some(level);
        }
        let turn = self.turned(level, at);
        self.turn = Some(turn);
        let needed_s = if turn.to > self.level { patience.hold_s } else { patience.clear_hold_s };
        if at.duration_since(turn.since).as_secs() < i64::try_from(needed_s).unwrap_or(i64::MAX) {
            return None;
        }
        let before = std::mem::replace(&mut self.level, turn.to);
        self.turn = None;
        self.retell = false;
        self.since = match (before, turn.to) {
            (_, 0) => None,
            (0, _) => Some(turn.since),
            _ => self.since,
        };
        Some(before)
    }

    /// Data was missing: what had begun begins again; what alarms goes on.
    pub fn interrupt(&mut self) {
        self.turn = None;
    }

    /// The same, when this object has not been read for longer than so many seconds.
    pub fn interrupt_if_older(&mut self, at: Timestamp, gap_s: i64) {
        self.turn = self.turn.filter(|turn| at.duration_since(turn.last).as_secs() <= gap_s);
    }

    fn turned(&self, level: u8, at: Timestamp) -> Turn {
        let worse = level > self.level;
        let standing = self.turn.filter(|turn| (turn.to > self.level) == worse);
        standing.map_or(Turn { to: level, since: at, last: at }, |turn| Turn {
            to: if worse { turn.to.min(level) } else { turn.to.max(level) },
            last: at,
            ..turn
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Patience = Patience { hold_s: 120, clear_hold_s: 180 };

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_800_000_000 + second).unwrap()
    }

    fn replay(watch: &mut Watch, levels: &[(i64, u8)]) -> Vec<(i64, u8, u8)> {
        let mut turns = Vec::new();
        for (second, level) in levels {
            if let Some(before) = watch.read(*level, at(*second), PATIENCE) {
                turns.push((*second, before, watch.level));
            }
        }
        turns
    }

    #[test]
    fn a_level_alarms_once_it_held() {
        let mut watch = Watch::default();
        assert_eq!(replay(&mut watch, &[(0, 1), (60, 1), (119, 1), (120, 1), (180, 1)]), [(120, 0, 1)]);
        assert_eq!(watch.since, Some(at(0)));
    }

    #[test]
    fn a_dip_begins_the_hold_again_and_a_return_begins_the_clearing_again() {
        let mut watch = Watch::default();
        assert_eq!(replay(&mut watch, &[(0, 1), (60, 0), (120, 1), (180, 1)]), []);
        assert_eq!(
            replay(&mut watch, &[(240, 1), (300, 0), (420, 1), (480, 0), (600, 0), (660, 0)]),
            [(240, 0, 1), (660, 1, 0)]
        );
        assert!(watch.is_idle());
    }

    #[test]
    fn a_spike_of_the_worst_level_does_not_alarm_as_the_worst() {
        let mut watch = Watch::default();
        assert_eq!(replay(&mut watch, &[(0, 1), (60, 1), (120, 2)]), [(120, 0, 1)]);
        assert_eq!(replay(&mut watch, &[(180, 2), (240, 2), (300, 2)]), [(300, 1, 2)]);
        assert_eq!(watch.since, Some(at(0)));
    }

    #[test]
    fn an_interruption_restarts_the_hold_and_keeps_the_alarm() {
        let mut watch = Watch::default();
        replay(&mut watch, &[(0, 1), (60, 1)]);
        watch.interrupt();
        assert_eq!(replay(&mut watch, &[(1000, 1), (1119, 1), (1120, 1)]), [(1120, 0, 1)]);
        watch.interrupt_if_older(at(9000), 900);
        assert_eq!(watch.level, 1);
    }
}
