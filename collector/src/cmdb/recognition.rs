//! Which machine is which: what a newcomer has in common with the hosts that are known, and whether that makes it one
//! of them. It links only what no person would doubt; the rest it proposes.

use crate::model::{
    Admission, CustomerId, DuplicateKind, HostId, Lookalike, Mark, MarkKind, Marks, Recognised, Resemblance, SharedMark,
};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;

/// A host with a sign of life within this time may be running.
const LIVE: SignedDuration = SignedDuration::from_mins(5);

/// A value at so many customers is none of theirs.
const CUSTOMERS_OF_NOBODYS: usize = 3;

/// Kinds that reinstalling a machine leaves as they are.
const HARDWARE: &[MarkKind] = &[
    MarkKind::Uuid,
    MarkKind::Serial,
    MarkKind::BoardSerial,
    MarkKind::ChassisSerial,
    MarkKind::DiskSerial,
    MarkKind::Product,
    MarkKind::BoardProduct,
    MarkKind::Mac,
];
const MEDIUM: &[MarkKind] = &[MarkKind::Serial, MarkKind::BoardSerial, MarkKind::DiskSerial];
/// Kinds of which one more must agree beside UUID and serial.
const STRONG: &[MarkKind] = &[
    MarkKind::Uuid,
    MarkKind::Serial,
    MarkKind::BoardSerial,
    MarkKind::ChassisSerial,
    MarkKind::DiskSerial,
    MarkKind::Mac,
];
const WEAK: &[MarkKind] = &[MarkKind::Uuid, MarkKind::Mac, MarkKind::MachineId, MarkKind::Name];

/// How much two machines look like one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Strength {
    /// A person has to look.
    Possible,
    /// Nobody would doubt it.
    Certain,
}

/// A known host that looks like the newcomer.
struct Candidate<'a> {
    known: &'a Lookalike,
    strength: Strength,
    resemblance: Resemblance,
}

/// Who a newcomer of `customer` is. `shared` marks identify nobody; those that turn out so now are told beside.
pub fn judge(customer: CustomerId, marks: &Marks, known: &[Lookalike], shared: &Marks, now: Timestamp) -> Recognised {
    let learned = learned(customer, marks, known, shared, now);
    let telling = |mark: &Mark| !shared.contains(mark) && !learned.iter().any(|one| one.mark == *mark);
    let marks: Marks = marks.iter().filter(|mark| telling(mark)).cloned().collect();
    let mut candidates: Vec<Candidate<'_>> =
        known.iter().filter(|known| !known.is_merged).filter_map(|known| candidate(&marks, known, &telling)).collect();
    candidates.sort_by_key(|one| std::cmp::Reverse((one.strength, one.known.heard_at, one.known.host)));
    let (own, foreign): (Vec<_>, Vec<_>) = candidates.into_iter().partition(|one| one.known.customer == customer);
    let same = same(&own, now);
    let possible = if same.is_some() { Vec::new() } else { proposals(&own, &foreign) };
    Recognised { same, possible, shared: learned }
}

/// Which hosts that were there before `own` may be its machine, by what the inventory says now. It links nothing: a host
/// that reports has a key, and a key keeps its host. Only what nobody would doubt is worth a person's look here: cards
/// and disks go from one machine to the next.
pub fn review(
    customer: CustomerId,
    own: HostId,
    marks: &Marks,
    known: &[Lookalike],
    shared: &Marks,
    now: Timestamp,
) -> Recognised {
    let learned = learned(customer, marks, known, shared, now);
    let telling = |mark: &Mark| !shared.contains(mark) && !learned.iter().any(|one| one.mark == *mark);
    let marks: Marks = marks.iter().filter(|mark| telling(mark)).cloned().collect();
    // Ids are given in the order of time, so that of two hosts the newer one alone asks.
    let before = known.iter().filter(|known| known.host < own && !known.is_merged);
    let mut certain: Vec<Candidate<'_>> = before
        .filter_map(|known| candidate(&marks, known, &telling))
        .filter(|one| one.strength == Strength::Certain)
        .collect();
    certain.sort_by_key(|one| std::cmp::Reverse((one.known.heard_at, one.known.host)));
    let (ours, foreign): (Vec<_>, Vec<_>) = certain.into_iter().partition(|one| one.known.customer == customer);
    Recognised { same: None, possible: proposals(&ours, &foreign), shared: learned }
}

/// The host that this machine is: certain, admitted, and with no sign of life of any that it could be.
fn same(own: &[Candidate<'_>], now: Timestamp) -> Option<(HostId, Resemblance)> {
    let certain = || own.iter().filter(|one| one.strength == Strength::Certain);
    if certain().any(|one| is_live(one.known, now)) {
        return None;
    }
    let found = certain().find(|one| one.known.admission == Admission::Active)?;
    Some((found.known.host, found.resemblance.clone()))
}

/// One task a newcomer within its customer, and one where the machine may have been another's.
fn proposals(own: &[Candidate<'_>], foreign: &[Candidate<'_>]) -> Vec<(HostId, DuplicateKind, Resemblance)> {
    let worth = |one: &&Candidate<'_>| one.known.admission != Admission::Revoked || one.strength == Strength::Certain;
    let ours = own.iter().find(worth).map(|one| (one, DuplicateKind::SameMachine));
    let theirs = foreign.iter().find(|one| one.strength == Strength::Certain).map(|one| (one, DuplicateKind::Moved));
    ours.into_iter().chain(theirs).map(|(one, kind)| (one.known.host, kind, one.resemblance.clone())).collect()
}

fn is_live(known: &Lookalike, now: Timestamp) -> bool {
    known.is_connected || (!known.said_goodbye && now.duration_since(known.heard_at) < LIVE)
}

/// Marks that turn out to be on several machines at once. What one customer's hosts say makes nothing worthless for
/// another: only where a third customer has the value too is it the maker's and nobody's.
fn learned(
    customer: CustomerId,
    marks: &Marks,
    known: &[Lookalike],
    shared: &Marks,
    now: Timestamp,
) -> Vec<SharedMark> {
    let own = |one: &Lookalike| one.customer == customer;
    let everywhere = |mark: &Mark| {
        let has = |one: &&Lookalike| one.admission == Admission::Active && one.marks.iter().any(|(own, _)| own == mark);
        known.iter().filter(has).map(|one| one.customer).collect::<BTreeSet<_>>().len() >= CUSTOMERS_OF_NOBODYS
    };
    let learn = |mark: &Mark| {
        let of = match () {
            () if everywhere(mark) && is_on_several(mark, known, |_| true) => None,
            () if is_on_several(mark, known, own) => Some(customer),
            () => return None,
        };
        Some(SharedMark { mark: mark.clone(), customer: of, learned_at: now })
    };
    marks.iter().filter(|mark| !shared.contains(mark)).filter_map(learn).collect()
}

/// Was this mark on two running machines at once? Either both are connected now, or their lives with it overlap for so
/// long that one cannot be the other, enrolled anew.
fn is_on_several(mark: &Mark, known: &[Lookalike], counts: impl Fn(&Lookalike) -> bool) -> bool {
    let mut lives: Vec<(Timestamp, Timestamp, bool)> = known
        .iter()
        .filter(|known| known.admission == Admission::Active && counts(known))
        .filter_map(|known| {
            let (_, since) = known.marks.iter().find(|(own, _)| own == mark)?;
            Some((*since, known.heard_at, known.is_connected))
        })
        .collect();
    if lives.iter().filter(|(_, _, is_connected)| *is_connected).count() > 1 {
        return true;
    }
    lives.sort_unstable();
    let mut latest = Timestamp::MIN;
    lives.into_iter().any(|(since, heard, _)| {
        let overlap = latest.min(heard).duration_since(since);
        latest = latest.max(heard);
        overlap > LIVE
    })
}

fn candidate<'a>(marks: &Marks, known: &'a Lookalike, telling: &impl Fn(&Mark) -> bool) -> Option<Candidate<'a>> {
    let theirs: Marks = known.marks.iter().map(|(mark, _)| mark).filter(|mark| telling(mark)).cloned().collect();
    let resemblance = compare(marks, &theirs);
    let strength = strength(marks, &theirs, &resemblance)?;
    Some(Candidate { known, strength, resemblance })
}

/// Kind by kind: one value in common is enough, since disks and cards come and go.
fn compare(ours: &Marks, theirs: &Marks) -> Resemblance {
    let mut resemblance = Resemblance::default();
    let mut kinds: Vec<MarkKind> = ours.iter().map(|mark| mark.kind).collect();
    kinds.dedup();
    for kind in kinds {
        let mut same_kind = theirs.iter().filter(|mark| mark.kind == kind).peekable();
        if same_kind.peek().is_none() {
            continue;
        }
        if same_kind.any(|mark| ours.contains(mark)) {
            resemblance.matched.push(kind);
        } else {
            resemblance.contradicting.push(kind);
        }
    }
    // Being none is a fact too.
    let is_container = |marks: &Marks| marks.iter().any(|mark| mark.kind == MarkKind::Container);
    if is_container(ours) != is_container(theirs) {
        resemblance.contradicting.push(MarkKind::Container);
    }
    resemblance
}

fn strength(ours: &Marks, theirs: &Marks, resemblance: &Resemblance) -> Option<Strength> {
    let matched = |kind: &MarkKind| resemblance.matched.contains(kind);
    let differs = |kind: MarkKind| resemblance.contradicting.contains(&kind);
    if differs(MarkKind::Container) {
        return None;
    }
    let medium: Vec<MarkKind> = MEDIUM.iter().copied().filter(matched).collect();
    // Both stand on a sticker, and a hypervisor makes one of the other: a third value must agree.
    let is_strong = matched(&MarkKind::Uuid)
        && matched(&MarkKind::Serial)
        && different_values(STRONG, ours, theirs) >= 3
        && !differs(MarkKind::Product)
        && !differs(MarkKind::BoardProduct);
    let used = if is_strong { vec![MarkKind::Uuid, MarkKind::Serial] } else { medium.clone() };
    if (is_strong || different_values(&medium, ours, theirs) >= 2) && !is_contradicted(&used, resemblance) {
        return Some(Strength::Certain);
    }
    let weak = WEAK.iter().filter(|kind| matched(kind)).count();
    (!medium.is_empty() || weak >= 2).then_some(Strength::Possible)
}

/// Makers write one serial into several places: that is one piece of evidence.
fn different_values(kinds: &[MarkKind], ours: &Marks, theirs: &Marks) -> usize {
    let shared = ours.intersection(theirs).filter(|mark| kinds.contains(&mark.kind));
    let mut one_each: Vec<(MarkKind, &str)> = shared.map(|mark| (mark.kind, mark.value.as_str())).collect();
    one_each.dedup_by_key(|(kind, _)| *kind);
    let mut values: Vec<&str> = one_each.into_iter().map(|(_, value)| value).collect();
    values.sort_unstable();
    values.dedup();
    values.len()
}

/// All other hardware that can be compared is different. A model in common confirms nothing: serials that a maker put
/// into a whole batch go with one model.
fn is_contradicted(used: &[MarkKind], resemblance: &Resemblance) -> bool {
    let other = |kind: &&MarkKind| HARDWARE.contains(kind) && !used.contains(kind);
    let confirms = |kind: &&MarkKind| other(kind) && !matches!(kind, MarkKind::Product | MarkKind::BoardProduct);
    resemblance.contradicting.iter().any(|kind| other(&kind)) && !resemblance.matched.iter().any(|kind| confirms(&kind))
}

#[cfg(test)]
mod tests;
