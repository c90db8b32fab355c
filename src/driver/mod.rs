//! The driver: gives the core a WebSocket, a timer and the user's functions, and gives consumers
//! what the core has for them.
//!
//! No borrow of the core spans a call into JavaScript, since such a call may come back here: one
//! output is taken, the borrow ends, the output is performed.

mod consumer;
pub mod error;
pub mod host;
mod json;

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::rc::{Rc, Weak};

use futures_channel::oneshot;
use gloo_timers::callback::Timeout;
use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::WebSocket;

use crate::close_code;
use crate::config::Config;
use crate::connection::{Attempt, Connection, Output};
use crate::error::{Close, Error};
use crate::message::{Frame, OperationId};
use crate::operations::{Polled, Request};
use crate::time::Instant;
pub use consumer::{Consumer, Wants};

/// The longest time that hosts' timers can count: 31 bits of milliseconds.
const LONGEST_TIMEOUT: u64 = i32::MAX as u64;

/// The kinds of frames that `host.js` tells apart.
const JSON_FRAME: u32 = 0;
const TEXT_FRAME: u32 = 1;

/// How `connect` ends.
type Connected = Result<(), Error<JsValue>>;

/// A value, or a function of the user's that gives it anew for each attempt to connect.
pub enum Source<T> {
    Value(T),
    Function(Function),
}

/// What the driver needs of the options.
pub struct Host {
    pub url: Source<String>,
    /// JSON text, or `None` for no payload.
    pub init_payload: Source<Option<String>>,
    /// Takes the place of the host's WebSocket class.
    pub web_socket: Option<Function>,
    pub connect_args: JsValue,
    /// Turns what the `url` function gives into a WebSocket URL.
    pub read_url: fn(&JsValue) -> Result<String, JsValue>,
    /// Turns what the `initPayload` function gives into JSON text.
    pub read_init_payload: fn(&JsValue) -> Result<Option<String>, JsValue>,
}

pub struct Driver {
    me: Weak<Driver>,
    host: Host,
    connection: RefCell<Connection<JsValue, Rc<Consumer>>>,
    socket: RefCell<Option<WebSocket>>,
    events: Events,
    flushing: Cell<bool>,
    timer: RefCell<Option<(Instant, Timeout)>>,
    connecting: RefCell<Option<oneshot::Sender<Connected>>>,
    waiting_for_close: RefCell<Vec<oneshot::Sender<()>>>,
}

impl Driver {
    pub fn new(config: Config, host: Host) -> Rc<Self> {
        Rc::new_cyclic(|me| Driver {
            me: me.clone(),
            host,
            connection: RefCell::new(Connection::new(config)),
            socket: RefCell::new(None),
            events: Events::new(me),
            flushing: Cell::new(false),
            timer: RefCell::new(None),
            connecting: RefCell::new(None),
            waiting_for_close: RefCell::new(Vec::new()),
        })
    }

    /// Looks at the connection.
    pub fn read<T>(&self, look: impl FnOnce(&Connection<JsValue, Rc<Consumer>>) -> T) -> T {
        look(&self.connection.borrow())
    }

    // ---- what the user does ---------------------------------------------------

    pub fn connect(&self) -> impl Future<Output = Connected> + 'static {
        let (done, waits) = oneshot::channel();
        let started = self.connection.borrow_mut().connect(now());
        if started.is_ok() {
            *self.connecting.borrow_mut() = Some(done);
            self.flush();
        }
        let me = self.me.upgrade();
        async move {
            started?;
            let result = waits.await;
            // The transport lives at least as long as somebody waits for it.
            drop(me);
            result.unwrap_or_else(|_| Err(Error::transport_closed()))
        }
    }

    pub fn close(&self) -> impl Future<Output = ()> + 'static {
        self.connection.borrow_mut().close(now());
        let closed = self.wait_closed();
        self.flush();
        closed
    }

    pub fn wait_closed(&self) -> impl Future<Output = ()> + 'static {
        use crate::connection::TransportState::{Closed, Idle};
        let over = matches!(self.read(Connection::state), Idle | Closed);
        let (done, waits) = oneshot::channel();
        if !over {
            self.waiting_for_close.borrow_mut().push(done);
        }
        let me = self.me.upgrade();
        async move {
            if !over {
                // An error means that the sender is gone, and so is the connection.
                let _ = waits.await;
            }
            drop(me);
        }
    }

    pub fn subscribe(&self, request: Request, consumer: &Rc<Consumer>) -> OperationId {
        let id = self
            .connection
            .borrow_mut()
            .subscribe(request, consumer.clone());
        self.flush();
        id
    }

    pub fn execute(&self, mut request: Request) -> Promise {
        request.one_answer = true;
        let consumer = Rc::new(Consumer::new(Wants::Answer));
        let answer = consumer.wait(self.me.upgrade());
        self.subscribe(request, &consumer);
        answer
    }

    /// The promise of the next result.
    pub fn next(&self, id: OperationId, consumer: &Consumer) -> Promise {
        // While somebody waits the queue is empty, so nobody is passed.
        let polled = self.connection.borrow_mut().poll_operation(id);
        match polled {
            Polled::Result(result) => host::ready_result(result),
            Polled::Pending => consumer.wait(self.me.upgrade()),
            Polled::Ended(Some(error)) => Promise::reject(&error::to_js(error)),
            Polled::Ended(None) | Polled::Gone => host::ready_done(JsValue::UNDEFINED),
        }
    }

    /// The consumer wants no more.
    pub fn leave(&self, id: OperationId, consumer: &Consumer) {
        self.connection.borrow_mut().leave(id, now());
        while consumer.is_waiting() {
            consumer.settle_done();
        }
        self.flush();
    }

    /// The consumer was garbage-collected; what it had promised is kept.
    pub fn abandon(&self, id: OperationId, consumer: &Consumer) {
        if consumer.is_waiting() {
            consumer.abandoned.set(true);
        } else {
            self.leave(id, consumer);
        }
    }

    pub fn send_ping(&self, payload: Option<&str>) -> Result<(), Error<JsValue>> {
        let sent = self.connection.borrow_mut().send_ping(payload);
        self.flush();
        sent
    }

    pub fn send_pong(&self, payload: Option<&str>) -> Result<(), Error<JsValue>> {
        let sent = self.connection.borrow_mut().send_pong(payload);
        self.flush();
        sent
    }

    // ---- what the host says -----------------------------------------------------

    fn on_result(&self, attempt: Attempt, id: OperationId, result: JsValue) {
        let waiting = {
            let mut connection = self.connection.borrow_mut();
            let time = if connection.wants_clock() {
                now()
            } else {
                Instant(0)
            };
            match connection.recv_result(attempt, id, result, time) {
                Some(operation) if operation.consumer().is_waiting() => {
                    Some(operation.consumer().clone())
                }
                // It waits in the queue, and there is nothing else to do.
                Some(_) => return,
                None => None,
            }
        };
        match waiting {
            Some(consumer) => self.serve(id, &consumer),
            None => self.flush(),
        }
    }

    fn on_frame(&self, attempt: Attempt, kind: u32, value: JsValue) {
        let frame = match kind {
            JSON_FRAME => Frame::Json(value),
            TEXT_FRAME => Frame::NotJson(value.as_string().unwrap_or_default()),
            _ => Frame::Binary,
        };
        self.connection
            .borrow_mut()
            .recv_frame(attempt, frame, now());
        self.flush();
    }

    fn on_opened(&self, attempt: Attempt, subprotocol: &str) {
        self.connection
            .borrow_mut()
            .recv_opened(attempt, subprotocol, now());
        let result_type = self.read(Connection::result_type);
        host::set_result_type(&self.events.object, result_type);
        self.flush();
    }

    fn on_error(&self, attempt: Attempt, message: &str, said: JsValue) {
        self.connection
            .borrow_mut()
            .recv_socket_error(attempt, message, said);
        self.flush();
    }

    fn on_closed(&self, attempt: Attempt, close: Close) {
        self.connection.borrow_mut().recv_closed(attempt, close);
        self.flush();
    }

    fn on_timeout(&self) {
        self.timer.borrow_mut().take();
        self.connection.borrow_mut().handle_timeout(now());
        self.flush();
    }

    // ---- what the core wants ------------------------------------------------------

    /// Performs what the core wants, in its order: a call from within one that is performed only
    /// adds to what the outer call will find.
    fn flush(&self) {
        if self.flushing.replace(true) {
            return;
        }
        loop {
            let output = self.connection.borrow_mut().poll_output();
            match output {
                Some(output) => self.perform(output),
                None => break,
            }
        }
        self.flushing.set(false);
        self.arm_timer();
    }

    fn perform(&self, output: Output<JsValue>) {
        match output {
            Output::AskUrl { attempt } => self.ask_url(attempt),
            Output::AskInitPayload { attempt } => self.ask_init_payload(attempt),
            Output::Open {
                attempt,
                url,
                subprotocols,
            } => match self.open(&url, subprotocols) {
                Ok(socket) if self.read(|connection| connection.is_opening(attempt)) => {
                    *self.socket.borrow_mut() = Some(socket.clone());
                    if let Err(thrown) = host::attach(&socket, attempt, &self.events.object) {
                        self.on_socket_failed(attempt, thrown);
                    }
                }
                // The class may be the user's, and have closed us while it was constructed.
                Ok(socket) => give_up(&socket),
                Err(thrown) => self.on_socket_failed(attempt, thrown),
            },
            Output::Transmit(text) => {
                let socket = self.socket.borrow().clone();
                let attempt = self.read(Connection::attempt);
                if let Some(socket) = socket
                    && let Err(thrown) = socket.send_with_str(&text)
                {
                    self.on_socket_failed(attempt, thrown);
                }
            }
            Output::CloseSocket { code, reason } => {
                let socket = self.socket.borrow().clone();
                if let Some(socket) = socket {
                    // Hosts throw for codes and reasons that they do not allow; ours they do.
                    let _ = socket.close_with_code_and_reason(code, reason);
                }
            }
            Output::DropSocket { terminate } => {
                let socket = self.socket.borrow_mut().take();
                if let Some(socket) = socket {
                    // A socket that refuses is no longer ours to mend.
                    let _ = host::detach(&socket, terminate);
                }
            }
            Output::Connected => self.connected(Ok(())),
            Output::ConnectFailed(error) => self.connected(Err(error)),
            Output::Wake(id) => {
                let consumer = self.read(|connection| connection.consumer(id).cloned());
                if let Some(consumer) = consumer {
                    self.serve(id, &consumer);
                }
            }
            Output::Closed => {
                let waiting = self.waiting_for_close.take();
                for done in waiting {
                    // It is no matter if nobody waits any more.
                    let _ = done.send(());
                }
            }
        }
    }

    fn ask_url(&self, attempt: Attempt) {
        let read = self.host.read_url;
        match &self.host.url {
            Source::Value(url) => self.answer_url(attempt, Ok(url.clone())),
            Source::Function(function) => self.ask(function, move |driver, given| {
                driver.answer_url(attempt, given.and_then(|value| read(&value)));
            }),
        }
    }

    fn answer_url(&self, attempt: Attempt, url: Result<String, JsValue>) {
        let answer = url.map_err(|thrown| Error::url_failed(&error::message_of(&thrown), thrown));
        self.connection.borrow_mut().recv_url(attempt, answer);
        self.flush();
    }

    fn ask_init_payload(&self, attempt: Attempt) {
        let read = self.host.read_init_payload;
        match &self.host.init_payload {
            Source::Value(payload) => self.answer_init_payload(attempt, Ok(payload.clone())),
            Source::Function(function) => self.ask(function, move |driver, given| {
                driver.answer_init_payload(attempt, given.and_then(|value| read(&value)));
            }),
        }
    }

    fn answer_init_payload(&self, attempt: Attempt, payload: Result<Option<String>, JsValue>) {
        let answer = payload
            .map_err(|thrown| Error::init_payload_failed(&error::message_of(&thrown), thrown));
        self.connection
            .borrow_mut()
            .recv_init_payload(attempt, answer);
        self.flush();
    }

    /// Calls a function of the user's, which may give a promise or throw.
    fn ask(
        &self,
        function: &Function,
        answer: impl FnOnce(&Driver, Result<JsValue, JsValue>) + 'static,
    ) {
        match function.call0(&JsValue::UNDEFINED) {
            Ok(given) if given.is_object() => {
                let settled = JsFuture::from(Promise::resolve(&given));
                let me = self.me.clone();
                spawn_local(async move {
                    let given = settled.await;
                    if let Some(driver) = me.upgrade() {
                        answer(&driver, given);
                    }
                });
            }
            given => answer(self, given),
        }
    }

    fn open(&self, url: &str, subprotocols: &[&str]) -> Result<WebSocket, JsValue> {
        let class = match &self.host.web_socket {
            Some(class) => class.clone(),
            None => host::host_web_socket()?.ok_or_else(|| {
                JsValue::from_str(
                    "this host has no WebSocket. In Node.js before version 22, install the npm \
                     package `ws`; elsewhere, give a WebSocket class as the option `webSocket`",
                )
            })?,
        };
        let offered: Array = subprotocols
            .iter()
            .map(|name| JsValue::from_str(name))
            .collect();
        host::open_socket(&class, url, &offered, &self.host.connect_args)
    }

    fn on_socket_failed(&self, attempt: Attempt, thrown: JsValue) {
        let message = if thrown.is_string() || self.host.connect_args.is_undefined() {
            error::message_of(&thrown)
        } else {
            // The host may repeat what was handed on to it, and credentials may be among it. What
            // we throw ourselves is a text.
            "it throws what is the `cause` of this error".to_owned()
        };
        self.connection
            .borrow_mut()
            .recv_socket_failed(attempt, &message, thrown);
        self.flush();
    }

    fn connected(&self, result: Connected) {
        let connecting = self.connecting.borrow_mut().take();
        if let Some(done) = connecting {
            // It is no matter if nobody waits any more.
            let _ = done.send(result);
        }
    }

    /// Gives those who wait for an operation what its queue has.
    fn serve(&self, id: OperationId, consumer: &Consumer) {
        while consumer.is_waiting() {
            let polled = self.connection.borrow_mut().poll_operation(id);
            match polled {
                Polled::Result(result) if consumer.wants == Wants::Answer => {
                    // With incremental delivery the server has more to send.
                    if host::has_next(&result) {
                        self.connection.borrow_mut().leave(id, now());
                    } else {
                        self.connection.borrow_mut().leave_answered(id, now());
                    }
                    consumer.settle_result(result);
                    self.flush();
                }
                Polled::Result(result) => consumer.settle_result(result),
                Polled::Ended(None) if consumer.wants == Wants::Answer => {
                    consumer.settle_error(Error::no_answer(id));
                }
                Polled::Ended(Some(error)) => consumer.settle_error(error),
                Polled::Ended(None) | Polled::Gone => consumer.settle_done(),
                Polled::Pending => break,
            }
        }
        if consumer.abandoned.get() && !consumer.is_waiting() {
            self.leave(id, consumer);
        }
    }

    /// Sees to it that the host's timer fires no later than the core wants it.
    fn arm_timer(&self) {
        let deadline = self.read(Connection::poll_timeout);
        let armed = self.timer.borrow().as_ref().map(|(armed, _)| *armed);
        let Some(deadline) = deadline else {
            // A timer left running would keep a Node process alive.
            self.timer.borrow_mut().take();
            return;
        };
        if armed.is_some_and(|armed| armed <= deadline) {
            // It is re-armed when it fires early: that is rarer than a change of the deadline.
            return;
        }
        let millis = deadline.0.saturating_sub(now().0).min(LONGEST_TIMEOUT);
        let me = self.me.clone();
        let timeout = Timeout::new(millis as u32, move || {
            if let Some(driver) = me.upgrade() {
                driver.on_timeout();
            }
        });
        let replaced = self.timer.borrow_mut().replace((deadline, timeout));
        drop(replaced);
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        // Nobody can use the connection any more. The handlers go before their closures.
        if let Some(socket) = self.socket.get_mut().take() {
            give_up(&socket);
        }
    }
}

/// Closes a socket that nobody needs, and hears no more of it.
fn give_up(socket: &WebSocket) {
    // Whatever it throws, it is no longer ours to mend.
    let _ = host::detach(socket, false);
    let _ = socket.close_with_code(close_code::NORMAL);
}

fn now() -> Instant {
    Instant(host::now() as u64)
}

type OnOpened = Closure<dyn Fn(u32, String)>;
type OnResult = Closure<dyn Fn(u32, u32, JsValue)>;
type OnFrame = Closure<dyn Fn(u32, u32, JsValue)>;
type OnError = Closure<dyn Fn(u32, String, JsValue)>;
type OnClosed = Closure<dyn Fn(u32, u16, String, bool)>;

/// What a socket's handlers call, made once for all sockets of a transport.
struct Events {
    object: JsValue,
    _closures: (OnOpened, OnResult, OnFrame, OnError, OnClosed),
}

impl Events {
    fn new(driver: &Weak<Driver>) -> Self {
        // `Fn`, as a handler can be called from within another.
        let opened: OnOpened = Closure::new({
            let driver = driver.clone();
            move |attempt, subprotocol: String| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_opened(attempt, &subprotocol);
                }
            }
        });
        let result: OnResult = Closure::new({
            let driver = driver.clone();
            move |attempt, id, result| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_result(attempt, id, result);
                }
            }
        });
        let frame: OnFrame = Closure::new({
            let driver = driver.clone();
            move |attempt, kind, value| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_frame(attempt, kind, value);
                }
            }
        });
        let error: OnError = Closure::new({
            let driver = driver.clone();
            move |attempt, message: String, said| {
                if let Some(driver) = driver.upgrade() {
                    driver.on_error(attempt, &message, said);
                }
            }
        });
        let closed: OnClosed = Closure::new({
            let driver = driver.clone();
            move |attempt, code, reason, was_clean| {
                if let Some(driver) = driver.upgrade() {
                    let close = Close {
                        code,
                        reason,
                        was_clean,
                    };
                    driver.on_closed(attempt, close);
                }
            }
        });
        let object = host::gather_events(
            opened.as_ref(),
            result.as_ref(),
            frame.as_ref(),
            error.as_ref(),
            closed.as_ref(),
        );
        Events {
            object,
            _closures: (opened, result, frame, error, closed),
        }
    }
}
