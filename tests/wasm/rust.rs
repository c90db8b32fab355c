//! The Rust side, on a scripted socket that plays a server.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use futures_util::StreamExt;
use js_sys::Function;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use wireql::core::client::TransportState;
use wireql::{
    Client, ClientOptions, ClientState, Error, Event, Options, Request, Transport, Verdict,
};

#[wasm_bindgen(module = "/tests/wasm/scripted.js")]
extern "C" {
    /// A class whose sockets answer each operation with 1, 2, 3 and then with `end`.
    fn counting(end: &JsValue) -> Function;

    #[wasm_bindgen(js_name = sentTypes)]
    fn sent_types(class: &Function) -> String;

    /// A class whose first socket answers no operation.
    fn silent() -> Function;

    /// The socket closes with code 1011.
    #[wasm_bindgen(js_name = endFirst)]
    fn end_first(class: &Function);

    #[wasm_bindgen(js_name = endLast)]
    fn end_last(class: &Function);
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

// ---- the client -----------------------------------------------------------------

fn client(options: impl FnOnce(ClientOptions) -> ClientOptions) -> (Client, Function) {
    let class = counting(&JsValue::NULL);
    // No scripted socket answers a close.
    let connection = Options::new()
        .web_socket(class.clone())
        .close_timeout(Some(Duration::ZERO));
    let options = options(connection.into()).base_delay(Duration::from_millis(1));
    (Client::new("ws://server/graphql", options).unwrap(), class)
}

/// The numbers of results, `-` for a loss, `+` for the end of one.
fn told(event: Result<Event<Number>, Error>) -> String {
    match event {
        Ok(Event::Response(response)) => response.data.unwrap().n.to_string(),
        Ok(Event::Interrupted { error, lost_at }) => {
            assert_eq!(error.code(), "CONNECTION_LOST");
            assert!((js_sys::Date::now() - lost_at).abs() < 60_000.0);
            "-".to_owned()
        }
        Ok(Event::Resumed {
            lost_at,
            resumed_at,
            attempts,
        }) => {
            assert!(lost_at <= resumed_at);
            assert_eq!(attempts, 1);
            "+".to_owned()
        }
        Err(error) => error.code().to_owned(),
    }
}

#[wasm_bindgen_test]
async fn a_subscription_outlives_its_connection_and_is_told_of_the_gap() {
    let (client, class) = client(|options| options);
    let mut events = client.subscribe::<Number>("subscription { n }");
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(told(events.next().await.unwrap()));
    }
    end_first(&class);
    for _ in 0..5 {
        seen.push(told(events.next().await.unwrap()));
    }
    assert_eq!(seen, ["1", "2", "3", "-", "+", "1", "2", "3"]);
    client.close().await;
    assert!(events.next().await.is_none());
    assert_eq!(client.status().state, ClientState::Closed);
    let late = client.execute::<Number>("{ n }").await;
    assert_eq!(code(late), Some("TRANSPORT_CLOSED"));
    client.connect().await.unwrap();
    assert_eq!(client.status().state, ClientState::Ready);
}

#[wasm_bindgen_test]
async fn a_stream_of_statuses_ends_with_what_there_is() {
    let (client, class) = client(|options| options);
    let mut statuses = client.statuses();
    assert_eq!(statuses.next().await.unwrap().state, ClientState::Idle);
    let mut events = client.subscribe::<Number>("subscription { n }");
    while statuses.next().await.unwrap().state != ClientState::Ready {}
    assert!(events.next().await.is_some());
    end_first(&class);
    let lost = statuses.next().await.unwrap();
    assert!(lost.reconnecting && lost.lost_at.is_some());
    assert_eq!(lost.error.unwrap().code(), "CONNECTION_LOST");
    assert_eq!(lost.failures, 1);
    while statuses.next().await.unwrap().state != ClientState::Ready {}
}

#[wasm_bindgen_test]
async fn the_functions_of_the_user_decide_and_delay() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let (decided, delayed) = (asked.clone(), asked.clone());
    let (client, class) = client(|options| {
        options
            .retry_when(move |failure| {
                decided.borrow_mut().push(format!("{:?}", failure.proposed));
                (decided.borrow().len() > 2).then_some(Verdict::Stop)
            })
            .retry_delay(move |failure| {
                delayed.borrow_mut().push(failure.failures.to_string());
                async { Duration::from_millis(1) }
            })
    });
    let mut events = client.subscribe::<Number>("subscription { n }");
    assert_eq!(told(events.next().await.unwrap()), "1");
    end_first(&class);
    while told(events.next().await.unwrap()) != "+" {}
    end_last(&class);
    loop {
        match events.next().await {
            Some(Err(error)) => break assert_eq!(error.code(), "CONNECTION_LOST"),
            Some(Ok(_)) => {}
            None => panic!("it ends with an error"),
        }
    }
    assert_eq!(*asked.borrow(), ["Retry", "1", "Retry"]);
    assert_eq!(client.status().state, ClientState::Failed);
}

#[wasm_bindgen_test]
async fn a_mutation_that_was_sent_is_not_sent_again_unless_it_may_be() {
    let silent = silent();
    let options: ClientOptions = Options::new().web_socket(silent.clone()).into();
    let options = options.base_delay(Duration::from_millis(1));
    let client = Client::new("ws://server/graphql", options).unwrap();
    client.connect().await.unwrap();
    let mut once = client.subscribe::<Number>("mutation { n }");
    let mut again = client.subscribe::<Number>(Request::new("mutation { n }").idempotent(true));
    // Starts are sent when the turn is over.
    let turn = js_sys::Promise::resolve(&JsValue::UNDEFINED);
    wasm_bindgen_futures::JsFuture::from(turn).await.unwrap();
    end_first(&silent);
    assert_eq!(code(once.next().await.unwrap()), Some("OUTCOME_UNKNOWN"));
    assert_eq!(told(again.next().await.unwrap()), "1");
}
