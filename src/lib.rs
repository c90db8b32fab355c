//! GraphQL over WebSocket: a client for browsers, workers, Node and Rust web apps.
//!
//! For a Rust app that is compiled to WebAssembly there is [`Client`], whose operations outlive connections, and
//! [`Transport`], one connection at a time. Take the crate without its
//! default features, which are the classes of the npm package:
//!
//! ```toml
//! wireql = { version = "0.1", default-features = false }
//! ```
//!
//! Inside, [`core`] is plain Rust that knows no JavaScript, no socket and no clock. `driver` gives it a
//! WebSocket and a timer of the host; `api` is the crate for Rust apps, `exports` what the npm
//! package is made of. Each may use only those before it, and `api` and `exports` do not know each
//! other.

pub mod core;

#[cfg(target_arch = "wasm32")]
mod api;
#[cfg(target_arch = "wasm32")]
mod driver;
#[cfg(all(target_arch = "wasm32", feature = "exports"))]
mod exports;

#[cfg(target_arch = "wasm32")]
pub use api::{
    AppSync, Carrier, Client, ClientOptions, ClientStatus, Event, Events, GraphqlError, Headers,
    Location, Options, PathSegment, Phoenix, Request, Response, Results, SignRequest, Statuses,
    Transport,
};
#[cfg(target_arch = "wasm32")]
pub use core::network::Hint;
#[cfg(target_arch = "wasm32")]
pub use core::retry::{During, Verdict};
#[cfg(target_arch = "wasm32")]
pub use core::status::ClientState;

/// A connection of a [`Client`], or an attempt at one, that has failed, and what the client proposes.
#[cfg(target_arch = "wasm32")]
pub type Failure = core::retry::Failure<wasm_bindgen::JsValue>;

/// An error of a [`Client`] or a [`Transport`]; its variant says what exactly went wrong.
#[cfg(target_arch = "wasm32")]
pub type Error = core::error::Error<wasm_bindgen::JsValue>;

/// The examples of the README compile.
#[cfg(all(doctest, target_arch = "wasm32"))]
#[doc = include_str!("../README.md")]
struct Readme;
