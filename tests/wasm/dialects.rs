//! The handshakes of AppSync and Phoenix as Rust apps choose them, on a scripted socket.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use super::settled;
use futures_channel::oneshot;
use futures_util::StreamExt;
use js_sys::Function;
use serde::Deserialize;
use wasm_bindgen::prelude::*;
use wasm_bindgen_test::wasm_bindgen_test;
use wireql::{
    AppSync, Carrier, Client, Code, Dialect, Error, Event, Hint, Options, Phoenix, Transport,
};

#[wasm_bindgen(module = "/tests/wasm/scripted.js")]
extern "C" {
    fn appsync() -> Function;

    fn phoenix() -> Function;

    /// What its last socket was made with, as JSON.
    #[wasm_bindgen(js_name = madeWith)]
    fn made_with(class: &Function) -> String;

    /// What was sent on it.
    fn texts(class: &Function) -> String;

    fn decode(base64: &str) -> String;
}

#[derive(Debug, Deserialize)]
struct Number {
    n: i32,
}

#[derive(Deserialize)]
struct Made(String, Vec<String>);

fn made(class: &Function) -> Made {
    let value = js_sys::JSON::parse(&made_with(class)).unwrap();
    serde_wasm_bindgen::from_value(value).unwrap()
}

async fn connect(url: &str, options: Options, class: &Function) -> Result<Transport, Error> {
    let transport = Transport::new(url, options.web_socket(class.clone()))?;
    transport.connect().await?;
    Ok(transport)
}

async fn first(transport: &Transport, document: &str) -> Result<i32, Error> {
    let mut results = transport.subscribe::<Number>(document);
    let response = results.next().await.unwrap()?;
    Ok(response.data.unwrap().n)
}

#[wasm_bindgen_test]
async fn the_socket_of_appsync_is_where_aws_has_it_and_the_endpoint_is_what_is_authorised() {
    let aws = "abc.appsync-api.eu-west-1.amazonaws.com";
    let realtime = "wss://abc.appsync-realtime-api.eu-west-1.amazonaws.com/graphql";
    for (given, socket, host) in [
        (&*format!("https://{aws}/graphql"), realtime, aws),
        (&*format!("wss://{aws}/graphql"), realtime, aws),
        (realtime, realtime, aws),
        (
            "https://api.example.com/graphql",
            "wss://api.example.com/graphql/realtime",
            "api.example.com",
        ),
        (
            "https://api.example.com:8443/graphql/",
            "wss://api.example.com:8443/graphql/realtime",
            "api.example.com:8443",
        ),
        (
            "wss://api.example.com/graphql/realtime",
            "wss://api.example.com/graphql/realtime",
            "api.example.com",
        ),
        (
            "https://api.example.com/graphql?stage=a%2Fb",
            "wss://api.example.com/graphql/realtime?stage=a%2Fb",
            "api.example.com",
        ),
        (
            "http://[::1]:4000/graphql",
            "ws://[::1]:4000/graphql/realtime",
            "[::1]:4000",
        ),
        (
            "https://vpce-1-a.appsync-api.eu-west-1.vpce.amazonaws.com/graphql",
            "wss://vpce-1-a.appsync-api.eu-west-1.vpce.amazonaws.com/graphql",
            "vpce-1-a.appsync-api.eu-west-1.vpce.amazonaws.com",
        ),
    ] {
        let class = appsync();
        let options = Options::new().app_sync(AppSync::api_key("da2-key"));
        let transport = connect(given, options, &class).await.unwrap();
        assert_eq!(transport.dialect(), Some(Dialect::AppSync));
        let Made(url, subprotocols) = made(&class);
        assert_eq!(url, socket, "{given}");
        assert_eq!(subprotocols[0], "graphql-ws");
        let header = decode(subprotocols[1].strip_prefix("header-").unwrap());
        let expected = format!(r#"{{"host":"{host}","x-api-key":"da2-key"}}"#);
        assert_eq!(header, expected, "{given}");
        assert_eq!(first(&transport, "subscription { n }").await.unwrap(), 1);
        let start = format!(
            r#"{{"id":"1","type":"start","payload":{{"data":"{{\"query\":\"subscription {{ n }}\"}}","extensions":{{"authorization":{expected}}}}}}}"#
        );
        assert!(texts(&class).contains(&start), "{}", texts(&class));
    }
}

#[wasm_bindgen_test]
async fn a_query_of_the_url_can_carry_the_authorisation_of_appsync() {
    let class = appsync();
    let dialect = AppSync::token(|| async { Ok("a?~>".to_owned()) }).carrier(Carrier::Query);
    let options = Options::new().app_sync(dialect);
    connect(
        "https://api.example.com/graphql?a=1&header=old",
        options,
        &class,
    )
    .await
    .unwrap();
    let Made(url, subprotocols) = made(&class);
    assert_eq!(subprotocols, ["graphql-ws"]);
    let url = web_sys::Url::new(&url).unwrap();
    let query = url.search_params();
    assert_eq!(query.get("a").unwrap(), "1");
    assert_eq!(query.get_all("header").length(), 1);
    assert_eq!(
        decode(&query.get("header").unwrap()),
        r#"{"host":"api.example.com","Authorization":"a?~>"}"#
    );
    assert_eq!(query.get("payload").unwrap(), "e30=");
}

#[wasm_bindgen_test]
async fn a_function_is_told_what_to_sign_for_the_handshake_and_for_each_operation() {
    let asked = Rc::new(RefCell::new(Vec::new()));
    let seen = asked.clone();
    let dialect = AppSync::sign(move |request| {
        let number = seen.borrow().len();
        seen.borrow_mut().push(format!(
            "{} {} {} {}",
            request.is_connect, request.url, request.host, request.body
        ));
        async move {
            Ok(vec![
                ("Host".to_owned(), "mine".to_owned()),
                ("n".to_owned(), number.to_string()),
            ])
        }
    });
    let class = appsync();
    let options = Options::new().app_sync(dialect);
    let transport = connect("https://api.example.com/graphql?a=1", options, &class)
        .await
        .unwrap();
    for _ in 0..2 {
        assert_eq!(first(&transport, "subscription { n }").await.unwrap(), 1);
    }
    let start =
        r#"false https://api.example.com/graphql api.example.com {"query":"subscription { n }"}"#;
    assert_eq!(
        *asked.borrow(),
        [
            "true https://api.example.com/graphql/connect api.example.com {}",
            start,
            start
        ]
    );
    // A host that is given stays the only one, however it is written.
    assert!(texts(&class).contains(r#""authorization":{"Host":"mine","n":"2"}"#));
}

#[wasm_bindgen_test]
async fn what_fails_in_appsync_has_a_code_and_its_cause() {
    let class = appsync();
    let fails = Rc::new(Cell::new(true));
    let failing = fails.clone();
    let dialect = AppSync::token(move || {
        let fails = failing.get();
        async move {
            if fails {
                Err("signed out".into())
            } else {
                Ok("t".to_owned())
            }
        }
    });
    let options = Options::new().app_sync(dialect).web_socket(class);
    let transport = Transport::new("https://api.example.com/graphql", options).unwrap();
    let error = transport.connect().await.unwrap_err();
    assert_eq!(error.code(), Code::CREDENTIALS_FAILED);
    assert_eq!(error.ends(), wireql::Ends::Connection);
    assert_eq!(error.cause().unwrap().as_string().unwrap(), "signed out");
    fails.set(false);
    transport.connect().await.unwrap();
    let refused = transport.execute::<Number>("{ n }").await.unwrap_err();
    assert_eq!(refused.code(), Code::UNSUPPORTED_OPERATION);
    fails.set(true);
    let error = first(&transport, "subscription { n }").await.unwrap_err();
    assert_eq!(error.code(), Code::CREDENTIALS_FAILED);
    assert_eq!(error.ends(), wireql::Ends::Operation);
    fails.set(false);
    assert_eq!(first(&transport, "subscription { n }").await.unwrap(), 1);
}

#[wasm_bindgen_test]
async fn the_socket_of_phoenix_is_below_its_mount_with_parameters_in_its_url() {
    for (given, socket) in [
        (
            "https://example.com/socket",
            "wss://example.com/socket/websocket?n=a%2Bb&vsn=2.0.0",
        ),
        (
            "ws://[::1]:4000/socket/",
            "ws://[::1]:4000/socket/websocket?n=a%2Bb&vsn=2.0.0",
        ),
        (
            "wss://example.com/socket/websocket/?n=old&vsn=1.0.0",
            "wss://example.com/socket/websocket?n=a%2Bb&vsn=2.0.0",
        ),
        (
            "wss://example.com/",
            "wss://example.com/websocket?n=a%2Bb&vsn=2.0.0",
        ),
    ] {
        let class = phoenix();
        let dialect =
            Phoenix::new().params(|| async { Ok(vec![("n".to_owned(), "a+b".to_owned())]) });
        let options = Options::new().phoenix(dialect);
        let transport = connect(given, options, &class).await.unwrap();
        assert_eq!(transport.dialect(), Some(Dialect::Phoenix));
        let Made(url, subprotocols) = made(&class);
        assert_eq!(url, socket, "{given}");
        assert!(subprotocols.is_empty());
        let answer = transport.execute::<Number>("{ n }").await.unwrap();
        assert_eq!(answer.data.unwrap().n, 1);
    }
}

#[wasm_bindgen_test]
async fn a_token_and_a_topic_of_phoenix() {
    let class = phoenix();
    let dialect = Phoenix::new()
        .auth_token(|| async { Ok("good".to_owned()) })
        .topic("mine");
    let options = Options::new().phoenix(dialect);
    connect("wss://example.com/socket", options, &class)
        .await
        .unwrap();
    let Made(_, subprotocols) = made(&class);
    assert_eq!(subprotocols, ["phoenix", "base64url.bearer.phx.Z29vZA"]);
    assert!(
        texts(&class).contains(r#","mine","phx_join","#),
        "{}",
        texts(&class)
    );
}

#[wasm_bindgen_test]
async fn what_fails_in_phoenix_has_a_code_and_tells_no_secret() {
    let of = |token: Result<&'static str, &'static str>| {
        Phoenix::new()
            .auth_token(move || async move { token.map(str::to_owned).map_err(JsValue::from_str) })
    };
    for (token, message) in [
        (
            Ok("secret???"),
            "the credentials could not be made: the base64 of the auth token has a `/`",
        ),
        (
            Err("signed out"),
            "the credentials could not be made: signed out",
        ),
    ] {
        let options = Options::new().phoenix(of(token));
        let error = connect("wss://example.com/socket", options, &phoenix())
            .await
            .unwrap_err();
        assert_eq!(error.code(), Code::CREDENTIALS_FAILED);
        assert!(error.to_string().starts_with(message), "{error}");
        assert!(!error.to_string().contains("secret"));
    }
}

#[wasm_bindgen_test]
async fn a_handshake_that_was_given_up_leaves_no_credentials() {
    let (answer_first, first) = oneshot::channel::<()>();
    let (answer_payload, payload) = oneshot::channel::<()>();
    let first = RefCell::new(Some(first));
    let dialect = Phoenix::new().auth_token(move || {
        let first = first.take();
        async move {
            let Some(first) = first else {
                return Ok("second".to_owned());
            };
            first.await.unwrap();
            Ok("first".to_owned())
        }
    });
    let payloads = RefCell::new(vec![Some(payload), None]);
    let class = phoenix();
    let options = Options::new()
        .phoenix(dialect)
        .web_socket(class.clone())
        .init_payload_with(move |_| {
            let payload = payloads.borrow_mut().pop().unwrap();
            async move {
                if let Some(payload) = payload {
                    payload.await.unwrap();
                }
                Ok(())
            }
        });
    let client = Client::new("wss://example.com/socket", options).unwrap();
    let mut events = client.subscribe::<Number>("{ n }");
    settled().await;
    // Begins the attempt anew, with the second token; the payload is still to come.
    client.notify(Hint::Wake);
    settled().await;
    answer_first.send(()).unwrap();
    settled().await;
    answer_payload.send(()).unwrap();
    assert!(matches!(events.next().await, Some(Ok(Event::Response(_)))));
    let Made(_, subprotocols) = made(&class);
    assert_eq!(subprotocols, ["phoenix", "base64url.bearer.phx.c2Vjb25k"]);
}
