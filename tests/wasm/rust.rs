//! The Rust side, on a scripted socket that plays a server.

use std::cell::RefCell;
use std::rc::Rc;

use futures_util::StreamExt;
use js_sys::Function;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use wireql::core::client::TransportState;
use wireql::{Error, Options, Request, Transport};

#[wasm_bindgen(module = "/tests/wasm/scripted.js")]
extern "C" {
    /// A class whose sockets answer each operation with 1, 2, 3 and then with `end`.
    fn counting(end: &JsValue) -> Function;

    #[wasm_bindgen(js_name = sentTypes)]
    fn sent_types(class: &Function) -> String;

    /// The socket closes with code 1011.
    #[wasm_bindgen(js_name = endFirst)]
    fn end_first(class: &Function);
}

#[derive(Deserialize)]
struct Number {
    n: i32,
}

#[derive(Serialize)]
struct Token {
    token: &'static str,
}

#[derive(Deserialize)]
struct Text {
    #[allow(dead_code, reason = "only decoded")]
    n: String,
}

fn end(text: &str) -> JsValue {
    js_sys::JSON::parse(text).unwrap()
}

async fn connected(end: &JsValue) -> (Transport, Function) {
    let class = counting(end);
    let options = Options::new().web_socket(class.clone());
    let transport = Transport::connect("ws://server/graphql", options)
        .await
        .unwrap();
    (transport, class)
}

fn code<T>(result: Result<T, Error>) -> Option<&'static str> {
    result.err().map(|error| error.code())
}

#[wasm_bindgen_test]
async fn a_stream_gives_the_results_and_ends() {
    let (transport, _) = connected(&end(r#"{"type":"complete"}"#)).await;
    let results = transport.subscribe::<Number>("subscription { n }");
    let seen: Vec<i32> = results
        .map(|response| response.unwrap().data.unwrap().n)
        .collect()
        .await;
    assert_eq!(seen, [1, 2, 3]);
}

#[wasm_bindgen_test]
async fn an_error_stands_behind_the_results() {
    let (transport, _) = connected(&end(r#"{"type":"error","payload":[{"message":"no"}]}"#)).await;
    let results = transport.subscribe::<Number>("subscription { n }");
    let seen: Vec<_> = results.map(code).collect().await;
    assert_eq!(seen, [None, None, None, Some("QUERY_ERROR")]);
    assert_eq!(transport.state(), TransportState::Ready);
}

#[wasm_bindgen_test]
async fn a_dropped_stream_stops_the_operation() {
    let (transport, class) = connected(&JsValue::NULL).await;
    let mut results = transport.subscribe::<Number>("subscription { n }");
    assert!(results.next().await.unwrap().is_ok());
    drop(results);
    assert_eq!(sent_types(&class), "connection_init subscribe complete");
}

#[wasm_bindgen_test]
async fn execute_takes_the_first_answer_and_stops_a_subscription() {
    let (transport, class) = connected(&JsValue::NULL).await;
    let answer = transport.execute::<Number>("subscription { n }").await;
    assert_eq!(answer.unwrap().data.unwrap().n, 1);
    assert_eq!(sent_types(&class), "connection_init subscribe complete");
    let answer = transport.execute::<Number>("{ n }").await;
    assert_eq!(answer.unwrap().data.unwrap().n, 1);
    assert_eq!(
        sent_types(&class),
        "connection_init subscribe complete subscribe"
    );
}

#[wasm_bindgen_test]
async fn a_result_of_another_type_is_an_error_and_the_stream_goes_on() {
    let (transport, _) = connected(&end(r#"{"type":"complete"}"#)).await;
    let results = transport.subscribe::<Text>("subscription { n }");
    let seen: Vec<_> = results.map(code).collect().await;
    assert_eq!(seen, [Some("WRONG_RESULT"); 3]);
}

#[wasm_bindgen_test]
async fn a_lost_connection_ends_the_streams_that_wait() {
    let (transport, class) = connected(&JsValue::NULL).await;
    let mut results = transport.subscribe::<Number>("subscription { n }");
    for _ in 0..3 {
        assert!(results.next().await.unwrap().is_ok());
    }
    end_first(&class);
    assert_eq!(code(results.next().await.unwrap()), Some("CONNECTION_LOST"));
    assert!(results.next().await.is_none());
    assert_eq!(
        code(transport.execute::<Number>("{ n }").await),
        Some("NOT_CONNECTED")
    );
    let reason = transport.close_reason().unwrap();
    assert_eq!(reason.close.unwrap().code, 1011);
    transport.reconnect().await.unwrap();
    assert_eq!(code(transport.reconnect().await), Some("ALREADY_CONNECTED"));
}

#[wasm_bindgen_test]
async fn the_options_are_obeyed() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let class = counting(&JsValue::NULL);
    let seen = lines.clone();
    let options = Options::new()
        .web_socket(class.clone())
        .init_payload_with(|| async { Ok(Token { token: "secret" }) })
        .trace(move |line| seen.borrow_mut().push(line));
    let transport = Transport::connect("http://server/graphql", options)
        .await
        .unwrap();
    let ack = transport.payloads().connection_ack.unwrap();
    let token = js_sys::Reflect::get(&ack, &"token".into()).unwrap();
    assert_eq!(token.as_string().unwrap(), "secret");
    let lines = lines.borrow().join("\n");
    assert!(lines.contains("> open ws://server/graphql"), "{lines}");
    assert!(lines.contains("= connected"), "{lines}");

    let refused = Transport::connect("ftp://server", Options::new()).await;
    assert_eq!(code(refused), Some("URL_FAILED"));
    let failing = Options::new()
        .web_socket(class)
        .init_payload_with(|| async { Err::<Token, _>("no token".into()) });
    let refused = Transport::connect("ws://server", failing).await;
    let error = refused.err().unwrap();
    assert_eq!(error.code(), "INIT_PAYLOAD_FAILED");
    assert_eq!(
        error.to_string(),
        "the initPayload function failed: no token"
    );
    assert_eq!(
        code(Request::new("{ n }").variables(&"not an object")),
        Some("INVALID_REQUEST")
    );
}
