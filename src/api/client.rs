//! Operations that outlive connections, for Rust apps.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;
use wasm_bindgen::JsValue;

use super::client_options::ClientOptions;
use super::connection::{ClientState, CloseReason, ConnectionEvents, Dialect, Payloads};
use super::link::Link;
use super::request::Request;
use super::response::Response;
use super::results::{Events, execute};
use super::url::ServerUrl;
use super::wait;
use crate::Error;
use crate::core::network;
use crate::core::status::Status;
use crate::driver::wall_time;

/// Operations that outlive connections. It connects when something needs a connection, connects again
/// when that is lost, subscribes again, and tells each operation of the gap. A clone is the same
/// client; when the last one is dropped, with the last [`Events`], [`Statuses`] and [`ConnectionEvents`], the connection
/// is closed.
///
/// ```no_run
/// use futures_util::StreamExt;
/// use wireql::{Client, ClientOptions, Error, Event};
///
/// #[derive(serde::Deserialize)]
/// struct Countdown {
///     countdown: i32,
/// }
///
/// async fn run() -> Result<(), Error> {
///     let client = Client::new("wss://example.com/graphql", ClientOptions::new())?;
///     let mut events = client.subscribe::<Countdown>("subscription { countdown(from: 3) }");
///     while let Some(event) = events.next().await {
///         match event? {
///             Event::Response(response) => println!("{:?}", response.data.map(|data| data.countdown)),
///             Event::Interrupted { error, .. } => println!("reconnecting: {error}"),
///             Event::Resumed { .. } => println!("some numbers may be missing"),
///             _ => {}
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Client {
    link: Link,
}

/// What a [`Client`] is doing, for a user interface. Times are in milliseconds since 1970.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct ClientStatus {
    pub state: ClientState,
    /// Whether a connection was ready before, and is to be again.
    pub reconnecting: bool,
    /// When the state began.
    pub since: f64,
    /// When the next attempt begins, while waiting; `None` if nobody can say.
    pub next_attempt: Option<f64>,
    /// Since when the connection is lost.
    pub lost_at: Option<f64>,
    /// In a row.
    pub failures: u32,
    /// What ended the last connection or attempt; `None` once there is a connection.
    pub error: Option<Error>,
}

impl From<&Status<JsValue>> for ClientStatus {
    fn from(status: &Status<JsValue>) -> Self {
        ClientStatus {
            state: status.state,
            reconnecting: status.reconnecting,
            since: wall_time(status.since),
            next_attempt: status.next_attempt.map(wall_time),
            lost_at: status.lost_at.map(wall_time),
            failures: status.failures,
            error: status.error.clone().map(Error::shared),
        }
    }
}

impl ClientStatus {
    /// Where there is no host; as a client begins in a browser, so that what a server renders fits.
    fn idle() -> Self {
        ClientStatus {
            state: ClientState::Idle,
            reconnecting: false,
            since: 0.0,
            next_attempt: None,
            lost_at: None,
            failures: 0,
            error: None,
        }
    }
}

/// A hint of the host's, for [`Client::notify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Hint {
    Online,
    Offline,
    /// The page can be seen again, or was thawed.
    Visible,
    Hidden,
    /// The host slept.
    Wake,
    /// The page is left, and may be kept in the back/forward cache.
    PageHide,
    /// It is there again.
    PageShow,
}

impl From<Hint> for network::Hint {
    fn from(hint: Hint) -> Self {
        match hint {
            Hint::Online => network::Hint::Online,
            Hint::Offline => network::Hint::Offline,
            Hint::Visible => network::Hint::Visible,
            Hint::Hidden => network::Hint::Hidden,
            Hint::Wake => network::Hint::Wake,
            Hint::PageHide => network::Hint::PageHide,
            Hint::PageShow => network::Hint::PageShow,
        }
    }
}

impl Client {
    /// Sends nothing, unless the options say that it is not lazy. The error is one of the arguments.
    pub fn new(
        url: impl Into<ServerUrl>,
        options: impl Into<ClientOptions>,
    ) -> Result<Self, Error> {
        let link = Link::new(|| options.into().for_url(url.into()))?;
        if let Ok(driver) = link.driver() {
            driver.start();
        }
        Ok(Client { link })
    }

    /// Starts an operation of any kind, and gives the stream of its results. Without a connection it
    /// waits for one. When the connection is lost, a subscription is sent again, a query too (on at
    /// most three connections), and a mutation that was sent ends with
    /// [`OUTCOME_UNKNOWN`](crate::Code::OUTCOME_UNKNOWN) unless it is [idempotent](Request::idempotent).
    ///
    /// An error ends the stream, but for [`WRONG_RESULT`](crate::Code::WRONG_RESULT): then that
    /// result did not fit `T`. Dropping the stream stops the operation.
    pub fn subscribe<T: DeserializeOwned>(&self, request: impl Into<Request<T>>) -> Events<T> {
        Events::start(&self.link, request.into())
    }

    /// Starts an operation, gives its first result, and ends it: a subscription is stopped.
    pub async fn execute<T: DeserializeOwned>(
        &self,
        request: impl Into<Request<T>>,
    ) -> Result<Response<T>, Error> {
        execute(&self.link, request.into()).await
    }

    /// Connects ahead of the first operation; ready when there is a connection, or with the last error
    /// when the client gives up. Nothing keeps the connection: see
    /// [`idle_timeout`](ClientOptions::idle_timeout).
    pub async fn connect(&self) -> Result<(), Error> {
        let (done, connected) = wait();
        self.link.driver()?.connect(done);
        connected.await
    }

    /// Replaces the connection, asking for the URL and the payload of `connection_init` anew: after a login or a
    /// logout. Queries and mutations in flight finish first, up to `close_timeout`; subscriptions go on
    /// with the next connection. Forgets failures. It is ready at once if the client is idle; after it has
    /// given up, and after [`close`](Self::close), it connects.
    pub async fn reconnect(&self) -> Result<(), Error> {
        let (done, connected) = wait();
        self.link.driver()?.reconnect(done);
        connected.await
    }

    /// Ends the connection, and everything that waits for one. Subscriptions end without an error;
    /// queries and mutations on a connection have `close_timeout` to finish. What is started later
    /// fails, until [`connect`](Self::connect).
    pub async fn close(&self) {
        self.link.close().await;
    }

    /// Sends a `ping`. The dialects `graphql-ws` and AppSync's have none.
    pub fn send_ping(&self) -> Result<(), Error> {
        self.link.send_ping()
    }

    /// Tells the client of the host's network and page, whose events are the app's to listen to.
    pub fn notify(&self, hint: Hint) {
        if let Ok(driver) = self.link.driver() {
            driver.notify(hint.into());
        }
    }

    /// What the client is doing.
    pub fn status(&self) -> ClientStatus {
        let driver = self.link.driver();
        driver.map_or_else(
            |_| ClientStatus::idle(),
            |driver| driver.read(|core| core.status().as_ref().into()),
        )
    }

    /// The status now, and again whenever it has changed.
    pub fn statuses(&self) -> Statuses {
        Statuses {
            link: self.link.clone(),
            seen: None,
        }
    }

    /// What happens to the connections from now on. For a user interface there is [`statuses`](Self::statuses).
    pub fn connection_events(&self) -> ConnectionEvents {
        ConnectionEvents::new(&self.link)
    }

    /// The dialect of the current or the last connection.
    pub fn dialect(&self) -> Option<Dialect> {
        self.link.dialect()
    }

    /// The last payloads of `connection_ack`, `ping` and `pong` on this connection.
    pub fn payloads(&self) -> Payloads {
        self.link.payloads()
    }

    /// How the last connection, or attempt at one, ended; `None` while there is another.
    pub fn close_reason(&self) -> Option<CloseReason> {
        self.link.close_reason()
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("state", &self.status().state)
            .finish_non_exhaustive()
    }
}

/// The status of a [`Client`]; see [`Client::statuses`]. It does not end.
pub struct Statuses {
    link: Link,
    /// How many changes there were when it was last read.
    seen: Option<u32>,
}

impl Stream for Statuses {
    type Item = ClientStatus;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let Ok(driver) = self.link.driver().cloned() else {
            let is_first = self.seen.replace(0).is_none();
            return Poll::Ready(is_first.then(ClientStatus::idle));
        };
        let changes = driver.host().status_changes.get();
        if self.seen == Some(changes) {
            let mut readers = driver.host().status_readers.borrow_mut();
            if !readers.iter().any(|reader| reader.will_wake(task.waker())) {
                readers.push(task.waker().clone());
            }
            return Poll::Pending;
        }
        self.seen = Some(changes);
        let status = driver.read(|core| core.status().as_ref().into());
        Poll::Ready(Some(status))
    }
}
