//! The way in for Commands: the console and the local socket put them here, the pipeline takes them out, and each
//! is answered after its commit. A bounded channel and nothing else.

use crate::model::{Actor, Command, Outcome, RefusalKind};
use tokio::sync::{mpsc, oneshot};

/// A command on its way.
#[derive(Debug)]
pub struct Request {
    /// Who asks.
    pub actor: Actor,
    /// What for.
    pub command: Command,
    /// Where the answer goes.
    pub answer: oneshot::Sender<Outcome>,
}

/// The end that asks.
#[derive(Clone, Debug)]
pub struct Port(mpsc::Sender<Request>);

impl Port {
    /// A port and the end that the pipeline reads.
    pub fn new() -> (Port, mpsc::Receiver<Request>) {
        let (sender, receiver) = mpsc::channel(64);
        (Port(sender), receiver)
    }

    /// Asks and waits for the commit.
    pub async fn ask(&self, actor: Actor, command: Command) -> Outcome {
        let (answer, reply) = oneshot::channel();
        if self.0.send(Request { actor, command, answer }).await.is_err() {
            return stopping();
        }
        reply.await.unwrap_or_else(|_| stopping())
    }
}

fn stopping() -> Outcome {
    Outcome::Refused { kind: RefusalKind::Failed, reason: "the collector is stopping".to_owned() }
}
