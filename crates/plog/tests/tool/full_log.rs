//! A log that is full, and what makes room.

use crate::common::{extent, fails, info, output, says, succeeds, Scratch};

#[test]
fn to_the_last_byte() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 2, "10");
    succeeds(&["append", &file, "--data", "1234567"]);
    let said = fails(&["append", &file, "--data", "abcd"]);
    says(
        &said,
        &[
            &file,
            "log 0",
            "4 bytes",
            "room for 3",
            "nothing was appended",
        ],
    );
    assert_eq!(succeeds(&["append", &file, "--data", "abc"]), "7\n");
    assert_eq!(info(&file)["logs"][0]["free"], 0);
    says(
        &fails(&["append", &file, "--data", "x"]),
        &["1 byte;", "room for 0"],
    );
    assert_eq!(succeeds(&["append", &file, "--data", ""]), "10\n");
    assert_eq!(output(&["read", &file]), b"1234567abc");
    succeeds(&["append", &file, "--log", "1", "--data", "the other!"]);
}

#[test]
fn pairs_count_together() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "10");
    let said = fails(&["append", &file, "--data", "123456", "--data", "12345"]);
    says(&said, &["5 bytes", "room for 4", "nothing was appended"]);
    assert_eq!(extent(&file, 0), (0, 0));
}

#[test]
fn moving_the_head_makes_room_and_so_does_cutting() {
    let scratch = Scratch::new();
    let file = scratch.logs("logs", 1, "10");
    succeeds(&["append", &file, "--data", "0123456789"]);
    succeeds(&["advance-head", &file, "--to", "4"]);
    assert_eq!(succeeds(&["append", &file, "--data", "abcd"]), "10\n");
    assert_eq!(output(&["read", &file]), b"456789abcd");
    succeeds(&["truncate", &file, "--to", "6"]);
    assert_eq!(succeeds(&["append", &file, "--data", "ABCDEFGH"]), "6\n");
    assert_eq!(output(&["read", &file]), b"45ABCDEFGH");
    assert_eq!(extent(&file, 0), (4, 14));
}
