//! One open stream: hello, welcome, then reports out and acknowledgements in until it ends. Why it ended is the result;
//! what to do about it is decided by the sender.

use super::Link;
use super::identity::{Identity, State};
use super::lanes::Lanes;
use super::policy::{self, Policy};
use super::renew;
use super::wire::{self, Wire, message};
use crate::clock::Clock;
use crate::spool::Position;
use prost::Message;
use std::collections::VecDeque;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;
use tokio_stream::wrappers::ReceiverStream;
use tonic::transport::Channel;
use tonic::{Status, Streaming};
use wacht_proto::v1::telemetry_client::TelemetryClient;
use wacht_proto::v1::{self, AgentMessage, agent_message, collector_message};

const ANSWER_BYTES_MAX: usize = 64 * 1024;
const WELCOME_MAX: Duration = Duration::from_secs(20);
const ACK_MAX: Duration = Duration::from_secs(60);
const TICK: Duration = Duration::from_secs(30);
const RENEWAL_RETRY: Duration = Duration::from_secs(300);
const RANGES_MAX: usize = 32;

/// Why a stream ended.
#[derive(Debug)]
pub(super) enum Ended {
    /// The identity changed: open again at once.
    Renewed,
    /// The spool was an old copy and began a new life: open again under it.
    Reborn,
    /// It broke, or was refused.
    Broken(Status),
}

impl From<Status> for Ended {
    fn from(status: Status) -> Ended {
        Ended::Broken(status)
    }
}

/// A welcomed stream.
pub(super) struct Session<'a> {
    link: &'a Link,
    clock: Clock,
    identity: &'a Identity,
    state: &'a State,
    channel: Channel,
    messages: mpsc::Sender<AgentMessage>,
    answers: Streaming<v1::CollectorMessage>,
    outbox: VecDeque<AgentMessage>,
    wire: Wire,
    pub(super) lanes: Lanes,
    /// The collector asked for this pause before the next stream.
    pub(super) retry_after_ms: u64,
    /// At least one acknowledgement came.
    pub(super) worked: bool,
    heard: Instant,
    renew_from: Instant,
}

impl<'a> Session<'a> {
    /// Opens a stream and takes the welcome.
    pub(super) async fn open(
        link: &'a Link,
        clock: Clock,
        identity: &'a Identity,
        state: &'a State,
        channel: Channel,
        careful: bool,
    ) -> Result<Session<'a>, Ended> {
        let (messages, receiver) = mpsc::channel(2);
        let hello = hello(link, clock, state.generation());
        messages
            .try_send(message(agent_message::Kind::Hello(hello)))
            .map_err(|_| Status::internal("no room for hello"))?;
        let mut client = TelemetryClient::new(channel.clone()).max_decoding_message_size(ANSWER_BYTES_MAX);
        let opening = async {
            let mut answers = client.report(ReceiverStream::new(receiver)).await?.into_inner();
            let first = answers.message().await?;
            Ok::<_, Status>((answers, first))
        };
        let late = |_| Status::deadline_exceeded("no welcome within 20 s");
        let (answers, first) = tokio::time::timeout(WELCOME_MAX, opening).await.map_err(late)??;
        let Some(collector_message::Kind::Welcome(welcome)) = first.and_then(|first| first.kind) else {
            return Err(Status::internal("the collector's first word is not a welcome").into());
        };
        let now = Instant::now();
        let last = link.spool.borrow().next_sequence() - 1;
        let lanes = Lanes::new(welcome.contiguous_sequence.min(last), last, careful);
        let outbox = VecDeque::new();
        let mut session = Session {
            link,
            clock,
            identity,
            state,
            channel,
            messages,
            answers,
            outbox,
            lanes,
            wire: Wire::default(),
            retry_after_ms: 0,
            worked: false,
            heard: now,
            renew_from: now,
        };
        session.take_welcome(&welcome)?;
        Ok(session)
    }

    /// Keeps the stream going until it ends.
    pub(super) async fn run(&mut self) -> Ended {
        loop {
            if let Err(status) = self.fill() {
                return status.into();
            }
            let wants = !self.outbox.is_empty();
            let messages = self.messages.clone();
            tokio::select! {
                answer = self.answers.message() => match answer {
                    Ok(Some(answer)) => self.take(answer),
                    Ok(None) => return Status::unavailable("the collector ended the stream").into(),
                    Err(status) => return status.into(),
                },
                permit = messages.reserve(), if wants => match (permit, self.outbox.pop_front()) {
                    (Ok(permit), Some(message)) => permit.send(message),
                    // The reason comes with the answers.
                    _ => match self.answers.message().await {
                        Err(status) => return status.into(),
                        Ok(_) => return Status::unavailable("the stream closed").into(),
                    },
                },
                () = self.link.wake.notified() => {}
                () = self.link.reload.notified() => return Ended::Renewed,
                () = tokio::time::sleep(TICK) => {
                    if self.lanes.waits() && self.heard.elapsed() > ACK_MAX {
                        return Status::deadline_exceeded("no acknowledgement for a minute").into();
                    }
                }
            }
            if self.is_renewal_due() {
                match renew::renew(self.channel.clone(), self.state).await {
                    Ok(()) => return Ended::Renewed,
                    Err(status) => {
                        tracing::warn!(
                            reason = super::sender::say(&status),
                            "certificate not renewed, trying again later"
                        );
                        self.renew_from = Instant::now() + RENEWAL_RETRY;
                    }
                }
            }
        }
    }

    fn take_welcome(&mut self, welcome: &v1::Welcome) -> Result<(), Ended> {
        self.note_time(welcome.collector_unix_ms);
        self.take_policy(welcome.policy.as_ref());
        if self.identity.is_next {
            match self.state.promote_next() {
                Ok(()) => tracing::info!("renewed certificate in use"),
                Err(error) => tracing::warn!(%error, "renewed certificate stays beside the old one"),
            }
        }
        if let Some(generation) = welcome.generation {
            match self.state.store_generation(wire::number(generation)) {
                Ok(()) => self
                    .outbox
                    .push_back(message(agent_message::Kind::Confirm(v1::Confirm { generation: Some(generation) }))),
                // Not confirmed, so the collector goes on to take the old one.
                Err(error) => tracing::warn!(%error, "generation not stored"),
            }
        }
        let mut spool = self.link.spool.borrow_mut();
        match spool.reconcile(welcome.contiguous_sequence) {
            Position::Known => Ok(()),
            Position::Behind => {
                tracing::warn!("the collector no longer has what it acknowledged");
                self.link.inventory_is_lost.set(true);
                Ok(())
            }
            Position::Ahead => {
                let fresh = random();
                spool.rebirth(fresh, |bytes, sequence| wire::recode(&bytes, fresh, sequence));
                self.link.inventory_is_lost.set(true);
                Err(Ended::Reborn)
            }
        }
    }

    /// Puts the next item into the outbox when that is empty: the choice is made as late as possible.
    fn fill(&mut self) -> Result<(), Status> {
        let mut spool = self.link.spool.borrow_mut();
        while self.outbox.is_empty() {
            let Some(item) = self.lanes.next(&mut spool) else { return Ok(()) };
            let messages = self.wire.messages(&mut spool, item, (self.clock.boottime_ms)());
            let messages = messages.map_err(|error| Status::aborted(format!("cannot read the spool: {error}")))?;
            if messages.is_empty() {
                continue;
            }
            if !self.lanes.waits() {
                self.heard = Instant::now();
            }
            self.lanes.sent(&item, messages.iter().map(Message::encoded_len).sum());
            self.outbox.extend(messages);
            spool.hold(self.lanes.records());
        }
        Ok(())
    }

    fn take(&mut self, answer: v1::CollectorMessage) {
        let Some(collector_message::Kind::Ack(ack)) = answer.kind else { return };
        self.heard = Instant::now();
        self.worked = true;
        self.note_time(ack.collector_unix_ms);
        self.take_policy(ack.policy.as_ref());
        let stored: Vec<_> = ack.stored.iter().take(RANGES_MAX).map(|range| (range.first, range.last)).collect();
        let mut spool = self.link.spool.borrow_mut();
        spool.acknowledge(ack.contiguous_sequence, &stored);
        self.lanes.acknowledged(ack.contiguous_sequence.min(spool.next_sequence() - 1), &stored);
        spool.hold(self.lanes.records());
        self.link.state.borrow_mut().acked_boottime_ms = (self.clock.boottime_ms)();
        self.link.progress.notify_one();
    }

    fn take_policy(&mut self, wire: Option<&v1::Policy>) {
        let Some(wire) = wire else { return };
        self.retry_after_ms = policy::retry_after_ms(wire);
        let policy = Policy::of(wire);
        if *self.link.policy.borrow() != policy {
            tracing::info!(?policy, "policy");
            self.link.policy.replace(policy);
            self.link.progress.notify_one();
        }
    }

    fn note_time(&self, collector_unix_ms: i64) {
        let mut state = self.link.state.borrow_mut();
        (state.collector_unix_ms, state.heard_boottime_ms) = (collector_unix_ms, (self.clock.boottime_ms)());
    }

    /// By the collector's clock, since ours may be wrong.
    fn is_renewal_due(&self) -> bool {
        let state = self.link.state.borrow();
        let since_ms = (self.clock.boottime_ms)().saturating_sub(state.heard_boottime_ms);
        let now_unix_s = state.collector_unix_ms.saturating_add_unsigned(since_ms) / 1_000;
        now_unix_s >= self.identity.renew_at_unix_s() && Instant::now() >= self.renew_from && !self.identity.is_next
    }
}

fn hello(link: &Link, clock: Clock, generation: Option<u128>) -> v1::Hello {
    let spool = link.spool.borrow();
    let ledger = spool.ledger();
    v1::Hello {
        protocol: wacht_proto::PROTOCOL_VERSION,
        agent_version: env!("CARGO_PKG_VERSION").to_owned(),
        incarnation: Some(wire::id(spool.incarnation())),
        generation: generation.map(wire::id),
        boot: Some(wire::id(clock.boot)),
        boottime_ms: (clock.boottime_ms)(),
        wall_unix_ms: (clock.wall_unix_ms)(),
        next_sequence: spool.next_sequence(),
        oldest_sequence: ledger.oldest_sequence,
    }
}

/// 128 random bits.
pub fn random() -> u128 {
    let mut bytes = [0; 16];
    match ring::rand::SecureRandom::fill(&ring::rand::SystemRandom::new(), &mut bytes) {
        Ok(()) => u128::from_le_bytes(bytes),
        // Names only have to differ; a kernel without random bytes does not run TLS either.
        Err(_) => u128::from(fastrand::u64(..)) << 64 | u128::from(fastrand::u64(..)),
    }
}
