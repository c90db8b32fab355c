// A small client for any GraphQL server: runs an operation, shows the results as they arrive, and what becomes of the
// connection. It uses the package as any page would.
import { Client, TransportError } from 'wireql';

/** More results than this are counted, and the oldest no longer shown. */
const SHOWN = 200;
/** How long a connection is kept that nothing needs, in milliseconds: users type slowly. */
const IDLE_TIMEOUT = 60_000;

const element = (id) => document.getElementById(id);
const [stateOutput, countdown, summary, list] = ['state', 'countdown', 'summary', 'results'].map(element);

/** The server of `make www`: its URL, and whether it cuts connections for this page. */
const demo = await (await fetch('server.json')).json();

let client;
/** What the client was made with. */
let settings;
let results;

// ---- what is shown ------------------------------------------------------------

const plural = (count, what) => `${count} ${what}${count === 1 ? '' : 's'}`;

const showProblem = (id, error) => {
  const line = element(id);
  const text = error ? `${error.name}: ${error.message}` : '';
  // The same again is not to be read out again.
  if (line.textContent === text) return;
  line.hidden = text === '';
  line.textContent = text;
};

const showCountdown = () => {
  const nextAttempt = client?.status.nextAttempt;
  const seconds = Math.max(0, Math.ceil((nextAttempt - Date.now()) / 1_000));
  countdown.textContent = nextAttempt == null ? '' : `next attempt in ${seconds} s`;
};
setInterval(showCountdown, 250);

const showState = () => {
  const { state, reconnecting, error } = client?.status ?? { state: 'idle' };
  const isWaiting = ['waiting', 'offline'].includes(state);
  stateOutput.textContent = state === 'connecting' && reconnecting ? 'reconnecting' : state;
  stateOutput.dataset.state = state;
  showCountdown();
  showProblem('problem', error);
  element('connect').textContent = isWaiting ? 'Try now' : 'Connect';
  element('connect').disabled = ['connecting', 'ready', 'closing'].includes(state);
  element('close').disabled = !isWaiting && !['connecting', 'ready'].includes(state);
  element('drop').disabled = state !== 'ready' || client.url !== demo.url;
  element('run').disabled = state === 'closing' || results !== undefined;
  element('stop').disabled = results === undefined;
};

const showItem = (text) => {
  const item = document.createElement('li');
  item.textContent = text;
  list.prepend(item);
  if (list.childElementCount > SHOWN) list.lastElementChild.remove();
  return item;
};

const showNotice = ({ type, lostAt, resumedAt, attempts }) => {
  if (type === 'interrupted') {
    showItem('connection lost').className = 'notice';
    return;
  }
  // No result came in between, so it stands on top.
  list.firstElementChild.textContent = `connection lost, resumed after ${resumedAt - lostAt} ms, ${plural(attempts, 'attempt')}`;
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
  showProblem('error');
  try {
    await handler();
  } catch (error) {
    showProblem('error', error);
  }
  showState();
};

/** The client for what the user has filled in: the same one until that changes, or it was closed. */
const currentClient = () => {
  const wanted = JSON.stringify([element('url').value, element('init-payload').value]);
  if (client !== undefined && wanted === settings && client.status.state !== 'closed') return client;
  const made = new Client(element('url').value, { initPayload: json('init-payload'), idleTimeout: IDLE_TIMEOUT });
  client?.close();
  [client, settings] = [made, wanted];
  made.on('status', () => made === client && showState());
  return made;
};

const connect = async () => {
  const client = currentClient();
  const isWaiting = ['waiting', 'offline'].includes(client.status.state);
  try {
    await (isWaiting ? client.reconnect() : client.connect());
  } catch (error) {
    // What is wrong with a connection is told by the status.
    if (!(error instanceof TransportError)) throw error;
  }
};

const run = async () => {
  const variables = json('variables');
  const client = currentClient();
  list.replaceChildren();
  let count = 0;
  const started = performance.now();
  const summarise = (what) => {
    summary.textContent = `${what}: ${plural(count, 'result')} in ${Math.round(performance.now() - started)} ms`;
  };
  results = client.subscribe(element('query').value, { variables, onNotice: showNotice });
  summarise('Running');
  showState();
  let outcome = 'Failed';
  try {
    for await (const result of results) {
      count += 1;
      showItem(JSON.stringify(result)).value = count;
      summarise('Running');
    }
    outcome = 'Ended';
  } finally {
    results = undefined;
    summarise(outcome);
  }
};

element('connection').addEventListener('submit', handle(connect));
element('close').addEventListener('click', handle(() => client?.close()));
element('drop').addEventListener('click', handle(() => fetch('drop', { method: 'POST' })));
element('operation').addEventListener('submit', handle(run));
element('stop').addEventListener('click', handle(() => results?.return()));

// `?url=` names another server than the one of `make www`.
element('url').value = new URLSearchParams(location.search).get('url') ?? demo.url;
element('drop').hidden = element('url').value !== demo.url;
showState();
