//! GraphQL over WebSocket: a client for browsers, workers, Node and Rust web apps.
//!
//! The core (everything but `driver` and `exports`) is plain Rust that knows no JavaScript, no
//! socket and no clock; start reading at [`connection::Connection`]. The driver gives it a
//! WebSocket and a timer of the host, the exports make the JavaScript classes of it.

pub mod close_code;
pub mod config;
pub mod connection;
pub mod document;
pub mod error;
pub mod json;
pub mod message;
pub mod operations;
pub mod protocol;
pub mod time;
pub mod timer;
pub mod trace;

#[cfg(target_arch = "wasm32")]
pub mod driver;
#[cfg(target_arch = "wasm32")]
pub mod exports;
