//! Names the program that a shell command starts, without telling the command. It runs and resolves nothing.

/// The base name of a command's first word after assignments such as `HOME=/x`; `sudo`, `nice` and `flock` stay what they
/// are. Empty where the first word is none.
pub fn program(command: &str) -> &str {
    let mut rest = command.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, '(' | '{' | '!'));
    while is_assignment(rest) {
        // The value of an assignment may be a secret with blanks between its quotes.
        rest = rest[word_end(rest)..].trim_start();
    }
    let word = &rest[..word_end(rest)];
    let word = word.strip_prefix(['"', '\'']).unwrap_or(word);
    let word = word.split(['"', '\'', ';', '|', '&', '<', '>', '(', ')', '$', '`']).next().unwrap_or_default();
    word.rsplit('/').next().unwrap_or_default()
}

fn is_assignment(text: &str) -> bool {
    let name = text.split('=').next().unwrap_or_default();
    let is_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    name.len() < text.len() && !name.is_empty() && name.chars().all(is_name)
}

/// Where a shell's word ends: at the first blank outside quotes that no backslash precedes.
fn word_end(text: &str) -> usize {
    let (mut quote, mut escaped) = (None, false);
    for (at, c) in text.char_indices() {
        match (quote, c) {
            _ if escaped => escaped = false,
            (None | Some('"'), '\\') => escaped = true,
            (Some(open), c) if c == open => quote = None,
            (None, '"' | '\'') => quote = Some(c),
            (None, c) if c.is_whitespace() => return at,
            _ => {}
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_words_base_name_is_told_and_nothing_else() {
        for (command, expected) in [
            ("/usr/bin/wget -O - http://user:secret@x/", "wget"),
            ("PASS=\"a b c\" OTHER='d e' /opt/run.sh --key=1", "run.sh"),
            ("TOKEN=a\\ b tool", "tool"),
            ("nice -n 19 backup", "nice"),
            ("(cd / && run-parts)", "cd"),
            ("[ -x /usr/bin/x ] && x", "["),
            ("test;TOKEN=x", "test"),
            ("\"/opt/my tool/run\" secret", "run"),
            ("PASS=only", ""),
            ("PASS='never closed secret", ""),
            ("$(curl x)", ""),
            ("", ""),
        ] {
            assert_eq!(program(command), expected, "{command}");
        }
    }
}
