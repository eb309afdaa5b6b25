//! Containers of every engine, from laid-out files and from lists of their commands.

use std::path::Path;

use super::*;
use wacht_proto::v1::NoteReason;

fn put(root: &Path, path: &str, text: &str) {
    let path = root.join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

fn rows(body: SectionBody) -> Vec<String> {
    let Some(Kind::Container(section)) = body.kind else { panic!("not a container section") };
    let row = |c: Container| format!("{} {} {} {} {}", c.engine, c.name, c.id, c.image, c.state);
    section.containers.into_iter().map(row).collect()
}

#[test]
fn dockers_own_files_tell_name_image_and_state_and_no_secret() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    let kept = |id: &str, name: &str, state: &str| {
        let text = format!(
            r#"{{"ID":"{id}","Name":"/{name}","Config":{{"Image":"nginx:1.27","Env":["PASSWORD=hunter2"]}},"State":{state}}}"#
        );
        put(root, &format!("var/lib/docker/containers/{id}/config.v2.json"), &text);
    };
    kept("0123456789abcdef", "web", r#"{"Running":true,"Pid":77,"StartedAt":"2026-01-01T00:00:00Z"}"#);
    kept("1123456789abcdef", "job", r#"{"Running":false,"ExitCode":1,"StartedAt":"2026-01-01T00:00:00Z"}"#);
    kept("2123456789abcdef", "new", r#"{"StartedAt":"0001-01-01T00:00:00Z"}"#);
    kept("3123456789abcdef", "held", r#"{"Running":true,"Paused":true}"#);
    let body = Containers.read(&Root::at(root));
    assert!(!format!("{body:?}").contains("hunter2"));
    let expected = [
        "docker held 3123456789ab nginx:1.27 paused",
        "docker job 1123456789ab nginx:1.27 exited",
        "docker new 2123456789ab nginx:1.27 created",
        "docker web 0123456789ab nginx:1.27 running",
    ];
    assert_eq!(rows(body), expected);
    // The process is gone, so the daemon was killed.
    put(root, "proc/1/comm", "init");
    assert_eq!(rows(Containers.read(&Root::at(root)))[3], "docker web 0123456789ab nginx:1.27 exited");
}

#[test]
fn dockers_files_are_found_where_its_settings_put_them() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "etc/docker/daemon.json", r#"{"data-root":"/srv/docker"}"#);
    put(folder.path(), "srv/docker/containers/ab/config.v2.json", r#"{"Name":"/web"}"#);
    assert_eq!(rows(Containers.read(&Root::at(folder.path()))), ["docker web ab  created"]);
}

#[test]
fn what_lies_in_dockers_usual_folder_is_left_over_where_its_settings_name_another() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "etc/docker/daemon.json", r#"{"data-root":"/srv/docker"}"#);
    put(folder.path(), "var/lib/docker/containers/ab/config.v2.json", r#"{"Name":"/web"}"#);
    assert!(rows(Containers.read(&Root::at(folder.path()))).is_empty());
}

#[test]
fn a_folder_of_docker_that_cannot_be_read_is_a_note() {
    let folder = tempfile::tempdir().unwrap();
    put(folder.path(), "etc/docker/daemon.json", r#"{"data-root":"/srv\u0000"}"#);
    let body = Containers.read(&Root::at(folder.path()));
    assert_eq!((body.notes.len(), body.notes[0].reason(), body.partial), (1, NoteReason::Failed, true));
}

#[test]
fn a_line_of_docker_ps_is_a_container_whatever_the_version() {
    let new = r#"{"ID":"0123456789abcdef","Image":"redis","Names":"other/link,cache","State":"running","Status":"Up 2 hours"}"#;
    let old = r#"{"ID":"1123456789abcdef","Image":"redis","Names":"past","Status":"Exited (0) 3 days ago"}"#;
    let body = of_docker_ps(&format!("{new}\n{old}\n"));
    assert_eq!(rows(body), ["docker cache 0123456789ab redis running", "docker past 1123456789ab redis exited"]);
}

#[test]
fn the_list_of_podman_is_read_without_the_frames_of_pods() {
    let text = r#"[{"Id":"0123456789abcdef","Names":["db"],"Image":"docker.io/library/postgres:17","State":"Running","Pid":5},
        {"Id":"2","Names":["pod-infra"],"Image":"pause","State":"running","IsInfra":true}]"#;
    assert_eq!(rows(of_podman_ps(text)), ["podman db 0123456789ab docker.io/library/postgres:17 running"]);
    assert!(rows(of_podman_ps("null")).is_empty());
}

#[test]
fn system_containers_run_where_their_control_group_stands() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    put(root, "etc/pve/lxc/101.conf", "hostname: mail\nostype: debian\n[snap]\nhostname: old\n");
    put(root, "etc/pve/lxc/102.conf", "hostname: mail\nostype: alpine\n");
    put(root, "var/lib/lxc/101/config", "lxc.uts.name = mail\n");
    put(root, "var/lib/lxc/build/config", "lxc.include = /usr/share/lxc/config/ubuntu.common.conf\n");
    put(root, "var/lib/incus/containers/lab/metadata.yaml", "");
    put(root, "var/lib/machines/tree/etc/os-release", "");
    put(root, "var/lib/machines/.raw-download/x", "");
    put(root, "sys/fs/cgroup/lxc/101/cgroup.procs", "");
    put(root, "sys/fs/cgroup/lxc.payload.lab/cgroup.procs", "");
    let expected = [
        "incus lab   running",
        "lxc build  ubuntu stopped",
        "lxc mail 101 debian running",
        "lxc mail (102) 102 alpine stopped",
        "nspawn tree   stopped",
    ];
    assert_eq!(rows(Containers.read(&Root::at(root))), expected);
}

#[test]
fn cut_and_hostile_lists_give_notes_and_never_more_than_the_bound() {
    let line = r#"{"ID":"0","Names":"web","State":"running"}"#;
    for at in 1..line.len() {
        let body = of_docker_ps(&line[..at]);
        assert_eq!(body.notes[0].reason(), NoteReason::Malformed);
        assert!(of_podman_ps(&format!("[{}", &line[..at])).notes.len() == 1);
    }
    let many: String = (0..10_000).map(|n| format!("{{\"ID\":\"{n}\",\"Names\":\"c{n}\"}}\n")).collect();
    let body = of_docker_ps(&many);
    assert_eq!(body.notes[0].reason(), NoteReason::TooLong);
    assert_eq!(rows(body).len(), CONTAINERS_MAX);
    let many: Vec<String> = (0..10_000).map(|n| format!("{{\"Id\":\"{n}\",\"Names\":[\"c{n}\"]}}")).collect();
    assert_eq!(rows(of_podman_ps(&format!("[{}]", many.join(",")))).len(), CONTAINERS_MAX);
    assert!(rows(of_podman_ps(&"[".repeat(200_000))).is_empty());
}
