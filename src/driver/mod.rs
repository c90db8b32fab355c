//! The driver: gives the core a WebSocket, a timer and the user's functions, and gives consumers
//! what the core has for them.
//!
//! No borrow of the core spans a call into JavaScript, since such a call may come back here: one
//! output is taken, the borrow ends, the output is performed.

mod consumer;
pub mod error;
mod events;
pub mod host;
mod json;
mod url;

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
use crate::connection::{Attempt, CloseReason, Connection, Event, Output};
use crate::error::{self as core_error, Close, Error};
use crate::json::Json;
use crate::message::{Frame, OperationId};
use crate::operations::{Polled, Request};
use crate::time::Instant;
use crate::trace;
use consumer::AbortListener;
pub use consumer::Consumer;
use events::Events;
pub use events::record;
pub use url::websocket_url;

/// The longest time that hosts' timers can count: 31 bits of milliseconds.
const LONGEST_TIMEOUT: u64 = i32::MAX as u64;

/// The kinds of frames that `host.js` tells apart.
const JSON_FRAME: u32 = 0;
const TEXT_FRAME: u32 = 1;

/// Stands for `connect` among the ids of what a signal can abort: no operation has it.
const CONNECT: OperationId = 0;

/// Why `connect` has not come to its end.
pub enum NotConnected {
    Failed(Error<JsValue>),
    /// The user's signal was aborted, for this reason.
    Aborted(JsValue),
}

/// Who waits for `connect`.
struct Connecting {
    done: oneshot::Sender<Result<(), NotConnected>>,
    _signal: Option<AbortListener>,
    aborted: Option<JsValue>,
}

/// A value, or a function among what the user gave that gives it anew for each attempt to connect.
pub enum Source<T> {
    Value(T),
    Function,
}

/// What the driver needs of the options.
pub struct Host {
    pub url: Source<String>,
    /// JSON text, or `None` for no payload.
    pub init_payload: Source<Option<String>>,
    /// An object of what is JavaScript's: the functions `url` and `initPayload`; `webSocket`, which takes
    /// the place of the host's class; `args`, which are `headers`, `tls` and `connectArgs`; the function
    /// `trace`. What is not given is not there. The driver lets go of it: see `Events`.
    pub user: JsValue,
    pub traced: bool,
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
    connecting: RefCell<Option<Connecting>>,
    waiting_for_close: RefCell<Vec<oneshot::Sender<()>>>,
    /// When the trace begins.
    made: Instant,
}

impl Driver {
    pub fn new(config: Config, mut host: Host) -> Rc<Self> {
        let user = std::mem::take(&mut host.user);
        let options = trace::options(&config);
        let driver = Rc::new_cyclic(|me| Driver {
            me: me.clone(),
            events: Events::new(me, &user),
            host,
            connection: RefCell::new(Connection::new(config)),
            socket: RefCell::new(None),
            flushing: Cell::new(false),
            timer: RefCell::new(None),
            connecting: RefCell::new(None),
            waiting_for_close: RefCell::new(Vec::new()),
            made: now(),
        });
        driver.trace("!", || options);
        driver
    }

    /// Looks at the connection.
    pub fn read<T>(&self, look: impl FnOnce(&Connection<JsValue, Rc<Consumer>>) -> T) -> T {
        look(&self.connection.borrow())
    }

    // ---- what the user does ---------------------------------------------------

    /// `signal`: an `AbortSignal` that breaks the attempt off.
    pub fn connect(
        &self,
        signal: Option<&JsValue>,
    ) -> impl Future<Output = Result<(), NotConnected>> + 'static {
        let (done, waits) = oneshot::channel();
        let started = match signal.and_then(aborted) {
            Some(reason) => Err(NotConnected::Aborted(reason)),
            None => {
                self.trace("!", || "connect".to_owned());
                let started = self.connection.borrow_mut().connect(now());
                started.map_err(NotConnected::Failed)
            }
        };
        if started.is_ok() {
            host::set_close_reason(&self.events.object(), &JsValue::NULL);
            *self.connecting.borrow_mut() = Some(Connecting {
                done,
                _signal: signal.and_then(|signal| self.listen(signal, CONNECT)),
                aborted: None,
            });
            self.flush();
        }
        let me = self.me.upgrade();
        async move {
            started?;
            let result = waits.await;
            // The transport lives at least as long as somebody waits for it.
            drop(me);
            result.unwrap_or_else(|_| Err(NotConnected::Failed(Error::transport_closed())))
        }
    }

    pub fn close(&self) -> impl Future<Output = ()> + 'static {
        self.trace("!", || "close".to_owned());
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

    /// `signal`: an `AbortSignal` that makes the consumer leave. The id is that of no operation if it
    /// is aborted already.
    pub fn subscribe(
        &self,
        request: Request,
        consumer: &Rc<Consumer>,
        signal: Option<&JsValue>,
    ) -> OperationId {
        if let Some(reason) = signal.and_then(aborted) {
            consumer.abort(reason);
            return 0;
        }
        self.trace("!", || {
            let verb = match (request.one_answer, request.send_stop) {
                (false, true) => "subscribe ",
                (false, false) => "subscribe-without-stop ",
                (true, true) => "execute ",
                (true, false) => "execute-without-stop ",
            };
            [verb, &request.payload].concat()
        });
        let id = self
            .connection
            .borrow_mut()
            .subscribe(request, consumer.clone());
        if let Some(listener) = signal.and_then(|signal| self.listen(signal, id)) {
            consumer.listen(listener);
        }
        self.flush();
        id
    }

    pub fn execute(&self, mut request: Request, signal: Option<&JsValue>) -> Promise {
        request.one_answer = true;
        let consumer = Consumer::of_answer();
        let answer = consumer.wait(self.me.upgrade());
        self.subscribe(request, &consumer, signal);
        answer
    }

    /// Has the methods of an observer called, none before this returns.
    pub fn observe(
        &self,
        request: Request,
        observer: JsValue,
        signal: Option<&JsValue>,
    ) -> (OperationId, Rc<Consumer>) {
        let consumer = Consumer::of_observer();
        let id = self.subscribe(request, &consumer, signal);
        if id != 0 {
            consumer.observe(observer, self.me.upgrade());
        }
        if self.read(|connection| connection.has_news(id))
            && let Some(driver) = self.me.upgrade()
        {
            let consumer = consumer.clone();
            spawn_local(async move { driver.serve(id, &consumer) });
        }
        (id, consumer)
    }

    /// The promise of the next result.
    pub fn next(&self, id: OperationId, consumer: &Consumer) -> Promise {
        // While somebody waits the queue is empty, so nobody is passed.
        match self.poll(id, consumer) {
            Polled::Result(result) => host::ready_result(result),
            Polled::Pending => consumer.wait(self.me.upgrade()),
            Polled::Ended(Some(error)) => Promise::reject(&error::to_js(error)),
            Polled::Ended(None) => host::ready_done(JsValue::UNDEFINED),
            Polled::Gone => match consumer.take_abort_reason() {
                Some(reason) => Promise::reject(&reason),
                None => host::ready_done(JsValue::UNDEFINED),
            },
        }
    }

    /// Takes what stands at the head of an operation's queue.
    pub fn poll(&self, id: OperationId, consumer: &Consumer) -> Polled<JsValue> {
        let polled = self.connection.borrow_mut().poll_operation(id);
        if let Polled::Ended(_) = polled {
            consumer.over();
        }
        polled
    }

    /// The consumer wants no more.
    pub fn leave(&self, id: OperationId, consumer: &Consumer) {
        if self.read(|connection| connection.consumer(id).is_some()) {
            self.trace("!", || ["leave ", &id.to_string()].concat());
            self.connection.borrow_mut().leave(id, now());
        }
        consumer.dismiss();
        self.flush();
    }

    /// The consumer has the one result that it wanted. What follows from it is not yet performed.
    fn leave_answered(&self, id: OperationId, consumer: &Consumer, result: &JsValue) {
        // With incremental delivery the server has more to send.
        if host::has_next(result) {
            self.connection.borrow_mut().leave(id, now());
        } else {
            self.connection.borrow_mut().leave_answered(id, now());
        }
        consumer.over();
    }

    /// The task has the one result that it wanted.
    pub fn answered(&self, id: OperationId, consumer: &Consumer, result: &JsValue) {
        self.leave_answered(id, consumer, result);
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
        self.trace("!", || ["ping ", payload.unwrap_or_default()].concat());
        let sent = self.connection.borrow_mut().send_ping(payload);
        self.flush();
        sent
    }

    pub fn send_pong(&self, payload: Option<&str>) -> Result<(), Error<JsValue>> {
        self.trace("!", || ["pong ", payload.unwrap_or_default()].concat());
        let sent = self.connection.borrow_mut().send_pong(payload);
        self.flush();
        sent
    }

    /// The headers of the server's answer to the last handshake, where the host tells them.
    pub fn response_headers(&self) -> JsValue {
        host::response_headers(&self.events.object())
    }

    /// What has to be held for as long as the transport is in use; from now on by who calls this.
    pub fn hand_over(&self) -> JsValue {
        self.events.hand_over()
    }

    /// How the last connection ended, as the user is told.
    pub fn close_reason(&self) -> JsValue {
        host::close_reason(&self.events.object())
    }

    /// Adds a listener for a kind of event, and gives what takes it away again.
    pub fn on(&self, kind: &str, listener: &Function) -> Function {
        let off = host::add_listener(&self.events.object(), kind, listener);
        self.choose_way();
        off
    }

    /// Whether every frame is looked at, by the user's `trace` or a listener.
    fn shows_frames(&self) -> bool {
        self.host.traced || host::has_listener(&self.events.object(), "message")
    }

    /// Results go the short way, unless somebody wants to see the frames.
    fn choose_way(&self) {
        let result_type = self.read(Connection::result_type);
        let short = result_type.filter(|_| !self.shows_frames());
        host::set_result_type(&self.events.object(), short);
    }

    /// A line for the user's `trace`.
    fn trace(&self, mark: &str, what: impl FnOnce() -> String) {
        if self.host.traced {
            let at = Instant(now().0.saturating_sub(self.made.0));
            host::call_trace(&self.events.object(), &trace::line(at, mark, &what()));
        }
    }

    fn listen(&self, signal: &JsValue, id: OperationId) -> Option<AbortListener> {
        // One that refuses listeners cannot be heard.
        let stop = host::listen_abort(signal, &self.events.object(), id).ok()?;
        Some(AbortListener::new(stop))
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
            JSON_FRAME => {
                self.trace("<", || value.to_json());
                self.events.emit("message", &value);
                Frame::Json(value)
            }
            TEXT_FRAME => {
                let text = value.as_string().unwrap_or_default();
                self.trace("<", || text.clone());
                Frame::NotJson(text)
            }
            _ => {
                self.trace("<", || "binary".to_owned());
                Frame::Binary
            }
        };
        self.connection
            .borrow_mut()
            .recv_frame(attempt, frame, now());
        self.flush();
    }

    fn on_opened(&self, attempt: Attempt, subprotocol: &str) {
        self.trace("<", || ["opened ", subprotocol].concat());
        self.connection
            .borrow_mut()
            .recv_opened(attempt, subprotocol, now());
        self.choose_way();
        self.flush();
    }

    fn on_error(&self, attempt: Attempt, message: &str, said: JsValue) {
        self.trace("<", || ["error ", message].concat());
        self.connection
            .borrow_mut()
            .recv_socket_error(attempt, message, said);
        self.flush();
    }

    fn on_closed(&self, attempt: Attempt, close: Close) {
        self.trace("<", || ["closed ", &trace::close(&close)].concat());
        self.connection
            .borrow_mut()
            .recv_closed(attempt, close, now());
        self.flush();
    }

    fn on_aborted(&self, id: OperationId, reason: JsValue) {
        if id == CONNECT {
            if let Some(connecting) = self.connecting.borrow_mut().as_mut() {
                connecting.aborted = Some(reason);
            }
            self.trace("!", || "close".to_owned());
            self.connection.borrow_mut().close(now());
        } else {
            let consumer = self.read(|connection| connection.consumer(id).cloned());
            if let Some(consumer) = consumer {
                self.trace("!", || ["leave ", &id.to_string()].concat());
                self.connection.borrow_mut().leave(id, now());
                consumer.abort(reason);
            }
        }
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
        if self.host.traced
            && let Some((mark, text)) = trace::redacted(&output)
        {
            self.trace(mark, || text);
        }
        match output {
            Output::AskUrl { attempt } => self.ask_url(attempt),
            Output::AskInitPayload { attempt } => self.ask_init_payload(attempt),
            Output::Open {
                attempt,
                url,
                subprotocols,
            } => {
                host::begin_attempt(&self.events.object(), attempt);
                match self.open(&url, &subprotocols) {
                    Ok(socket) if self.read(|connection| connection.is_opening(attempt)) => {
                        *self.socket.borrow_mut() = Some(socket.clone());
                        if let Err(thrown) = host::attach(&socket, attempt, &self.events.object()) {
                            self.on_socket_failed(attempt, thrown);
                        }
                    }
                    // The class may be the user's, and have closed us while it was constructed.
                    Ok(socket) => give_up(&socket),
                    Err(thrown) => self.on_socket_failed(attempt, thrown),
                }
            }
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
            Output::Connected => {
                let payload = self.read(|connection| connection.payloads().connection_ack.clone());
                let detail = record([("payload", payload.unwrap_or(JsValue::NULL))]);
                self.events.emit("connected", &detail);
                self.connected(Ok(()));
            }
            Output::ConnectFailed(error) => self.connected(Err(error)),
            Output::Wake(id) => {
                let consumer = self.read(|connection| connection.consumer(id).cloned());
                if let Some(consumer) = consumer {
                    self.serve(id, &consumer);
                }
            }
            Output::Closed(reason) => {
                let told = told(reason);
                host::set_close_reason(&self.events.object(), &told);
                self.events.emit("closed", &told);
                let waiting = self.waiting_for_close.take();
                for done in waiting {
                    // It is no matter if nobody waits any more.
                    let _ = done.send(());
                }
            }
            Output::Event(event) => self.tell(event),
        }
    }

    fn tell(&self, event: Event<JsValue>) {
        let liveness = |received: bool, payload: Option<JsValue>| {
            record([
                ("received", received.into()),
                ("payload", payload.unwrap_or(JsValue::NULL)),
            ])
        };
        let (kind, detail) = match event {
            Event::Connecting { retry } => ("connecting", record([("retry", retry.into())])),
            Event::Opened => {
                let dialect = self.read(Connection::dialect);
                let name = dialect.map_or(JsValue::NULL, |dialect| dialect.name().into());
                ("opened", record([("subprotocol", name)]))
            }
            Event::Ping { received, payload } => ("ping", liveness(received, payload)),
            Event::Pong { received, payload } => ("pong", liveness(received, payload)),
            Event::Error(error) => ("error", error::to_js(error)),
        };
        self.events.emit(kind, &detail);
    }

    fn ask_url(&self, attempt: Attempt) {
        let read = self.host.read_url;
        match &self.host.url {
            Source::Value(url) => self.answer_url(attempt, Ok(url.clone())),
            Source::Function => self.ask("url", move |driver, given| {
                driver.answer_url(attempt, given.and_then(|value| read(&value)));
            }),
        }
    }

    fn answer_url(&self, attempt: Attempt, url: Result<String, JsValue>) {
        let answer = url.map_err(|thrown| Error::url_failed(&error::message_of(&thrown), thrown));
        self.trace("!", || match &answer {
            Ok(url) => ["url ", &core_error::without_secrets(url)].concat(),
            Err(_) => "url-fails".to_owned(),
        });
        self.connection.borrow_mut().recv_url(attempt, answer);
        self.flush();
    }

    fn ask_init_payload(&self, attempt: Attempt) {
        let read = self.host.read_init_payload;
        match &self.host.init_payload {
            Source::Value(payload) => self.answer_init_payload(attempt, Ok(payload.clone())),
            Source::Function => self.ask("initPayload", move |driver, given| {
                driver.answer_init_payload(attempt, given.and_then(|value| read(&value)));
            }),
        }
    }

    fn answer_init_payload(&self, attempt: Attempt, payload: Result<Option<String>, JsValue>) {
        let answer = payload
            .map_err(|thrown| Error::init_payload_failed(&error::message_of(&thrown), thrown));
        self.trace("!", || match &answer {
            Ok(Some(_)) => ["init-payload ", trace::REDACTED].concat(),
            Ok(None) => "init-payload".to_owned(),
            Err(_) => "init-payload-fails".to_owned(),
        });
        self.connection
            .borrow_mut()
            .recv_init_payload(attempt, answer);
        self.flush();
    }

    /// Calls a function of the user's, which may give a promise or throw.
    fn ask(&self, name: &str, answer: impl FnOnce(&Driver, Result<JsValue, JsValue>) + 'static) {
        let function = self.events.given(name);
        let Some(function) = function.dyn_ref::<Function>() else {
            // The transport's own object is gone, and nobody waits for it.
            return;
        };
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
        let class = match self.events.given("webSocket").dyn_into::<Function>() {
            Ok(class) => class,
            Err(_) => host::host_web_socket()?.ok_or_else(|| {
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
        host::open_socket(&class, url, &offered, &self.events.given("args"))
    }

    fn on_socket_failed(&self, attempt: Attempt, thrown: JsValue) {
        let message = if thrown.is_string() || self.events.given("args").is_undefined() {
            error::message_of(&thrown)
        } else {
            // The host may repeat what was handed on to it, and credentials may be among it. What
            // we throw ourselves is a text.
            "it throws what is the `cause` of this error".to_owned()
        };
        self.trace("<", || ["refuses ", &message].concat());
        self.connection
            .borrow_mut()
            .recv_socket_failed(attempt, &message, thrown);
        self.flush();
    }

    fn connected(&self, result: Result<(), Error<JsValue>>) {
        let connecting = self.connecting.borrow_mut().take();
        if let Some(Connecting { done, aborted, .. }) = connecting {
            let result = result.map_err(|error| match aborted {
                Some(reason) => NotConnected::Aborted(reason),
                None => NotConnected::Failed(error),
            });
            // It is no matter if nobody waits any more.
            let _ = done.send(result);
        }
    }

    /// Gives those who wait for an operation what its queue has.
    fn serve(&self, id: OperationId, consumer: &Consumer) {
        if consumer.wake() {
            return;
        }
        while consumer.is_waiting() {
            match self.poll(id, consumer) {
                Polled::Result(result) if consumer.wants_one() => {
                    self.leave_answered(id, consumer, &result);
                    consumer.settle_result(result);
                    self.flush();
                }
                Polled::Result(result) => consumer.settle_result(result),
                Polled::Ended(None) if consumer.wants_one() => {
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

/// How a connection ended, as the user is told.
fn told(CloseReason { close, error }: CloseReason<JsValue>) -> JsValue {
    let code = close.as_ref().map(|close| close.code);
    let was_clean = close.as_ref().is_some_and(|close| close.was_clean);
    record([
        ("code", code.map_or(JsValue::NULL, JsValue::from)),
        (
            "reason",
            close.map(|close| close.reason).unwrap_or_default().into(),
        ),
        ("wasClean", was_clean.into()),
        ("error", error.map_or(JsValue::NULL, error::to_js)),
    ])
}

/// Why a signal has been aborted, if it has.
fn aborted(signal: &JsValue) -> Option<JsValue> {
    host::abort_reason(signal).map(|reason| reason.get(0))
}

fn now() -> Instant {
    Instant(host::now() as u64)
}
