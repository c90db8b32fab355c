//! The Rust side, on a scripted socket that plays a server.

use std::cell::RefCell;
use std::rc::Rc;
use std::time::Duration;

use super::settled;
use futures_util::StreamExt;
use js_sys::Function;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use wireql::{
    Client, ClientOptions, ClientState, Code, ConnectionEvent, Error, Event, Options, Outcome,
    Reason, Request, ServerUrl, Transport, TransportState, Verdict,
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

    /// The payloads of the operations on the first socket.
    #[wasm_bindgen(js_name = sentPayloads)]
    fn sent_payloads(class: &Function) -> String;

    /// The same on the last.
    #[wasm_bindgen(js_name = lastPayloads)]
    fn last_payloads(class: &Function) -> String;

    /// The URLs of its sockets.
    fn urls(class: &Function) -> String;

    /// A class whose sockets answer each operation with this text.
    fn answering(result: &str) -> Function;

    /// A class as `counting`, whose first socket is refused.
    #[wasm_bindgen(js_name = failingOnce)]
    fn failing_once() -> Function;
}

#[derive(Debug, Deserialize)]
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
    let transport = Transport::new("ws://server/graphql", options).unwrap();
    transport.connect().await.unwrap();
    (transport, class)
}

fn code<T>(result: Result<T, Error>) -> Option<&'static str> {
    result.err().map(|error| error.code().as_str())
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
    transport.connect().await.unwrap();
    assert_eq!(code(transport.connect().await), Some("ALREADY_CONNECTED"));
}

#[wasm_bindgen_test]
async fn the_options_are_obeyed() {
    let lines = Rc::new(RefCell::new(Vec::new()));
    let class = counting(&JsValue::NULL);
    let seen = lines.clone();
    let options = Options::new()
        .web_socket(class.clone())
        .init_payload_with(|_| async { Ok(Token { token: "secret" }) })
        .trace(move |line| seen.borrow_mut().push(line));
    let transport = Transport::new("http://server/graphql", options).unwrap();
    transport.connect().await.unwrap();
    let ack = transport.payloads().connection_ack.unwrap();
    let token = js_sys::Reflect::get(&ack, &"token".into()).unwrap();
    assert_eq!(token.as_string().unwrap(), "secret");
    let lines = lines.borrow().join("\n");
    assert!(lines.contains("> open ws://server/graphql"), "{lines}");
    assert!(lines.contains("= connected"), "{lines}");

    let refused = Transport::new("ftp://server", Options::new());
    assert_eq!(code(refused), Some("URL_FAILED"));
    let failing = Options::new()
        .web_socket(class)
        .init_payload_with(|_| async { Err::<Token, _>("no token".into()) });
    let transport = Transport::new("ws://server", failing).unwrap();
    let error = transport.connect().await.unwrap_err();
    assert_eq!(error.code(), Code::INIT_PAYLOAD_FAILED);
    assert_eq!(
        error.to_string(),
        "the initPayload function failed: no token"
    );
    assert_eq!(error.cause().unwrap().as_string().unwrap(), "no token");
    let wrong = Options::new().init_payload(&[1, 2]);
    assert_eq!(
        code(Transport::new("ws://server", wrong)),
        Some("INIT_PAYLOAD_FAILED")
    );
}

#[wasm_bindgen_test]
async fn variables_that_serialise_to_nothing_are_none() {
    #[derive(Serialize)]
    struct Nothing;
    let (transport, class) = connected(&JsValue::NULL).await;
    let plain = || Request::<Number>::new("{ n }");
    transport.execute(plain()).await.unwrap();
    transport.execute(plain().variables(&())).await.unwrap();
    transport
        .execute(plain().variables(&Nothing))
        .await
        .unwrap();
    let none = plain().variables(&None::<Token>).extensions(&());
    transport.execute(none).await.unwrap();
    let some = plain().variables(&Token { token: "t" });
    transport.execute(some).await.unwrap();
    let payload = |variables| format!(r#"{{"query":"{{ n }}"{variables}}}"#);
    assert_eq!(
        sent_payloads(&class),
        format!(
            "{0} {0} {0} {0} {1}",
            payload(""),
            payload(r#","variables":{"token":"t"}"#)
        )
    );
    let wrong = plain().variables(&"not an object");
    let error = transport.execute(wrong).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request cannot be serialised to JSON: variables: it does not serialise to a JSON object"
    );
}

async fn answer<T: serde::de::DeserializeOwned>(
    result: &str,
) -> Result<wireql::Response<T>, Error> {
    let options = Options::new().web_socket(answering(result));
    let transport = Transport::new("ws://server/graphql", options).unwrap();
    transport.connect().await.unwrap();
    transport.execute("{ n }").await
}

#[wasm_bindgen_test]
async fn numbers_and_unions_are_what_their_types_say() {
    #[derive(Debug, PartialEq, Deserialize)]
    #[serde(tag = "__typename")]
    enum Item {
        Big {
            unsigned: u64,
            signed: i64,
        },
        Small {
            int: i32,
            whole: f64,
            part: f64,
        },
        #[serde(other)]
        Other,
    }
    #[derive(Deserialize)]
    struct Items {
        items: Vec<Item>,
        time: u64,
    }
    let text = r#"{"data":{"time":1535164942454,"items":[
        {"__typename":"Big","unsigned":1535164942454,"signed":-9007199254740991},
        {"__typename":"Small","int":3.0,"whole":3,"part":0.5},{"__typename":"New","x":[null]}]}}"#;
    let items = answer::<Items>(text).await.unwrap().data.unwrap();
    assert_eq!(items.time, 1_535_164_942_454);
    let expected = [
        Item::Big {
            unsigned: 1_535_164_942_454,
            signed: -9_007_199_254_740_991,
        },
        Item::Small {
            int: 3,
            whole: 3.0,
            part: 0.5,
        },
        Item::Other,
    ];
    assert_eq!(items.items, expected);
}

#[wasm_bindgen_test]
async fn a_result_may_lack_anything() {
    let response = answer::<Number>("{}").await.unwrap();
    assert!(response.data.is_none() && response.errors.is_empty() && !response.has_next);
    assert!(response.extensions.is_none());
    let nulls =
        r#"{"data":null,"errors":[{"message":null,"path":null}],"extensions":null,"hasNext":null}"#;
    let response = answer::<Number>(nulls).await.unwrap();
    assert!(response.data.is_none() && response.extensions.is_none());
    assert_eq!(response.errors[0].to_string(), "");
    let text = r#"{"data":{"n":1},"errors":[{"message":"partly","errorType":"X"}],"extensions":{"cost":3}}"#;
    let response = answer::<Number>(text).await.unwrap();
    assert_eq!(response.data.unwrap().n, 1);
    assert_eq!(response.errors[0].to_string(), "partly");
    let cost = js_sys::Reflect::get(&response.extensions.unwrap(), &"cost".into()).unwrap();
    assert_eq!(cost, 3);
}

#[wasm_bindgen_test]
async fn a_refusal_has_typed_errors() {
    for (payload, expected) in [
        (
            r#"[{"message":"no","path":["a",0],"extensions":{"code":"FORBIDDEN"}},{"message":"never"}]"#,
            "no (at a.0) FORBIDDEN, never -",
        ),
        (r#"{"message":"one"}"#, "one -"),
        (
            r#"{"errors":[{"errorType":"Denied","message":"nested"}]}"#,
            "nested -",
        ),
        (r#"{"reason":"phoenix"}"#, "phoenix -"),
        (r#"[{"message":"odd","locations":"none"}]"#, "odd -"),
        (r#"[{"code":7}]"#, r#"{"code":7} -"#),
        (r#""text""#, "text -"),
        ("[]", ""),
        ("null", ""),
    ] {
        let end = end(&format!(r#"{{"type":"error","payload":{payload}}}"#));
        let (transport, _) = connected(&end).await;
        let results = transport.subscribe::<Number>("subscription { n }");
        let seen: Vec<_> = results.collect().await;
        let error = seen.last().unwrap().as_ref().err().unwrap();
        assert_eq!(error.code(), Code::QUERY_ERROR, "{payload}");
        let told: Vec<_> = error
            .errors()
            .iter()
            .map(|error| {
                let code = error.extension::<String>("code");
                let boxed: Box<dyn std::error::Error> = Box::new(error.clone());
                format!("{boxed} {}", code.as_deref().unwrap_or("-"))
            })
            .collect();
        assert_eq!(told.join(", "), expected, "{payload}");
    }
}

#[wasm_bindgen_test]
async fn a_failed_first_connect_leaves_a_transport_to_try_again() {
    let class = failing_once();
    let options = Options::new().web_socket(class);
    let transport = Transport::new("ws://server/graphql", options.clone()).unwrap();
    let same = transport.clone();
    let other = Transport::new("ws://server/graphql", options).unwrap();
    assert!(transport == same && transport != other);
    let events = transport.connection_events();
    assert_eq!(code(transport.connect().await), Some("CONNECTION_REFUSED"));
    assert_eq!(format!("{transport:?}"), "Transport { state: Closed, .. }");
    transport.connect().await.unwrap();
    assert_eq!(same.state(), TransportState::Ready);
    let seen: Vec<_> = events.take(6).map(|event| happened(&event)).collect().await;
    assert_eq!(
        seen,
        [
            "connecting 1 First",
            "error CONNECTION_REFUSED",
            "disconnected CONNECTION_REFUSED Stop",
            "connecting 2 First",
            "opened GraphqlTransportWs",
            "connected false"
        ]
    );
}

fn happened(event: &ConnectionEvent) -> String {
    match event {
        ConnectionEvent::Connecting(attempt) => {
            format!("connecting {} {:?}", attempt.number, attempt.reason)
        }
        ConnectionEvent::Opened { dialect, .. } => format!("opened {dialect:?}"),
        ConnectionEvent::Connected { reconnected, .. } => format!("connected {reconnected}"),
        ConnectionEvent::Error(error) => format!("error {}", error.code()),
        ConnectionEvent::Disconnected { reason, outcome } => {
            let error = reason.error.as_ref().unwrap();
            format!("disconnected {} {outcome:?}", error.code())
        }
        _ => "else".to_owned(),
    }
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
            assert_eq!(error.code(), Code::CONNECTION_LOST);
            assert!((js_sys::Date::now() - lost_at).abs() < 60_000.0);
            "-".to_owned()
        }
        Ok(Event::Resumed {
            lost_at,
            resumed_at,
            attempts,
            from_cursor,
        }) => {
            assert!(lost_at <= resumed_at);
            assert_eq!(attempts, 1);
            if from_cursor { ">" } else { "+" }.to_owned()
        }
        Ok(_) => "?".to_owned(),
        Err(error) => error.code().to_string(),
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
    assert_eq!(lost.error.unwrap().code(), Code::CONNECTION_LOST);
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
            Some(Err(error)) => break assert_eq!(error.code(), Code::CONNECTION_LOST),
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

#[wasm_bindgen_test]
async fn handles_of_a_client_can_be_compared_and_its_options_used_again() {
    let options: ClientOptions = Options::new().web_socket(counting(&JsValue::NULL)).into();
    let client = Client::new("ws://server/graphql", options.clone()).unwrap();
    let other = Client::new(String::from("ws://server/graphql"), options).unwrap();
    assert!(client == client.clone() && client != other);
    assert_eq!(format!("{client:?}"), "Client { state: Idle, .. }");
}

#[wasm_bindgen_test]
async fn the_functions_of_the_user_are_told_why_they_are_asked() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let note = |what: &'static str| {
        let asked = asked.clone();
        move |attempt: wireql::Attempt| {
            let code = attempt.error.map(|error| error.code().as_str());
            let told = format!("{what} {} {:?} {code:?}", attempt.number, attempt.reason);
            asked.borrow_mut().push(told);
        }
    };
    let (note_url, note_payload) = (note("url"), note("payload"));
    let number = RefCell::new(0);
    let url = ServerUrl::with(move |attempt| {
        note_url(attempt);
        *number.borrow_mut() += 1;
        let url = format!("https://server/{}", number.borrow());
        async move { Ok(url) }
    });
    let class = counting(&JsValue::NULL);
    let connection = Options::new()
        .web_socket(class.clone())
        .init_payload_with(move |attempt| {
            note_payload(attempt);
            async { Ok(()) }
        });
    let options = ClientOptions::from(connection).base_delay(Duration::from_millis(1));
    let client = Client::new(url, options).unwrap();
    let mut events = client.subscribe::<Number>("subscription { n }");
    assert_eq!(told(events.next().await.unwrap()), "1");
    end_first(&class);
    while told(events.next().await.unwrap()) != "+" {}
    assert_eq!(
        *asked.borrow(),
        [
            "url 1 First None",
            "payload 1 First None",
            "url 1 Lost Some(\"CONNECTION_LOST\")",
            "payload 1 Lost Some(\"CONNECTION_LOST\")",
        ]
    );
    assert_eq!(urls(&class), "wss://server/1 wss://server/2");
    assert_eq!(client.status().state, ClientState::Ready);
}

#[wasm_bindgen_test]
async fn a_function_for_the_url_may_fail_or_give_what_is_none() {
    for (given, message, cause) in [
        (
            Err("signed out"),
            "the url function failed: signed out",
            true,
        ),
        (
            Ok("ftp://server"),
            "the url function failed: the url's scheme must be ws, wss, http or https, but is ftp: expected a url like `wss://example.com/graphql`",
            false,
        ),
    ] {
        let url =
            ServerUrl::with(
                move |_| async move { given.map(str::to_owned).map_err(JsValue::from_str) },
            );
        let transport = Transport::new(url, Options::new()).unwrap();
        let error = transport.connect().await.unwrap_err();
        assert_eq!(error.code(), Code::URL_FAILED);
        assert_eq!(error.to_string(), message);
        assert_eq!(error.cause().unwrap().is_string(), cause);
    }
}

#[wasm_bindgen_test]
async fn what_happens_to_the_connections_is_a_stream() {
    let (client, class) = client(|options| options);
    let mut happenings = client.connection_events();
    let mut events = client.subscribe::<Number>("subscription { n }");
    assert_eq!(told(events.next().await.unwrap()), "1");
    end_first(&class);
    while told(events.next().await.unwrap()) != "+" {}
    let mut seen = Vec::new();
    while seen.len() < 8 {
        seen.push(happenings.next().await.unwrap());
    }
    assert_eq!(
        seen.iter().map(happened).collect::<Vec<_>>(),
        [
            "connecting 1 First",
            "opened GraphqlTransportWs",
            "connected false",
            "error CONNECTION_LOST",
            "disconnected CONNECTION_LOST Retry",
            "connecting 1 Lost",
            "opened GraphqlTransportWs",
            "connected true",
        ]
    );
    assert!(matches!(
        &seen[5],
        ConnectionEvent::Connecting(attempt) if attempt.reason == Reason::Lost && attempt.error.is_some()
    ));
    assert!(matches!(
        &seen[4],
        ConnectionEvent::Disconnected {
            outcome: Outcome::Retry,
            ..
        }
    ));
}

#[derive(Serialize)]
struct After {
    after: i32,
}

#[wasm_bindgen_test]
async fn a_subscription_goes_on_where_it_was_lost() {
    let (client, class) = client(|options| options);
    let request = Request::new("subscription ($after: Int) { n(after: $after) }")
        .variables(&After { after: 0 })
        .resume(
            |response| response.data.as_ref().map(|data: &Number| data.n),
            |after| async move { Ok(After { after }) },
        )
        .dedupe(3);
    let mut events = client.subscribe(request);
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(told(events.next().await.unwrap()));
    }
    end_first(&class);
    for _ in 0..2 {
        seen.push(told(events.next().await.unwrap()));
    }
    assert_eq!(seen, ["1", "2", "3", "-", ">"]);
    // The server has sent 1, 2, 3 again, which are known.
    settled().await;
    client.close().await;
    assert!(events.next().await.is_none());
    let payload =
        r#"{"query":"subscription ($after: Int) { n(after: $after) }","variables":{"after":"#;
    assert_eq!(sent_payloads(&class), format!("{payload}0}}}}"));
    assert_eq!(last_payloads(&class), format!("{payload}3}}}}"));
}

#[wasm_bindgen_test]
async fn variables_to_go_on_with_may_fail() {
    let (client, class) = client(|options| options);
    let request = Request::new("subscription { n }").resume(
        |response| response.data.as_ref().map(|data: &Number| data.n),
        |_| async { Err::<After, _>("no place".into()) },
    );
    let mut events = client.subscribe(request);
    assert_eq!(told(events.next().await.unwrap()), "1");
    end_first(&class);
    let error = loop {
        if let Err(error) = events.next().await.unwrap() {
            break error;
        }
    };
    assert_eq!(error.code(), Code::RESUME_FAILED);
    assert_eq!(error.cause().unwrap().as_string().unwrap(), "no place");
    assert!(events.next().await.is_none());
}
