//! A component that follows a subscription for as long as it is mounted, and one that shows the connection.

use futures_util::StreamExt;
use futures_util::future::abortable;
use wasm_bindgen_futures::spawn_local;
use wireql::{Client, ClientOptions, Event};
use yew::prelude::*;

#[derive(serde::Deserialize)]
struct Countdown {
    countdown: i32,
}

/// Runs a task for as long as the component is mounted that calls it.
#[hook]
fn use_task<F: Future<Output = ()> + 'static>(task: impl FnOnce() -> F + 'static) {
    use_effect_with((), move |()| {
        let (task, handle) = abortable(task());
        spawn_local(async {
            let _ = task.await;
        });
        move || handle.abort()
    });
}

#[component]
fn Numbers() -> Html {
    let client = use_context::<Client>().expect("a client");
    let text = use_state(|| "waiting".to_owned());
    let set_text = text.setter();
    use_task(move || async move {
        // Dropped with the task: that stops the operation.
        let mut events =
            client.subscribe::<Countdown>("subscription { countdown(from: 1000, ms: 20) }");
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
    html! { <p id="number">{ &*text }</p> }
}

#[component]
fn Status() -> Html {
    let client = use_context::<Client>().expect("a client");
    let state = use_state(|| client.status().state);
    let set_state = state.setter();
    use_task(move || async move {
        let mut statuses = client.statuses();
        while let Some(status) = statuses.next().await {
            set_state.set(status.state);
        }
    });
    html! { <p id="state">{ format!("{:?}", *state) }</p> }
}

#[component]
fn App() -> Html {
    let client = use_memo((), |()| {
        let url = url();
        Client::new(url.trim_start_matches('#'), ClientOptions::new())
    });
    let shown = use_state(|| true);
    let toggle = {
        let shown = shown.clone();
        move |_| shown.set(!*shown)
    };
    match &*client {
        Ok(client) => html! {
            <ContextProvider<Client> context={client.clone()}>
                <button id="toggle" onclick={toggle}>{ "Toggle" }</button>
                <Status />
                if *shown { <Numbers /> }
            </ContextProvider<Client>>
        },
        Err(error) => html! { error.to_string() },
    }
}

fn url() -> String {
    web_sys::window()
        .and_then(|window| window.location().hash().ok())
        .unwrap_or_default()
}

fn main() {
    yew::Renderer::<App>::new().render();
}
