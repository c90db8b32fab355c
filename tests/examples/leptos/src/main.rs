//! A component that follows a subscription for as long as it is mounted, and one that shows the connection.

use futures_util::StreamExt;
use leptos::prelude::*;
use leptos::reactive::spawn_local_scoped_with_cancellation;
use wireql::{Client, ClientOptions, Event};

#[derive(serde::Deserialize)]
struct Countdown {
    countdown: i32,
}

/// Contexts want `Send`, which a client is not, as its socket belongs to one thread: local storage holds it.
type LocalClient = StoredValue<Client, LocalStorage>;

fn client() -> Client {
    expect_context::<LocalClient>().get_value()
}

#[component]
fn Numbers() -> impl IntoView {
    let (text, set_text) = signal("waiting".to_owned());
    let mut events =
        client().subscribe::<Countdown>("subscription { countdown(from: 1000, ms: 20) }");
    // Dropped with the component, and the stream with it: that stops the operation.
    spawn_local_scoped_with_cancellation(async move {
        while let Some(event) = events.next().await {
            set_text.set(match event {
                Ok(Event::Response(response)) => match response.data {
                    Some(data) => data.countdown.to_string(),
                    None => format!("{:?}", response.errors),
                },
                Ok(Event::Interrupted { .. }) => "interrupted".to_owned(),
                Ok(_) => continue,
                Err(error) => error.to_string(),
            });
        }
    });
    view! { <p id="number">{text}</p> }
}

#[component]
fn Status() -> impl IntoView {
    let client = client();
    let (state, set_state) = signal(client.status().state);
    let mut statuses = client.statuses();
    spawn_local_scoped_with_cancellation(async move {
        while let Some(status) = statuses.next().await {
            set_state.set(status.state);
        }
    });
    view! { <p id="state">{move || format!("{:?}", state.get())}</p> }
}

#[component]
fn App(client: Client) -> impl IntoView {
    provide_context(LocalClient::new_local(client));
    let (shown, set_shown) = signal(true);
    view! {
        <button id="toggle" on:click=move |_| set_shown.update(|shown| *shown = !*shown)>"Toggle"</button>
        <Status />
        <Show when=move || shown.get()><Numbers /></Show>
    }
}

fn main() {
    let url = window().location().hash().unwrap_or_default();
    match Client::new(url.trim_start_matches('#'), ClientOptions::new()) {
        Ok(client) => mount_to_body(move || view! { <App client /> }),
        Err(error) => mount_to_body(move || error.to_string()),
    }
}
