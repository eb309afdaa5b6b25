//! CSV: one line a row, quotes by RFC 4180, and no cell that a spreadsheet of any locale calculates.

use super::*;
use crate::export::csv::{host_header, host_line, item_header, item_line, plain, safe};

fn cells(line: &str, separator: u8) -> Vec<String> {
    let mut reader =
        ::csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(separator).from_reader(line.as_bytes());
    reader.records().flat_map(|record| record.unwrap().iter().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn fields(item: &Item) -> Vec<String> {
    item.fields.keys().cloned().collect()
}

#[test]
fn an_item_is_a_line_under_its_header() {
    let disk = &whole()[4];
    let header = item_header(&fields(disk)).unwrap();
    assert_eq!(header, "customer,site,host,host_id,item,item_id,first_seen_at,bus,name,serial,size_bytes\r\n");
    let line = item_line(&host(), disk, &fields(disk)).unwrap();
    let cells = cells(&line, b',');
    assert_eq!(cells[..3], ["Bakker", "Utrecht", "srv01"]);
    assert_eq!(cells[7..], ["sata", "sda", "S1", "250059350016"]);
    assert!(line.ends_with("\r\n"));
}

#[test]
fn an_absent_fact_is_an_empty_cell_and_a_quoted_text_comes_back() {
    let named = item(Class::Printer, "p", &[("location", text("hall, \"left\""))]);
    let line = item_line(&host(), &named, &["location".to_owned(), "model".to_owned()]).unwrap();
    assert_eq!(cells(&line, b',')[7..], ["hall, \"left\"", ""]);
}

#[test]
fn a_host_has_a_cell_for_every_column() {
    let row = HostRow { merged_into: Some(HostId(Uuid::from_u128(8))), ..host() };
    assert_eq!(cells(&host_header().unwrap(), b',').len(), cells(&host_line(&row).unwrap(), b',').len());
}

#[test]
fn no_text_of_a_machine_becomes_a_formula_whatever_the_separator() {
    let mut row = host();
    row.host.name = HOSTILE.to_owned();
    row.customer_name = "@SUM(1)".to_owned();
    row.computer.insert("serial".to_owned(), text("-2+3"));
    let mut lines = vec![host_line(&row).unwrap()];
    lines.extend(hostile().iter().map(|item| item_line(&row, item, &fields(item)).unwrap()));
    for line in &lines {
        for separator in [b',', b';', b'\t'] {
            for cell in cells(line, separator) {
                assert!(!cell.trim_start_matches(['"', ' ']).starts_with(['=', '+', '-', '@']), "{cell:?} of {line:?}");
            }
        }
    }
}

#[test]
fn a_cell_that_was_made_safe_is_read_back() {
    for value in [
        "=1",
        "'=1",
        "''@x",
        "plain",
        "'quoted'",
        "",
        "＝1",
        "\tx",
        "a;=x",
        "a;'=x",
        "note\r\n=HYPERLINK(1)",
        "a;b",
        "x\n-y",
    ] {
        assert_eq!(plain(&safe(value)), value);
    }
}
