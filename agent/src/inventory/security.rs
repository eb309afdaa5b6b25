//! How this machine is protected: packet filters, mandatory access control, antivirus and endpoint detection. It lists
//! what is there and whether it runs; what is missing is judged elsewhere.

mod firewall;
mod mandatory;
mod protection;

use wacht_proto::v1::section_body::Kind;
use wacht_proto::v1::{SectionBody, SectionKind, SecuritySection};

use super::Section;
use super::notes::Notes;
use super::root::Root;

const PRODUCTS_MAX: usize = 64;

/// The section of the security products.
pub struct Security;

impl Section for Security {
    fn kind(&self) -> SectionKind {
        SectionKind::Security
    }

    fn read(&self, root: &Root) -> SectionBody {
        let mut notes = Notes::default();
        let mut products = firewall::firewalls(root, &mut notes);
        products.extend(mandatory::mandatory_access(root, &mut notes));
        products.extend(protection::protections(root, &mut notes));
        products.sort_by(|a, b| (&a.kind, &a.name).cmp(&(&b.kind, &b.name)));
        notes.bound("products", &mut products, PRODUCTS_MAX);
        notes.into_body(Kind::Security(SecuritySection { products }))
    }
}
