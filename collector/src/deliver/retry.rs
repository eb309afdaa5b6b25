//! When a delivery is tried again and when it is given up. Pure: the clock and the draw are arguments.

use crate::model::OutboxMessage;
use crate::store::Attempt;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// How one try ended, as a destination sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is there.
    Delivered,
    /// It may work later; not before `after`, where the other side asked for that.
    Failed {
        /// Why, without secrets.
        error: String,
        /// The other side's wish.
        after: Option<Duration>,
    },
    /// It will never work like this.
    Refused {
        /// Why, without secrets.
        error: String,
    },
}

/// The numbers of trying again.
#[derive(Clone, Copy, Debug)]
pub struct Retry {
    /// The ceiling of the first wait; it doubles with each try.
    pub delay_first: Duration,
    /// The ceiling of any wait.
    pub delay_max: Duration,
    /// The longest wait that the other side may ask for.
    pub delay_asked_max: Duration,
    /// Given up when this old, and not before `attempts_min` tries.
    pub age_max: Duration,
    /// A message that waited out a stop of the collector, or a page made days ahead, still gets this many tries.
    pub attempts_min: u32,
}

impl Default for Retry {
    fn default() -> Self {
        Retry {
            delay_first: Duration::from_secs(5),
            delay_max: Duration::from_mins(30),
            delay_asked_max: Duration::from_hours(1),
            age_max: Duration::from_hours(24),
            attempts_min: 20,
        }
    }
}

impl Retry {
    /// What to write down after a try. `draw` is a random number in 0..1.
    pub fn decide(&self, message: &OutboxMessage, answer: Answer, now: Timestamp, draw: f64) -> Attempt {
        match answer {
            Answer::Delivered => Attempt::Delivered,
            Answer::Refused { error } => Attempt::Dead { error },
            Answer::Failed { error, .. } if self.is_exhausted(message, now) => Attempt::Dead { error },
            Answer::Failed { error, after } => {
                let asked = after.unwrap_or_default().min(self.delay_asked_max);
                let delay = self.delay(message.attempts, draw).max(asked);
                let delay = SignedDuration::try_from(delay).unwrap_or(SignedDuration::ZERO);
                Attempt::Retry { not_before: now.saturating_add(delay).unwrap_or(now), error }
            }
        }
    }

    fn is_exhausted(&self, message: &OutboxMessage, now: Timestamp) -> bool {
        let age = now.duration_since(message.created_at).unsigned_abs();
        message.attempts.saturating_add(1) >= self.attempts_min && age >= self.age_max
    }

    /// Full jitter: any wait below the ceiling, so that messages that failed together do not come back together.
    fn delay(&self, attempts: u32, draw: f64) -> Duration {
        let ceiling = self.delay_first.saturating_mul(2u32.saturating_pow(attempts.min(30))).min(self.delay_max);
        ceiling.mul_f64(draw.clamp(0.0, 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::deliver::tests::message;

    fn failed() -> Answer {
        Answer::Failed { error: "no answer".into(), after: None }
    }

    fn after_s(attempts: u32, age_h: i64, answer: Answer, draw: f64) -> Option<i64> {
        let mut message = message("hook");
        message.attempts = attempts;
        let now = message.created_at + SignedDuration::from_hours(age_h);
        match Retry::default().decide(&message, answer, now, draw) {
            Attempt::Retry { not_before, .. } => Some(not_before.duration_since(now).as_secs()),
            _ => None,
        }
    }

    #[test]
    fn the_ceiling_doubles_up_to_half_an_hour() {
        let ceilings: Vec<_> = [0, 1, 2, 8, 9, 40].map(|attempts| after_s(attempts, 0, failed(), 1.0)).into();
        assert_eq!(ceilings, [5, 10, 20, 1_280, 1_800, 1_800].map(Some));
        assert_eq!(after_s(9, 0, failed(), 0.0), Some(0));
    }

    #[test]
    fn the_other_sides_wish_counts_up_to_an_hour() {
        let asked = |after| Answer::Failed { error: String::new(), after: Some(Duration::from_secs(after)) };
        assert_eq!(after_s(0, 0, asked(120), 1.0), Some(120));
        assert_eq!(after_s(0, 0, asked(86_400), 1.0), Some(3_600));
        assert_eq!(after_s(9, 0, asked(1), 1.0), Some(1_800));
    }

    #[test]
    fn it_is_given_up_after_a_day_and_enough_tries() {
        assert!(after_s(300, 23, failed(), 0.5).is_some());
        assert!(after_s(18, 72, failed(), 0.5).is_some());
        assert_eq!(after_s(19, 24, failed(), 0.5), None);
    }

    #[test]
    fn a_refusal_is_final_at_once() {
        assert_eq!(after_s(0, 0, Answer::Refused { error: "bad request".into() }, 0.5), None);
    }
}
