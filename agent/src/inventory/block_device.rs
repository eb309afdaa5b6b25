//! Which of the kernel's block devices are disks and which are layers on top of them. It reads nothing.

/// Decides by the kernel's name, which is fixed per driver.
pub fn is_disk(name: &str) -> bool {
    const LAYERS: [&str; 11] = ["loop", "ram", "zram", "dm-", "md", "sr", "fd", "nbd", "zd", "drbd", "rbd"];
    let followed_by_number = |rest: &str| rest.starts_with(|c: char| c.is_ascii_digit() || c == '_');
    let layer = LAYERS.iter().any(|layer| name.strip_prefix(layer).is_some_and(followed_by_number));
    // Boot areas of a memory card are parts of it.
    let card_area = name.starts_with("mmcblk") && (name.contains("boot") || name.contains("rpmb"));
    !layer && !card_area
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layers_and_memory_disks_are_no_disks() {
        for layer in
            ["loop0", "ram3", "zram0", "dm-0", "md127", "md_d0", "sr0", "fd0", "mmcblk0boot0", "mmcblk0rpmb", "zd16"]
        {
            assert!(!is_disk(layer), "{layer}");
        }
        assert!(["sda", "sdaa", "vda", "nvme0n1", "mmcblk0", "xvda", "pmem0"].iter().all(|name| is_disk(name)));
    }
}
