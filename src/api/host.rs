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

use super::connection::{Attempt, CloseReason, ConnectionEvent, Failure, Listeners, Outcome};
use super::dialect::{Answer, Chosen, Handshake};
use super::options::millis;
use super::resume::Resuming;
use super::url::Source;
use crate::core::client::Thrown;
use crate::core::dialect::Offer;
use crate::core::message::{OperationId, Parts};
use crate::core::output::{self, AskId, AttemptInfo, Event, Question};
use crate::core::retry::Verdict;
use crate::core::status::Status;
use crate::core::untrusted::escaped;
use crate::driver::thrown::message_of;
use crate::driver::url::websocket_url;
use crate::driver::{Driver, Ended, Host};

/// Asks for the payload of `connection_init`: JSON text, a host string; `None` for none.
pub(super) type AskInitPayload = Rc<dyn Fn(Attempt) -> Answer<Option<JsValue>>>;

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
type Decide = Rc<dyn Fn(&Failure) -> Option<Verdict>>;

/// Says how long to wait.
type Delay = Rc<dyn Fn(&Failure) -> Pin<Box<dyn Future<Output = Duration>>>>;

/// The user's functions about failures.
#[derive(Clone, Default)]
pub(super) struct RetryFunctions {
    pub(super) verdict: Option<Decide>,
    pub(super) delay: Option<Delay>,
}

pub(super) struct AppHost {
    /// A text is a WebSocket URL.
    pub(super) url: Source,
    /// The WebSocket URL of this attempt, where the socket's is another.
    pub(super) current_url: RefCell<String>,
    pub(super) init_payload: InitPayload,
    /// The class to make sockets with; `None` for the host's.
    pub(super) web_socket: Option<Function>,
    /// A dialect with a handshake of its own, and what it offers on this attempt.
    pub(super) dialect: Option<Chosen>,
    /// The last question for a handshake.
    pub(super) handshake: Cell<Option<AskId>>,
    pub(super) subprotocols: RefCell<Vec<String>>,
    pub(super) trace: Option<Rc<dyn Fn(String)>>,
    /// How the last connection ended, with the cause of its error; `None` while there is one.
    pub(super) close_reason: RefCell<Option<output::CloseReason<JsValue>>>,
    pub(super) listeners: Listeners,
    pub(super) is_client: bool,
    // Of a client.
    pub(super) retry: RetryFunctions,
    /// How many times the status has changed, and who waits for the next time.
    pub(super) status_changes: Cell<u32>,
    pub(super) status_readers: RefCell<Vec<Waker>>,
}

/// The task that comes for the results of an operation when it is woken.
pub(super) struct Task {
    pub(super) waker: Cell<Option<Waker>>,
    /// How the operation goes on where it was lost, if it can.
    resume: Option<Resuming>,
}

impl Task {
    pub(super) fn new(resume: Option<Resuming>) -> Self {
        Task {
            waker: Cell::default(),
            resume,
        }
    }

    fn wake(&self) {
        if let Some(waker) = self.waker.take() {
            waker.wake();
        }
    }
}

impl AppHost {
    pub(super) fn close_reason(&self) -> Option<CloseReason> {
        self.close_reason.borrow().as_ref().map(CloseReason::from)
    }

    fn ask_url(&self, driver: &Driver<Self>, ask: AskId, attempt: &AttemptInfo<JsValue>) {
        match &self.url {
            Source::Text(url) => driver.answer(ask, Ok(Some(JsValue::from_str(url)))),
            Source::Asked(asked) => {
                let answer = asked(attempt.into());
                answer_later(
                    driver,
                    ask,
                    async { websocket_url(&answer.await?) },
                    |_, url| Some(JsValue::from_str(&url)),
                );
            }
        }
    }

    fn ask_init_payload(&self, driver: &Driver<Self>, ask: AskId, attempt: &AttemptInfo<JsValue>) {
        match &self.init_payload {
            InitPayload::None => driver.answer(ask, Ok(None)),
            InitPayload::Text(text) => driver.answer(ask, Ok(Some(text.clone()))),
            InitPayload::Asked(asked) => {
                let answer = asked(attempt.into());
                answer_later(driver, ask, answer, |_, payload| payload);
            }
        }
    }

    fn ask_handshake(&self, driver: &Driver<Self>, ask: AskId) {
        let Some(dialect) = self.dialect.clone() else {
            return;
        };
        let url = driver.read(|client| client.url().unwrap_or_default().to_owned());
        self.current_url.replace(url.clone());
        self.handshake.set(Some(ask));
        let made = dialect.handshake(url);
        answer_later(
            driver,
            ask,
            made,
            move |driver, Handshake { url, subprotocols }| {
                // An attempt that was given up may answer after the next one.
                if driver.host().handshake.get() == Some(ask) {
                    driver.host().subprotocols.replace(subprotocols);
                }
                Some(JsValue::from_str(&url))
            },
        );
    }

    fn authorise(&self, driver: &Driver<Self>, ask: AskId, request: JsValue) {
        let Some(dialect) = self.dialect.clone() else {
            return;
        };
        let payload = dialect.start(self.current_url.borrow().clone(), request);
        answer_later(driver, ask, payload, |_, payload| Some(payload));
    }

    fn resume(&self, driver: &Driver<Self>, ask: AskId, id: OperationId) {
        let task = driver.read(|client| client.consumer(id).cloned());
        let resume = task.as_ref().and_then(|task| task.resume.as_ref());
        let Some((resume, variables)) =
            resume.and_then(|resume| Some((resume, resume.place.variables()?)))
        else {
            return driver.answer_request(ask, Ok(None));
        };
        let (driver, message) = (driver.downgrade(), resume.message.clone());
        spawn_local(async move {
            let variables = variables.await.map_err(thrown);
            if let Some(driver) = driver.upgrade() {
                // The cursor itself has a type of the user's.
                let request = variables
                    .map(|variables| Some((message.with_variables(variables), JsValue::TRUE)));
                driver.answer_request(ask, request);
            }
        });
    }
}

/// Has the answer to a question told when it is there, as `told` makes it of what was answered.
fn answer_later<T: 'static>(
    driver: &Driver<AppHost>,
    ask: AskId,
    answer: impl Future<Output = Result<T, JsValue>> + 'static,
    told: impl FnOnce(&Driver<AppHost>, T) -> Option<JsValue> + 'static,
) {
    let driver = driver.downgrade();
    spawn_local(async move {
        let answer = answer.await;
        if let Some(driver) = driver.upgrade() {
            let answer = answer.map(|answer| told(&driver, answer));
            driver.answer(ask, answer.map_err(thrown));
        }
    });
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
        match question {
            Question::Url(attempt) => self.ask_url(driver, ask, &attempt),
            Question::InitPayload(attempt) => self.ask_init_payload(driver, ask, &attempt),
            Question::Verdict(failure) => {
                let decide = self.retry.verdict.as_ref();
                let verdict = decide.and_then(|decide| decide(&Failure::from(&*failure)));
                driver.answer_verdict(ask, verdict);
            }
            Question::Delay(failure) => {
                let Some(delay) = &self.retry.delay else {
                    return driver.answer_delay(ask, None);
                };
                let delay = delay(&Failure::from(&*failure));
                let driver = driver.downgrade();
                spawn_local(async move {
                    let delay = millis(Some(delay.await));
                    if let Some(driver) = driver.upgrade() {
                        driver.answer_delay(ask, delay);
                    }
                });
            }
            Question::Handshake => self.ask_handshake(driver, ask),
            Question::Authorise { request, .. } => self.authorise(driver, ask, request),
            Question::Resume(id) => self.resume(driver, ask, id),
        }
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

    fn connected(&self, payload: Option<JsValue>, reconnected: bool) {
        self.listeners.tell(|| ConnectionEvent::Connected {
            payload,
            reconnected,
        });
    }

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
        self.listeners.tell(|| ConnectionEvent::of(event));
    }

    fn message(&self, _frame: &JsValue) {}

    fn ending(&self, reason: output::CloseReason<JsValue>) {
        self.close_reason.replace(Some(reason));
    }

    fn closed(&self, reason: output::CloseReason<JsValue>) {
        // A client has told how its connection ended, and what follows.
        if !self.is_client {
            self.listeners.tell(|| ConnectionEvent::Disconnected {
                reason: (&reason).into(),
                outcome: Outcome::Stop,
            });
        }
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

    fn examine(task: &Task, result: &JsValue) -> bool {
        let resume = task.resume.as_ref();
        resume.is_none_or(|resume| resume.place.examine(result))
    }

    fn dismiss(task: &Task) {
        task.wake();
    }
}
