//! Traffic, errors and drops of each network interface, by direction.

use super::{Readings, Sampler};
use crate::platform::{InterfaceFigures, NetworkReader};
use std::io;
use std::time::Duration;
use wacht_proto::catalog::Metric;

const DIRECTIONS: [&str; 2] = ["/receive", "/transmit"];

#[derive(Default)]
pub(super) struct Network {
    reader: NetworkReader,
    object: String,
}

impl Sampler for Network {
    fn name(&self) -> &'static str {
        "network"
    }

    fn sample(&mut self, _elapsed: Option<Duration>, out: &mut Readings) -> io::Result<()> {
        let object = &mut self.object;
        self.reader.each(|name, figures| push_all(name, figures, object, out))
    }
}

fn push_all(name: &str, figures: &InterfaceFigures, object: &mut String, out: &mut Readings) {
    for (index, direction) in DIRECTIONS.into_iter().enumerate() {
        object.clear();
        object.push_str(name);
        object.push_str(direction);
        out.push(Metric::NetworkIo, object, figures.bytes[index] as f64);
        out.push(Metric::NetworkPackets, object, figures.packets[index] as f64);
        out.push(Metric::NetworkErrors, object, figures.errors[index] as f64);
        out.push(Metric::NetworkDropped, object, figures.dropped[index] as f64);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_direction_is_an_object_of_its_own() {
        let mut readings = Readings::new();
        let figures = InterfaceFigures { bytes: [1, 2], packets: [3, 4], errors: [5, 6], dropped: [7, 8] };
        push_all("eth0", &figures, &mut String::new(), &mut readings);
        assert_eq!(readings.values(), [1.0, 3.0, 5.0, 7.0, 2.0, 4.0, 6.0, 8.0]);
        assert_eq!(readings.series().nth(4), Some((Metric::NetworkIo, "eth0/transmit")));
    }
}
