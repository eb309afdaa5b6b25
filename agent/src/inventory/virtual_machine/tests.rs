//! Virtual machines of both hypervisors, from laid-out definitions and from hostile ones.

use std::path::Path;

use super::*;
use wacht_proto::v1::NoteReason;

const WEB: &str = "<!--\nWARNING: THIS IS AN AUTO-GENERATED FILE.\n-->\n<domain type='kvm'>
  <name>web &amp; mail</name>
  <uuid>1B9D6BCD-BBFD-4B2D-9B5D-AB8DFBBD4BED</uuid>
  <memory unit='KiB'>2097152</memory>
  <currentMemory unit='KiB'>1048576</currentMemory>
  <vcpu placement='static'>4</vcpu>
  <devices>
    <interface type='network'><mac address='52:54:00:6B:3C:58'/><source network='default'/></interface>
    <interface type='bridge'><mac address='52:54:00:00:00:01'/></interface>
  </devices>
</domain>";

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn machines(body: SectionBody) -> Vec<VirtualMachine> {
    let Some(Kind::VirtualMachine(section)) = body.kind else { panic!("not a machine section") };
    section.machines
}

#[test]
fn a_definition_of_libvirt_tells_the_machine_and_its_status_whether_it_runs() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "etc/libvirt/qemu/web.xml", WEB);
    put(root, "etc/libvirt/qemu/off.xml", "<domain><name>off</name><memory unit='GiB'>2</memory></domain>");
    put(root, "etc/libvirt/qemu/networks/default.xml", "<network><name>default</name></network>");
    put(root, "etc/libvirt/qemu/autostart/web.xml", WEB);
    put(root, "run/libvirt/qemu/web.xml", "<domstatus state='paused' reason='user' pid='77'>\n<domain/></domstatus>");
    let body = VirtualMachines.read(&Root::at(root));
    assert!(body.notes.is_empty(), "{:?}", body.notes);
    let web = VirtualMachine {
        name: "web & mail".into(),
        uuid: "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed".into(),
        hypervisor: "libvirt".into(),
        state: "paused".into(),
        cpus: 4,
        memory_bytes: 2 << 30,
        macs: vec!["52:54:00:00:00:01".into(), "52:54:00:6b:3c:58".into()],
        autostart: true,
    };
    let off = VirtualMachine {
        name: "off".into(),
        hypervisor: "libvirt".into(),
        state: "stopped".into(),
        memory_bytes: 2 << 30,
        ..Default::default()
    };
    assert_eq!(machines(body), [off, web]);
}

#[test]
fn a_machine_of_proxmox_is_read_without_its_snapshots_and_templates_are_none() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let conf = "#%23 notes: x\nagent: 1\ncores: 2\nsockets: 2\nmemory: 4096\nname: web\nonboot: 1
net0: virtio=BC:24:11:0A:0B:0C,bridge=vmbr0,firewall=1\nnet1: model=e1000,macaddr=BC:24:11:0A:0B:0D
smbios1: uuid=1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed,serial=c2VjcmV0,base64=1\n[before]\nmemory: 1024\nname: old\n";
    put(root, "etc/pve/qemu-server/100.conf", conf);
    put(root, "etc/pve/qemu-server/101.conf", "memory: current=1024\n");
    put(root, "etc/pve/qemu-server/900.conf", "name: base\ntemplate: 1\n");
    put(root, "run/qemu-server/100.pid", "77");
    let shown = |m: VirtualMachine| (m.name, m.state, m.cpus, m.memory_bytes >> 20, m.macs.len(), m.autostart);
    let row = |name: &str, state: &str, cpus, mebibytes, macs, autostart| {
        (name.to_owned(), state.to_owned(), cpus, mebibytes, macs, autostart)
    };
    let shown: Vec<_> = machines(VirtualMachines.read(&Root::at(root))).into_iter().map(shown).collect();
    assert_eq!(shown, [row("101", "stopped", 1, 1024, 0, false), row("web", "running", 4, 4096, 2, true)]);
    assert_eq!(machines(of_proxmox(conf))[0].uuid, "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed");
}

#[test]
fn a_cut_definition_never_panics_and_one_without_a_name_is_noted() {
    for at in (0..WEB.len()).filter(|at| WEB.is_char_boundary(*at)) {
        assert!(machines(of_libvirt(&WEB[..at])).len() <= 1);
        of_proxmox(&WEB[..at]);
    }
    for wrong in ["", "\u{fffd}\0<domain", "<domain><uuid>x</uuid></domain>", "<network><name>n</name></network>"] {
        let body = of_libvirt(wrong);
        assert_eq!(body.notes[0].reason(), NoteReason::Malformed, "{wrong}");
        assert!(machines(body).is_empty());
    }
}

#[test]
fn an_xml_bomb_expands_to_nothing_and_endless_lists_are_cut() {
    let bomb =
        "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY f SYSTEM 'file:///etc/passwd'>]>
        <domain><name>&b;&f;</name></domain>";
    assert_eq!(machines(of_libvirt(bomb))[0].name, "&b;&f;");
    let cards =
        |n: usize| format!("<interface><mac address='52:54:00:00:{:02x}:{:02x}'/></interface>", n / 256, n % 256);
    let many: String = (0..10_000).map(cards).collect();
    let body = of_libvirt(&format!("<domain><name>x</name><devices>{many}</devices></domain>"));
    assert_eq!((body.notes.len(), machines(body)[0].macs.len()), (1, MACS_MAX));
    let huge = "<domain><name>x</name><memory unit='GiB'>18446744073709551615</memory><vcpu>-1</vcpu></domain>";
    let machine = machines(of_libvirt(huge)).remove(0);
    assert_eq!((machine.memory_bytes, machine.cpus), (0, 0));
    let folder = tempfile::tempdir().unwrap();
    for n in 0..2_100 {
        put(folder.path(), &format!("etc/pve/qemu-server/{n}.conf"), "cores: 1\n");
    }
    assert_eq!(machines(VirtualMachines.read(&Root::at(folder.path()))).len(), MACHINES_MAX);
}
