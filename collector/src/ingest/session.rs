//! One open stream of one host: takes its messages in order, stores, answers. It ends when the stream does, when the
//! host may no longer report, or when a second holder of its identity shows itself.

use super::Wake;
use super::delta::Dictionaries;
use super::identity::{Peer, Refusal, Registry};
use super::validate::{self, Dating};
use crate::model::{Admission, AgentPolicy, CloneSign, Counts, Policies};
use crate::store::{Appended, NewGap, Store, Trade};
use jiff::Timestamp;
use ring::rand::{SecureRandom, SystemRandom};
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::watch;
use tonic::Status;
use wacht_proto::v1;

const VERSION_BYTES_MAX: usize = 32;
/// New dictionaries that one stream may bring; each is at most 2,000 series.
const NEW_DICTIONARIES_MAX: u32 = 64;
/// Earlier boots whose clocks are remembered at once.
const BOOTS_MAX: usize = 64;

/// What every stream shares.
#[derive(Clone)]
pub struct Doors {
    /// Where reports go.
    pub store: Store,
    /// Who is known.
    pub registry: Arc<Registry>,
    /// What contracts make of agents.
    pub policies: watch::Receiver<Policies>,
    /// Wakes the pipeline.
    pub wake: Wake,
}

/// The state of one stream.
pub struct Session {
    doors: Doors,
    peer: Peer,
    incarnation: [u8; 16],
    boot: [u8; 16],
    offsets: HashMap<[u8; 16], Option<i64>>,
    dictionaries: Dictionaries,
    new_dictionaries: u32,
    told: Option<AgentPolicy>,
}

impl Session {
    /// Answers Hello: trades the generation and says what is stored.
    pub async fn open(doors: Doors, peer: Peer, hello: &v1::Hello) -> Result<(Self, v1::Welcome), Status> {
        if hello.protocol == 0 || hello.protocol > wacht_proto::PROTOCOL_VERSION {
            return Err(Status::failed_precondition(format!(
                "protocol {} is not spoken here, {} is the newest: update the collector first",
                hello.protocol,
                wacht_proto::PROTOCOL_VERSION
            )));
        }
        let offer = random_id()?;
        let presented = hello.generation.map(|id| super::authority::hex(&validate::id(Some(id))));
        let trade = doors
            .store
            .generation_offered(peer.host, presented, super::authority::hex(&offer))
            .await
            .map_err(unavailable)?;
        let incarnation = validate::id(hello.incarnation);
        match trade {
            Trade::Fork => return Err(quarantine(&doors, &peer, CloneSign::Generation).await),
            Trade::Honest if is_rewound(&doors, &peer, incarnation, hello).await? => {
                return Err(quarantine(&doors, &peer, CloneSign::RewoundSpool).await);
            }
            // A person, or an enrolment, said that this is the right holder: an old spool begins a new life.
            Trade::Honest | Trade::First => {}
        }
        let version = validate::text(&hello.agent_version, VERSION_BYTES_MAX);
        doors.store.stream_opened(peer.host, version).await.map_err(unavailable)?;
        let contiguous = doors.store.contiguous(peer.host, incarnation).await.map_err(unavailable)?;
        let mut session = Self {
            boot: validate::id(hello.boot),
            doors,
            peer,
            incarnation,
            offsets: HashMap::new(),
            dictionaries: Dictionaries::default(),
            new_dictionaries: 0,
            told: None,
        };
        let welcome = v1::Welcome {
            protocol: wacht_proto::PROTOCOL_VERSION,
            generation: Some(validate::to_wire(offer)),
            contiguous_sequence: contiguous,
            collector_unix_ms: Timestamp::now().as_millisecond(),
            policy: session.policy_news(),
        };
        Ok((session, welcome))
    }

    /// Takes one message; an answer when it asks for one.
    pub async fn take(&mut self, message: v1::AgentMessage) -> Result<Option<v1::Ack>, Status> {
        match message.kind {
            Some(v1::agent_message::Kind::Dictionary(dictionary)) => self.take_dictionary(&dictionary).map(|()| None),
            Some(v1::agent_message::Kind::Delivery(delivery)) => self.take_delivery(&delivery).await.map(Some),
            Some(v1::agent_message::Kind::Gap(gap)) => self.take_gap(&gap).await.map(Some),
            Some(v1::agent_message::Kind::Confirm(confirm)) => {
                let generation = super::authority::hex(&validate::id(confirm.generation));
                self.doors.store.generation_confirmed(self.peer.host, generation).await.map_err(unavailable)?;
                Ok(None)
            }
            Some(v1::agent_message::Kind::Hello(_)) => Err(Status::invalid_argument("hello is said once")),
            None => Err(Status::invalid_argument("an empty message")),
        }
    }

    /// A new policy, when the contract changed since the last answer.
    pub fn policy_news(&mut self) -> Option<v1::Policy> {
        let policy = self.doors.policies.borrow_and_update().get(&self.peer.customer).copied()?;
        if self.told == Some(policy) {
            return None;
        }
        self.told = Some(policy);
        Some(v1::Policy {
            report_interval_s: policy.report_interval_s,
            inventory_interval_s: policy.inventory_interval_s,
            health_sampling: policy.health_sampling,
            sections_off: Vec::new(),
            retry_after_ms: 0,
        })
    }

    /// Waits for the next change of policies.
    pub async fn policies_changed(&mut self) {
        if self.doors.policies.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// An answer that carries a policy alone.
    pub async fn policy_ack(&mut self) -> Result<Option<v1::Ack>, Status> {
        let Some(policy) = self.policy_news() else { return Ok(None) };
        let contiguous = self.doors.store.contiguous(self.peer.host, self.incarnation).await.map_err(unavailable)?;
        let now = Timestamp::now().as_millisecond();
        Ok(Some(v1::Ack {
            contiguous_sequence: contiguous,
            stored: Vec::new(),
            collector_unix_ms: now,
            policy: Some(policy),
        }))
    }

    fn take_dictionary(&mut self, wire: &v1::Dictionary) -> Result<(), Status> {
        self.new_dictionaries += 1;
        if self.new_dictionaries > NEW_DICTIONARIES_MAX {
            return Err(Status::resource_exhausted("too many dictionaries on one stream"));
        }
        match validate::dictionary(wire) {
            Ok(series) => self.dictionaries.insert(wire.digest, series),
            // Reports that name it are refused one by one, with a count.
            Err(reason) => tracing::warn!(host = %self.peer.host, reason, "dictionary refused"),
        }
        Ok(())
    }

    async fn take_delivery(&mut self, delivery: &v1::Delivery) -> Result<v1::Ack, Status> {
        let report =
            validate::decode(delivery).ok_or_else(|| Status::invalid_argument("a delivery that is not a report"))?;
        if validate::id(report.incarnation) != self.incarnation {
            return Err(Status::invalid_argument("a report of another spool than hello named"));
        }
        let received_ms = Timestamp::now().as_millisecond();
        let dating = self.dating(&report).await?;
        self.recall_dictionary(report.dictionary).await?;
        let appended = match validate::report(
            self.peer.host,
            delivery,
            report,
            &mut self.dictionaries,
            dating,
            received_ms,
        ) {
            Ok(report) => self.doors.store.append(report).await.map_err(unavailable)?,
            // Not the report's fault: on a new stream it comes whole.
            Err(refused) if refused.reason == "unknown_base" => {
                return Err(Status::aborted("the delta's base is not here"));
            }
            Err(refused) => {
                tracing::warn!(host = %self.peer.host, sequence = refused.sequence, reason = refused.reason, "report refused");
                self.doors.store.append_gap(refusal_gap(&self.peer, &refused)).await.map_err(unavailable)?
            }
        };
        self.answer(appended).await
    }

    /// A report may name a dictionary that an earlier stream brought.
    async fn recall_dictionary(&mut self, digest: u64) -> Result<(), Status> {
        if digest != 0
            && self.dictionaries.get(digest).is_none()
            && let Some(series) = self.doors.store.dictionary(self.peer.host, digest).await.map_err(unavailable)?
        {
            self.dictionaries.insert(digest, series);
        }
        Ok(())
    }

    async fn dating(&mut self, report: &v1::Report) -> Result<Dating, Status> {
        let boot = validate::id(report.boot);
        if boot == self.boot {
            return Ok(Dating::Age);
        }
        if !self.offsets.contains_key(&boot) {
            if self.offsets.len() >= BOOTS_MAX {
                self.offsets.clear();
            }
            let offset = self.doors.store.boot_offset(self.peer.host, boot).await.map_err(unavailable)?;
            self.offsets.insert(boot, offset);
        }
        Ok(self.offsets.get(&boot).copied().flatten().map_or(Dating::Claim, Dating::Offset))
    }

    async fn take_gap(&mut self, gap: &v1::GapRecord) -> Result<v1::Ack, Status> {
        if gap.first_sequence == 0 || gap.first_sequence > gap.last_sequence || gap.last_sequence > 1 << 53 {
            return Err(Status::invalid_argument("a gap record that covers nothing"));
        }
        let gap = NewGap {
            host: self.peer.host,
            incarnation: self.incarnation,
            first: gap.first_sequence,
            last: gap.last_sequence,
            reason: validate::reason(gap.reason()).to_owned(),
            refused: None,
        };
        let appended = self.doors.store.append_gap(gap).await.map_err(unavailable)?;
        self.answer(appended).await
    }

    async fn answer(&mut self, appended: Appended) -> Result<v1::Ack, Status> {
        match appended {
            Appended::Fork => Err(quarantine(&self.doors, &self.peer, CloneSign::TwoContents).await),
            Appended::Stored { contiguous, ranges, duplicate } => {
                if !duplicate {
                    self.doors.wake.ring();
                }
                Ok(v1::Ack {
                    contiguous_sequence: contiguous,
                    stored: ranges.into_iter().map(|(first, last)| v1::SequenceRange { first, last }).collect(),
                    collector_unix_ms: Timestamp::now().as_millisecond(),
                    policy: self.policy_news(),
                })
            }
        }
    }
}

fn refusal_gap(peer: &Peer, refused: &validate::Refused) -> NewGap {
    NewGap {
        host: peer.host,
        incarnation: refused.incarnation,
        first: refused.sequence,
        last: refused.sequence,
        reason: format!("refused:{}", refused.reason),
        refused: Some(Counts { reports: 1, ..refused.counts }),
    }
}

/// Would it give a sequence again that it had on its disk when it sent it?
async fn is_rewound(doors: &Doors, peer: &Peer, incarnation: [u8; 16], hello: &v1::Hello) -> Result<bool, Status> {
    let durable = doors.store.durable_sequence(peer.host, incarnation).await.map_err(unavailable)?;
    Ok(hello.next_sequence <= durable)
}

/// Holds the host: neither holder of the identity reports until a person decides.
pub async fn quarantine(doors: &Doors, peer: &Peer, sign: CloneSign) -> Status {
    tracing::warn!(host = %peer.host, ?sign, "host quarantined");
    if let Err(error) = doors.store.quarantine(peer.host, sign, Timestamp::now()).await {
        return unavailable(error);
    }
    doors.registry.hold(peer.host, Admission::Quarantined);
    doors.wake.ring();
    Status::permission_denied(Refusal::Quarantined.to_string())
}

/// 128 random bits.
pub fn random_id() -> Result<[u8; 16], Status> {
    let mut id = [0u8; 16];
    SystemRandom::new().fill(&mut id).map_err(|_| Status::unavailable("no random bytes"))?;
    Ok(id)
}

/// Nothing was stored: the agent keeps its report and comes again.
pub fn unavailable(error: crate::store::Error) -> Status {
    let error = anyhow::Error::from(error);
    tracing::error!(error = format!("{error:#}"), "cannot store");
    Status::unavailable("the collector cannot store now")
}
