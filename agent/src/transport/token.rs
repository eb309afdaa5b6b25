//! The text of an enrolment token: `wacht1.<id>.<secret>.<spki>`. The last part is the hash of the root's public key,
//! so that the very first contact knows whom it talks to.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

const PART_BYTES_MAX: usize = 128;

/// A token as it was handed over.
pub struct Token {
    /// The whole text, for the collector.
    pub text: Zeroizing<String>,
    /// SHA-256 of the root's SubjectPublicKeyInfo.
    pub pin: [u8; 32],
}

/// Why a text is not a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Another kind of text.
    #[error("a token begins with `wacht1.`; this text does not")]
    Kind,
    /// A part is missing, too many or not of the allowed characters.
    #[error("a token has four parts with dots between; a piece of this one was lost in copying")]
    Parts,
    /// The last part is not a hash.
    #[error("the last part of the token is not a key hash; a piece of it was lost in copying")]
    Pin,
}

impl Token {
    /// Reads a token's text; white space around it is forgiven.
    pub fn parse(text: &str) -> Result<Token, TokenError> {
        let text = text.trim();
        let rest = text.strip_prefix("wacht1.").ok_or(TokenError::Kind)?;
        let parts: Vec<&str> = rest.split('.').collect();
        let plain = |part: &&str| {
            !part.is_empty()
                && part.len() <= PART_BYTES_MAX
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        };
        let [_, _, pin] = parts.as_slice() else { return Err(TokenError::Parts) };
        if !parts.iter().all(plain) {
            return Err(TokenError::Parts);
        }
        let pin = URL_SAFE_NO_PAD.decode(pin).map_err(|_| TokenError::Pin)?;
        let pin = pin.try_into().map_err(|_| TokenError::Pin)?;
        Ok(Token { text: Zeroizing::new(text.to_owned()), pin })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_with_white_space_around_it() {
        let text = format!(" wacht1.a1.s3cret.{}\n", URL_SAFE_NO_PAD.encode([9; 32]));
        let token = Token::parse(&text).unwrap();
        assert_eq!((token.pin, token.text.as_str()), ([9; 32], text.trim()));
    }

    #[test]
    fn what_is_not_a_token_is_told_apart() {
        let error = |text: &str| Token::parse(text).err();
        assert_eq!(error("wacht2.a.b.c"), Some(TokenError::Kind));
        assert_eq!(error("wacht1.a.b"), Some(TokenError::Parts));
        assert_eq!(error("wacht1.a..c"), Some(TokenError::Parts));
        assert_eq!(error("wacht1.a.b\"x.c"), Some(TokenError::Parts));
        assert_eq!(error("wacht1.a.b.AAAA"), Some(TokenError::Pin));
    }
}
