//! Runs the example service: real processes, on ports of this machine.

#![allow(dead_code)] // Not every test needs all of it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// The example, which is built first if need be.
pub fn example() -> &'static Path {
    static EXAMPLE: OnceLock<PathBuf> = OnceLock::new();
    EXAMPLE.get_or_init(|| {
        let mut build = Command::new(env!("CARGO"));
        build.args(["build", "--quiet", "--example", "kv"]);
        let built = build.current_dir(env!("CARGO_MANIFEST_DIR")).status();
        assert!(built.unwrap().success());
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(|deps| deps.parent()).unwrap();
        folder.join("examples/kv")
    })
}

/// What the example says.
pub fn kv(args: &[&str]) -> Output {
    Command::new(example()).args(args).output().unwrap()
}

/// Asserts that the example fails, and what it says then.
#[track_caller]
pub fn assert_fails(args: &[&str], expected: &str) {
    let output = kv(args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains(expected), "{said}");
}

/// Runs the example, which must succeed; returns what it prints.
#[track_caller]
pub fn assert_prints(args: &[&str], expected: &str) {
    let output = kv(args);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
}

/// A node. It is killed when it is dropped.
pub struct Node {
    pub address: String,
    id: usize,
    dir: PathBuf,
    process: Child,
}

impl Node {
    /// Starts a node with the files in `dir`, or new ones.
    pub fn start(id: usize, dir: &Path, address: &str) -> Node {
        fs::create_dir_all(dir).unwrap();
        let errors = File::create(dir.join("errors")).unwrap();
        let process = Command::new(example())
            .args([
                "node",
                "--id",
                &id.to_string(),
                "--listen",
                address,
                "--dir",
            ])
            .arg(dir)
            .stdin(Stdio::null())
            .stderr(errors)
            .spawn()
            .unwrap();
        let (address, dir) = (address.to_string(), dir.to_path_buf());
        Node {
            address,
            id,
            dir,
            process,
        }
    }

    pub fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }

    pub fn restart(&mut self) {
        *self = Node::start(self.id, &self.dir, &self.address);
    }

    pub fn is_running(&mut self) -> bool {
        self.process.try_wait().unwrap().is_none()
    }

    pub fn has_snapshot(&self) -> bool {
        self.dir.join("snapshot.json").exists()
    }

    /// Waits until it ends; returns its exit code and what it has said.
    pub fn end(&mut self, patience: Duration) -> (Option<i32>, String) {
        let start = Instant::now();
        while self.is_running() {
            assert!(start.elapsed() < patience, "it does not end");
            sleep(Duration::from_millis(20));
        }
        let status = self.process.wait().unwrap();
        let said = fs::read_to_string(self.dir.join("errors")).unwrap();
        (status.code(), said)
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// Addresses whose ports are free.
pub fn free_addresses(count: usize) -> Vec<String> {
    let listeners: Vec<_> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0").unwrap())
        .collect();
    let address = |listener: &TcpListener| listener.local_addr().unwrap().to_string();
    listeners.iter().map(address).collect()
}

/// Starts nodes, and makes them a cluster; returns their addresses too, as the example takes them.
pub fn cluster(dir: &Path, count: usize) -> (Vec<Node>, String) {
    let addresses = free_addresses(count);
    let nodes = (1..)
        .zip(&addresses)
        .map(|(id, address)| Node::start(id, &dir.join(id.to_string()), address))
        .collect();
    let addresses = addresses.join(",");
    assert_prints(&["cluster", "--nodes", &addresses], "");
    (nodes, addresses)
}
