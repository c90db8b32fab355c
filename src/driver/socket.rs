//! A WebSocket, with the JavaScript that listens to it.

use std::rc::Weak;

use wasm_bindgen::prelude::*;
use web_sys::WebSocket;

use crate::core::close_code;
use crate::core::dialect::ResultEnvelope;
use crate::core::error::Close;
use crate::core::message::{Frame, OperationId, Parts};
use crate::core::output::Attempt;

#[wasm_bindgen(module = "/src/driver/socket.js")]
extern "C" {
    #[wasm_bindgen(catch)]
    fn listen(socket: &WebSocket, envelope: &Envelope, events: SocketEvents)
    -> Result<(), JsValue>;

    fn detach(socket: &WebSocket, terminate: bool);

    #[wasm_bindgen(catch)]
    fn send(socket: &WebSocket, text: &str) -> Result<bool, JsValue>;

    #[wasm_bindgen(catch, js_name = sendJoined)]
    fn send_joined(
        socket: &WebSocket,
        before: &str,
        value: &JsValue,
        after: &str,
    ) -> Result<bool, JsValue>;
}

#[wasm_bindgen(module = "/src/driver/envelope.js")]
extern "C" {
    type Envelope;

    #[wasm_bindgen(constructor)]
    fn new() -> Envelope;

    /// `next`, `complete`: the types of the frames that take the short way; undefined for none.
    #[wasm_bindgen(method)]
    fn expect(this: &Envelope, next: Option<&str>, complete: Option<&str>);
}

/// What a socket's events are told to.
pub(super) trait SocketListener {
    fn opened(&self, attempt: Attempt, subprotocol: &str);
    fn result(&self, attempt: Attempt, id: OperationId, result: JsValue);
    fn complete(&self, attempt: Attempt, id: OperationId);
    fn frame(&self, attempt: Attempt, frame: Frame<JsValue>);
    fn error(&self, attempt: Attempt, message: &str, said: JsValue);
    fn closed(&self, attempt: Attempt, close: Close);
}

/// What `socket.js` calls. It does not hold the driver, and knows which attempt its socket is of.
#[wasm_bindgen(private)]
pub struct SocketEvents {
    listener: Weak<dyn SocketListener>,
    attempt: Attempt,
}

#[wasm_bindgen]
impl SocketEvents {
    /// The socket is open. `subprotocol`: the server's choice, empty for none.
    pub fn opened(&self, subprotocol: &str) {
        self.tell(|listener, attempt| listener.opened(attempt, subprotocol));
    }

    /// A frame came that is a result for an id such as ours, and nothing else.
    pub fn result(&self, id: OperationId, result: JsValue) {
        self.tell(|listener, attempt| listener.result(attempt, id, result));
    }

    /// A frame came that is the end of an operation with an id such as ours, and nothing else.
    pub fn complete(&self, id: OperationId) {
        self.tell(|listener, attempt| listener.complete(attempt, id));
    }

    /// Another frame came.
    pub fn frame(&self, frame: JsValue) {
        self.tell(|listener, attempt| listener.frame(attempt, Frame::Json(frame)));
    }

    /// A text came that is not JSON. `beginning`: at most the first 200 characters.
    #[wasm_bindgen(js_name = notJson)]
    pub fn not_json(&self, beginning: String) {
        self.tell(|listener, attempt| listener.frame(attempt, Frame::NotJson(beginning)));
    }

    pub fn binary(&self) {
        self.tell(|listener, attempt| listener.frame(attempt, Frame::Binary));
    }

    /// `message`: what the host says, if anything. `said`: what it gave with that.
    pub fn error(&self, message: &str, said: JsValue) {
        self.tell(|listener, attempt| listener.error(attempt, message, said));
    }

    pub fn closed(&self, code: u16, reason: String, was_clean: bool) {
        let close = Close {
            code,
            reason,
            was_clean,
        };
        self.tell(|listener, attempt| listener.closed(attempt, close));
    }
}

impl SocketEvents {
    fn tell(&self, event: impl FnOnce(&dyn SocketListener, Attempt)) {
        if let Some(listener) = self.listener.upgrade() {
            event(&*listener, self.attempt);
        }
    }
}

pub(super) struct Socket {
    web_socket: WebSocket,
    /// Which attempt to connect it is of.
    attempt: Attempt,
    envelope: Envelope,
}

impl Socket {
    pub(super) fn new(web_socket: WebSocket, attempt: Attempt) -> Self {
        Socket {
            web_socket,
            attempt,
            envelope: Envelope::new(),
        }
    }

    pub(super) fn attempt(&self) -> Attempt {
        self.attempt
    }

    /// Has the listener told what the socket says. A user's WebSocket class may refuse handlers.
    pub(super) fn listen<L: SocketListener + 'static>(
        &self,
        listener: Weak<L>,
    ) -> Result<(), JsValue> {
        let attempt = self.attempt;
        let events = SocketEvents { listener, attempt };
        listen(&self.web_socket, &self.envelope, events)
    }

    /// Which frames take the short way.
    pub(super) fn set_short_way(&self, envelope: Option<ResultEnvelope>) {
        let next = envelope.map(|envelope| envelope.next);
        let complete = envelope.map(|envelope| envelope.complete);
        self.envelope.expect(next, complete);
    }

    /// `false` if the socket was closing already: then the server does not get the message.
    pub(super) fn send(&self, message: Parts<JsValue>) -> Result<bool, JsValue> {
        let Parts {
            before,
            value,
            after,
        } = message;
        match value {
            None => send(&self.web_socket, &(before + after)),
            Some(value) => send_joined(&self.web_socket, &before, &value, after),
        }
    }

    /// Begins to close it.
    pub(super) fn close(&self, code: u16, reason: &str) {
        // Hosts throw for codes and reasons that they do not allow; ours they do.
        let _ = self.web_socket.close_with_code_and_reason(code, reason);
    }

    /// Nothing that it says is heard any more. `terminate`: it need not say goodbye.
    pub(super) fn detach(&self, terminate: bool) {
        detach(&self.web_socket, terminate);
    }

    /// Closes a socket that nobody needs, and hears no more of it.
    pub(super) fn give_up(&self) {
        self.detach(false);
        // Whatever it throws, it is no longer ours to mend.
        let _ = self.web_socket.close_with_code(close_code::NORMAL);
    }
}
