//! Who an agent is: peer certificate -> host, checked against the pinned serials in memory; and the streams that are
//! open, so that a revocation or a second holder cuts them at once. Nothing that a message says counts here.

use crate::model::{Admission, CustomerId, HostId};
use crate::store::{self, Identity, Store};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};
use tokio::sync::watch;
use x509_parser::prelude::{GeneralName, X509Certificate};

/// How long after its end a certificate may still fetch its successor.
pub const RENEWAL_GRACE_S: i64 = 400 * 86_400;

/// A peer whose certificate our authority signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    /// From the certificate.
    pub host: HostId,
    /// From the certificate.
    pub customer: CustomerId,
    /// Serial, hex.
    pub serial: String,
    /// Not valid from then on.
    pub not_after: Timestamp,
}

/// Why a peer may not do what it asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Renewal is still open to it.
    #[error("certificate expired: renew it")]
    Expired,
    /// A person revoked it.
    #[error("certificate revoked")]
    Revoked,
    /// A newer one was issued and used.
    #[error("certificate replaced by a newer one")]
    Replaced,
    /// Two holders of one identity were seen.
    #[error("host quarantined: its identity was seen twice, enrol it anew")]
    Quarantined,
    /// Beyond the token's expected number.
    #[error("host pending approval by an operator")]
    Pending,
    /// Signed by us, but not in our books.
    #[error("host unknown to this collector")]
    Unknown,
}

/// A stream's number, and what cuts it.
type OpenStream = (u64, watch::Sender<Option<Refusal>>);

/// Identities, and how often one was changed in memory: a reading of the store that is older than a change is stale.
#[derive(Default)]
struct Known {
    changes: u64,
    hosts: HashMap<HostId, Identity>,
}

/// Identities and open streams.
pub struct Registry {
    known: RwLock<Known>,
    streams: RwLock<HashMap<HostId, OpenStream>>,
    next_stream: std::sync::atomic::AtomicU64,
}

impl Registry {
    /// Loads every identity.
    pub async fn load(store: &Store) -> store::Result<Arc<Self>> {
        let registry = Arc::new(Self { known: RwLock::default(), streams: RwLock::default(), next_stream: 1.into() });
        registry.reload(store).await?;
        Ok(registry)
    }

    /// Reads identities anew and cuts the streams of those that may no longer report.
    pub async fn reload(&self, store: &Store) -> store::Result<()> {
        loop {
            let before = self.known().changes;
            let fresh: HashMap<_, _> =
                store.identities().await?.into_iter().map(|identity| (identity.host, identity)).collect();
            let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
            if known.changes != before {
                continue;
            }
            for (host, (_, cut)) in self.streams.read().unwrap_or_else(PoisonError::into_inner).iter() {
                if let Err(refusal) = standing(fresh.get(host)) {
                    cut.send_replace(Some(refusal));
                }
            }
            known.hosts = fresh;
            return Ok(());
        }
    }

    fn known(&self) -> RwLockReadGuard<'_, Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn change(&self, host: HostId, change: impl FnOnce(&mut Identity)) {
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.changes += 1;
        if let Some(identity) = known.hosts.get_mut(&host) {
            change(identity);
        }
    }

    /// Takes a new or changed identity in; a stream under an older one of the same host is cut.
    pub fn insert(&self, identity: Identity) {
        let host = identity.host;
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        known.changes += 1;
        let older = known.hosts.insert(host, identity);
        drop(known);
        if older.is_some() {
            self.cut(host, Refusal::Replaced);
        }
    }

    /// Was this serial put out of use by an enrolment of the same machine?
    pub fn is_put_out_of_use(&self, peer: &Peer) -> bool {
        let known = self.known();
        known.hosts.get(&peer.host).is_some_and(|identity| identity.replaced_serial.as_deref() == Some(&peer.serial))
    }

    /// Has this host a stream open?
    pub fn is_connected(&self, host: HostId) -> bool {
        self.streams.read().unwrap_or_else(PoisonError::into_inner).contains_key(&host)
    }

    /// The serial that a host may use now.
    pub fn serial(&self, host: HostId) -> Option<String> {
        self.known().hosts.get(&host).map(|identity| identity.serial.clone())
    }

    /// Is this serial of a host that was revoked? For the handshake.
    pub fn is_revoked(&self, peer: &Peer) -> bool {
        self.known().hosts.get(&peer.host).is_some_and(|identity| identity.admission == Admission::Revoked)
    }

    /// May the peer renew? Expired ones may, for a while.
    pub fn may_renew(&self, peer: &Peer, now: Timestamp) -> Result<(), Refusal> {
        self.pinned(peer)?;
        if now.as_second() > peer.not_after.as_second() + RENEWAL_GRACE_S { Err(Refusal::Expired) } else { Ok(()) }
    }

    /// May the peer report? True = it uses its renewed certificate for the first time.
    pub fn may_report(&self, peer: &Peer, now: Timestamp) -> Result<bool, Refusal> {
        if now >= peer.not_after {
            return Err(Refusal::Expired);
        }
        self.pinned(peer)
    }

    fn pinned(&self, peer: &Peer) -> Result<bool, Refusal> {
        let known = self.known();
        let identity = known.hosts.get(&peer.host);
        standing(identity)?;
        match identity {
            Some(identity) if identity.customer != peer.customer => Err(Refusal::Unknown),
            Some(identity) if identity.serial == peer.serial => Ok(false),
            Some(identity) if identity.next_serial.as_deref() == Some(&peer.serial) => Ok(true),
            Some(_) => Err(Refusal::Replaced),
            None => Err(Refusal::Unknown),
        }
    }

    /// The renewed certificate of a host is in use: the older one is no longer good.
    pub fn promote(&self, host: HostId, serial: &str) {
        self.change(host, |identity| {
            // An enrolment in between gave the host another key: that one stays.
            if identity.next_serial.as_deref() == Some(serial) {
                serial.clone_into(&mut identity.serial);
                identity.next_serial = None;
            }
        });
    }

    /// A renewed certificate was issued to the holder of `present`.
    pub fn renewed(&self, host: HostId, present: &str, serial: &str) {
        self.change(host, |identity| {
            if identity.serial == present || identity.next_serial.as_deref() == Some(present) {
                identity.next_serial = Some(serial.to_owned());
            }
        });
    }

    /// Registers a stream; an older one of the same host is cut. Dropping the ticket takes it off.
    pub fn open_stream(self: &Arc<Self>, host: HostId) -> Ticket {
        let number = self.next_stream.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let (cut, cuts) = watch::channel(None);
        let older = self.streams.write().unwrap_or_else(PoisonError::into_inner).insert(host, (number, cut));
        if let Some((_, older)) = older {
            older.send_replace(Some(Refusal::Replaced));
        }
        Ticket { registry: Arc::clone(self), host, number, cuts }
    }

    /// Cuts the stream of a host and marks it in memory.
    pub fn hold(&self, host: HostId, admission: Admission) {
        self.change(host, |identity| identity.admission = admission);
        self.cut(host, if admission == Admission::Revoked { Refusal::Revoked } else { Refusal::Quarantined });
    }

    fn cut(&self, host: HostId, refusal: Refusal) {
        if let Some((_, cut)) = self.streams.read().unwrap_or_else(PoisonError::into_inner).get(&host) {
            cut.send_replace(Some(refusal));
        }
    }

    /// Streams that are open now.
    pub fn stream_count(&self) -> usize {
        self.streams.read().unwrap_or_else(PoisonError::into_inner).len()
    }
}

fn standing(identity: Option<&Identity>) -> Result<(), Refusal> {
    match identity.map(|identity| identity.admission) {
        Some(Admission::Active) => Ok(()),
        Some(Admission::Pending) => Err(Refusal::Pending),
        Some(Admission::Quarantined) => Err(Refusal::Quarantined),
        Some(Admission::Revoked) => Err(Refusal::Revoked),
        None => Err(Refusal::Unknown),
    }
}

/// An open stream's place in the registry.
pub struct Ticket {
    registry: Arc<Registry>,
    host: HostId,
    number: u64,
    cuts: watch::Receiver<Option<Refusal>>,
}

impl Ticket {
    /// Waits until the stream must end, and says why.
    pub async fn cut(&mut self) -> Refusal {
        loop {
            if let Some(refusal) = *self.cuts.borrow_and_update() {
                return refusal;
            }
            if self.cuts.changed().await.is_err() {
                return Refusal::Replaced;
            }
        }
    }
}

impl Drop for Ticket {
    fn drop(&mut self) {
        let mut streams = self.registry.streams.write().unwrap_or_else(PoisonError::into_inner);
        if streams.get(&self.host).is_some_and(|(number, _)| *number == self.number) {
            streams.remove(&self.host);
        }
    }
}

/// Reads who a certificate names; none when it is not one of ours in shape.
pub fn peer(certificate: &[u8]) -> Option<Peer> {
    let (_, parsed) = x509_parser::parse_x509_certificate(certificate).ok()?;
    let (customer, host) = names(&parsed)?;
    let not_after = Timestamp::from_second(parsed.validity().not_after.timestamp()).ok()?;
    Some(Peer { host, customer, serial: super::authority::hex(parsed.raw_serial()), not_after })
}

fn names(certificate: &X509Certificate<'_>) -> Option<(CustomerId, HostId)> {
    let names = certificate.subject_alternative_name().ok()??;
    let [GeneralName::URI(uri)] = names.value.general_names.as_slice() else { return None };
    let (customer, host) = uri.strip_prefix("spiffe://wacht/customer/")?.split_once("/host/")?;
    Some((customer.parse().ok()?, host.parse().ok()?))
}

#[cfg(test)]
mod tests;
