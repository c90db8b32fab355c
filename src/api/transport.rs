//! One connection at a time, for Rust apps.

use std::fmt;

use serde::de::DeserializeOwned;

use super::connection::{CloseReason, ConnectionEvents, Dialect, Payloads, TransportState};
use super::link::Link;
use super::options::Options;
use super::request::Request;
use super::response::Response;
use super::results::{Results, execute};
use super::url::ServerUrl;
use super::wait;
use crate::Error;
use crate::core::client::Client as Core;

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
/// #[derive(serde::Serialize)]
/// struct Name {
///     name: String,
/// }
///
/// async fn run() -> Result<(), Error> {
///     let transport = Transport::new("wss://example.com/graphql", Options::new())?;
///     transport.connect().await?;
///
///     let mut results = transport.subscribe::<Countdown>("subscription { countdown(from: 3) }");
///     while let Some(response) = results.next().await {
///         if let Some(data) = response?.data {
///             println!("{}", data.countdown);
///         }
///     }
///
///     let request = Request::new("query ($name: String) { hello(name: $name) }")
///         .variables(&Name { name: "Ada".to_owned() });
///     let response = transport.execute::<Hello>(request).await?;
///     println!("{:?}", response.data.map(|data| data.hello));
///
///     transport.close().await;
///     Ok(())
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Transport {
    link: Link,
}

impl Transport {
    /// Sends nothing: see [`connect`](Self::connect). The error is one of the arguments.
    pub fn new(url: impl Into<ServerUrl>, options: Options) -> Result<Self, Error> {
        let link = Link::new(|| options.for_url(url.into()))?;
        Ok(Transport { link })
    }

    /// Opens a socket and is ready when the server has acknowledged. After a failure, after a lost connection, and
    /// after [`close`](Self::close), it can be called again; on a transport that is not idle or closed it is an error,
    /// and nothing else happens.
    pub async fn connect(&self) -> Result<(), Error> {
        let (done, connected) = wait();
        self.link.driver()?.connect(done);
        connected.await
    }

    /// Starts an operation of any kind, and gives the stream of its results. While the transport
    /// connects the operation waits; without a connection the stream has an error and ends.
    ///
    /// An error ends the stream, but for [`WRONG_RESULT`](crate::Code::WRONG_RESULT): then that result did
    /// not fit `T`. Dropping the stream stops the operation.
    pub fn subscribe<T: DeserializeOwned>(&self, request: impl Into<Request<T>>) -> Results<T> {
        Results::start(&self.link, request.into())
    }

    /// Starts an operation, gives its first result, and ends it: a subscription is stopped.
    pub async fn execute<T: DeserializeOwned>(
        &self,
        request: impl Into<Request<T>>,
    ) -> Result<Response<T>, Error> {
        execute(&self.link, request.into()).await
    }

    /// Ends the connection. Subscriptions are stopped and end without an error; what has one answer
    /// to come has `close_timeout` to finish; then the socket is closed with code 1000.
    pub async fn close(&self) {
        self.link.close().await;
    }

    /// Is ready when the connection is over, by whatever cause; at once if there is none.
    pub async fn wait_closed(&self) {
        let Ok(driver) = self.link.driver() else {
            return;
        };
        let (done, closed) = wait();
        driver.wait_closed(done);
        let _ = closed.await;
    }

    /// Sends a `ping`. The dialects `graphql-ws` and AppSync's have none.
    pub fn send_ping(&self) -> Result<(), Error> {
        self.link.send_ping()
    }

    pub fn state(&self) -> TransportState {
        let state = self.link.driver().map(|driver| driver.read(Core::state));
        state.unwrap_or(TransportState::Idle)
    }

    /// The dialect of the current or the last connection.
    pub fn dialect(&self) -> Option<Dialect> {
        self.link.dialect()
    }

    /// The last payloads of `connection_ack`, `ping` and `pong`.
    pub fn payloads(&self) -> Payloads {
        self.link.payloads()
    }

    /// How the last connection ended; `None` while there is one.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.link.close_reason()
    }

    /// What happens to the connection from now on.
    pub fn connection_events(&self) -> ConnectionEvents {
        ConnectionEvents::new(&self.link)
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("state", &self.state())
            .finish_non_exhaustive()
    }
}
