//! Takes command lines apart as a shell would, as far as names and paths need it: quotes, continued lines, several
//! commands in one line. It expands nothing and runs nothing.

/// Commands of one text, and words of one command, that are looked at.
const COMMANDS_MAX: usize = 2_000;
const WORDS_MAX: usize = 200;

/// The commands in a text as their words, quotes taken off; comments are none.
pub fn commands(text: &str) -> Vec<Vec<String>> {
    let mut commands = Vec::new();
    let mut words = Vec::new();
    let mut word = String::new();
    let mut is_word = false;
    let mut quote = None;
    let mut signs = text.chars().peekable();
    while let Some(sign) = signs.next() {
        match (quote, sign) {
            (_, '\\') if signs.peek() == Some(&'\n') => {
                signs.next();
            }
            (None | Some('"'), '\\') => word.extend(signs.next()),
            (Some(open), sign) if sign == open => quote = None,
            (Some(_), sign) => word.push(sign),
            (None, '"' | '\'') => (quote, is_word) = (Some(sign), true),
            (None, '#') if word.is_empty() && !is_word => while signs.next_if(|sign| *sign != '\n').is_some() {},
            (None, ';' | '&' | '|' | '\n' | '(' | ')') => {
                end_word(&mut word, &mut is_word, &mut words);
                if !words.is_empty() {
                    commands.push(std::mem::take(&mut words));
                }
                if commands.len() == COMMANDS_MAX {
                    return commands;
                }
            }
            (None, sign) if sign.is_whitespace() => end_word(&mut word, &mut is_word, &mut words),
            (None, sign) => word.push(sign),
        }
    }
    end_word(&mut word, &mut is_word, &mut words);
    commands.extend((!words.is_empty()).then_some(words));
    commands
}

fn end_word(word: &mut String, is_word: &mut bool, words: &mut Vec<String>) {
    if (!word.is_empty() || *is_word) && words.len() < WORDS_MAX {
        words.push(std::mem::take(word));
    }
    word.clear();
    *is_word = false;
}

/// The value of `NAME=value` or `export NAME=value`, the last one where there are several.
pub fn variable(text: &str, name: &str) -> Option<String> {
    let assigned = |line: &str| {
        let line = line.trim();
        let value = line.strip_prefix("export ").unwrap_or(line).trim_start().strip_prefix(name)?.strip_prefix('=')?;
        commands(value).into_iter().next()?.into_iter().next()
    };
    text.lines().filter_map(assigned).next_back().filter(|value| !value.is_empty())
}

/// The words that are no options and no values of these options.
pub fn positional<'a>(words: &'a [String], with_value: &'a [&str]) -> impl Iterator<Item = &'a str> {
    let mut is_value = false;
    words.iter().map(String::as_str).filter(move |word| {
        let was_value = std::mem::replace(&mut is_value, with_value.contains(word));
        !was_value && !word.starts_with('-')
    })
}

/// The value of an option in one of its forms, `--name value` or `--name=value`.
pub fn option<'a>(words: &'a [String], names: &[&str]) -> Option<&'a str> {
    words.iter().enumerate().find_map(|(at, word)| {
        names.iter().find_map(|name| match word.strip_prefix(name)? {
            "" => words.get(at + 1).map(String::as_str),
            rest => rest.strip_prefix('='),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_script_is_taken_apart_into_commands_and_words() {
        let text = "#!/bin/sh\n# restic backup /no\nset -e; nice restic \\\n  backup '/srv/my data' \"/etc\" && echo ok # end\n";
        let words: Vec<String> = commands(text).iter().map(|words| words.join("|")).collect();
        assert_eq!(words, ["set|-e", "nice|restic|backup|/srv/my data|/etc", "echo|ok"]);
        assert!(commands("'never closed").len() == 1 && commands("").is_empty() && commands("\\").is_empty());
    }

    #[test]
    fn variables_options_and_paths_are_told_apart() {
        let text = "REPO=/old\n  export REPO=\"/srv/my repo\" # x\nREPOSITORY=no\n";
        assert_eq!(variable(text, "REPO").as_deref(), Some("/srv/my repo"));
        assert_eq!(variable("REPO=\n", "REPO"), None);
        let words: Vec<String> =
            "-r /repo backup --tag /x /etc --exclude=/y /home".split(' ').map(Into::into).collect();
        let paths: Vec<&str> = positional(&words, &["-r", "--tag"]).collect();
        assert_eq!(paths, ["backup", "/etc", "/home"]);
        assert_eq!((option(&words, &["--repo", "-r"]), option(&words, &["--exclude"])), (Some("/repo"), Some("/y")));
    }

    #[test]
    fn endless_texts_stay_within_the_bounds() {
        assert_eq!(commands(&"a;".repeat(10_000)).len(), COMMANDS_MAX);
        assert_eq!(commands(&"a ".repeat(10_000))[0].len(), WORDS_MAX);
    }
}
