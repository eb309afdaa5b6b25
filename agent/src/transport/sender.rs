//! The sender's life: connect, hold a stream, judge why it ended, wait, again. Nothing is lost here: what is not
//! acknowledged stays in the spool.

use super::alert::Alert;
use super::backoff::Backoff;
use super::identity::{Identity, State};
use super::session::{Ended, Session};
use super::{Link, connect, renew, tls};
use crate::clock::Clock;
use crate::spool::Reason;
use std::time::Duration;
use tonic::{Code, Status};

/// A renewed pair that fails this often in a row is given up for the old one.
const NEXT_FAILURES_MAX: u32 = 3;

/// Sends what the spool holds, for ever.
pub struct Sender<'a> {
    link: &'a Link,
    state: State,
    clock: Clock,
    backoff: Backoff,
    careful: bool,
    suspect: Option<u64>,
    next_failures: u32,
}

/// What to do after a stream.
enum Pause {
    None,
    Short,
    Long,
}

impl<'a> Sender<'a> {
    /// A sender over a link, with the identity in `state`.
    pub fn new(link: &'a Link, state: State, clock: Clock) -> Sender<'a> {
        Sender { link, state, clock, backoff: Backoff::default(), careful: false, suspect: None, next_failures: 0 }
    }

    /// Runs until it is dropped.
    pub async fn run(mut self) {
        loop {
            let pause = self.attempt().await;
            self.link.state.borrow_mut().is_connected = false;
            self.link.spool.borrow_mut().hold(Vec::new());
            self.link.progress.notify_one();
            let delay_ms = match pause {
                Pause::None => continue,
                Pause::Short => self.backoff.after_failure(),
                Pause::Long => self.backoff.after_refusal(),
            };
            tracing::debug!(delay_ms, "waiting before the next attempt");
            tokio::select! {
                () = tokio::time::sleep(Duration::from_millis(delay_ms)) => {}
                () = self.link.hurry.notified() => {}
                () = self.link.reload.notified() => {}
            }
        }
    }

    async fn attempt(&mut self) -> Pause {
        let identity = match self.state.identity() {
            Ok(identity) => identity,
            Err(error) => return self.trouble(error.to_string(), Pause::Long),
        };
        self.link.state.borrow_mut().certificate_not_after_unix_s = identity.not_after_unix_s;
        let alert = Alert::default();
        let channel = match connect::channel(&identity, &alert).await {
            Ok(channel) => channel,
            Err(error) => {
                let refused = alert.text().is_some() || tls::cause(&error).is_some();
                let said = alert.text().unwrap_or_else(|| tls::describe(&error));
                return self.not_connected(&identity, said, refused);
            }
        };
        let (link, state) = (self.link, self.state.clone());
        let opened = Session::open(link, self.clock, &identity, &state, channel.clone(), self.careful).await;
        let ended = match opened {
            Ok(mut session) => {
                tracing::info!(collector = identity.enrolment.grpc, "connected");
                (self.next_failures, self.careful) = (0, false);
                self.note_connected();
                link.progress.notify_one();
                let ended = session.run().await;
                if session.worked {
                    self.backoff.reset();
                }
                self.backoff.ask(session.retry_after_ms);
                self.judge_suspect(&ended, session.lanes.only_suspect());
                ended
            }
            Err(ended) => ended,
        };
        if let (Ended::Broken(_), Some(said)) = (&ended, alert.text()) {
            return self.not_connected(&identity, said, true);
        }
        self.judge(ended, &identity, channel).await
    }

    fn note_connected(&self) {
        let mut state = self.link.state.borrow_mut();
        (state.is_connected, state.trouble) = (true, String::new());
    }

    async fn judge(&mut self, ended: Ended, identity: &Identity, channel: tonic::transport::Channel) -> Pause {
        let status = match ended {
            Ended::Renewed => return Pause::None,
            // A pause, so that a hostile collector cannot keep this going at full speed.
            Ended::Reborn => {
                return self.trouble(
                    "the collector knows more than this spool: it is an old copy and began a new life".into(),
                    Pause::Short,
                );
            }
            Ended::Broken(status) => status,
        };
        let said = say(&status);
        if status.code() == Code::Unauthenticated && said.starts_with("certificate expired") {
            tracing::warn!(reason = said, "renewing");
            return match renew::renew(channel, &self.state).await {
                Ok(()) => Pause::None,
                Err(error) => {
                    self.trouble(format!("certificate expired and not renewed: {}", say(&error)), Pause::Long)
                }
            };
        }
        let refused = matches!(status.code(), Code::PermissionDenied | Code::Unauthenticated);
        if refused || tls::cause(&status).is_some() {
            return self.not_connected(identity, said, true);
        }
        self.trouble(said, Pause::Short)
    }

    /// The door stayed shut. `refused` means by decision, not by accident.
    fn not_connected(&mut self, identity: &Identity, said: String, refused: bool) -> Pause {
        if refused && identity.is_next {
            self.next_failures += 1;
            if self.next_failures >= NEXT_FAILURES_MAX {
                self.next_failures = 0;
                let discarded = self.state.discard_next();
                tracing::warn!(
                    reason = said,
                    ?discarded,
                    "the renewed certificate does not work, going back to the old one"
                );
                return Pause::Short;
            }
            return self.trouble(said, Pause::Short);
        }
        self.trouble(said, if refused { Pause::Long } else { Pause::Short })
    }

    fn judge_suspect(&mut self, ended: &Ended, suspect: Option<u64>) {
        let Ended::Broken(status) = ended else { return };
        if status.code() != Code::InvalidArgument {
            return;
        }
        self.careful = true;
        let Some(sequence) = suspect else { return };
        if self.suspect.replace(sequence) == Some(sequence) {
            tracing::warn!(sequence, reason = say(status), "report refused twice, given up");
            self.link.spool.borrow_mut().give_up(sequence, Reason::Refused);
            (self.suspect, self.careful) = (None, false);
        }
    }

    fn trouble(&self, said: String, pause: Pause) -> Pause {
        let lasting = self.link.state.borrow().trouble == said;
        if lasting {
            tracing::debug!(reason = said, "no connection");
        } else {
            tracing::warn!(reason = said, "no connection; reports wait in the spool");
        }
        self.link.state.borrow_mut().trouble = said;
        pause
    }
}

/// What a status says, as plain text of a sane length.
pub(super) fn say(status: &Status) -> String {
    let text = match (tls::cause(status), status.message()) {
        (Some(_), _) => tls::describe(status),
        (None, "") => status.code().description().to_owned(),
        (None, message) => message.to_owned(),
    };
    text.chars().filter(|character| !character.is_control()).take(300).collect()
}
