//! Sentences for people: the Fluent catalogues of all rooms, and messages said in a reader's language and zone. What
//! comes out is plain text; each way out escapes it for its own format.

mod catalogue;
pub mod figure;

use crate::model::{Argument, Language, Message};
use catalogue::ROOMS;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::types::FluentNumber;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use intl_memoizer::concurrent::IntlLangMemoizer;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use unic_langid::LanguageIdentifier;

type Bundle = FluentBundle<FluentResource>;

/// Why the catalogues cannot be used: a fault of the build, found at the start.
#[derive(Debug, thiserror::Error)]
pub enum WordsError {
    /// A catalogue does not parse.
    #[error("catalogue {room}.{language}.ftl does not parse: {errors}")]
    Syntax {
        /// Its room.
        room: &'static str,
        /// `en` or `nl`.
        language: &'static str,
        /// What the parser says.
        errors: String,
    },
    /// A key stands in two catalogues.
    #[error("catalogue {room}.{language}.ftl says a key again: {errors}")]
    Duplicate {
        /// The second room.
        room: &'static str,
        /// `en` or `nl`.
        language: &'static str,
        /// The keys.
        errors: String,
    },
}

/// The catalogues, loaded once and shared between threads.
pub struct Words {
    english: Bundle,
    dutch: Bundle,
}

impl Words {
    /// Loads the catalogues that the build holds.
    pub fn load() -> Result<Words, WordsError> {
        Ok(Words { english: bundle(Language::En)?, dutch: bundle(Language::Nl)? })
    }

    /// A message in a language, its moments in a zone. Text of machines stays text: without control characters and of
    /// at most [`figure::TEXT_CHARACTERS_MAX`] characters. An unknown key is said as itself.
    pub fn say(&self, message: &Message, language: Language, zone: &TimeZone) -> String {
        let mut arguments = FluentArgs::new();
        for (name, argument) in &message.arguments {
            arguments.set(name.as_str(), value(name, argument, language, zone));
        }
        self.format(&message.key, language, &arguments)
    }

    /// A sentence without arguments. An unknown key is said as itself.
    pub fn text(&self, key: &str, language: Language) -> String {
        self.format(key, language, &FluentArgs::new())
    }

    /// All keys of a language, in the order of the catalogues.
    pub fn keys(&self, language: Language) -> Vec<String> {
        catalogue::entries(language).into_iter().map(|entry| entry.key.to_owned()).collect()
    }

    /// A moment: `Wed 2 Dec 14:00`, `wo 2 dec 14:00`.
    pub fn time(&self, at: Timestamp, language: Language, zone: &TimeZone) -> String {
        figure::time(at, language, zone)
    }

    /// A day: `Wed 2 Dec 2026`, `wo 2 dec 2026`.
    pub fn date(&self, on: Date, language: Language) -> String {
        figure::date(on, language)
    }

    /// Bytes in a decimal unit that fits: `3.1 GB`, `3,1 GB`.
    pub fn bytes(&self, bytes: f64, language: Language) -> String {
        figure::bytes(bytes, language)
    }

    /// A share of 0..1 in per cent: `90.5 %`, `90,5 %`.
    pub fn ratio(&self, ratio: f64, language: Language) -> String {
        figure::ratio(ratio, language)
    }

    /// Seconds in a unit that fits: `5 min`, `1.5 h`, `1,5 uur`.
    pub fn seconds(&self, seconds: f64, language: Language) -> String {
        figure::seconds(seconds, language)
    }

    fn format(&self, key: &str, language: Language, arguments: &FluentArgs) -> String {
        let bundle = match language {
            Language::En => &self.english,
            Language::Nl => &self.dutch,
        };
        let Some(pattern) = bundle.get_message(key).and_then(|message| message.value()) else {
            tracing::error!(key = figure::clean(key), ?language, "the catalogues have no such key");
            return figure::clean(key);
        };
        let mut errors = Vec::new();
        let said = bundle.format_pattern(pattern, Some(arguments), &mut errors).into_owned();
        if !errors.is_empty() {
            tracing::error!(key, ?language, ?errors, "a sentence has holes");
        }
        said
    }
}

fn bundle(language: Language) -> Result<Bundle, WordsError> {
    let formatter: fn(&FluentValue, &IntlLangMemoizer) -> Option<String> = match language {
        Language::En => |value, _| number(value, Language::En),
        Language::Nl => |value, _| number(value, Language::Nl),
    };
    // The tag only chooses plural rules; the default would fall back to English ones.
    let tag: LanguageIdentifier = catalogue::word(language).parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![tag]);
    // Isolation marks would end up in ticket subjects and CSV; text is freed of direction controls instead.
    bundle.set_use_isolating(false);
    bundle.set_formatter(Some(formatter));
    for room in &ROOMS {
        let (name, language) = (room.name, catalogue::word(language));
        let resource = FluentResource::try_new(room.source(language).to_owned()).map_err(|(_, errors)| {
            let errors = format!("{errors:?}");
            WordsError::Syntax { room: name, language, errors }
        })?;
        bundle.add_resource(resource).map_err(|errors| {
            let errors = format!("{errors:?}");
            WordsError::Duplicate { room: name, language, errors }
        })?;
    }
    Ok(bundle)
}

fn number(value: &FluentValue, language: Language) -> Option<String> {
    match value {
        FluentValue::Number(number) => Some(figure::number(number.value, language)),
        _ => None,
    }
}

/// Numbers stay numbers, so that a sentence can choose its plural; all else is text before Fluent sees it.
fn value(name: &str, argument: &Argument, language: Language, zone: &TimeZone) -> FluentValue<'static> {
    let text = match argument {
        Argument::Number(number) if number.is_finite() => {
            return FluentValue::Number(FluentNumber::new(*number, Default::default()));
        }
        Argument::Number(number) => figure::number(*number, language),
        Argument::Text(text) => day(name, text, language).unwrap_or_else(|| figure::clean(text)),
        Argument::Ratio(ratio) => figure::ratio(*ratio, language),
        Argument::Bytes(bytes) => figure::bytes(*bytes, language),
        Argument::Seconds(seconds) => figure::seconds(*seconds, language),
        Argument::Time(at) => figure::time(*at, language, zone),
    };
    FluentValue::String(text.into())
}

/// Arguments named `…_on` hold a day as ISO text, because a day is no moment and has no zone.
fn day(name: &str, text: &str, language: Language) -> Option<String> {
    let on: Date = name.ends_with("_on").then(|| text.parse().ok())??;
    Some(figure::date(on, language))
}

#[cfg(test)]
mod tests;
