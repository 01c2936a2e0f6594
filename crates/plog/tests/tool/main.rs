//! The tool as its users meet it: each test runs `plog` as a process.

mod checked_records;
mod closed_output;
mod common;
mod damage;
mod demo;
mod drawing;
mod following;
mod full_disk;
mod full_log;
mod in_flight;
mod inspect;
mod lock;
mod mode;
mod names;
mod not_files;
mod overwriting;
mod pairs;
mod permissions;
mod pictures;
mod positions;
mod progress;
mod records;
mod roundtrip;
mod sizes;
mod stdin;
mod usage;
