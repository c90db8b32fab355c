//! The core: plain Rust that knows no JavaScript, no socket, no clock and no randomness. Start
//! reading at [`client::Client`].

pub mod client;
pub mod close_code;
pub mod config;
mod connection;
mod detection;
pub mod dialect;
pub mod document;
pub mod error;
pub mod json;
pub mod lasting;
pub mod message;
pub mod network;
pub mod operations;
pub mod output;
mod queue;
pub mod retry;
pub mod status;
pub mod time;
pub mod timer;
pub mod trace;
pub(crate) mod untrusted;
