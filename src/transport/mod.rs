//! The Rust side of the transport.

mod options;
mod request;
mod results;

use std::future::poll_fn;
use std::rc::Rc;

use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use crate::Error;
use crate::connection::{CloseReason, Connection, Payloads, TransportState};
use crate::driver::{Driver, NotConnected};
use crate::protocol::Dialect;
pub use options::Options;
pub use request::{GraphqlError, Location, PathSegment, Request, Response};
pub use results::Results;
use results::decoded;

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
    driver: Rc<Driver>,
}

impl Transport {
    /// Makes a transport and connects it: see [`reconnect`](Self::reconnect).
    ///
    /// `url`: where the server is; `http` and `https` are turned into `ws` and `wss`.
    pub async fn connect(url: &str, options: Options) -> Result<Self, Error> {
        let (config, host) = options.for_url(url)?;
        let transport = Transport {
            driver: Driver::new(config, host),
        };
        transport.reconnect().await?;
        Ok(transport)
    }

    /// Opens a socket and is ready when the server has acknowledged. After a lost connection, and
    /// after [`close`](Self::close), it can be called again and again; on a transport that is not
    /// closed it is an error, and nothing else happens.
    pub async fn reconnect(&self) -> Result<(), Error> {
        self.driver.connect(None).await.map_err(|why| match why {
            NotConnected::Failed(error) => error,
            // No signal, so nothing aborts it.
            NotConnected::Aborted(_) => Error::transport_closed(),
        })
    }

    /// Starts an operation of any kind, and gives the stream of its results. While the transport
    /// connects the operation waits; without a connection the stream has an error and ends.
    ///
    /// An error ends the stream, but for [`Code::WrongResult`](crate::error::Code::WrongResult): then
    /// that result did not fit `T`. Dropping the stream stops the operation.
    pub fn subscribe<T: DeserializeOwned>(&self, request: impl Into<Request>) -> Results<T> {
        Results::start(self.driver.clone(), request.into().into_core())
    }

    /// Starts an operation, gives its first result, and ends it: a subscription is stopped.
    pub async fn execute<T: DeserializeOwned>(
        &self,
        request: impl Into<Request>,
    ) -> Result<Response<T>, Error> {
        let mut request = request.into().into_core();
        request.one_answer = true;
        let mut results = Results::<T>::start(self.driver.clone(), request);
        match poll_fn(|task| results.poll_raw(task)).await {
            Some(Ok(result)) => {
                results.answered(&result);
                decoded(result)
            }
            Some(Err(error)) => Err(error),
            None => Err(Error::no_answer(results.id())),
        }
    }

    /// Ends the connection. Subscriptions are stopped and end without an error; what has one answer
    /// to come has `close_timeout` to finish; then the socket is closed with code 1000.
    pub async fn close(&self) {
        self.driver.close().await;
    }

    /// Is ready when the connection is over, by whatever cause; at once if there is none.
    pub async fn wait_closed(&self) {
        self.driver.wait_closed().await;
    }

    /// Sends a `ping`. The dialect `graphql-ws` has none.
    pub fn send_ping(&self) -> Result<(), Error> {
        self.driver.send_ping(None)
    }

    pub fn state(&self) -> TransportState {
        self.driver.read(Connection::state)
    }

    /// The dialect of the current or the last connection.
    pub fn dialect(&self) -> Option<Dialect> {
        self.driver.read(Connection::dialect)
    }

    /// The last payloads of `connection_ack`, `ping` and `pong`.
    pub fn payloads(&self) -> Payloads<JsValue> {
        self.driver.read(|connection| connection.payloads().clone())
    }

    /// How the last connection ended; `None` while there is one.
    pub fn close_reason(&self) -> Option<CloseReason<JsValue>> {
        self.driver
            .read(|connection| connection.close_reason().cloned())
    }
}
