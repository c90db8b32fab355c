// A small client for any GraphQL server: connects, runs an operation, shows the results as they
// arrive. It uses the package as any page would.
import { WebSocketTransport } from 'wireql';

/** More results than this are counted, and the oldest no longer shown. */
const SHOWN = 200;

const element = (id) => document.getElementById(id);
const [stateOutput, summary, errorLine, list] = ['state', 'summary', 'error', 'results'].map(element);

let transport;
let results;

// ---- what is shown ------------------------------------------------------------

const showState = () => {
  const state = transport?.state ?? 'idle';
  stateOutput.textContent = state;
  stateOutput.dataset.state = state;
  element('connect').disabled = ['connecting', 'ready', 'closing'].includes(state);
  element('close').disabled = !['connecting', 'ready'].includes(state);
  element('run').disabled = state !== 'ready' || results !== undefined;
  element('stop').disabled = results === undefined;
};

const showError = (error) => {
  errorLine.hidden = error === undefined;
  errorLine.textContent = error === undefined ? '' : `${error.name}: ${error.message}`;
};

const showResult = (result) => {
  const item = document.createElement('li');
  item.textContent = JSON.stringify(result);
  list.prepend(item);
  if (list.childElementCount > SHOWN) list.lastElementChild.remove();
};

// ---- what the user does ----------------------------------------------------------

const json = (id) => {
  const text = element(id).value.trim();
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TypeError(`${id} is not JSON: ${error.message}`);
  }
};

/** Runs the handler, and shows what it throws. */
const handle = (handler) => async (event) => {
  event.preventDefault();
  showError();
  try {
    await handler();
  } catch (error) {
    showError(error);
  }
  showState();
};

const connect = async () => {
  list.replaceChildren();
  summary.textContent = 'Connect, then run an operation.';
  const initPayload = json('init-payload');
  transport = new WebSocketTransport(element('url').value, { initPayload, pingInterval: 12_000 });
  const connecting = transport.connect();
  showState();
  await connecting;
  transport.waitClosed().then(showState);
};

const close = async () => {
  const closing = transport.close();
  showState();
  await closing;
};

const run = async () => {
  const variables = json('variables');
  list.replaceChildren();
  let count = 0;
  const started = performance.now();
  const summarise = (what) => {
    summary.textContent = `${what}: ${count} result${count === 1 ? '' : 's'} in ${Math.round(performance.now() - started)} ms`;
    list.start = count;
  };
  results = transport.subscribe(element('query').value, { variables });
  summarise('Running');
  showState();
  let outcome = 'Failed';
  try {
    for await (const result of results) {
      count += 1;
      showResult(result);
      summarise('Running');
    }
    outcome = 'Ended';
  } finally {
    results = undefined;
    summarise(outcome);
  }
};

element('connection').addEventListener('submit', handle(connect));
element('close').addEventListener('click', handle(close));
element('operation').addEventListener('submit', handle(run));
element('stop').addEventListener('click', handle(() => results?.return()));

// `make www` says which server of its own there is; `?url=` names another.
const asked = new URLSearchParams(location.search).get('url');
element('url').value = asked ?? (await (await fetch('server.json')).json()).url;
showState();
