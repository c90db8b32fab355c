//! A driver in the hands of JavaScript.

use std::rc::Rc;

use wasm_bindgen::prelude::*;

use super::Consumer;
use super::consumer::Waiting;
use crate::config::Config;
use crate::driver::{Consumer as _, Driver, error};
use crate::message::OperationId;
use crate::operations::{OperationType, Polled, Request};
use crate::protocol::{Dialect, Offer};
use crate::time::Millis;

/// What [`Handle::wait`] waits for the end of; `transport.js` has the same numbers.
const CONNECT: u32 = 0;
const CLOSE: u32 = 1;

/// What [`Handle::look`] looks at; `transport.js` has the same numbers.
const STATE: u32 = 0;
const ADDRESS: u32 = 1;
const SUBPROTOCOL: u32 = 2;
const ACK_PAYLOAD: u32 = 3;
const PING_PAYLOAD: u32 = 4;

/// One transport. Its methods check nothing: `transport.js`, which makes of it what users see, has
/// done so.
#[wasm_bindgen]
pub struct Handle {
    driver: Rc<Driver<Waiting>>,
}

#[wasm_bindgen]
impl Handle {
    /// Times are in milliseconds, the largest number is for ever.
    #[wasm_bindgen(constructor)]
    #[allow(clippy::too_many_arguments)] // JavaScript reads the options, and this is what they say
    pub fn new(
        connect_timeout: u32,
        ack_timeout: u32,
        close_timeout: u32,
        keep_alive_timeout: u32,
        ping_interval: u32,
        pong_timeout: u32,
        answer_pings: bool,
        offer: u32,
        host: &JsValue,
        traced: bool,
    ) -> Handle {
        #[cfg(feature = "development")]
        console_error_panic_hook::set_once();
        let config = Config {
            subprotocols: numbered_offer(offer),
            connect_timeout: millis(connect_timeout),
            ack_timeout: millis(ack_timeout),
            close_timeout: millis(close_timeout),
            keep_alive_timeout: millis(keep_alive_timeout),
            ping_interval: millis(ping_interval),
            pong_timeout: millis(pong_timeout),
            answer_pings,
        };
        Handle {
            driver: Driver::new(config, host, traced),
        }
    }

    /// Starts an operation and gives its id. `payload`: the request in JSON. `operation_type`: its number in
    /// `document.js`. `wants_one`: the consumer waits for the first result, and for no more.
    pub fn start(
        &self,
        payload: String,
        operation_type: u32,
        send_stop: bool,
        wants_one: bool,
        consumer: Consumer,
    ) -> OperationId {
        let request = Request {
            payload,
            operation_type: OperationType::numbered(operation_type),
            one_answer: wants_one,
            send_stop,
        };
        let consumer = Rc::new(Waiting::new(consumer, wants_one));
        self.driver.subscribe(request, consumer)
    }

    /// The next result, which is an object; an error of ours, which is the end; null for the end, and
    /// ever after; undefined for nothing yet: then the consumer waits for it.
    pub fn poll(&self, id: OperationId) -> JsValue {
        match self.driver.poll(id) {
            Polled::Result(result) => result,
            Polled::Pending => {
                self.driver
                    .read(|connection| connection.consumer(id).map(|consumer| consumer.wait()));
                JsValue::UNDEFINED
            }
            Polled::Ended(Some(error)) => error::to_js(&error),
            Polled::Ended(None) | Polled::Gone => JsValue::NULL,
        }
    }

    /// From now on the consumer waits for all that comes. Whether there is something already: see
    /// [`serve`](Self::serve).
    pub fn observe(&self, id: OperationId) -> bool {
        self.driver.read(|connection| {
            if let Some(consumer) = connection.consumer(id) {
                consumer.wait_for_all();
            }
            connection.has_news(id)
        })
    }

    /// Gives the consumer what there is.
    pub fn serve(&self, id: OperationId) {
        if let Some(consumer) = self.driver.consumer(id) {
            consumer.wake(&self.driver, id);
        }
    }

    /// The consumer wants no more.
    pub fn leave(&self, id: OperationId) {
        self.driver.leave(id);
    }

    /// Connects, closes, or waits for the end of the connection.
    pub fn wait(&self, what: u32, waiter: Consumer) {
        match what {
            CONNECT => self.driver.connect(waiter),
            CLOSE => self.driver.close(waiter),
            _ => self.driver.wait_closed(waiter),
        }
    }

    /// Sends a `ping`, or a `pong`; gives the error if it cannot. `payload`: JSON text.
    pub fn ping(&self, pong: bool, payload: Option<String>) -> JsValue {
        let payload = payload.as_deref();
        let sent = if pong {
            self.driver.send_pong(payload)
        } else {
            self.driver.send_ping(payload)
        };
        match sent {
            Ok(()) => JsValue::UNDEFINED,
            Err(error) => error::to_js(&error),
        }
    }

    /// What can be read of the connection: the number of its state, or a value, undefined if there is
    /// none.
    pub fn look(&self, at: u32) -> JsValue {
        self.driver.read(|connection| {
            let payloads = connection.payloads();
            let payload = match at {
                STATE => return (connection.state() as u32).into(),
                ADDRESS => return connection.url().into(),
                SUBPROTOCOL => return connection.dialect().map(Dialect::name).into(),
                ACK_PAYLOAD => &payloads.connection_ack,
                PING_PAYLOAD => &payloads.ping,
                _ => &payloads.pong,
            };
            payload.clone().unwrap_or_default()
        })
    }
}

/// What can be offered to a server; `options.js` has the same order.
fn numbered_offer(number: u32) -> Offer {
    match number {
        0 => Dialect::GraphqlTransportWs.first(),
        1 => Dialect::GraphqlWs.first(),
        2 => Dialect::GraphqlTransportWs.only(),
        _ => Dialect::GraphqlWs.only(),
    }
}

fn millis(time: u32) -> Option<Millis> {
    (time < u32::MAX).then_some(Millis(time))
}
