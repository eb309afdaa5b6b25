//! Scans XML that programs write for themselves: elements with their attributes, and text. It builds no tree, expands no
//! entity beyond the five of the standard and reads no document type, so a hostile file costs no more than its length.

/// Deepest element that is told of; what lies deeper is passed over.
const DEPTH_MAX: usize = 32;

/// One step through a document.
#[derive(Debug, PartialEq, Eq)]
pub enum Step<'a> {
    /// An element begins, or begins and ends at once.
    Element(&'a [&'a str], Attributes<'a>),
    /// Text directly within the innermost element of the path, entities still in it.
    Text(&'a [&'a str], &'a str),
}

/// The inside of a start tag behind its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes<'a>(&'a str);

impl<'a> Attributes<'a> {
    /// The value of an attribute, entities still in it.
    pub fn get(self, name: &str) -> Option<&'a str> {
        let mut rest = self.0;
        loop {
            let (key, after) = rest.split_once('=')?;
            let after = after.trim_start();
            let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let (value, after) = after[1..].split_once(quote)?;
            if key.trim() == name {
                return Some(value);
            }
            rest = after;
        }
    }
}

/// Tells `each` of every element and text in order of the document; what is no XML ends the scan.
pub fn scan(text: &str, mut each: impl FnMut(Step<'_>)) {
    let mut path: Vec<&str> = Vec::new();
    let mut deeper = 0_usize;
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('<') {
        if !before.trim().is_empty() && deeper == 0 && !path.is_empty() {
            each(Step::Text(&path, before.trim()));
        }
        if let Some(end) = passed_over(after) {
            rest = after.split_once(end).map_or("", |(_, rest)| rest);
            continue;
        }
        let Some((tag, after)) = split_tag(after) else { return };
        rest = after;
        if tag.starts_with('/') {
            if deeper > 0 {
                deeper -= 1;
            } else {
                path.pop();
            }
            continue;
        }
        let (tag, is_whole) = tag.strip_suffix('/').map_or((tag, false), |tag| (tag, true));
        if deeper > 0 || path.len() == DEPTH_MAX {
            deeper += usize::from(!is_whole);
            continue;
        }
        let (name, attributes) = tag.split_once(|c: char| c.is_ascii_whitespace()).unwrap_or((tag, ""));
        path.push(name);
        each(Step::Element(&path, Attributes(attributes)));
        if is_whole {
            path.pop();
        }
    }
}

/// Text with the five entities of the standard in their place; any other stays as it is written.
pub fn plain(text: &str) -> String {
    if !text.contains('&') {
        return text.to_owned();
    }
    let named = [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'")];
    let most = named.into_iter().fold(text.to_owned(), |text, (entity, sign)| text.replace(entity, sign));
    most.replace("&amp;", "&")
}

/// How a comment, an instruction, a document type or a block of characters ends.
fn passed_over(after: &str) -> Option<&'static str> {
    [("!--", "-->"), ("?", "?>"), ("![CDATA[", "]]>"), ("!", ">")]
        .into_iter()
        .find(|(start, _)| after.starts_with(start))
        .map(|(_, end)| end)
}

/// The inside of a tag and what follows it; a `>` within quotes does not end it.
fn split_tag(text: &str) -> Option<(&str, &str)> {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate() {
        match (quote, byte) {
            (None, b'>') => return Some((&text[..at], &text[at + 1..])),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), byte) if open == byte => quote = None,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(text: &str) -> Vec<String> {
        let mut told = Vec::new();
        scan(text, |step| {
            told.push(match step {
                Step::Element(path, attributes) => {
                    format!("{} {}", path.join("/"), attributes.get("a").unwrap_or_default())
                }
                Step::Text(path, text) => format!("{}={}", path.join("/"), plain(text)),
            });
        });
        told
    }

    #[test]
    fn elements_attributes_and_texts_are_told_in_order() {
        let text = "<?xml version='1.0'?>\n<!-- <x> --><d b='1' a = \"2>1\"><n>a &amp; &lt;b&gt;</n><e a='3'/> t</d>";
        assert_eq!(told(text), ["d 2>1", "d/n ", "d/n=a & <b>", "d/e 3", "d=t"]);
    }

    #[test]
    fn entities_of_a_document_are_never_expanded() {
        let bomb = "<!DOCTYPE d [<!ENTITY a 'aaaaaaaaaa'><!ENTITY b '&a;&a;&a;'>]><d><n>&b;&b;</n></d>";
        assert!(told(bomb).contains(&"d/n=&b;&b;".to_owned()), "{:?}", told(bomb));
    }

    #[test]
    fn endless_depth_and_cut_documents_end_the_scan_quietly() {
        let deep = "<a>".repeat(100_000);
        assert_eq!(told(&deep).len(), DEPTH_MAX);
        let closed = format!("{}{}<z/>", "<a>".repeat(1_000), "</a>".repeat(1_000));
        assert_eq!(told(&closed).last().map(String::as_str), Some("z "));
        let whole = "<d a='1'><n>x</n></d>";
        for at in 0..whole.len() {
            assert!(told(&whole[..at]).len() <= 3);
        }
        assert!(told("</a></a><").is_empty() && told("<d a='").is_empty() && told("\u{fffd}\0>").is_empty());
    }
}
