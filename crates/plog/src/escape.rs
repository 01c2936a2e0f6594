//! Bytes that people are shown: a terminal does what control characters tell it, and XML 1.0 has none of them.

use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

/// The name of a file.
pub fn name(path: &Path) -> String {
    escaped(path.as_os_str().as_bytes())
}

/// Text as it is, the backslash as \\, and everything else as \xNN.
pub fn escaped(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '\\' => text.push_str("\\\\"),
                c if is_text(c) => text.push(c),
                c => c
                    .to_string()
                    .bytes()
                    .for_each(|byte| escape(&mut text, byte)),
            }
        }
        chunk
            .invalid()
            .iter()
            .for_each(|byte| escape(&mut text, *byte));
    }
    text
}

/// The last two are no characters, but UTF-8 can encode them.
fn is_text(c: char) -> bool {
    !c.is_control() && !matches!(c, '\u{fffe}' | '\u{ffff}')
}

fn escape(text: &mut String, byte: u8) {
    // Writing to a String cannot fail.
    let _ = write!(text, "\\x{byte:02x}");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_as_it_is_and_nothing_else_does() {
        let shown: [(&[u8], &str); 7] = [
            (b"orders.plog", "orders.plog"),
            ("Bücher/日本 <&>\"'".as_bytes(), "Bücher/日本 <&>\"'"),
            (b"\x1b[31mred\n\t\x7f\0", "\\x1b[31mred\\x0a\\x09\\x7f\\x00"),
            ("\u{9b}31m".as_bytes(), "\\xc2\\x9b31m"),
            (b"\xff\xfe", "\\xff\\xfe"),
            ("\u{ffff}".as_bytes(), "\\xef\\xbf\\xbf"),
            (b"\\x1b", "\\\\x1b"),
        ];
        for (bytes, text) in shown {
            assert_eq!(escaped(bytes), text, "{bytes:?}");
        }
    }
}
