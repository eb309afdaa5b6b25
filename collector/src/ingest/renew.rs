//! Renewal: a new certificate for a new key, over mTLS. The one thing that an expired certificate may still do.

use super::authority::Authority;
use super::identity::{Refusal, Registry};
use super::service::peer_of;
use super::session::unavailable;
use crate::store::Store;
use jiff::Timestamp;
use std::sync::Arc;
use tonic::{Request, Response, Status};
use wacht_proto::v1;
use wacht_proto::v1::identity_server::Identity;

const REQUEST_BYTES_MAX: usize = 4 * 1024;

/// The service that renews.
pub struct RenewalDoor {
    /// Signs.
    pub authority: Arc<Authority>,
    /// Knows who may.
    pub registry: Arc<Registry>,
    /// Remembers.
    pub store: Store,
}

#[tonic::async_trait]
impl Identity for RenewalDoor {
    async fn renew(&self, request: Request<v1::RenewRequest>) -> Result<Response<v1::RenewReply>, Status> {
        let peer = peer_of(&request)?;
        let now = Timestamp::now();
        self.registry.may_renew(&peer, now)?;
        let csr = request.into_inner().csr_der;
        if csr.len() > REQUEST_BYTES_MAX {
            return Err(Status::invalid_argument("the certificate request is too long"));
        }
        let issued = self
            .authority
            .sign_agent_der(&csr, peer.customer, peer.host, now)
            .map_err(|error| Status::invalid_argument(error.to_string()))?;
        let present = peer.serial.clone();
        let is_kept = self.store.identity_renewed(peer.host, present, issued.serial.clone(), issued.not_after).await;
        if !is_kept.map_err(unavailable)? {
            // Its host was enrolled anew a moment ago.
            return Err(Refusal::Replaced.into());
        }
        self.registry.renewed(peer.host, &peer.serial, &issued.serial);
        tracing::info!(host = %peer.host, serial = issued.serial, "certificate renewed");
        Ok(Response::new(v1::RenewReply {
            certificate_der: issued.certificate.to_vec(),
            chain_der: vec![self.authority.intermediate().to_vec()],
            not_after_unix_s: issued.not_after.as_second(),
        }))
    }
}
