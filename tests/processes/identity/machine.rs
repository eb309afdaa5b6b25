//! A machine of a test: the hardware that it claims, its enrolment, and what it reports of itself.

use serde_json::{Value, json};
use wacht_proto::v1;
use wacht_proto::v1::section_body::Kind;
use wacht_tests::draft::{Draft, section};
use wacht_tests::house::House;
use wacht_tests::identity::Identity;
use wacht_tests::wait::wait_until;
use wacht_tests::wire::{Stream, WireAgent};

/// What a machine says of itself.
#[derive(Clone)]
pub struct Hardware {
    pub name: String,
    pub uuid: String,
    pub serial: String,
    pub board_serial: String,
    pub disk_serial: String,
    pub mac: String,
    pub machine_id: String,
}

impl Hardware {
    /// A desktop of a well-behaved maker, the `number`th of its kind.
    pub fn desktop(number: u32) -> Self {
        Self {
            name: format!("pc-{number}"),
            uuid: format!("564d1a2b-3c4d-5e6f-8899-{number:012x}"),
            serial: format!("CZC{number:07}"),
            board_serial: format!("PFKAB{number:05}"),
            disk_serial: format!("S3Z8NB0K{number:06}"),
            mac: format!("3c:52:82:00:{:02x}:{:02x}", number / 256, number % 256),
            machine_id: format!("{:032x}", 0x0f1e_2d3c_4b5a_6978_8796_a5b4_0000_0000_u128 + u128::from(number)),
        }
    }

    fn fingerprint(&self) -> Value {
        json!({
            "uuid": self.uuid, "serial": self.serial, "board_serial": self.board_serial, "product": "EliteDesk 800 G4",
            "board_product": "83E1", "macs": [self.mac], "disk_serials": [self.disk_serial],
            "machine_id": self.machine_id, "container": false,
        })
    }

    /// Enrols with a token of its own.
    pub fn enrol(&self, house: &House) -> Machine {
        self.enrol_with(house, &house.token())
    }

    /// Enrols with a given token.
    pub fn enrol_with(&self, house: &House, token: &str) -> Machine {
        let identity = Identity::enrol_as(house, &self.name, token, &self.fingerprint()).expect("enrolment");
        Machine { agent: WireAgent::new(identity), hardware: self.clone() }
    }

    /// Enrols as an agent of before machines told by what they can be known again.
    pub fn enrol_silently(&self, house: &House) -> Machine {
        Machine { agent: WireAgent::new(Identity::enrol(house, &self.name)), hardware: self.clone() }
    }

    fn sections(&self) -> Vec<v1::Section> {
        let body = |kind| v1::SectionBody { kind: Some(kind), notes: Vec::new(), partial: false };
        let system = v1::SystemSection {
            hostname: self.name.clone(),
            machine_id: self.machine_id.clone(),
            uuid: self.uuid.clone(),
            serial: self.serial.clone(),
            board_serial: self.board_serial.clone(),
            product: "EliteDesk 800 G4".to_owned(),
            board_product: "83E1".to_owned(),
            ..v1::SystemSection::default()
        };
        let disk = v1::Disk {
            name: "sda".to_owned(),
            serial: self.disk_serial.clone(),
            bus: "ata".to_owned(),
            ..v1::Disk::default()
        };
        let card = v1::Interface {
            name: "eth0".to_owned(),
            mac: self.mac.clone(),
            kind: "physical".to_owned(),
            ..v1::Interface::default()
        };
        vec![
            section(v1::SectionKind::System, &body(Kind::System(system))),
            section(v1::SectionKind::Disk, &body(Kind::Disk(v1::DiskSection { disks: vec![disk] }))),
            section(
                v1::SectionKind::Interface,
                &body(Kind::Interface(v1::InterfaceSection { interfaces: vec![card] })),
            ),
        ]
    }
}

/// An enrolled one.
pub struct Machine {
    pub agent: WireAgent,
    pub hardware: Hardware,
}

impl Machine {
    pub fn host(&self) -> &str {
        &self.agent.identity.host
    }

    /// Opens a stream and reports the whole inventory.
    pub fn report(&mut self) -> Stream {
        let mut stream = self.agent.open().expect("a stream");
        self.tell(&mut stream);
        stream
    }

    /// Reports the whole inventory on an open stream.
    pub fn tell(&mut self, stream: &mut Stream) {
        let mut draft = self.agent.good();
        draft.report.sections = self.hardware.sections();
        self.agent.collected.sections += draft.report.sections.len() as u64;
        self.agent.deliver(stream, &draft).expect("stored");
    }

    /// Says goodbye on an open stream, and waits until the collector knows.
    pub fn leave(&mut self, house: &House, mut stream: Stream) {
        let Draft { mut report, dictionary } = self.agent.good();
        report.presence = v1::Presence::Shutdown.into();
        self.agent.deliver(&mut stream, &Draft { report, dictionary }).expect("stored");
        drop(stream);
        wait_until("its goodbye is known", 10, || host(house, self.host())["presence"]["state"] == "goodbye");
    }
}

/// A host as the API shows it.
pub fn host(house: &House, id: &str) -> Value {
    house.get(&format!("/api/v1/hosts/{id}"))
}

/// Is this host held?
pub fn is_held(house: &House, id: &str) -> bool {
    host(house, id)["presence"]["state"] == "quarantined"
}

/// Tasks that wait for a person.
pub fn tasks(house: &House) -> Vec<Value> {
    house.api.list("/api/v1/duplicates?state=open")
}

/// How many hosts there are.
pub fn hosts(house: &House) -> usize {
    house.api.list("/api/v1/hosts").len()
}

/// A decision of a person; the HTTP status.
pub fn decide(house: &House, task: &Value, verb: &str) -> u16 {
    let id = task["id"].as_str().expect("a task has an id");
    house.post(&format!("/api/v1/duplicates/{id}/{verb}"), &json!({})).status
}
