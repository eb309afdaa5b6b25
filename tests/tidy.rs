//! The house rules as tests. A rule that fails no build is a wish; each of these names the place and what to do.

#[path = "tidy/house.rs"]
mod house;
#[path = "tidy/papers.rs"]
mod papers;
#[path = "tidy/registry.rs"]
mod registry;
#[path = "tidy/rooms.rs"]
mod rooms;
#[path = "tidy/sentences.rs"]
mod sentences;
#[path = "tidy/source.rs"]
mod source;

use source::{Source, none, rust};

#[test]
fn each_room_imports_only_what_the_table_allows() {
    none(&rooms::faults(&rust()));
}

#[test]
fn plug_ins_never_import_each_other() {
    none(&registry::siblings_that_meet(&rust()));
}

#[test]
fn each_plug_in_stands_in_its_registry() {
    none(&registry::unregistered(&rust()));
}

#[test]
fn each_monitor_and_catalogue_is_taken_in() {
    none(&registry::unshipped(&rust()));
}

#[test]
fn migrations_are_numbered_without_a_hole() {
    none(&registry::loose_migrations());
}

#[test]
fn each_key_of_the_example_configurations_is_known() {
    none(&registry::unknown_example_keys(&rust()));
}

#[test]
fn no_file_is_longer_than_500_lines() {
    let sources = rust();
    for line in house::long(&sources) {
        println!("worth a second look: {line}");
    }
    none(&house::too_long(&sources));
}

#[test]
fn each_file_opens_with_what_it_is() {
    none(&house::silent(&rust()));
}

#[test]
fn no_file_or_module_has_a_name_that_says_nothing() {
    none(&house::empty_names(&rust()));
}

#[test]
fn the_operating_system_stays_behind_its_wall() {
    none(&house::outside_the_wall(&rust()));
}

#[test]
fn the_folders_of_the_operating_systems_are_twins() {
    none(&house::unequal_twins());
}

#[test]
fn each_open_end_names_its_issue() {
    none(&house::open_ends());
}

#[test]
fn the_catalogues_say_the_same_in_each_language() {
    none(&sentences::holes());
}

#[test]
fn code_asks_only_for_sentences_that_exist() {
    none(&sentences::unknown_keys(&rust()));
}

#[test]
fn templates_hold_no_sentences() {
    none(&sentences::in_templates());
}

#[test]
fn each_manifest_inherits_lints_and_versions() {
    none(&papers::own_ways());
}

#[test]
fn each_dependency_has_a_reason() {
    none(&papers::reasonless());
}

#[test]
fn each_field_of_the_contract_has_a_bound_and_a_class() {
    none(&papers::unbounded_fields());
}

#[test]
fn the_readme_names_only_what_exists() {
    match papers::stale_readme() {
        Some(faults) => none(&faults),
        None => println!("skipped: there is no README.md yet"),
    }
}

/// The inspector is inspected too: each rule finds the fault that it is for.
mod inspector {
    use super::*;

    fn whats(path: &str, text: &str) -> Vec<(usize, String)> {
        rooms::faults(&[Source::new(path, text)]).into_iter().map(|fault| (fault.line, fault.what)).collect()
    }

    #[test]
    fn a_forbidden_import_is_found_in_every_spelling() {
        let spellings = [
            "use crate::store::Store;",
            "use crate::{model::Host, store};",
            "use crate::{\n    model::{Host, Item},\n    store::{Store, Error},\n};",
            "fn f(store: &crate::store::Store) {}",
            "use super::super::store::Store;",
        ];
        for text in spellings {
            let found = whats("collector/src/evaluate/forecast.rs", text);
            assert_eq!(found.len(), 1, "{text}: {found:?}");
            assert!(found[0].1.contains("must not import `store`"), "{found:?}");
        }
    }

    #[test]
    fn what_is_allowed_said_or_tested_is_not_a_fault() {
        let texts = [
            "use crate::model::{Host, Item};",
            "// use crate::store::Store;",
            "const A: &str = \"crate::store\"; const B: char = '\"';",
            "#[cfg(test)]\nmod tests {\n    use crate::store::Store;\n    use std::time::Instant;\n    fn f() { Instant::now(); }\n}",
            "fn f<'a>(x: &'a str) { let store = 1; }",
        ];
        for text in texts {
            assert_eq!(whats("collector/src/cmdb/mod.rs", text), Vec::new(), "{text}");
        }
    }

    #[test]
    fn wire_types_libraries_and_clocks_are_found_where_they_are_banned() {
        let found = whats(
            "collector/src/evaluate/mod.rs",
            "//! x\nuse wacht_proto::v1::Report;\nuse tokio::time;\nfn f() { Timestamp::now(); }",
        );
        let lines: Vec<usize> = found.iter().map(|(line, _)| *line).collect();
        assert_eq!(lines, [2, 3, 4], "{found:?}");
        assert_eq!(whats("collector/src/evaluate/mod.rs", "use wacht_proto::{catalog::METRICS, block};"), Vec::new());
        assert_eq!(whats("collector/src/ingest/mod.rs", "use wacht_proto::v1::Report;"), Vec::new());
    }

    #[test]
    fn an_unknown_room_is_asked_for_its_line_in_the_table() {
        assert!(whats("agent/src/plumbing.rs", "")[0].1.contains("not in the table"));
    }

    #[test]
    fn siblings_that_meet_are_found() {
        let mut sources = vec![
            Source::new("agent/src/sample/disk.rs", "use super::memory::total;\nimpl Sampler for Disk {}"),
            Source::new("agent/src/sample/memory.rs", "use super::Sampler;\nimpl Sampler for Memory {}"),
            Source::new("agent/src/sample/mod.rs", "mod disk;\nmod memory;\nfn all() { disk::new(); }"),
        ];
        assert_eq!(registry::siblings_that_meet(&sources).len(), 1);
        let faults = registry::unregistered(&sources);
        assert_eq!(faults.len(), 1);
        assert_eq!(faults[0].path, "agent/src/sample/memory.rs");
        sources.truncate(0);
        assert_eq!(registry::unregistered(&sources), Vec::new());
    }

    #[test]
    fn a_switch_of_the_operating_system_is_found_and_a_test_switch_is_not() {
        let switch = Source::new("collector/src/main.rs", "#[cfg(target_os = \"linux\")]\nfn f() { unsafe {} }");
        assert_eq!(house::outside_the_wall(&[switch]).len(), 2);
        let feature = Source::new("collector/src/main.rs", "#[cfg(feature = \"windows\")]\nfn f() {}");
        assert_eq!(house::outside_the_wall(&[feature]), Vec::new());
    }

    #[test]
    fn a_sentence_in_a_template_is_found_and_an_expression_is_not() {
        let template =
            "<p title=\"{{ words.title }}\">{{ words.say(\"a b c d\") }}</p>\n<p>No hosts yet here</p>{# a b c d #}";
        assert_eq!(sentences::sentences(template).len(), 1);
        assert_eq!(sentences::sentences(template)[0].1, "No hosts yet here");
        assert_eq!(sentences::sentences("<input placeholder=\"Search in all hosts\">").len(), 1);
        assert_eq!(sentences::sentences("<script>let a = 1; // one two three\n</script><b>P1</b> · 12 kB"), Vec::new());
    }

    #[test]
    fn keys_attributes_and_variables_of_a_catalogue_are_read() {
        let read = sentences::catalogue(
            "# a = b\njudge-full = { $mount } is full\n    for { NUMBER($days) }\n    .tip = Look = here\n",
        );
        let keys: Vec<&str> = read.keys().map(String::as_str).collect();
        assert_eq!(keys, ["judge-full", "judge-full.tip"]);
        assert_eq!(read["judge-full"].1.len(), 2);
    }
}
