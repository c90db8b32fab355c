//! The crate for Rust apps.

mod appsync;
mod client;
mod client_options;
mod dialect;
mod host;
mod options;
mod phoenix;
mod request;
mod results;

use std::future::{Future, poll_fn};
use std::rc::Rc;

use futures_channel::oneshot;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::Error;
use crate::core::client::{Client as Core, Payloads, TransportState};
use crate::core::dialect::Dialect;
use crate::core::message::Liveness;
use crate::core::output::CloseReason;
use crate::driver::{Driver, Ended};
pub use appsync::{AppSync, Carrier, Headers, SignRequest};
pub use client::{Client, ClientStatus, Statuses};
pub use client_options::ClientOptions;
use host::AppHost;
pub use options::Options;
pub use phoenix::Phoenix;
pub use request::{GraphqlError, Location, PathSegment, Request, Response};
pub use results::{Event, Events, Results};
use results::{Operation, decoded};

/// One connection to a GraphQL server at a time, in the dialect that it speaks, and the operations on
/// it. A clone is the same transport; when the last one is dropped, with the last [`Results`], the
/// connection is closed.
///
/// ```no_run
/// use futures_util::StreamExt;
/// use wireql::{Error, Options, Request, Transport};
///
/// #[derive(serde::Deserialize)]
/// struct Countdown {
///     countdown: i32,
/// }
///
/// #[derive(serde::Deserialize)]
/// struct Hello {
///     hello: String,
/// }
///
/// async fn run() -> Result<(), Error> {
///     let transport = Transport::connect("wss://example.com/graphql", Options::new()).await?;
///
///     let mut results = transport.subscribe::<Countdown>("subscription { countdown(from: 3) }");
///     while let Some(response) = results.next().await {
///         if let Some(data) = response?.data {
///             println!("{}", data.countdown);
///         }
///     }
///
///     let request = Request::new("query ($name: String) { hello(name: $name) }")
///         .variables(&[("name", "Ada")].into_iter().collect::<std::collections::HashMap<_, _>>())?;
///     let response = transport.execute::<Hello>(request).await?;
///     println!("{:?}", response.data.map(|data| data.hello));
///
///     transport.close().await;
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Transport {
    driver: Rc<Driver<AppHost>>,
}

/// What ends a wait, and the wait.
fn wait() -> (
    oneshot::Sender<Ended>,
    impl Future<Output = Result<(), Error>>,
) {
    let (done, waits) = oneshot::channel();
    let ended = async {
        match waits.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Rc::unwrap_or_clone(error)),
            // The sender was dropped with the transport.
            Err(_) => Err(Error::TransportClosed),
        }
    };
    (done, ended)
}

/// Starts an operation, gives its first result, and ends it.
async fn execute<T: DeserializeOwned>(
    driver: Rc<Driver<AppHost>>,
    request: Request,
) -> Result<Response<T>, Error> {
    let mut request = request.into_core();
    request.one_answer = true;
    let operation = Operation::start(driver, request);
    match poll_fn(|task| operation.poll_result(task)).await {
        Some(Ok(result)) => {
            operation.answered(&result);
            decoded(result)
        }
        Some(Err(error)) => Err(error),
        None => Err(Error::NoAnswer {
            operation_id: operation.id(),
        }),
    }
}

impl Transport {
    /// Makes a transport and connects it: see [`reconnect`](Self::reconnect).
    ///
    /// `url`: where the server is; `http` and `https` are turned into `ws` and `wss`.
    pub async fn connect(url: &str, options: Options) -> Result<Self, Error> {
        let (config, host) = options.for_url(url)?;
        let driver = Driver::new(config, host);
        let transport = Transport { driver };
        transport.reconnect().await?;
        Ok(transport)
    }

    /// Opens a socket and is ready when the server has acknowledged. After a lost connection, and
    /// after [`close`](Self::close), it can be called again and again; on a transport that is not
    /// closed it is an error, and nothing else happens.
    pub async fn reconnect(&self) -> Result<(), Error> {
        let (done, connected) = wait();
        self.driver.connect(done);
        connected.await
    }

    /// Starts an operation of any kind, and gives the stream of its results. While the transport
    /// connects the operation waits; without a connection the stream has an error and ends.
    ///
    /// An error ends the stream, but for [`WrongResult`](crate::core::error::Error::WrongResult): then that result did
    /// not fit `T`. Dropping the stream stops the operation.
    pub fn subscribe<T: DeserializeOwned>(&self, request: impl Into<Request>) -> Results<T> {
        let request = request.into().into_core();
        Results::new(Operation::start(self.driver.clone(), request))
    }

    /// Starts an operation, gives its first result, and ends it: a subscription is stopped.
    pub async fn execute<T: DeserializeOwned>(
        &self,
        request: impl Into<Request>,
    ) -> Result<Response<T>, Error> {
        execute(self.driver.clone(), request.into()).await
    }

    /// Ends the connection. Subscriptions are stopped and end without an error; what has one answer
    /// to come has `close_timeout` to finish; then the socket is closed with code 1000.
    pub async fn close(&self) {
        let (done, closed) = wait();
        self.driver.close(done);
        // It cannot fail: whatever happens, the connection is over.
        let _ = closed.await;
    }

    /// Is ready when the connection is over, by whatever cause; at once if there is none.
    pub async fn wait_closed(&self) {
        let (done, closed) = wait();
        self.driver.wait_closed(done);
        let _ = closed.await;
    }

    /// Sends a `ping`. The dialect `graphql-ws` has none.
    pub fn send_ping(&self) -> Result<(), Error> {
        self.driver
            .send(Liveness::Ping, None)
            .map_err(Rc::unwrap_or_clone)
    }

    pub fn state(&self) -> TransportState {
        self.driver.read(Core::state)
    }

    /// The dialect of the current or the last connection.
    pub fn dialect(&self) -> Option<Dialect> {
        self.driver.read(Core::dialect)
    }

    /// The last payloads of `connection_ack`, `ping` and `pong`.
    pub fn payloads(&self) -> Payloads<JsValue> {
        self.driver.read(|client| client.payloads().clone())
    }

    /// How the last connection ended; `None` while there is one.
    pub fn close_reason(&self) -> Option<CloseReason<JsValue>> {
        self.driver.host().close_reason.borrow().clone()
    }
}
