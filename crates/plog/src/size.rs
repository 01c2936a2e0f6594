//! Sizes and modes as people type them.

/// Parses a number of bytes: digits, and perhaps one of the binary units K, M, G and T.
pub fn parse_size(text: &str) -> Result<u64, String> {
    let (digits, shift) = match text.chars().last() {
        Some('K' | 'k') => (&text[..text.len() - 1], 10),
        Some('M' | 'm') => (&text[..text.len() - 1], 20),
        Some('G' | 'g') => (&text[..text.len() - 1], 30),
        Some('T' | 't') => (&text[..text.len() - 1], 40),
        _ => (text, 0),
    };
    if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(
            "a size is a number of bytes like 4096, or of units of 1024 like 64K, 16M, 1G or 2T"
                .to_string(),
        );
    }
    let size = digits
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(1 << shift))
        .ok_or("this is more bytes than 64 bits can count")?;
    if size == 0 {
        return Err("a log needs at least 1 byte".to_string());
    }
    Ok(size)
}

/// Parses permission bits in octal.
pub fn parse_mode(text: &str) -> Result<u32, String> {
    match u32::from_str_radix(text, 8) {
        Ok(mode) if mode <= 0o777 && !text.starts_with('+') => Ok(mode),
        _ => Err("a mode is permission bits in octal, from 0 to 777, like 640".to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_have_binary_units() {
        let sizes = [
            ("1", 1),
            ("4096", 4096),
            ("64K", 65_536),
            ("64k", 65_536),
            ("16M", 16_777_216),
            ("1G", 1_073_741_824),
            ("2T", 2_199_023_255_552),
            ("18446744073709551615", u64::MAX),
            ("16777215T", 16_777_215 << 40),
        ];
        for (text, size) in sizes {
            assert_eq!(parse_size(text), Ok(size), "{text}");
        }
    }

    #[test]
    fn what_is_no_size_is_refused() {
        let refused = [
            "",
            "K",
            "-1",
            "+1",
            "1.5G",
            "1KB",
            "64KiB",
            "0x10",
            " 1",
            "1 K",
            "1é",
            "é",
            "٣",
            "0",
            "0G",
            "18446744073709551616",
            "16777216T",
        ];
        for text in refused {
            assert!(parse_size(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn modes_are_octal() {
        assert_eq!(parse_mode("600"), Ok(0o600));
        assert_eq!(parse_mode("0640"), Ok(0o640));
        for text in ["", "8", "1000", "-1", "+6", "rw-", "99999999999999999999"] {
            assert!(parse_mode(text).is_err(), "{text:?}");
        }
    }
}
