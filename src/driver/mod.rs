//! The driver: gives the core a WebSocket, a timer and the user's functions, and tells consumers
//! that the core has something for them.
//!
//! No borrow of the core spans a call into JavaScript, since such a call may come back here: one
//! output is taken, the borrow ends, the output is performed.

mod json;
mod socket;
pub(crate) mod thrown;
pub(crate) mod url;

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::{Rc, Weak};

use gloo_timers::callback::Timeout;
use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use crate::core::client::{Client, Thrown, TransportState};
use crate::core::config::Config;
use crate::core::dialect::Offer;
use crate::core::error::{Close, Error};
use crate::core::message::{Frame, Liveness, OperationId, Parts};
use crate::core::network::Hint;
use crate::core::operations::{Polled, Request};
use crate::core::output::{AskId, Attempt, CloseReason, ConnectId, Event, Output, Question};
use crate::core::retry::Verdict;
use crate::core::status::Status;
use crate::core::time::{Instant, Millis};
use socket::{Socket, SocketListener};

/// How late the host's timer has to be to show that the host stood still. What the server has sent
/// meanwhile may wait behind the timer, so the host gets one more turn before a deadline is acted upon.
const STALL: Millis = Millis(100);

/// The longest time that hosts' timers can count: 31 bits of milliseconds.
const LONGEST_TIMEOUT: u64 = i32::MAX as u64;

/// How `connect` or `close` ended.
pub(crate) type Ended = Result<(), Rc<Error<JsValue>>>;

/// Who a driver works for: what the user gave, and who consumes what comes.
pub(crate) trait Host: Sized + 'static {
    /// Who consumes an operation.
    type Consumer: 'static;

    /// Who waits for the end of `connect` or `close`.
    type Waiter: 'static;

    /// Has a user function answer, now or later: see [`Driver::answer`].
    fn ask(&self, driver: &Driver<Self>, ask: AskId, question: Question<JsValue>);

    /// Makes a socket.
    fn open(&self, url: &str, offer: Offer) -> Result<WebSocket, JsValue>;

    /// What a value that the host threw says of itself, for an error message.
    fn describe(&self, thrown: &JsValue) -> String;

    /// The server acknowledged, with this payload. `reconnected`: see [`Output::Connected`].
    fn connected(&self, payload: Option<JsValue>, reconnected: bool);

    /// What a user interface shows of a client has changed.
    fn status(&self, status: &Status<JsValue>);

    fn event(&self, event: Event<JsValue>);

    /// A message came that somebody [watches](Driver::watch_messages); it has had no effect yet.
    fn message(&self, frame: &JsValue);

    /// The connection has failed, and nobody has been told yet.
    fn ending(&self, reason: CloseReason<JsValue>);

    fn closed(&self, reason: CloseReason<JsValue>);

    /// A line for the user's `trace`.
    fn trace(&self, line: Parts<JsValue>);

    fn tell(waiter: Self::Waiter, ended: Ended);

    /// The operation's queue has something, or its end: see [`Driver::poll`].
    fn wake(driver: &Driver<Self>, id: OperationId, consumer: &Self::Consumer);

    /// The server has the operation: for sure if `confirmed`, or as far as time can tell.
    fn active(_consumer: &Self::Consumer, _confirmed: bool) {}

    /// The server will not have the operation.
    fn not_active(_consumer: &Self::Consumer, _error: Option<Rc<Error<JsValue>>>) {}

    /// Whether a result is one that did not come before.
    fn examine(_consumer: &Self::Consumer, _result: &JsValue) -> bool {
        true
    }

    /// The operation was left: nothing more comes.
    fn dismiss(_consumer: &Self::Consumer) {}
}

type Core<H> = Client<JsValue, Rc<<H as Host>::Consumer>>;

pub(crate) struct Driver<H: Host> {
    me: Weak<Driver<H>>,
    host: H,
    client: RefCell<Core<H>>,
    socket: RefCell<Option<Rc<Socket>>>,
    flushing: Cell<bool>,
    timer: RefCell<Option<(Instant, Timeout)>>,
    /// Whether the timer was late, and the host was given one more turn.
    is_deferred: Cell<bool>,
    /// Who waits for `connect`, in order: its outcome may still have to be performed when the next
    /// one begins.
    connecting: RefCell<VecDeque<(ConnectId, H::Waiter)>>,
    /// Who waits for the end of a connection, with its [life](Client::life).
    closing: RefCell<Vec<(u32, H::Waiter)>>,
    /// Whether there is a `trace`, which wants to see every message.
    traced: bool,
    /// Whether somebody else wants to.
    watched: Cell<bool>,
}

impl<H: Host> Driver<H> {
    pub(crate) fn new(config: Config, host: H) -> Rc<Self> {
        let traced = config.traced;
        let driver = Rc::new_cyclic(|me: &Weak<Self>| Driver {
            me: me.clone(),
            host,
            client: RefCell::new(Client::new(config, now())),
            socket: RefCell::new(None),
            flushing: Cell::new(false),
            timer: RefCell::new(None),
            is_deferred: Cell::new(false),
            connecting: RefCell::default(),
            closing: RefCell::default(),
            traced,
            watched: Cell::new(false),
        });
        driver.flush();
        driver
    }

    pub(crate) fn downgrade(&self) -> Weak<Self> {
        self.me.clone()
    }

    pub(crate) fn host(&self) -> &H {
        &self.host
    }

    /// Looks at the core.
    pub(crate) fn read<T>(&self, look: impl FnOnce(&Core<H>) -> T) -> T {
        look(&self.client.borrow())
    }

    /// Has the core do something, and performs what follows.
    fn with<T>(&self, action: impl FnOnce(&mut Core<H>, Instant) -> T) -> T {
        let now = now();
        let done = action(&mut self.client.borrow_mut(), now);
        self.flush();
        done
    }

    // ---- what the user does ---------------------------------------------------

    /// Connects if the client is not lazy.
    pub(crate) fn start(&self) {
        self.with(Client::start);
    }

    pub(crate) fn connect(&self, waiter: H::Waiter) {
        let started = self.client.borrow_mut().connect(now());
        self.await_connect(started, waiter);
        self.flush();
    }

    pub(crate) fn reconnect(&self, waiter: H::Waiter) {
        let started = self.client.borrow_mut().reconnect(now());
        self.await_connect(Ok(started), waiter);
        self.flush();
    }

    fn await_connect(
        &self,
        started: Result<Option<ConnectId>, Rc<Error<JsValue>>>,
        waiter: H::Waiter,
    ) {
        match started {
            Ok(Some(id)) => self.connecting.borrow_mut().push_back((id, waiter)),
            Ok(None) => H::tell(waiter, Ok(())),
            Err(error) => H::tell(waiter, Err(error)),
        }
    }

    /// Whoever called `connect` wants it no more, unless that is told already. A transport gives the
    /// attempt up; that of a client may be needed by others.
    #[cfg(feature = "exports")]
    pub(crate) fn abandon_connect(&self, id: ConnectId) {
        let mut connecting = self.connecting.borrow_mut();
        let Some(at) = connecting.iter().position(|(waiting, _)| *waiting == id) else {
            return;
        };
        if self.read(Client::is_client) {
            connecting.remove(at);
            drop(connecting);
            self.with(|client, now| client.abandon_connect(id, now));
        } else {
            drop(connecting);
            self.with(Client::close);
        }
    }

    /// What the host tells of its network and its page.
    pub(crate) fn notify(&self, hint: Hint) {
        self.with(|client, now| client.notify(hint, now));
    }

    /// Has the host told when the server has an operation.
    #[cfg(feature = "exports")]
    pub(crate) fn watch(&self, id: OperationId) {
        self.with(|client, now| client.watch(id, now));
    }

    pub(crate) fn close(&self, waiter: H::Waiter) {
        self.client.borrow_mut().close(now());
        self.wait_closed(waiter);
        self.flush();
    }

    pub(crate) fn wait_closed(&self, waiter: H::Waiter) {
        match self.read(Client::state) {
            TransportState::Idle | TransportState::Closed => H::tell(waiter, Ok(())),
            _ => {
                let life = self.read(Client::life);
                self.closing.borrow_mut().push((life, waiter));
            }
        }
    }

    pub(crate) fn subscribe(
        &self,
        request: Request<JsValue>,
        consumer: Rc<H::Consumer>,
    ) -> OperationId {
        self.with(|client, now| client.subscribe(request, consumer, now))
    }

    /// Takes what stands at the head of an operation's queue.
    pub(crate) fn poll(&self, id: OperationId) -> Polled<JsValue> {
        self.client.borrow_mut().poll_operation(id)
    }

    /// The consumer wants no more.
    pub(crate) fn leave(&self, id: OperationId) {
        let left = self.client.borrow_mut().leave(id, now());
        if let Some(consumer) = left {
            H::dismiss(&consumer);
            self.flush();
        }
    }

    /// The consumer has the one result that it wanted. What follows from it is not yet performed:
    /// see [`flush`](Self::flush).
    pub(crate) fn answered(&self, id: OperationId, answer: &JsValue) {
        self.client.borrow_mut().leave_answered(id, answer, now());
    }

    /// Sends a `ping` or a `pong`; `payload`: JSON text.
    pub(crate) fn send(&self, what: Liveness, payload: Option<JsValue>) -> Ended {
        self.with(|client, now| client.send(what, payload, now))
    }

    /// Hands the consumer of an operation what there is.
    pub(crate) fn wake(&self, id: OperationId) {
        if let Some(consumer) = self.consumer(id) {
            H::wake(self, id, &consumer);
        }
    }

    /// Whether somebody wants to see every message: then none takes the short way.
    #[cfg(feature = "exports")]
    pub(crate) fn watch_messages(&self, watched: bool) {
        self.watched.set(watched);
        self.set_short_way();
    }

    // ---- what the user's functions answer ----------------------------------------

    /// The answer to [`Host::ask`]: a host string, or `None` for nothing.
    pub(crate) fn answer(&self, ask: AskId, answer: Result<Option<JsValue>, Thrown<JsValue>>) {
        self.with(|client, now| client.recv_answer(ask, answer, now));
    }

    /// The answer to [`Question::Verdict`]; `None` for what was proposed.
    pub(crate) fn answer_verdict(&self, ask: AskId, verdict: Option<Verdict>) {
        self.with(|client, now| client.recv_verdict(ask, verdict, now));
    }

    /// The answer to [`Question::Delay`]; `None` for what was proposed.
    pub(crate) fn answer_delay(&self, ask: AskId, delay: Option<Millis>) {
        self.with(|client, now| client.recv_delay(ask, delay, now));
    }

    /// The answer to [`Question::Resume`]: JSON text and a cursor, or `None` for the request as it was.
    pub(crate) fn answer_request(
        &self,
        ask: AskId,
        answer: Result<Option<(JsValue, JsValue)>, Thrown<JsValue>>,
    ) {
        self.with(|client, now| client.recv_request(ask, answer, now));
    }

    // ---- time -----------------------------------------------------------------------

    fn handle_timeout(&self) {
        let armed = self.timer.borrow_mut().take();
        let late = armed.map_or(Millis(0), |(deadline, _)| now().since(deadline));
        if late >= STALL && !self.is_deferred.replace(true) {
            return self.arm_timer();
        }
        self.is_deferred.set(false);
        self.with(Client::handle_timeout);
    }

    // ---- what the core wants ------------------------------------------------------

    /// Performs what the core wants, in its order: a call from within one that is performed only
    /// adds to what the outer call will find.
    pub(crate) fn flush(&self) {
        if self.flushing.replace(true) {
            return;
        }
        loop {
            let outputs = self.client.borrow_mut().take_outputs();
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
            Output::Ask { ask, question } => self.host.ask(self, ask, question),
            Output::Open {
                attempt,
                url,
                subprotocols,
            } => self.open(attempt, &url, subprotocols),
            Output::Send {
                message, starts, ..
            } => {
                let Some(socket) = self.socket() else {
                    return;
                };
                match (socket.send(message), starts) {
                    (Ok(false), Some(id)) => {
                        let attempt = socket.attempt();
                        self.with(|client, now| client.recv_unsent(attempt, id, now));
                    }
                    (Ok(_), _) => {}
                    (Err(thrown), starts) => {
                        let attempt = socket.attempt();
                        if let Some(id) = starts {
                            self.with(|client, now| client.recv_unsent(attempt, id, now));
                        }
                        self.refused(attempt, thrown);
                    }
                }
            }
            Output::AwaitTurnEnd => {
                let driver = self.me.clone();
                // A callback that the driver kept would be held until the driver is collected.
                at_turn_end(Closure::once_into_js(move || {
                    if let Some(driver) = driver.upgrade() {
                        driver.with(Client::recv_turn_end);
                    }
                }));
            }
            Output::CloseSocket { code, reason } => {
                if let Some(socket) = self.socket() {
                    socket.close(code, reason);
                }
            }
            Output::DropSocket { terminate } => {
                let socket = self.socket.borrow_mut().take();
                if let Some(socket) = socket {
                    socket.detach(terminate);
                }
            }
            Output::Connected {
                payload,
                reconnected,
                up_to,
            } => {
                self.set_short_way();
                self.host.connected(payload, reconnected);
                self.tell_connected(up_to, &Ok(()));
            }
            Output::ConnectFailed { error, up_to } => self.tell_connected(up_to, &Err(error)),
            Output::Wake(id) => self.wake(id),
            Output::Active { id, confirmed } => {
                if let Some(consumer) = self.consumer(id) {
                    H::active(&consumer, confirmed);
                }
            }
            Output::NotActive { id, error } => {
                if let Some(consumer) = self.consumer(id) {
                    H::not_active(&consumer, error);
                }
            }
            Output::Examine { id, result } => {
                let consumer = self.consumer(id);
                if consumer.is_some_and(|consumer| H::examine(&consumer, &result)) {
                    self.with(|client, now| client.recv_examined(id, result, now));
                }
            }
            Output::Status => {
                let status = self.client.borrow_mut().poll_status();
                if let Some(status) = status {
                    self.host.status(&status);
                }
            }
            Output::Ending(reason) => self.host.ending(reason),
            Output::Closed { reason, life } => {
                self.host.closed(reason);
                let closing = self.closing.take().into_iter();
                let (told, waiting): (Vec<_>, Vec<_>) =
                    closing.partition(|(waits_for, _)| *waits_for == life);
                self.closing.replace(waiting);
                for (_, waiter) in told {
                    H::tell(waiter, Ok(()));
                }
            }
            Output::Event(event) => self.host.event(event),
            Output::Trace(line) => self.host.trace(line),
        }
    }

    fn open(&self, attempt: Attempt, url: &str, offer: Offer) {
        let socket = match self.host.open(url, offer) {
            Ok(socket) => Rc::new(Socket::new(socket, attempt)),
            Err(thrown) => return self.refused(attempt, thrown),
        };
        if !self.read(|client| client.is_opening(attempt)) {
            // The class may be the user's, and have closed us while it was constructed.
            return socket.give_up();
        }
        *self.socket.borrow_mut() = Some(socket.clone());
        if let Err(thrown) = socket.listen(self.me.clone()) {
            self.refused(attempt, thrown);
        }
    }

    /// The host would not make a socket, take our handlers, or send.
    fn refused(&self, attempt: Attempt, thrown: JsValue) {
        let why = self.host.describe(&thrown);
        self.with(|client, now| client.recv_socket_failed(attempt, &why, thrown, now));
    }

    fn socket(&self) -> Option<Rc<Socket>> {
        self.socket.borrow().clone()
    }

    /// Tells who called `connect` up to that number.
    fn tell_connected(&self, up_to: ConnectId, ended: &Ended) {
        loop {
            let mut connecting = self.connecting.borrow_mut();
            // Numbers wrap.
            let is_told = |(id, _): &(ConnectId, _)| up_to.wrapping_sub(*id) < u32::MAX / 2;
            let next = connecting.front().is_some_and(is_told);
            let waiter = next.then(|| connecting.pop_front()).flatten();
            drop(connecting);
            let Some((_, waiter)) = waiter else {
                return;
            };
            H::tell(waiter, ended.clone());
        }
    }

    fn consumer(&self, id: OperationId) -> Option<Rc<H::Consumer>> {
        self.read(|client| client.consumer(id).cloned())
    }

    fn set_short_way(&self) {
        if let Some(socket) = self.socket() {
            let envelope = self.read(Client::result_envelope);
            let is_watched = self.traced || self.watched.get();
            socket.set_short_way(envelope.filter(|_| !is_watched));
        }
    }

    /// Sees to it that the host's timer fires no later than the core wants it.
    fn arm_timer(&self) {
        let deadline = self.read(Client::poll_timeout);
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
        let driver = self.me.clone();
        let timeout = Timeout::new(millis as u32, move || {
            if let Some(driver) = driver.upgrade() {
                driver.handle_timeout();
            }
        });
        self.timer.borrow_mut().replace((deadline, timeout));
    }
}

/// What the host says of the socket.
impl<H: Host> SocketListener for Driver<H> {
    fn opened(&self, attempt: Attempt, subprotocol: &str) {
        self.with(|client, now| client.recv_opened(attempt, subprotocol, now));
    }

    fn result(&self, attempt: Attempt, id: OperationId, result: JsValue) {
        let consumer = {
            let mut client = self.client.borrow_mut();
            client
                .recv_result(attempt, id, result, now)
                .map(|operation| operation.consumer().clone())
        };
        match consumer {
            Some(consumer) => H::wake(self, id, &consumer),
            None => self.flush(),
        }
    }

    fn complete(&self, attempt: Attempt, id: OperationId) {
        self.with(|client, now| client.recv_complete(attempt, id, now));
    }

    fn frame(&self, attempt: Attempt, frame: Frame<JsValue>) {
        if let Frame::Json(frame) = &frame
            && self.watched.get()
            && attempt == self.read(Client::attempt)
        {
            self.host.message(frame);
        }
        self.with(|client, now| client.recv_frame(attempt, frame, now));
    }

    fn error(&self, attempt: Attempt, message: &str, said: JsValue) {
        self.with(|client, now| client.recv_socket_error(attempt, message, said, now));
    }

    fn closed(&self, attempt: Attempt, close: Close) {
        self.with(|client, now| client.recv_closed(attempt, close, now));
    }
}

impl<H: Host> Drop for Driver<H> {
    fn drop(&mut self) {
        // Nobody can use the connection any more.
        if let Some(socket) = self.socket.take() {
            socket.give_up();
        }
    }
}

#[wasm_bindgen(module = "/src/driver/clock.js")]
extern "C" {
    /// Milliseconds on a clock that never goes back, and that counts sleep.
    #[wasm_bindgen(js_name = now)]
    fn clock() -> f64;
}

#[wasm_bindgen(module = "/src/driver/turn.js")]
extern "C" {
    #[wasm_bindgen(js_name = atTurnEnd)]
    fn at_turn_end(callback: JsValue);
}

fn now() -> Instant {
    Instant(clock() as u64)
}

thread_local! {
    /// When the clock began, as the wall clock tells it.
    static EPOCH: Cell<f64> = const { Cell::new(f64::NEG_INFINITY) };
}

/// A time of the core's in the host's: milliseconds since 1970. It is the same whenever it is asked for, unless
/// the wall clock is set meanwhile: the two clocks are not read at once, and differ by what comes between.
pub(crate) fn wall_time(instant: Instant) -> f64 {
    const SET: f64 = 1_000.0;
    let measured = js_sys::Date::now() - clock();
    let epoch = EPOCH.get();
    let epoch = if (measured - epoch).abs() > SET {
        measured
    } else {
        epoch
    };
    EPOCH.set(epoch);
    (epoch + instant.0 as f64).round()
}
