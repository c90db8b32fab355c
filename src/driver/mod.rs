//! The driver: gives the core a WebSocket, a timer and the user's functions, and tells consumers
//! that the core has something for them.
//!
//! No borrow of the core spans a call into JavaScript, since such a call may come back here: one
//! output is taken, the borrow ends, the output is performed.

pub mod error;
pub mod host;
mod json;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use crate::close_code;
use crate::config::Config;
use crate::connection::{Attempt, CloseReason, Connection, Event, Output, TransportState};
use crate::error::{Close, Error};
use crate::message::{Frame, OperationId};
use crate::operations::{Polled, Request};
use crate::protocol::{Dialect, Offer};
use crate::text::{concat, decimal};
use crate::time::Instant;

/// The longest time that hosts' timers can count: 31 bits of milliseconds.
const LONGEST_TIMEOUT: u64 = i32::MAX as u64;

/// What the host calls the driver for; `host.js` has the same numbers.
const RESULT: u32 = 0;
const FRAME: u32 = 1;
const NOT_JSON: u32 = 2;
const BINARY: u32 = 3;
const OPENED: u32 = 4;
const SOCKET_ERROR: u32 = 5;
const CLOSED: u32 = 6;
const SOCKET_FAILED: u32 = 7;
const URL_GIVEN: u32 = 8;
const URL_FAILED: u32 = 9;
const INIT_PAYLOAD_GIVEN: u32 = 10;
const INIT_PAYLOAD_FAILED: u32 = 11;
const ABORTED: u32 = 12;
const COMPLETE: u32 = 13;

/// Stands for `connect` among the ids of what a signal can abort: no operation has it.
const CONNECT: OperationId = 0;

/// What for, the attempt to connect, a number, a value, a text.
type Dispatch = Closure<dyn Fn(u32, u32, u32, JsValue, JsValue)>;

/// How `connect` or `close` ended.
pub type Ended = Result<(), Rc<Error<JsValue>>>;

/// Who consumes an operation.
pub trait Consumer: Sized + 'static {
    /// Who waits for the end of `connect` or `close`, on the same side as the consumer.
    type Waiter;

    fn tell(waiter: Self::Waiter, ended: Ended);

    /// The operation's queue has something, or its end: see [`Driver::poll`].
    fn wake(&self, driver: &Driver<Self>, id: OperationId);

    /// The operation was left: nothing more comes.
    fn dismiss(&self);
}

type Core<C> = Connection<JsValue, Rc<C>>;

pub struct Driver<C: Consumer> {
    me: Weak<Driver<C>>,
    /// A WeakRef to the JavaScript side: see the class `Host`.
    host: JsValue,
    connection: RefCell<Core<C>>,
    socket: RefCell<Option<WebSocket>>,
    flushing: Cell<bool>,
    timer: RefCell<Option<(Instant, Timeout)>>,
    connecting: Cell<Option<C::Waiter>>,
    closing: RefCell<Vec<C::Waiter>>,
    traced: bool,
    _dispatch: Dispatch,
}

impl<C: Consumer> Driver<C> {
    /// `host`: the JavaScript side, which somebody has to hold. `traced`: whether it has a `trace`.
    pub fn new(config: Config, host: &JsValue, traced: bool) -> Rc<Self> {
        Rc::new_cyclic(|me: &Weak<Self>| {
            let driver = me.clone();
            // `Fn`, as the host can call from within what it is called for.
            let dispatch: Dispatch = Closure::new(move |what, attempt, number, value, text| {
                if let Some(driver) = driver.upgrade() {
                    driver.dispatch(what, attempt, number, value, text);
                }
            });
            Driver {
                me: me.clone(),
                host: host::begin(host, dispatch.as_ref()),
                connection: RefCell::new(Connection::new(config)),
                socket: RefCell::new(None),
                flushing: Cell::new(false),
                timer: RefCell::new(None),
                connecting: Cell::new(None),
                closing: RefCell::new(Vec::new()),
                traced,
                _dispatch: dispatch,
            }
        })
    }

    /// Looks at the connection.
    pub fn read<T>(&self, look: impl FnOnce(&Core<C>) -> T) -> T {
        look(&self.connection.borrow())
    }

    // ---- what the user does ---------------------------------------------------

    pub fn connect(&self, waiter: C::Waiter) {
        self.note(&["connect"]);
        let started = self.connection.borrow_mut().connect(now());
        if started.is_ok() {
            self.connecting.set(Some(waiter));
            self.flush();
        } else {
            C::tell(waiter, started);
        }
    }

    pub fn close(&self, waiter: C::Waiter) {
        self.note(&["close"]);
        self.connection.borrow_mut().close(now());
        self.wait_closed(waiter);
        self.flush();
    }

    pub fn wait_closed(&self, waiter: C::Waiter) {
        match self.read(Connection::state) {
            TransportState::Idle | TransportState::Closed => C::tell(waiter, Ok(())),
            _ => self.closing.borrow_mut().push(waiter),
        }
    }

    pub fn subscribe(&self, request: Request, consumer: Rc<C>) -> OperationId {
        let verb = match request.one_answer {
            false => "subscribe",
            true => "execute",
        };
        let how = match request.send_stop {
            true => " ",
            false => "-without-stop ",
        };
        self.note(&[verb, how, &request.payload]);
        let id = self.connection.borrow_mut().subscribe(request, consumer);
        self.flush();
        id
    }

    /// Takes what stands at the head of an operation's queue.
    pub fn poll(&self, id: OperationId) -> Polled<JsValue> {
        self.connection.borrow_mut().poll_operation(id)
    }

    /// The consumer wants no more.
    pub fn leave(&self, id: OperationId) {
        let consumer = self.consumer(id);
        if let Some(consumer) = consumer {
            self.note(&["leave ", &decimal(id)]);
            self.connection.borrow_mut().leave(id, now());
            consumer.dismiss();
            self.flush();
        }
    }

    /// The consumer has the one result that it wanted. What follows from it is not yet performed:
    /// see [`flush`](Self::flush).
    pub fn answered(&self, id: OperationId, answer: &JsValue) {
        self.connection
            .borrow_mut()
            .leave_answered(id, answer, now());
    }

    /// `payload`: JSON text.
    pub fn send_ping(&self, payload: Option<&str>) -> Ended {
        self.note(&["ping ", payload.unwrap_or_default()]);
        let sent = self.connection.borrow_mut().send_ping(payload);
        self.flush();
        sent
    }

    /// `payload`: JSON text.
    pub fn send_pong(&self, payload: Option<&str>) -> Ended {
        self.note(&["pong ", payload.unwrap_or_default()]);
        let sent = self.connection.borrow_mut().send_pong(payload);
        self.flush();
        sent
    }

    /// Who consumes an operation; `None` after its end was told.
    pub fn consumer(&self, id: OperationId) -> Option<Rc<C>> {
        self.read(|connection| connection.consumer(id).cloned())
    }

    /// A line of what the user does for the user's `trace`.
    pub fn note(&self, what: &[&str]) {
        if self.traced {
            self.tell("!", &concat(what));
        }
    }

    fn tell(&self, mark: &str, what: &str) {
        host::note(&self.host, mark, what, &JsValue::UNDEFINED);
    }

    // ---- what the host says -----------------------------------------------------

    fn dispatch(&self, what: u32, attempt: Attempt, number: u32, value: JsValue, text: JsValue) {
        if what == RESULT {
            return self.on_result(attempt, number, value);
        }
        if what == ABORTED && number != CONNECT {
            return self.leave(number);
        }
        self.tell_core(what, attempt, number, value, text.as_string());
        self.flush();
    }

    fn on_result(&self, attempt: Attempt, id: OperationId, result: JsValue) {
        let consumer = {
            let mut connection = self.connection.borrow_mut();
            let time = if connection.wants_clock() {
                now()
            } else {
                Instant(0)
            };
            connection
                .recv_result(attempt, id, result, time)
                .map(|operation| operation.consumer().clone())
        };
        match consumer {
            Some(consumer) => consumer.wake(self, id),
            None => self.flush(),
        }
    }

    fn on_timeout(&self) {
        self.timer.borrow_mut().take();
        self.connection.borrow_mut().handle_timeout(now());
        self.flush();
    }

    fn tell_core(
        &self,
        what: u32,
        attempt: Attempt,
        number: u32,
        value: JsValue,
        given: Option<String>,
    ) {
        let now = now();
        let connection = &mut *self.connection.borrow_mut();
        if what == INIT_PAYLOAD_GIVEN {
            return connection.recv_init_payload(attempt, Ok(given));
        }
        let text = given.unwrap_or_default();
        match what {
            FRAME => connection.recv_frame(attempt, Frame::Json(value), now),
            NOT_JSON => connection.recv_frame(attempt, Frame::NotJson(text), now),
            BINARY => connection.recv_frame(attempt, Frame::Binary, now),
            OPENED => connection.recv_opened(attempt, &text, now),
            SOCKET_ERROR => connection.recv_socket_error(attempt, &text, value),
            CLOSED => {
                let close = Close {
                    code: number as u16,
                    reason: text,
                    was_clean: value.is_truthy(),
                };
                connection.recv_closed(attempt, close, now);
            }
            SOCKET_FAILED => connection.recv_socket_failed(attempt, &text, value),
            URL_GIVEN => connection.recv_url(attempt, Ok(text)),
            URL_FAILED => connection.recv_url(attempt, Err(Error::url_failed(&text, value))),
            INIT_PAYLOAD_FAILED => {
                let error = Error::init_payload_failed(&text, value);
                connection.recv_init_payload(attempt, Err(error));
            }
            ABORTED => connection.close(now),
            COMPLETE => connection.recv_complete(attempt, number, now),
            _ => {}
        }
    }

    // ---- what the core wants ------------------------------------------------------

    /// Performs what the core wants, in its order: a call from within one that is performed only
    /// adds to what the outer call will find.
    pub fn flush(&self) {
        if self.flushing.replace(true) {
            return;
        }
        loop {
            let outputs = self.connection.borrow_mut().take_outputs();
            if outputs.is_empty() {
                break;
            }
            for output in outputs {
                self.perform(output);
            }
        }
        self.flushing.set(false);
        self.arm_timer();
    }

    fn perform(&self, output: Output<JsValue>) {
        match output {
            Output::AskUrl { attempt } => host::ask_url(&self.host, attempt),
            Output::AskInitPayload { attempt } => host::ask_init_payload(&self.host, attempt),
            Output::Open {
                attempt,
                url,
                subprotocols,
            } => self.open(attempt, &url, subprotocols),
            Output::Transmit(text) => {
                if self.traced {
                    self.tell(">", &text);
                }
                let socket = self.socket.borrow().clone();
                let attempt = self.read(Connection::attempt);
                if let Some(socket) = socket
                    && let Err(thrown) = socket.send_with_str(&text)
                {
                    host::refused(&self.host, attempt, &thrown);
                }
            }
            Output::CloseSocket { code, reason } => {
                if self.traced {
                    let space = if reason.is_empty() { "" } else { " " };
                    let line = concat(&["close ", &decimal(code.into()), space, reason]);
                    self.tell(">", &line);
                }
                let socket = self.socket.borrow().clone();
                if let Some(socket) = socket {
                    // Hosts throw for codes and reasons that they do not allow; ours they do.
                    let _ = socket.close_with_code_and_reason(code, reason);
                }
            }
            Output::DropSocket { terminate } => {
                if self.traced {
                    let line = if terminate { "drop, terminate" } else { "drop" };
                    self.tell(">", line);
                }
                let socket = self.socket.borrow_mut().take();
                if let Some(socket) = socket {
                    host::drop(&self.host, &socket, terminate);
                }
            }
            Output::Connected => {
                let payload = self.read(|connection| connection.payloads().connection_ack.clone());
                host::connected(&self.host, &payload.unwrap_or_default());
                self.connected(Ok(()));
            }
            Output::ConnectFailed(error) => {
                if self.traced {
                    host::note(&self.host, "=", "connect fails", &error::to_js(&error));
                }
                self.connected(Err(error));
            }
            Output::Wake(id) => {
                if let Some(consumer) = self.consumer(id) {
                    consumer.wake(self, id);
                }
            }
            Output::Closed(CloseReason { close, error }) => {
                let close = close.unwrap_or(Close {
                    code: 0,
                    reason: String::new(),
                    was_clean: false,
                });
                let error = error.as_deref().map(error::to_js).unwrap_or_default();
                host::closed(
                    &self.host,
                    close.code,
                    &close.reason,
                    close.was_clean,
                    &error,
                );
                for waiter in self.closing.take() {
                    C::tell(waiter, Ok(()));
                }
            }
            Output::Event(event) => match event {
                Event::Connecting { retry } => host::connecting(&self.host, retry),
                Event::Opened => {
                    let (dialect, result_type) = self.read(|connection| {
                        let dialect = connection.dialect().map(Dialect::name);
                        let result_type = connection.result_type();
                        (dialect.unwrap_or_default(), result_type.unwrap_or_default())
                    });
                    host::opened(&self.host, dialect, result_type);
                }
                Event::Ping { received, payload } => {
                    host::pinged(&self.host, false, received, &payload.unwrap_or_default());
                }
                Event::Pong { received, payload } => {
                    host::pinged(&self.host, true, received, &payload.unwrap_or_default());
                }
                Event::Error(error) => host::erred(&self.host, &error::to_js(&error)),
            },
        }
    }

    fn open(&self, attempt: Attempt, url: &str, subprotocols: Offer) {
        let mut names = subprotocols.iter().map(|dialect| dialect.name());
        let first = names.next().unwrap_or_default();
        let second = names.next().unwrap_or_default();
        let Some(socket) = host::open(&self.host, attempt, url, first, second) else {
            return;
        };
        if self.read(|connection| connection.is_opening(attempt)) {
            *self.socket.borrow_mut() = Some(socket.clone());
            host::attach(&self.host, attempt, &socket);
        } else {
            // The class may be the user's, and have closed us while it was constructed.
            self.give_up(&socket);
        }
    }

    fn connected(&self, ended: Ended) {
        if let Some(waiter) = self.connecting.take() {
            C::tell(waiter, ended);
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
        self.timer.borrow_mut().replace((deadline, timeout));
    }

    /// Closes a socket that nobody needs, and hears no more of it.
    fn give_up(&self, socket: &WebSocket) {
        host::drop(&self.host, socket, false);
        // Whatever it throws, it is no longer ours to mend.
        let _ = socket.close_with_code(close_code::NORMAL);
    }
}

impl<C: Consumer> Drop for Driver<C> {
    fn drop(&mut self) {
        // Nobody can use the connection any more. What the host would call goes.
        host::end(&self.host);
        if let Some(socket) = self.socket.take() {
            self.give_up(&socket);
        }
    }
}

fn now() -> Instant {
    Instant(host::now() as u64)
}
