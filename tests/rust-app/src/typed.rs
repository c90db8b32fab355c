//! Typed operations of `graphql_client` and of `cynic`.

use futures_util::{Stream, StreamExt};
use graphql_client::GraphQLQuery;
use wasm_bindgen::prelude::*;
use wireql::{Client, ClientOptions, Error, Event, Request};

use crate::told;

#[derive(GraphQLQuery)]
#[graphql(schema_path = "schema.graphql", query_path = "operations.graphql")]
struct Countdown;

#[derive(GraphQLQuery)]
#[graphql(schema_path = "schema.graphql", query_path = "operations.graphql")]
struct Hello;

/// The values of a stream's results, joined.
async fn values<T>(
    events: impl Stream<Item = Result<Event<T>, Error>>,
    value: impl Fn(T) -> String,
) -> Result<String, JsValue> {
    let mut events = Box::pin(events);
    let mut values = Vec::new();
    while let Some(event) = events.next().await {
        if let Event::Response(response) = event.map_err(told)? {
            values.push(response.data.map_or_else(|| "-".to_owned(), &value));
        }
    }
    Ok(values.join(" "))
}

fn client(url: &str) -> Result<Client, JsValue> {
    Client::new(url, ClientOptions::new()).map_err(told)
}

/// A subscription with variables, and a query whose variables are a unit struct.
#[wasm_bindgen]
pub async fn of_graphql_client(url: String) -> Result<String, JsValue> {
    let client = client(&url)?;
    let countdown = Request::of::<Countdown>(countdown::Variables { from: 2 });
    let numbers = values(client.subscribe(countdown), |data| {
        data.countdown.to_string()
    })
    .await?;
    let hello = client.execute(Request::of::<Hello>(hello::Variables));
    let hello = hello.await.map_err(told)?.data;
    client.close().await;
    Ok(format!(
        "{numbers} {}",
        hello.map_or_else(String::new, |data| data.hello)
    ))
}

mod with_cynic {
    cynic::use_schema!("schema.graphql");
}
use with_cynic as schema;

#[derive(cynic::QueryVariables)]
struct From {
    from: i32,
}

#[derive(cynic::QueryFragment)]
#[cynic(
    graphql_type = "Subscription",
    schema_path = "schema.graphql",
    variables = "From"
)]
struct CountdownFragment {
    #[arguments(from: $from, ms: 1)]
    countdown: i32,
}

#[derive(cynic::QueryVariables)]
struct Name {
    name: Option<String>,
}

#[derive(cynic::QueryFragment)]
#[cynic(
    graphql_type = "Query",
    schema_path = "schema.graphql",
    variables = "Name"
)]
struct HelloFragment {
    #[arguments(name: $name)]
    hello: String,
}

#[derive(cynic::QueryFragment)]
#[cynic(graphql_type = "Mutation", schema_path = "schema.graphql")]
struct SetMessage {
    #[arguments(message: "typed")]
    set_message: String,
}

/// A subscription, a query, and a mutation whose variables are `()`.
#[wasm_bindgen]
pub async fn of_cynic(url: String) -> Result<String, JsValue> {
    use cynic::{MutationBuilder, QueryBuilder, SubscriptionBuilder};
    let client = client(&url)?;
    let countdown = CountdownFragment::build(From { from: 2 });
    let numbers = values(client.subscribe(countdown), |data| {
        data.countdown.to_string()
    })
    .await?;
    let name = Some("Ada".to_owned());
    let hello = client.execute(HelloFragment::build(Name { name })).await;
    let message = client.execute(SetMessage::build(())).await;
    client.close().await;
    let hello = hello.map_err(told)?.data;
    let message = message.map_err(told)?.data;
    Ok(format!(
        "{numbers} {} {}",
        hello.map_or_else(String::new, |data| data.hello),
        message.map_or_else(String::new, |data| data.set_message)
    ))
}
