//! The crate for Rust apps.

#[cfg(feature = "appsync")]
mod appsync;
mod client;
mod client_options;
mod connection;
mod dialect;
mod error;
mod host;
mod json;
mod link;
mod options;
#[cfg(feature = "phoenix")]
mod phoenix;
mod request;
mod response;
mod results;
mod resume;
mod transport;
#[cfg(any(feature = "cynic", feature = "graphql-client"))]
mod typed;
mod url;

use std::fmt;
use std::future::Future;

use futures_channel::oneshot;

use crate::core;
use crate::driver::Ended;
#[cfg(feature = "appsync")]
pub use appsync::{AppSync, Carrier, Headers, SignRequest};
pub use client::{Client, ClientStatus, Hint, Statuses};
pub use client_options::ClientOptions;
pub use connection::{
    Attempt, ClientState, CloseReason, ConnectionEvent, ConnectionEvents, Dialect, During, Failure,
    Outcome, Payloads, Reason, Subprotocol, TransportState, Verdict,
};
pub use error::{Class, Close, Code, Ends, Error, GraphqlError, Location, PathSegment};
pub use options::Options;
#[cfg(feature = "phoenix")]
pub use phoenix::Phoenix;
pub use request::Request;
pub use response::Response;
pub use results::{Event, Events, Results};
pub use transport::Transport;
pub use url::ServerUrl;

/// What ends a wait, and the wait.
fn wait() -> (
    oneshot::Sender<Ended>,
    impl Future<Output = Result<(), Error>>,
) {
    let (done, waits) = oneshot::channel::<Ended>();
    let ended = async {
        match waits.await {
            Ok(ended) => ended.map_err(Error::shared),
            // The sender was dropped with the transport.
            Err(_) => Err(Error::new(core::error::Error::TransportClosed)),
        }
    };
    (done, ended)
}

/// What holds functions, credentials or a stream shows its name alone.
macro_rules! shown_by_name {
    ($($name:ident $(<$of:ident>)?),*) => {
        $(impl $(<$of>)? fmt::Debug for $name $(<$of>)? {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}

shown_by_name!(
    ClientOptions,
    ConnectionEvents,
    Events<T>,
    Options,
    Results<T>,
    ServerUrl,
    Statuses
);
#[cfg(feature = "appsync")]
shown_by_name!(AppSync);
#[cfg(feature = "phoenix")]
shown_by_name!(Phoenix);
