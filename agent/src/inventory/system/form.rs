//! Names the form of a machine, in SMBIOS's words, where its own code is silent or known to be wrong: the name of a product
//! often says it. It knows no machine by its serial, and leaves every code that nothing contradicts.

/// What the firmware says that bears on the form.
#[derive(Debug, Default)]
pub struct Clues<'a> {
    /// The chassis by its code, empty where the code says nothing.
    pub code: &'a str,
    /// The names of the machine: product, version, family, stock-keeping unit.
    pub names: String,
    /// The name of the board.
    pub board: &'a str,
    /// Who made it.
    pub manufacturer: &'a str,
    /// Who wrote the firmware.
    pub bios_vendor: &'a str,
}

const MOBILE: &[&str] = &["Notebook", "Laptop", "Portable", "Sub Notebook", "Hand Held"];
/// Codes that nobody sets by chance.
const TELLING: &[&str] = &["All In One", "Mini PC", "Stick PC", "Tablet", "Convertible", "Detachable"];

/// Names that are a form, whatever else the code says.
const ALWAYS: &[(&str, &str)] = &[
    (" imac", "All In One"),
    (" all in one ", "All In One"),
    (" aio ", "All In One"),
    (" macmini", "Mini PC"),
    (" mac mini ", "Mini PC"),
    (" zbox", "Mini PC"),
    (" intel nuc ", "Mini PC"),
    (" pc stick ", "Stick PC"),
    (" stick pc ", "Stick PC"),
    (" pc on a stick ", "Stick PC"),
    (" compute stick ", "Stick PC"),
    (" mini pc ", "Mini PC"),
    (" minipc ", "Mini PC"),
];

/// Names of boards that stand for a machine of their own.
const BARE_BOARDS: &[&str] = &[
    " raspberry pi ",
    " developer kit ",
    " jetson ",
    " single board computer ",
    " rock 5 ",
    " pinebook ",
    " odroid ",
    " rockpro64 ",
];

/// Lines of tablets with a keyboard to clip on.
const SLATES: &[&str] =
    &[" surface pro", " surface go", " surface with ", " surface rt", " surface 2 ", " surface 3 ", " iconia "];

/// Lines of servers, for machines of which the code is silent.
const SERVERS: &[&str] = &[
    " proliant ",
    " poweredge ",
    " thinksystem ",
    " primergy ",
    " system x3",
    " ucs",
    " server ",
    " superserver ",
    " bladecenter ",
    " thinkserver ",
    " synergy ",
];

/// The form by SMBIOS's name for it; empty where nothing tells.
pub fn form<'a>(clues: &Clues<'a>) -> &'a str {
    let names = spaced(&clues.names);
    let has = |word: &str| names.contains(word);
    let code = clues.code;
    let is_mobile = MOBILE.contains(&code);
    if TELLING.contains(&code) {
        return code;
    }
    if let Some((_, form)) = ALWAYS.iter().find(|(word, _)| has(word)) {
        return form;
    }
    if is_nuc(&names) || is_nuc(&spaced(clues.board)) {
        return "Mini PC";
    }
    if has(" thin client ") && !is_mobile {
        return "Mini PC";
    }
    folding(&names, code).or_else(|| standing(clues, &names)).unwrap_or(code)
}

/// Machines that fold or come apart, for which older tables have no code.
fn folding(names: &str, code: &str) -> Option<&'static str> {
    let has = |word: &str| names.contains(word);
    let is_slate = SLATES.iter().any(|word| has(word)) || (has(" tablet ") && matches!(code, "" | "Desktop"));
    match () {
        () if has(" surface laptop") => None,
        () if has(" detachable ") || has(" surface book ") => Some("Detachable"),
        () if is_slate => Some("Tablet"),
        () if has(" convertible ") || has(" x360 ") || has(" 2 in 1 ") => Some("Convertible"),
        // The code for tablets came years after the first ones, which took that of things held in the hand.
        () if code == "Hand Held" => Some("Tablet"),
        () => None,
    }
}

/// Machines that stand or are built in.
fn standing(clues: &Clues<'_>, names: &str) -> Option<&'static str> {
    let board = spaced(clues.board);
    let is_bare = |text: &str| BARE_BOARDS.iter().any(|word| text.contains(word));
    // This firmware calls every board a desktop.
    let is_generic = clues.bios_vendor == "U-Boot" && matches!(clues.code, "Desktop" | "");
    if is_generic || (clues.code.is_empty() && (is_bare(names) || is_bare(&board))) {
        return Some("Embedded PC");
    }
    let is_server = SERVERS.iter().any(|word| names.contains(word)) || clues.manufacturer == "Supermicro";
    (clues.code.is_empty() && is_server).then_some("Main Server Chassis")
}

/// `NUC` with a number, as in NUC8i5BEH.
fn is_nuc(names: &str) -> bool {
    names.split(" nuc").skip(1).any(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
}

/// Lower case with single blanks for all else than letters and digits, and a blank at both ends, so that words are found whole.
fn spaced(text: &str) -> String {
    let plain: String = text.chars().map(|c| if c.is_alphanumeric() { c } else { ' ' }).collect();
    let words: Vec<String> = plain.split_whitespace().map(str::to_lowercase).collect();
    format!(" {} ", words.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named<'a>(code: &'a str, names: &str) -> &'a str {
        form(&Clues { code, names: names.into(), ..Default::default() })
    }

    #[test]
    fn a_name_that_is_a_form_outdoes_a_wrong_code() {
        assert_eq!(named("Laptop", "iMac18,3 iMac"), "All In One");
        assert_eq!(named("Desktop", "HP ProOne 400 G1 AiO"), "All In One");
        assert_eq!(named("Notebook", "Macmini7,1"), "Mini PC");
        assert_eq!(named("Desktop", "NUC8i5BEH"), "Mini PC");
        assert_eq!(named("Notebook", "HP Pavilion x360 Convertible 14-ba1xx"), "Convertible");
        assert_eq!(named("Laptop", "Surface Pro 6"), "Tablet");
        assert_eq!(named("Hand Held", "HP Pavilion x2 Detachable"), "Detachable");
        assert_eq!(named("Desktop", "Wyse 3040 Thin Client"), "Mini PC");
    }

    #[test]
    fn a_code_that_nothing_contradicts_stays() {
        for (code, names) in [
            ("Laptop", "Surface Laptop 3"),
            ("Notebook", "HP mt45 Mobile Thin Client"),
            ("Detachable", "HP Elite x2 G4 Tablet"),
            ("Notebook", "F15 Plus / Tablet"),
            ("Stick PC", "Fanless Mini PC"),
            ("Rack Mount Chassis", "PowerEdge R740"),
            ("Desktop", "OptiPlex 7010"),
            ("Desktop", "Raspberry Pi Desktop"),
            ("", "Virtual Machine"),
        ] {
            assert_eq!(named(code, names), code, "{names}");
        }
    }

    #[test]
    fn a_silent_code_is_told_by_the_line_of_products() {
        assert_eq!(named("", "ProLiant MicroServer Gen10"), "Main Server Chassis");
        assert_eq!(named("", "NVIDIA Jetson Xavier NX Developer Kit"), "Embedded PC");
        let board = Clues { code: "Desktop", bios_vendor: "U-Boot", ..Default::default() };
        assert_eq!(form(&board), "Embedded PC");
        let nameless = Clues { code: "Desktop", board: "NUC6i7KYB", ..Default::default() };
        assert_eq!(form(&nameless), "Mini PC");
    }
}
