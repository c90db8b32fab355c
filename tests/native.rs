//! The crate for Rust apps where it is not WebAssembly: what a server renders compiles, and nothing panics.
#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test fails by panicking"
)]

use std::mem::needs_drop;
use std::time::Duration;

use futures_util::{FutureExt, Stream, StreamExt};
use serde::{Deserialize, Serialize};
use wireql::{
    AppSync, Client, ClientOptions, ClientState, Code, ConnectionEvent, Error, Hint, Options,
    Phoenix, Request, ServerUrl, Subprotocol, Transport, TransportState,
};

#[derive(Deserialize)]
struct Number {
    #[allow(dead_code, reason = "nothing is decoded here")]
    n: i32,
}

#[derive(Serialize)]
struct Token {
    token: &'static str,
}

fn client() -> Client {
    let connection = Options::new()
        .init_payload(&Token { token: "t" })
        .init_payload_with(|_| async { Ok(Token { token: "t" }) })
        .subprotocols(&[Subprotocol::GraphqlWs])
        .ping_interval(Some(Duration::from_secs(1)))
        .trace(|_| ());
    let options = ClientOptions::from(connection)
        .lazy(false)
        .retry_when(|_| None)
        .retry_delay(|_| async { Duration::ZERO });
    Client::new("wss://example.com/graphql", options.clone()).unwrap()
}

fn request() -> Request<Number> {
    Request::new("subscription { n }")
        .variables(&Token { token: "t" })
        .extensions(&())
        .resume(|_| Some(1), |_| async { Ok(()) })
        .idempotent(true)
}

/// What is ready at once: there is nobody to wait for.
fn now<T>(future: impl Future<Output = T>) -> T {
    future.now_or_never().expect("it is ready")
}

fn refused<T>(result: Result<T, Error>) {
    let error = result.err().expect("an error");
    assert_eq!(error.code(), Code::ONLY_IN_WEBASSEMBLY);
    assert!(
        error.to_string().contains("in WebAssembly alone"),
        "{error}"
    );
    assert!(error.errors().is_empty() && error.cause().is_none() && error.close().is_none());
    assert!(format!("{error:?}").contains("ONLY_IN_WEBASSEMBLY"));
}

fn refused_once<T>(stream: impl Stream<Item = Result<T, Error>> + Unpin) {
    let mut all = now(stream.collect::<Vec<_>>());
    assert_eq!(all.len(), 1);
    refused(all.remove(0));
}

#[test]
fn each_call_of_a_client_is_an_error_that_says_so() {
    let client = client();
    refused_once(client.subscribe(request()));
    refused_once(client.subscribe::<Number>("subscription { n }"));
    refused(now(client.execute::<Number>("{ n }")));
    refused(now(client.connect()));
    refused(now(client.reconnect()));
    refused(client.send_ping());
    client.notify(Hint::Online);
    now(client.close());
}

#[test]
fn a_client_is_idle_and_says_so_once() {
    let client = client();
    let status = client.status();
    assert_eq!(status.state, ClientState::Idle);
    assert!(status.error.is_none());
    let statuses = now(client.statuses().collect::<Vec<_>>());
    assert_eq!(statuses.len(), 1);
    assert_eq!(format!("{client:?}"), "Client { state: Idle, .. }");
    assert!(client == client.clone());
    assert!(client.dialect().is_none() && client.close_reason().is_none());
    assert!(client.payloads().ping.is_none());
    let mut events = now(client.connection_events().collect::<Vec<_>>());
    assert_eq!(events.len(), 1);
    match events.remove(0) {
        ConnectionEvent::Error(error) => refused(Err::<(), _>(error)),
        other => panic!("expected an error, came {other:?}"),
    }
}

#[test]
fn each_call_of_a_transport_is_an_error_that_says_so() {
    for options in [
        Options::new(),
        Options::new().app_sync(AppSync::api_key("k")),
        Options::new().app_sync(AppSync::token(|| async { Ok(String::new()) })),
        Options::new().phoenix(Phoenix::new().params(|| async { Ok(Vec::new()) })),
    ] {
        let url = ServerUrl::with(|_| async { Ok("wss://example.com".to_owned()) });
        let transport = Transport::new(url, options).unwrap();
        refused(now(transport.connect()));
        refused_once(transport.subscribe(request()));
        refused(now(transport.execute(request())));
        refused(transport.send_ping());
        now(transport.close());
        now(transport.wait_closed());
        assert_eq!(transport.state(), TransportState::Idle);
        assert_eq!(format!("{transport:?}"), "Transport { state: Idle, .. }");
    }
}

/// Frameworks render on many threads. `SendWrapper` panics if another thread drops it, unless there is nothing to drop.
#[test]
fn a_handle_may_be_sent_and_dropped_anywhere() {
    fn sent<T: Send + Sync>(_: &T) {}
    let transport = Transport::new("wss://example.com", Options::new()).unwrap();
    sent(&client());
    sent(&transport);
    assert!(!needs_drop::<Client>() && !needs_drop::<Transport>());
}
