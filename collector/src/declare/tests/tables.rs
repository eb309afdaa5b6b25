//! Promises of tables: what goes out comes back, what comes in is previewed, and nothing in it is a formula.

use super::*;
use proptest::prelude::*;
use std::collections::HashMap;

struct Shop {
    customer: CustomerId,
    sites: Vec<Site>,
    cis: Vec<Ci>,
    hosts: HashMap<HostId, SiteId>,
}

impl Shop {
    fn new(cis: Vec<Ci>, customer: CustomerId) -> Self {
        let sites = vec![site(customer, "Utrecht"), site(customer, "Ede")];
        let hosts = cis.iter().filter_map(|ci| Some((ci.declared.host?, sites[0].id))).collect();
        Self { customer, sites, cis, hosts }
    }

    fn place(&self, ci: &Ci) -> Option<SiteId> {
        ci.declared.site.or_else(|| self.hosts.get(&ci.declared.host?).copied())
    }

    fn export(&self) -> String {
        let names = self.sites.iter().map(|site| (site.id, site.name.as_str())).collect();
        export(&self.cis, &names, &|ci| self.place(ci)).unwrap()
    }

    fn plan(&self, text: &str) -> Result<Preview, Refused> {
        let place = |ci: &Ci| self.place(ci);
        plan(text, &Books { customer: self.customer, cis: &self.cis, sites: &self.sites, place: &place }, &hand())
    }

    fn apply(&mut self, preview: Preview) {
        for edit in preview.edits {
            match self.cis.iter_mut().find(|ci| ci.declared.item == edit.declared.item) {
                Some(ci) => ci.declared = edit.declared,
                None => self.cis.push(Ci { declared: edit.declared, observed: None }),
            }
        }
    }
}

fn kinds(preview: &Preview) -> Vec<RowKind> {
    preview.rows.iter().map(|row| row.kind).collect()
}

#[test]
fn a_table_says_of_each_row_what_it_comes_to() {
    let customer = CustomerId::new();
    let fw = thing(customer, DeclaredClass::Firewall, "fw", &[("owner", "Joris")]);
    let id = fw.declared.item;
    let shop = Shop::new(vec![fw], customer);
    let table = format!(
        "id,class,name,site,owner,criticality,field.rack\r\n\
         {id},firewall,fw,,Joris,,\r\n\
         ,ups,ups-1,ede,,high,12\r\n\
         ,ups,ups-2,Paris,,,\r\n\
         ,ups,ups-3,,,extreme,\r\n\
         ,teapot,x,,,,\r\n\
         {id},firewall,fw,,Piet,,\r\n\
         ,,,,,,\r\n\
         short,row\r\n"
    );
    let preview = shop.plan(&table).unwrap();
    assert_eq!(kinds(&preview)[..2], [RowKind::Unchanged, RowKind::New]);
    assert_eq!(kinds(&preview)[2..], [RowKind::Refused; 5]);
    let faults: Vec<_> = preview.rows.iter().map(|row| (row.line, row.column.as_deref())).collect();
    let wanted = [
        (2, None),
        (3, None),
        (4, Some("site")),
        (5, Some("criticality")),
        (6, Some("class")),
        (7, Some("id")),
        (9, None),
    ];
    assert_eq!(faults, wanted);
    assert!(preview.rows[2].reason.as_ref().unwrap().contains("Paris"));
}

#[test]
fn the_same_table_twice_changes_nothing_the_second_time() {
    let customer = CustomerId::new();
    let mut shop = Shop::new(Vec::new(), customer);
    let table = "\u{feff}class;name;site;state;state_since;owner\nups;\"ups; 1\";Utrecht;spare;2026-03-01;'+31 30 1\n";
    let first = shop.plan(table).unwrap();
    assert_eq!(kinds(&first), [RowKind::New]);
    assert_eq!(first.digest, shop.plan(table).unwrap().digest);
    shop.apply(first.clone());
    assert_eq!(shop.cis[0].declared.fields["owner"], "+31 30 1");
    let second = shop.plan(table).unwrap();
    assert_eq!(kinds(&second), [RowKind::Unchanged]);
    assert_ne!(first.digest, second.digest);
}

#[test]
fn a_table_without_sites_means_the_item_of_that_name_wherever_it_stands() {
    let customer = CustomerId::new();
    let mut shop = Shop::new(vec![thing(customer, DeclaredClass::Ups, "ups-1", &[])], customer);
    shop.cis[0].declared.site = Some(shop.sites[1].id);
    let table = "class,name,owner\nups,UPS-1,Joris\n";
    assert_eq!(kinds(&shop.plan(table).unwrap()), [RowKind::Changed]);
    let with_sites = "class,name,site,owner\nups,ups-1,Ede,Joris\nups,ups-1,Utrecht,Piet\nups,ups-1,,Kees\n";
    assert_eq!(kinds(&shop.plan(with_sites).unwrap()), [RowKind::Changed, RowKind::New, RowKind::New]);
    let twin = thing(customer, DeclaredClass::Ups, "ups-1", &[]);
    shop.cis.push(twin);
    let refused = shop.plan(table).unwrap().rows.remove(0);
    assert_eq!((refused.kind, refused.column.as_deref()), (RowKind::Refused, Some("name")));
}

#[test]
fn a_table_leaves_alone_what_it_has_no_column_for_and_empties_what_is_empty() {
    let customer = CustomerId::new();
    let fw = thing(customer, DeclaredClass::Firewall, "fw", &[("owner", "Joris"), ("supplier", "Acme")]);
    let id = fw.declared.item;
    let mut shop = Shop::new(vec![fw], customer);
    let preview = shop.plan(&format!("id,owner\n{id},\n")).unwrap();
    assert_eq!(kinds(&preview), [RowKind::Changed]);
    shop.apply(preview);
    let fields = &shop.cis[0].declared.fields;
    assert!(!fields.contains_key("owner") && fields["supplier"] == "Acme");
}

#[test]
fn a_table_that_is_none_is_refused_as_a_whole() {
    let shop = Shop::new(Vec::new(), CustomerId::new());
    let long = "x".repeat((1 << 20) + 1);
    let many = format!("class,name\n{}", "ups,u\n".repeat(5_001));
    for bad in ["", "owner\nx\n", "name,ownr\nx,y\n", "name,name\nx,y\n", "name,field.owner\nx,y\n", &long, &many] {
        assert!(shop.plan(bad).is_err(), "{}", &bad[..bad.len().min(30)]);
    }
}

fn any_value() -> impl Strategy<Value = String> {
    prop_oneof!["[ -~]{1,30}", "[=+@'-]{1,3}[ -~]{0,10}", "[a-zé＝\"',;]{1,12}"]
}

fn any_ci(customer: CustomerId) -> impl Strategy<Value = Ci> {
    let class = prop::sample::select(DeclaredClass::ALL.to_vec());
    let fields = prop::collection::btree_map(
        prop::sample::select(vec!["owner", "serial", "reference", "note", "rack", "zzz_9"]),
        any_value(),
        0..5,
    );
    (class, any_value(), fields, prop::sample::select(LifeState::ALL.to_vec()), any::<bool>()).prop_filter_map(
        "a name that says nothing",
        move |(class, name, fields, state, observed)| {
            let start = (state, date(2026, 1, 1));
            let mut edit = add((ItemId::new(), customer), class, &name, None, start, &hand()).ok()?;
            for (field, value) in &fields {
                edit.put(field, value).ok()?;
            }
            if !observed {
                return Some(Ci { declared: edit.declared, observed: None });
            }
            let mut ci = Ci::silent(item(&host(customer, SiteId::new(), &name), Class::Computer, &name, &[]));
            ci.declared.fields = edit.declared.fields;
            Some(ci)
        },
    )
}

proptest! {
    #[test]
    fn a_table_that_goes_out_comes_back_unchanged(
        cis in Just(CustomerId::new()).prop_flat_map(|id| (Just(id), prop::collection::vec(any_ci(id), 0..12)))
    ) {
        let shop = Shop::new(cis.1, cis.0);
        let table = shop.export();
        let preview = shop.plan(&table).unwrap();
        prop_assert_eq!(preview.rows.len(), shop.cis.len());
        for row in &preview.rows {
            prop_assert_eq!(row.kind, RowKind::Unchanged, "{:?}\n{}", row, table);
        }
    }

    #[test]
    fn no_cell_of_a_table_is_a_formula(value in any_value()) {
        let name = value.trim().to_owned();
        prop_assume!(!name.is_empty());
        let cell = crate::export::csv::safe(&name);
        prop_assert!(!cell.starts_with(['=', '+', '-', '@', '＝']));
        prop_assert_eq!(crate::export::csv::plain(&cell), name.as_str());
    }

    #[test]
    fn any_text_is_read_as_a_table_without_a_panic(text in "(?s).{0,300}") {
        let _ = Shop::new(Vec::new(), CustomerId::new()).plan(&format!("class,name,site,state,state_since,owner\n{text}"));
        let _ = Shop::new(Vec::new(), CustomerId::new()).plan(&text);
    }
}
