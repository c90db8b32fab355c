//! What a Rust app gives: the URL, its functions, and the tasks that read the results.

use std::cell::{Cell, RefCell};
use std::future::Future;
use std::pin::Pin;
use std::rc::Rc;
use std::task::Waker;
use std::time::Duration;

use futures_channel::oneshot;
use js_sys::{Array, Function, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::spawn_local;
use web_sys::WebSocket;

use super::dialect::{Chosen, Handshake};
use super::options::millis;
use crate::core::client::Thrown;
use crate::core::dialect::Offer;
use crate::core::message::{OperationId, Parts};
use crate::core::output::{AskId, CloseReason, Event, Question};
use crate::core::retry::{Failure, Verdict};
use crate::core::status::Status;
use crate::core::untrusted::escaped;
use crate::driver::thrown::message_of;
use crate::driver::{Driver, Ended, Host};

/// Asks for the payload of `connection_init`: JSON text, a host string.
pub(super) type AskInitPayload =
    Rc<dyn Fn() -> Pin<Box<dyn Future<Output = Result<JsValue, JsValue>>>>>;

/// The payload of `connection_init`.
#[derive(Clone, Default)]
pub(super) enum InitPayload {
    #[default]
    None,
    /// JSON text, a host string.
    Text(JsValue),
    Asked(AskInitPayload),
}

/// Decides about a failure; `None` for what is proposed.
type Decide = Rc<dyn Fn(&Failure<JsValue>) -> Option<Verdict>>;

/// Says how long to wait.
type Delay = Rc<dyn Fn(&Failure<JsValue>) -> Pin<Box<dyn Future<Output = Duration>>>>;

/// The user's functions about failures.
#[derive(Clone, Default)]
pub(super) struct RetryFunctions {
    pub(super) verdict: Option<Decide>,
    pub(super) delay: Option<Delay>,
}

pub(super) struct AppHost {
    pub(super) url: String,
    pub(super) init_payload: InitPayload,
    /// The class to make sockets with; `None` for the host's.
    pub(super) web_socket: Option<Function>,
    /// A dialect with a handshake of its own, and what it offers on this attempt.
    pub(super) dialect: Option<Chosen>,
    pub(super) subprotocols: RefCell<Vec<String>>,
    pub(super) trace: Option<Rc<dyn Fn(String)>>,
    /// How the last connection ended, with the cause of its error; `None` while there is one.
    pub(super) close_reason: RefCell<Option<CloseReason<JsValue>>>,
    // Of a client.
    pub(super) retry: RetryFunctions,
    /// How many times the status has changed, and who waits for the next time.
    pub(super) status_changes: Cell<u32>,
    pub(super) status_readers: RefCell<Vec<Waker>>,
}

/// The task that comes for the results of an operation when it is woken.
#[derive(Default)]
pub(super) struct Task {
    pub(super) waker: Cell<Option<Waker>>,
}

impl Task {
    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl AppHost {
    fn ask_handshake(&self, driver: &Driver<Self>, ask: AskId) {
        let Some(dialect) = self.dialect.clone() else {
            return;
        };
        let (driver, url) = (driver.downgrade(), self.url.clone());
        spawn_local(async move {
            let made = dialect.handshake(url).await;
            let Some(driver) = driver.upgrade() else {
                return;
            };
            let answer = made.map(|Handshake { url, subprotocols }| {
                driver.host().subprotocols.replace(subprotocols);
                Some(JsValue::from_str(&url))
            });
            driver.answer(ask, answer.map_err(thrown));
        });
    }

    fn authorise(&self, driver: &Driver<Self>, ask: AskId, request: JsValue) {
        let Some(dialect) = self.dialect.clone() else {
            return;
        };
        let (driver, url) = (driver.downgrade(), self.url.clone());
        spawn_local(async move {
            let payload = dialect.start(url, request).await;
            if let Some(driver) = driver.upgrade() {
                driver.answer(ask, payload.map(Some).map_err(thrown));
            }
        });
    }
}

fn thrown(value: JsValue) -> Thrown<JsValue> {
    Thrown {
        message: message_of(&value),
        value,
    }
}

impl Host for AppHost {
    type Consumer = Task;
    type Waiter = oneshot::Sender<Ended>;

    fn ask(&self, driver: &Driver<Self>, ask: AskId, question: Question<JsValue>) {
        let known = match (question, &self.init_payload) {
            (Question::Url(_), _) => Some(JsValue::from_str(&self.url)),
            (Question::InitPayload(_), InitPayload::None) => None,
            (Question::InitPayload(_), InitPayload::Text(text)) => Some(text.clone()),
            (Question::InitPayload(_), InitPayload::Asked(asked)) => {
                let answer = asked();
                let driver = driver.downgrade();
                return spawn_local(async move {
                    let answer = answer.await.map(Some).map_err(thrown);
                    if let Some(driver) = driver.upgrade() {
                        driver.answer(ask, answer);
                    }
                });
            }
            (Question::Verdict(failure), _) => {
                let decide = self.retry.verdict.as_ref();
                let verdict = decide.and_then(|decide| decide(&failure));
                return driver.answer_verdict(ask, verdict);
            }
            (Question::Delay(failure), _) => {
                let Some(delay) = self.retry.delay.as_ref().map(|delay| delay(&failure)) else {
                    return driver.answer_delay(ask, None);
                };
                let driver = driver.downgrade();
                return spawn_local(async move {
                    let delay = millis(Some(delay.await));
                    if let Some(driver) = driver.upgrade() {
                        driver.answer_delay(ask, delay);
                    }
                });
            }
            (Question::Handshake, _) => return self.ask_handshake(driver, ask),
            (Question::Authorise { request, .. }, _) => {
                return self.authorise(driver, ask, request);
            }
            // No request of a Rust app asks for it.
            (Question::Resume(_), _) => return driver.answer_request(ask, Ok(None)),
        };
        driver.answer(ask, Ok(known));
    }

    fn open(&self, url: &str, offer: Offer) -> Result<WebSocket, JsValue> {
        let names: Array = match &self.dialect {
            None => {
                let names = offer.iter().map(|dialect| dialect.name());
                names.map(JsValue::from_str).collect()
            }
            Some(_) => {
                let names = self.subprotocols.borrow();
                names.iter().map(|name| JsValue::from_str(name)).collect()
            }
        };
        match &self.web_socket {
            None => WebSocket::new_with_str_sequence(url, names.unchecked_ref()),
            Some(class) => {
                let args = Array::of2(&JsValue::from_str(url), &names);
                Reflect::construct(class, &args).map(JsCast::unchecked_into)
            }
        }
    }

    fn describe(&self, thrown: &JsValue) -> String {
        if self.dialect.is_some() && !thrown.is_string() {
            // The host's message may repeat what was passed to it, and credentials are among that.
            return "it threw the `cause` of this error".to_owned();
        }
        message_of(thrown)
    }

    fn connected(&self, _payload: Option<JsValue>, _reconnected: bool) {}

    fn status(&self, _status: &Status<JsValue>) {
        let changes = self.status_changes.get();
        self.status_changes.set(changes.wrapping_add(1));
        for reader in self.status_readers.take() {
            reader.wake();
        }
    }

    fn event(&self, event: Event<JsValue>) {
        if matches!(event, Event::Connecting { .. }) {
            self.close_reason.take();
        }
    }

    fn message(&self, _frame: &JsValue) {}

    fn ending(&self, reason: CloseReason<JsValue>) {
        self.close_reason.replace(Some(reason));
    }

    fn closed(&self, reason: CloseReason<JsValue>) {
        self.close_reason.replace(Some(reason));
    }

    fn trace(&self, line: Parts<JsValue>) {
        if let Some(trace) = &self.trace {
            let value = line.value.and_then(|value| value.as_string());
            trace(line.before + &escaped(&value.unwrap_or_default()) + line.after);
        }
    }

    fn tell(waiter: Self::Waiter, ended: Ended) {
        // The receiver may be gone.
        let _ = waiter.send(ended);
    }

    fn wake(_driver: &Driver<Self>, _id: OperationId, task: &Task) {
        task.wake();
    }

    fn dismiss(task: &Task) {
        task.wake();
    }
}
