//! The driver and the crate for Rust apps in a real host, on a scripted socket. The classes of the
//! npm package are tested in `tests/scripted`.

mod dialects;
mod rust;

use js_sys::Array;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use wireql::core::config::Config;
use wireql::core::dialect::Dialect;
use wireql::core::json::Json;
use wireql::core::message::Received;

#[wasm_bindgen(module = "/src/driver/socket.js")]
extern "C" {
    fn listen(socket: &web_sys::WebSocket, envelope: &ShortWay, events: &Recorder);
}

#[wasm_bindgen(module = "/src/driver/envelope.js")]
extern "C" {
    // Under another name, as the driver has it too.
    #[wasm_bindgen(js_name = Envelope)]
    type ShortWay;

    #[wasm_bindgen(constructor, js_class = "Envelope")]
    fn new_short_way() -> ShortWay;

    #[wasm_bindgen(method, js_class = "Envelope", js_name = expect)]
    fn expect_types(this: &ShortWay, next: &str, complete: &str);
}

// `socket.js` imports it, so wasm-bindgen has to know of it.
#[wasm_bindgen(module = "/src/driver/panic.js")]
extern "C" {
    fn guard(action: &js_sys::Function);
}

#[wasm_bindgen(module = "/tests/wasm/scripted.js")]
extern "C" {
    fn corpus(result_type: &str) -> Array;

    #[wasm_bindgen(js_name = scriptedSocket)]
    fn scripted_socket() -> web_sys::WebSocket;

    fn say(socket: &web_sys::WebSocket, text: &JsValue);

    type Recorder;

    fn recorder() -> Recorder;

    fn take(recorder: &Recorder) -> Array;
}

/// The short way takes a frame exactly if the dialect finds in it a result, or an end, for an id such
/// as ours, and gives the same id and payload.
#[wasm_bindgen_test]
fn the_short_way_and_the_dialects_agree() {
    for dialect in Dialect::ALL.iter().chain(Dialect::AppSync.only()) {
        compare(*dialect);
    }
}

fn compare(dialect: Dialect) {
    let mut session = dialect.session::<JsValue>(&Config::default());
    let ack = js_sys::JSON::parse(r#"{"type":"connection_ack"}"#).unwrap();
    session.recv(&ack, &mut Vec::new()).unwrap();

    let types = session.result_envelope().unwrap();
    let envelope = ShortWay::new_short_way();
    envelope.expect_types(types.next, types.complete);
    let socket = scripted_socket();
    let recorder = recorder();
    listen(&socket, &envelope, &recorder);

    let corpus = corpus(types.next);
    let (mut results, mut ends) = (0, 0);
    for text in corpus.iter() {
        say(&socket, &text);
        let told = take(&recorder);
        assert_eq!(told.length(), 1);
        let told = Array::from(&told.get(0));
        let (what, id, value) = (told.get(0), told.get(1), told.get(2));
        let frame = js_sys::JSON::parse(&text.as_string().unwrap()).unwrap();
        let mut received = Vec::new();
        let _ = session.recv(&frame, &mut received);
        match received.first() {
            Some(Received::Next { id: ours, result }) => {
                assert_eq!(what, "result", "{text:?}");
                assert_eq!(id, *ours, "{text:?}");
                assert_eq!(json(&value), json(result), "{text:?}");
                results += 1;
            }
            Some(Received::Completed { id: ours }) => {
                assert_eq!(what, "complete", "{text:?}");
                assert_eq!(id, *ours, "{text:?}");
                ends += 1;
            }
            _ => {
                assert_eq!(what, "frame", "{text:?}");
                assert_eq!(json(&value), json(&frame), "{text:?}");
            }
        }
    }
    assert!(ends >= 1);
    assert!(results >= 5 && results < corpus.length());
}

fn json(value: &JsValue) -> Option<String> {
    value.stringify()?.text()
}

/// What can go on without the host's help has gone on.
async fn settled() {
    for _ in 0..20 {
        let turn = js_sys::Promise::resolve(&JsValue::UNDEFINED);
        wasm_bindgen_futures::JsFuture::from(turn).await.unwrap();
    }
}
