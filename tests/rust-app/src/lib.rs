//! What a Rust app does with the crate: each function is one story, told by what it returns.
#![cfg(target_arch = "wasm32")]

mod typed;

use std::time::Duration;

use futures_util::StreamExt;
use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;
use wireql::{
    AppSync, Client, ClientOptions, Error, Event, Options, Phoenix, Request, ServerUrl, Transport,
};

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
        .init_payload_with(|_| async { Ok(Name { name: "rust-app" }) })
        .ack_timeout(Some(Duration::from_secs(5)));
    let transport = Transport::new(url, options).map_err(told)?;
    transport.connect().await.map_err(told)?;
    Ok(transport)
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
        .variables(&Name { name: "Ada" });
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
                .map_or("fits", |error| error.code().as_str())
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
    told_so_far.push(format!("{absent} {}", failing.errors[0]));
    let refused = transport.execute::<Hello>("{ nothing }").await;
    let refused = refused.err();
    told_so_far.push(refused.map_or_else(
        || "answered".to_owned(),
        |error| format!("{} {}", error.code(), error.errors()[0]),
    ));
    transport.close().await;
    let closed = transport.execute::<Hello>("{ hello }").await;
    told_so_far.push(
        closed
            .err()
            .map_or("answered", |error| error.code().as_str())
            .to_owned(),
    );
    transport.connect().await.map_err(told)?;
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
            Event::Response(response)
                if response
                    .data
                    .as_ref()
                    .is_some_and(|data| data.countdown == 999) =>
            {
                lose.call0(&JsValue::NULL)?;
            }
            Event::Interrupted { error, .. } => told_so_far += &format!("{} ", error.code()),
            Event::Resumed { .. } => {
                told_so_far += "resumed ";
                gap = true;
            }
            _ => {}
        }
    }
    Ok(told_so_far + "ended")
}

#[derive(Deserialize)]
struct Ticks {
    ticks: i32,
}

/// The first two results of a subscription that has no end.
async fn two_ticks(client: &Client) -> Result<String, JsValue> {
    let events = client.subscribe::<Ticks>("subscription { ticks }");
    let mut told_so_far = String::new();
    for event in events.take(2).collect::<Vec<_>>().await {
        if let Event::Response(response) = event.map_err(told)? {
            told_so_far += &format!("{} ", response.data.map_or(-1, |data| data.ticks));
        }
    }
    Ok(told_so_far)
}

/// A subscription of AppSync's at an endpoint that is looked up, and an operation that it does not have.
#[wasm_bindgen]
pub async fn of_app_sync(url: String, key: String) -> Result<String, JsValue> {
    let url = ServerUrl::with(move |_| {
        let url = url.clone();
        async move { Ok(url) }
    });
    let options = ClientOptions::from(Options::new().app_sync(AppSync::api_key(key)));
    let client = Client::new(url, options.initial_attempts(Some(1))).map_err(told)?;
    let ticks = two_ticks(&client).await?;
    let refused = client.execute::<Hello>("{ hello }").await;
    client.close().await;
    Ok(ticks
        + refused
            .err()
            .map_or("answered", |error| error.code().as_str()))
}

/// A subscription and a query through Phoenix' channel.
#[wasm_bindgen]
pub async fn of_phoenix(url: String, token: String) -> Result<String, JsValue> {
    let dialect = Phoenix::new().params(move || {
        let token = token.clone();
        async move { Ok(vec![("token".to_owned(), token)]) }
    });
    let options = ClientOptions::from(Options::new().phoenix(dialect));
    let client = Client::new(url, options.initial_attempts(Some(1))).map_err(told)?;
    let ticks = two_ticks(&client).await?;
    let hello = client.execute::<Hello>("{ hello }").await.map_err(told)?;
    client.close().await;
    Ok(ticks + &hello.data.map_or_else(String::new, |data| data.hello))
}
