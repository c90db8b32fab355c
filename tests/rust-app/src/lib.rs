//! What a Rust app does with the crate: each function is one story, told by what it returns.
#![cfg(target_arch = "wasm32")]

use std::time::Duration;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wireql::{Client, ClientOptions, Error, Event, Options, Request, Transport};

#[derive(Deserialize)]
struct Countdown {
    countdown: i32,
}

#[derive(Deserialize)]
struct Hello {
    hello: String,
}

#[derive(Serialize)]
struct Name<'a> {
    name: &'a str,
}

fn told(error: Error) -> JsValue {
    JsValue::from_str(&format!("{}: {error}", error.code()))
}

async fn connect(url: &str) -> Result<Transport, JsValue> {
    let options = Options::new()
        .init_payload_with(|| async { Ok(Name { name: "rust-app" }) })
        .ack_timeout(Some(Duration::from_secs(5)));
    Transport::connect(url, options).await.map_err(told)
}

/// A subscription to its end, then a query with a variable, then the close code.
#[wasm_bindgen]
pub async fn everything(url: String) -> Result<String, JsValue> {
    let transport = connect(&url).await?;
    let mut told_so_far = String::new();
    let mut results =
        transport.subscribe::<Countdown>("subscription { countdown(from: 2, ms: 1) }");
    while let Some(response) = results.next().await {
        let data = response.map_err(told)?.data;
        told_so_far += &format!("{} ", data.map_or(-1, |data| data.countdown));
    }
    let request = Request::new("query ($name: String) { hello(name: $name) }")
        .variables(&Name { name: "Ada" })
        .map_err(told)?;
    let response = transport.execute::<Hello>(request).await.map_err(told)?;
    told_so_far += &response.data.map_or_else(String::new, |data| data.hello);
    transport.close().await;
    let close = transport.close_reason().and_then(|reason| reason.close);
    told_so_far += &format!(" {}", close.map_or(0, |close| close.code));
    Ok(told_so_far)
}

/// Takes two results and drops the stream; the connection goes on, and is dropped at the end.
#[wasm_bindgen]
pub async fn left_early(url: String) -> Result<String, JsValue> {
    let transport = connect(&url).await?;
    let results = transport.subscribe::<Countdown>("subscription { countdown(from: 1000, ms: 5) }");
    let first: Vec<_> = results.take(2).collect().await;
    let answer = transport
        .execute::<Hello>("{ hello }")
        .await
        .map_err(told)?;
    let first = first.into_iter().filter_map(|response| response.ok()?.data);
    let first: Vec<_> = first.map(|data| data.countdown).collect();
    Ok(format!(
        "{first:?} {}",
        answer.data.map_or_else(String::new, |data| data.hello)
    ))
}

/// A result that does not fit its type, GraphQL errors, and an operation that the server refuses.
#[wasm_bindgen]
pub async fn errors(url: String) -> Result<String, JsValue> {
    let transport = connect(&url).await?;
    let mut told_so_far = Vec::new();
    let mut wrong = transport.subscribe::<Hello>("subscription { countdown(from: 1, ms: 1) }");
    while let Some(response) = wrong.next().await {
        told_so_far.push(
            response
                .err()
                .map_or("fits", |error| error.code())
                .to_owned(),
        );
    }
    #[derive(Deserialize)]
    struct Failing {
        failing: Option<String>,
    }
    let failing = transport
        .execute::<Failing>("{ failing }")
        .await
        .map_err(told)?;
    let absent = failing.data.is_some_and(|data| data.failing.is_none());
    told_so_far.push(format!(
        "{absent} {} {:?}",
        failing.errors[0].message, failing.errors[0].path
    ));
    let refused = transport.execute::<Hello>("{ nothing }").await;
    told_so_far.push(
        refused
            .err()
            .map_or("answered", |error| error.code())
            .to_owned(),
    );
    transport.close().await;
    let closed = transport.execute::<Hello>("{ hello }").await;
    told_so_far.push(
        closed
            .err()
            .map_or("answered", |error| error.code())
            .to_owned(),
    );
    transport.reconnect().await.map_err(told)?;
    let again = transport.execute::<Hello>("{ hello }").await;
    told_so_far
        .push(again.map_or_else(|error| error.to_string(), |_| "connected again".to_owned()));
    Ok(told_so_far.join(", "))
}

/// A subscription that outlives a connection: calls `lose` behind the second number, and tells all until
/// the first number after the gap.
#[wasm_bindgen]
pub async fn outlives(url: String, lose: js_sys::Function) -> Result<String, JsValue> {
    let options = ClientOptions::new().base_delay(Duration::from_millis(10));
    let client = Client::new(&url, options).map_err(told)?;
    let mut events = client.subscribe::<Countdown>("subscription { countdown(from: 1000, ms: 5) }");
    let mut told_so_far = String::new();
    let mut gap = false;
    while let Some(event) = events.next().await {
        match event.map_err(told)? {
            Event::Response(response) if gap => {
                let number = response.data.map_or(-1, |data| data.countdown);
                return Ok(told_so_far + &number.to_string());
            }
            Event::Response(response) => {
                if response.data.is_some_and(|data| data.countdown == 999) {
                    lose.call0(&JsValue::NULL)?;
                }
            }
            Event::Interrupted { error, .. } => told_so_far += &format!("{} ", error.code()),
            Event::Resumed { .. } => {
                told_so_far += "resumed ";
                gap = true;
            }
        }
    }
    Ok(told_so_far + "ended")
}
