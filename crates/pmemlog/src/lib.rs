//! One append-only log: durable when an append returns, whole after a crash.
