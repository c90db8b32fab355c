//! GraphQL over WebSocket: a client for browsers, workers, Node and Rust web apps.
//!
//! For a Rust app that is compiled to WebAssembly there is [`Transport`]; take the crate without its
//! default features, which are the classes of the npm package:
//!
//! ```toml
//! wireql = { version = "0.1", default-features = false }
//! ```
//!
//! The core (everything but `driver`, `transport` and `exports`) is plain Rust that knows no
//! JavaScript, no socket and no clock; start reading at [`connection::Connection`]. The driver gives
//! it a WebSocket and a timer of the host; `transport` is the Rust side of that, `exports` the
//! JavaScript classes.

pub mod close_code;
pub mod config;
pub mod connection;
pub mod error;
pub mod json;
pub mod message;
pub mod operations;
pub mod protocol;
pub mod text;
pub mod time;
pub mod timer;

#[cfg(target_arch = "wasm32")]
pub mod driver;
#[cfg(all(target_arch = "wasm32", feature = "exports"))]
pub mod exports;
#[cfg(target_arch = "wasm32")]
mod transport;

#[cfg(target_arch = "wasm32")]
pub use transport::{
    GraphqlError, Location, Options, PathSegment, Request, Response, Results, Transport,
};

/// An error of a [`Transport`]; `code` says what exactly went wrong.
#[cfg(target_arch = "wasm32")]
pub type Error = error::Error<wasm_bindgen::JsValue>;

/// The examples of the README compile.
#[cfg(all(doctest, target_arch = "wasm32"))]
#[doc = include_str!("../README.md")]
struct Readme;
