//! Orders as dpkg and rpm give them, and wishes as people write them.

use super::*;
use proptest::prelude::*;

fn ascends(versions: &[&str], rules: Rules) {
    for (place, left) in versions.iter().enumerate() {
        for (other, right) in versions.iter().enumerate() {
            assert_eq!(compare(left, right, rules), place.cmp(&other), "{left} {right}");
        }
    }
}

#[test]
fn versions_go_up_as_dpkg_has_it() {
    ascends(
        &["1.0~~", "1.0~~a", "1.0~", "1.0", "1.0-1", "1.0-1+b1", "1.0a", "1.0+", "1.0.1", "1.2", "1.10"],
        Rules::Debian,
    );
    ascends(&["3.0.2-0ubuntu1.9", "3.0.2-0ubuntu1.10", "3.0.5-1~deb12u1", "3.0.5-1", "1:0.1", "2:0.0"], Rules::Debian);
    assert!(compare("1.0", "1.00", Rules::Debian).is_eq());
    assert!(compare("0:1.0-0", "1.0", Rules::Debian).is_eq());
}

#[test]
fn versions_go_up_as_rpm_has_it() {
    ascends(&["1.0~rc1", "1.0", "1.0^git1", "1.0.1", "1.2a", "1.2.1", "1.10"], Rules::Rpm);
    ascends(&["3.0.7-24.el9", "3.0.7-25.el9_1", "3.0.7-25.el9_3", "3.2.1-1.el9", "1:1.1.1-1"], Rules::Rpm);
    assert!(compare("1.0", "1_0", Rules::Rpm).is_eq());
    assert!(compare("1.0^", "1.0^", Rules::Rpm).is_eq());
}

#[test]
fn a_wish_compares_what_it_says_and_no_more() {
    let met = |wish: &str, version: &str| Wish::read(wish).unwrap().is_met(version, Rules::Debian);
    assert!(met("<3.0.5", "3.0.2-0ubuntu1.10") && !met("<3.0.5", "3.0.5-1"));
    assert!(met("<=3.0.5", "3.0.5-1ubuntu3") && met("= 3.0.5", "1:3.0.5-1") && met("3.0.5", "3.0.5"));
    assert!(met(">3.0", "3.0.1") && !met(">3.0", "3.0-9") && met(">=3.0.5-2", "3.0.5-10"));
    assert!(!met("<1:1.0", "1:2.0") && met("<1:1.0", "9.0"));
    assert!(met("3.0*", "3.0.13") && !met("3.0*", "3.1") && met("*", ""));
    for empty in ["", " ", "<", ">= "] {
        assert_eq!(Wish::read(empty), None, "{empty:?}");
    }
}

proptest! {
    #[test]
    fn any_two_versions_have_one_order(left in "[0-9a-c.~^+:é-]{0,12}", right in "[0-9a-c.~^+:é-]{0,12}") {
        for rules in [Rules::Debian, Rules::Rpm] {
            prop_assert!(compare(&left, &left, rules).is_eq());
            prop_assert_eq!(compare(&left, &right, rules), compare(&right, &left, rules).reverse());
        }
    }
}
