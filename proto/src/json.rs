//! How the inventory's enumerations read in JSON: lower-case words, `degraded` for `ARRAY_STATE_DEGRADED`. An unknown
//! number reads as the empty word, an unknown word is refused. The messages themselves need nothing here.

/// A module for `serde(with)` over one enumeration and the beginning of its names.
macro_rules! words {
    ($module:ident, $type:ty, $prefix:literal) => {
        #[doc = concat!("Words of [`", stringify!($type), "`].")]
        pub mod $module {
            use serde::{Deserialize, Deserializer, Serializer, de::Error};

            /// Writes the word.
            pub fn serialize<S: Serializer>(number: &i32, out: S) -> Result<S::Ok, S::Error> {
                let name = <$type>::try_from(*number).map(|value| value.as_str_name()).unwrap_or_default();
                let word = name.strip_prefix($prefix).unwrap_or_default().to_ascii_lowercase();
                out.serialize_str(if word == "unspecified" { "" } else { &word })
            }

            /// Reads the word; empty is unspecified.
            pub fn deserialize<'de, D: Deserializer<'de>>(input: D) -> Result<i32, D::Error> {
                let word = std::borrow::Cow::<str>::deserialize(input)?;
                let word = if word.is_empty() { "unspecified" } else { &*word };
                let value = <$type>::from_str_name(&format!("{}{}", $prefix, word.to_ascii_uppercase()));
                value.map(i32::from).ok_or_else(|| D::Error::custom(format!("unknown word {word:?}")))
            }
        }
    };
}

words!(note_reason, crate::v1::NoteReason, "NOTE_REASON_");
words!(array_state, crate::v1::ArrayState, "ARRAY_STATE_");
words!(software_source, crate::v1::SoftwareSource, "SOFTWARE_SOURCE_");
words!(service_state, crate::v1::ServiceState, "SERVICE_STATE_");
words!(backup_result, crate::v1::BackupResult, "BACKUP_RESULT_");

#[cfg(test)]
mod tests {
    use crate::v1::section_body::Kind;
    use crate::v1::{Array, ArraySection, ArrayState, SectionBody};

    #[test]
    fn a_body_is_read_back_as_it_was_written_with_words_for_states() {
        let array = Array { name: "md0".into(), state: ArrayState::Degraded.into(), ..Default::default() };
        let kind = Kind::Array(ArraySection { arrays: vec![array], controllers: vec![] });
        let body = SectionBody { kind: Some(kind), notes: vec![], ..Default::default() };
        let json = serde_json::to_value(&body).unwrap();
        assert_eq!(json["kind"]["array"]["arrays"][0]["state"], "degraded");
        assert_eq!(serde_json::from_value::<SectionBody>(json).unwrap(), body);
    }

    #[test]
    fn what_is_missing_is_empty_and_a_wrong_word_is_refused() {
        let read = |text: &str| serde_json::from_str::<SectionBody>(text);
        assert!(read(r#"{"kind":{"array":{"arrays":[{"name":"md0"}]}}}"#).is_ok());
        assert!(read(r#"{"kind":{"array":{"arrays":[{"state":"odd"}]}}}"#).is_err());
    }
}
