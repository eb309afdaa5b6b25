//! Gives each maker one name: firmware spells the same one in several ways. Values that are no maker are the caller's matter.

/// Spellings, as plain letters and digits in lower case, with the name that stands for all of them.
const NAMES: &[(&str, &str)] = &[
    ("hp", "Hewlett-Packard"),
    ("hpinc", "Hewlett-Packard"),
    ("hewlettpackard", "Hewlett-Packard"),
    ("hewlettpackardcompany", "Hewlett-Packard"),
    ("hpe", "HPE"),
    ("hewlettpackardenterprise", "HPE"),
    ("microstar", "MSI"),
    ("microstarinternational", "MSI"),
    ("microstarinternationalcoltd", "MSI"),
    ("msi", "MSI"),
    ("raspberrypi", "Raspberry Pi"),
    ("supermicro", "Supermicro"),
    ("supermicrocomputerinc", "Supermicro"),
    ("asustek", "ASUSTeK COMPUTER INC."),
    ("asustekcomputerinc", "ASUSTeK COMPUTER INC."),
    ("asus", "ASUSTeK COMPUTER INC."),
    ("lenovo", "Lenovo"),
    ("acer", "Acer"),
    ("applecomputerinc", "Apple Inc."),
    ("intelcorp", "Intel Corporation"),
    ("intelcorporation", "Intel Corporation"),
    ("huawei", "HUAWEI"),
    ("gigabyte", "Gigabyte Technology Co., Ltd."),
    ("gigabytetechnologycoltd", "Gigabyte Technology Co., Ltd."),
    ("ibm", "IBM"),
];

/// The maker's one name; one that is not known keeps its spelling, without the signs of trade marks.
pub fn maker(written: &str) -> String {
    let plain: String = written.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).take(64).collect();
    if let Some((_, name)) = NAMES.iter().find(|(spelling, _)| *spelling == plain) {
        return (*name).to_owned();
    }
    let bare =
        ["(R)", "(r)", "(TM)", "(tm)", "®", "™"].iter().fold(written.to_owned(), |text, sign| text.replace(sign, ""));
    bare.replace('_', " ").split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_maker_are_one_and_others_keep_theirs() {
        assert_eq!(maker("HP"), maker("Hewlett-Packard"));
        assert_eq!(maker("Micro-Star International Co., Ltd."), maker("MICRO-STAR INTERNATIONAL CO., LTD"));
        assert_eq!(maker("ASUSTek Computer INC."), maker("ASUSTeK COMPUTER INC."));
        assert_eq!(maker("Intel(R) Client Systems"), "Intel Client Systems");
        assert_eq!(maker("Gigabyte Technology Co., Ltd."), "Gigabyte Technology Co., Ltd.");
        assert_eq!(maker("Example_AG"), "Example AG");
        assert_eq!(maker("HPC Systems"), "HPC Systems");
        assert_eq!(maker(""), "");
    }
}
