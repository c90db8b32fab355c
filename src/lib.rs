//! GraphQL over WebSocket for Rust apps that are compiled to WebAssembly: queries, mutations and subscriptions whose
//! operations outlive connections.
//!
//! ```no_run
//! use futures_util::StreamExt;
//! use wasm_bindgen::prelude::*;
//! use wireql::{Client, ClientOptions, Error, Event};
//!
//! #[derive(serde::Deserialize)]
//! struct Countdown { countdown: i32 }
//!
//! async fn run() -> Result<(), Error> {
//!     let client = Client::new("ws://127.0.0.1:4000/graphql", ClientOptions::new())?;
//!     let mut events = client.subscribe::<Countdown>("subscription { countdown(from: 3) }");
//!     while let Some(event) = events.next().await {
//!         match event? {
//!             Event::Response(response) => log(&format!("{:?}", response.data.map(|data| data.countdown))),
//!             Event::Interrupted { error, .. } => log(&format!("reconnecting: {error}")),
//!             _ => {}
//!         }
//!     }
//!     Ok(())
//! }
//!
//! #[wasm_bindgen(start)]
//! async fn start() { if let Err(error) = run().await { log(&error.to_string()) } }
//!
//! #[wasm_bindgen]
//! extern "C" { #[wasm_bindgen(js_namespace = console)] fn log(text: &str); }
//! ```
//!
//! Take the crate without its default features, which are the JavaScript classes of the npm package:
//!
//! ```toml
//! wireql = { version = "0.1", default-features = false }
//! ```
//!
//! - [`Client`] connects when something needs a connection, connects again when that is lost, subscribes again, and
//!   tells of the gap. [`Transport`] is one connection at a time, by hand.
//! - [`Request`] is a document with its variables, or a typed operation: with the feature `graphql-client` one of the
//!   crate `graphql_client` (`Request::of`), with the feature `cynic` one of the crate `cynic` (`From`).
//! - [`Error`] says by its [`code`](Error::code) what went wrong, and by [`ends`](Error::ends) what ended by it.
//! - `AppSync` and `Phoenix`, with the features `appsync` and `phoenix`, are dialects that have to be chosen; two others
//!   are detected.
//!
//! # In frameworks
//!
//! A stream that is dropped stops its operation, so a task that ends with its component is all that it takes:
//! `spawn_local_scoped_with_cancellation` of Leptos; in Yew an effect that spawns a task, and aborts it when it is cleaned
//! up. The folder `examples` has both.
//!
//! A client belongs to its thread, as its socket does, and is not `Send`. Contexts of Yew take it as it is. Those of
//! Leptos, whose values must be `Send`, take it in local storage: `StoredValue::new_local(client)`. If a server renders the
//! app, they take it as `SendWrapper::new(client)`, of the crate `send_wrapper`: what is in local storage panics when
//! another thread drops it, and servers do that; a client in a `SendWrapper` does not.
//!
//! # Elsewhere than in WebAssembly
//!
//! The crate compiles for every target, so that a server can render the components of an app. There a client is made,
//! and does nothing: it is idle, each call is an error ([`Code::ONLY_IN_WEBASSEMBLY`]), and a stream has that error
//! and ends. Its arguments are not checked. It is `Send` there, and has nothing to drop. Start operations in an effect,
//! which servers do not run: so the server renders what the browser begins with.
//!
//! # Versions
//!
//! `wasm-bindgen` is required as a range: an app pins the version that its `wasm-bindgen` command line has.

// Inside, `core` is plain Rust that knows no JavaScript, no socket and no clock. `driver` gives it a WebSocket and a timer
// of the host; `api` is the crate for Rust apps, `exports` what the npm package is made of. Each may use only those before
// it, and `api` and `exports` do not know each other.

// Not public: this project's own tests play it without a host.
#[doc(hidden)]
pub mod core;

mod api;
#[cfg_attr(
    not(target_arch = "wasm32"),
    allow(dead_code, reason = "nothing is connected there")
)]
mod driver;
#[cfg(all(target_arch = "wasm32", feature = "exports"))]
mod exports;

#[cfg(feature = "phoenix")]
pub use api::Phoenix;
#[cfg(feature = "appsync")]
pub use api::{AppSync, Carrier, Headers, SignRequest};
pub use api::{
    Attempt, Class, Client, ClientOptions, ClientState, ClientStatus, Close, CloseReason, Code,
    ConnectionEvent, ConnectionEvents, Dialect, During, Ends, Error, Event, Events, Failure,
    GraphqlError, Hint, Location, Options, Outcome, PathSegment, Payloads, Reason, Request,
    Response, Results, ServerUrl, Statuses, Subprotocol, Transport, TransportState, Verdict,
};

/// The examples of the README compile.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
