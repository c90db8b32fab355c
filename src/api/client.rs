//! Operations that outlive connections, for Rust apps.

use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};

use futures_core::Stream;
use serde::de::DeserializeOwned;

use super::client_options::ClientOptions;
use super::host::AppHost;
use super::results::{Events, Operation};
use super::{Request, Response, execute, wait};
use crate::core::client;
use crate::core::network::Hint;
use crate::core::status::Status;
use crate::driver::{Driver, wall_time};
use crate::{ClientState, Error};

/// Operations that outlive connections. It connects when something needs a connection, connects again
/// when that is lost, subscribes again, and tells each operation of the gap. A clone is the same
/// client; when the last one is dropped, with the last [`Events`] and [`Statuses`], the connection is closed.
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
///         }
///     }
///     Ok(())
/// }
/// ```
#[derive(Clone)]
pub struct Client {
    driver: Rc<Driver<AppHost>>,
}

/// What a [`Client`] is doing, for a user interface. Times are in milliseconds since 1970.
#[derive(Clone, Debug)]
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
    pub error: Option<Rc<Error>>,
}

impl From<&Status<wasm_bindgen::JsValue>> for ClientStatus {
    fn from(status: &Status<wasm_bindgen::JsValue>) -> Self {
        ClientStatus {
            state: status.state,
            reconnecting: status.reconnecting,
            since: wall_time(status.since),
            next_attempt: status.next_attempt.map(wall_time),
            lost_at: status.lost_at.map(wall_time),
            failures: status.failures,
            error: status.error.clone(),
        }
    }
}

impl Client {
    /// Sends nothing, unless the options say that it is not lazy.
    ///
    /// `url`: where the server is; `http` and `https` are turned into `ws` and `wss`.
    pub fn new(url: &str, options: impl Into<ClientOptions>) -> Result<Self, Error> {
        let (config, host) = options.into().for_url(url)?;
        let driver = Driver::new(config, host);
        driver.start();
        Ok(Client { driver })
    }

    /// Starts an operation of any kind, and gives the stream of its results. Without a connection it
    /// waits for one. When the connection is lost, a subscription is sent again, a query too (on at
    /// most three connections), and a mutation that was sent ends with
    /// [`OutcomeUnknown`](crate::core::error::Error::OutcomeUnknown) unless it is
    /// [idempotent](Request::idempotent).
    ///
    /// An error ends the stream, but for [`WrongResult`](crate::core::error::Error::WrongResult): then that
    /// result did not fit `T`. Dropping the stream stops the operation.
    pub fn subscribe<T: DeserializeOwned>(&self, request: impl Into<Request>) -> Events<T> {
        let mut request = request.into().into_core();
        request.lasting.notices = true;
        Events::new(Operation::start(self.driver.clone(), request))
    }

    /// Starts an operation, gives its first result, and ends it: a subscription is stopped.
    pub async fn execute<T: DeserializeOwned>(
        &self,
        request: impl Into<Request>,
    ) -> Result<Response<T>, Error> {
        execute(self.driver.clone(), request.into()).await
    }

    /// Connects ahead of the first operation; ready when there is a connection, or with the last error
    /// when the client gives up. Nothing keeps the connection: see
    /// [`idle_timeout`](ClientOptions::idle_timeout).
    pub async fn connect(&self) -> Result<(), Error> {
        let (done, connected) = wait();
        self.driver.connect(done);
        connected.await
    }

    /// Replaces the connection, asking for the payload of `connection_init` anew: after a login or a
    /// logout. Queries and mutations in flight finish first, up to `close_timeout`; subscriptions go on
    /// with the next connection. Forgets failures. It is ready at once if the client is idle; after it has
    /// given up, and after [`close`](Self::close), it connects.
    pub async fn reconnect(&self) -> Result<(), Error> {
        let (done, connected) = wait();
        self.driver.reconnect(done);
        connected.await
    }

    /// Ends the connection, and everything that waits for one. Subscriptions end without an error;
    /// queries and mutations on a connection have `close_timeout` to finish. What is started later
    /// fails, until [`connect`](Self::connect).
    pub async fn close(&self) {
        let (done, closed) = wait();
        self.driver.close(done);
        // It cannot fail: whatever happens, the connection is over.
        let _ = closed.await;
    }

    /// Tells the client of the host's network and page: `online`, `offline`, `visible`, `hidden`, `wake`,
    /// `pagehide` and `pageshow` in a browser are the app's to listen to.
    pub fn notify(&self, hint: Hint) {
        self.driver.notify(hint);
    }

    /// What the client is doing.
    pub fn status(&self) -> ClientStatus {
        self.driver
            .read(|client: &client::Client<_, _>| client.status().as_ref().into())
    }

    /// The status now, and again whenever it has changed.
    pub fn statuses(&self) -> Statuses {
        Statuses {
            driver: self.driver.clone(),
            seen: None,
        }
    }
}

/// The status of a [`Client`]; see [`Client::statuses`]. It does not end.
pub struct Statuses {
    driver: Rc<Driver<AppHost>>,
    /// How many changes there were when it was last read.
    seen: Option<u32>,
}

impl Stream for Statuses {
    type Item = ClientStatus;

    fn poll_next(mut self: Pin<&mut Self>, task: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let changes = self.driver.host().status_changes.get();
        if self.seen == Some(changes) {
            let mut readers = self.driver.host().status_readers.borrow_mut();
            if !readers.iter().any(|reader| reader.will_wake(task.waker())) {
                readers.push(task.waker().clone());
            }
            return Poll::Pending;
        }
        self.seen = Some(changes);
        let status = self.driver.read(|client| client.status().as_ref().into());
        Poll::Ready(Some(status))
    }
}
