// A client for any GraphQL server, and what becomes of its connection. It uses the package as any page would.
import { getIntrospectionQuery, parse } from 'graphql';
import { Client, TransportError } from 'wireql';
import { startCharts } from './charts.js';
import { makeEditor } from './editor.js';
import { makeFrames } from './frames.js';
import { makeOperations } from './operations.js';
import { Recent } from './recent.js';
import { makeSettings } from './settings.js';

/** How long a connection is kept that nothing needs, in milliseconds: users type slowly. */
const IDLE_TIMEOUT = 60_000;
/** A chart of pings wants some. */
const PING_INTERVAL = 2_000;

const element = (id) => document.getElementById(id);
const stateOutput = element('state');

/** The server of `make www`: its URL, and that its cable can be cut. */
const demo = await (await fetch('server.json')).json();

let client;
/** What the client was made with. */
let made;
let isCut = false;
let pingTook;

// ---- what is shown ------------------------------------------------------------

const showProblem = (id, error) => {
  const line = element(id);
  const text = error ? `${error.name}: ${error.message}` : '';
  // The same again is not to be read out again.
  if (line.textContent === text) return;
  line.hidden = text === '';
  line.textContent = text;
};

const say = (text) => (element('said').textContent = text);

const showCountdown = () => {
  const nextAttempt = client?.status.nextAttempt;
  const seconds = Math.max(0, Math.ceil((nextAttempt - Date.now()) / 1_000));
  element('countdown').textContent = nextAttempt == null ? '' : `next attempt in ${seconds} s`;
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
  // What has been changed meanwhile makes another connection.
  element('connect').disabled = ['connecting', 'ready', 'closing'].includes(state) && settings.key() === made;
  element('close').disabled = !isWaiting && !['connecting', 'ready'].includes(state);
  element('cut').hidden = element('url').value !== demo.url;
};

const timeline = new Recent(element('timeline'), 50, ({ at, kind, text }) => {
  const item = Object.assign(document.createElement('li'), { textContent: ` ${text}` });
  item.dataset.kind = kind;
  item.prepend(Object.assign(document.createElement('time'), { textContent: at.toLocaleTimeString('en', { hour12: false }) }));
  return item;
});
const note = (kind, text) => {
  element('timeline').querySelector('.empty')?.remove();
  timeline.add({ at: new Date(), kind, text });
};

// ---- the client ------------------------------------------------------------------

const reasons = {
  first: 'an operation needs one',
  lost: 'the last one was lost',
  failed: 'the last attempt failed',
  denied: 'the credentials were refused',
  wake: 'the host woke',
  reconnect: 'it was asked for',
};
const verdicts = { retry: 'it is tried again', 'retry-now': 'it is tried again at once', stop: 'that is the end' };

/** Has the timeline and the charts follow a client. */
const follow = (followed) => {
  const listen = (event, listener) => followed.on(event, (detail) => followed === client && listener(detail));
  let sentAt;
  listen('status', showState);
  listen('connecting', ({ number, reason }) => note('connecting', `connecting, attempt ${number}: ${reasons[reason]}`));
  listen('connected', ({ reconnected }) => note('ready', `${reconnected ? 'connected again' : 'connected'}, ${followed.subprotocol ?? 'no subprotocol'}`));
  listen('disconnected', ({ error, code, reason, verdict }) => {
    const what = error ? error.message : `closed${code === null ? '' : ` with ${code} ${reason}`.trimEnd()}`;
    note(error ? 'lost' : 'closed', error ? `${what} — ${verdicts[verdict] ?? verdict}` : what);
  });
  listen('ping', ({ received }) => received || (sentAt = performance.now()));
  listen('pong', ({ received }) => {
    if (received && sentAt !== undefined) pingTook = performance.now() - sentAt;
    sentAt = undefined;
  });
};

/** The client for what the user has filled in: the same one until that changes, or it was closed. */
const currentClient = () => {
  const wanted = settings.key();
  if (client !== undefined && wanted === made && client.status.state !== 'closed') return client;
  const options = { idleTimeout: IDLE_TIMEOUT, pingInterval: PING_INTERVAL, ...settings.client() };
  let next;
  // The first lines come before there is a client, and it may be none.
  const first = [];
  const trace = (line) => (next === undefined ? first.push(line) : next === client && frames.add(line));
  next = new Client(element('url').value, { ...options, trace });
  client?.close();
  [client, made, pingTook] = [next, wanted, undefined];
  frames.clear();
  first.forEach(frames.add);
  follow(next);
  return next;
};

// ---- what the user does ----------------------------------------------------------

/** Runs the handler, and shows what it throws. */
const handle = (handler) => async (event) => {
  event?.preventDefault();
  showProblem('error');
  say('');
  try {
    await handler();
  } catch (error) {
    showProblem('error', error);
  }
  showState();
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

/** What an operation is called. A document that cannot be read is the server's to refuse. */
const titleOf = ({ query, operationName }) => {
  let operations;
  try {
    operations = parse(query).definitions.filter(({ kind }) => kind === 'OperationDefinition');
  } catch {
    return 'operation';
  }
  const names = operations.map(({ name }) => name?.value ?? 'one without a name');
  if (operations.length > 1 && operationName === undefined) {
    throw new TypeError(`the document has ${names.length} operations: name one of ${names.join(', ')}`);
  }
  const meant = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  const field = meant?.selectionSet.selections[0]?.name?.value;
  return meant === undefined ? 'operation' : `${meant.operation} ${meant.name?.value ?? field ?? ''}`.trim();
};

const run = () => {
  const operation = settings.operation();
  const title = titleOf(operation);
  const client = currentClient();
  settings.remember();
  void operations.run(title, (onNotice) => client.subscribe(operation, { onNotice })).catch((error) => showProblem('error', error));
};

const loadSchema = async () => {
  const { data, errors } = await currentClient().execute(getIntrospectionQuery());
  if (!data) throw new TypeError(`the server does not tell its schema: ${errors?.[0]?.message}`);
  editor.know(data);
  say(`${data.__schema.types.length} types: Ctrl+Space completes`);
};

const cut = async () => {
  isCut = !isCut;
  note(isCut ? 'lost' : 'ready', isCut ? 'you cut the cable' : 'you restored the cable');
  await fetch(isCut ? 'cut' : 'restore', { method: 'POST' });
  element('cut').textContent = isCut ? 'Restore the cable' : 'Cut the cable';
  element('cut').setAttribute('aria-pressed', isCut);
};

const editor = makeEditor(element('editor'), { onRun: handle(run) });
editor.text = 'subscription {\n  price(ms: 500)\n}';
// `?url=` and the link name another server than the one of `make www`.
element('url').value = new URLSearchParams(location.search).get('url') ?? demo.url;
const settings = makeSettings(element, editor);
const frames = makeFrames(element, { say });
const operations = makeOperations(element('operations'));
startCharts({ element, results: operations.total, ping: () => (client?.status.state === 'ready' ? pingTook : undefined) });

element('connection').addEventListener('submit', handle(connect));
element('operation').addEventListener('submit', handle(run));
element('close').addEventListener('click', handle(() => client?.close()));
element('cut').addEventListener('click', handle(cut));
element('schema').addEventListener('click', handle(loadSchema));
element('link').addEventListener('click', handle(async () => {
  history.replaceState(null, '', settings.link());
  await navigator.clipboard.writeText(location.href);
  say('copied, without credentials');
}));
element('connection').addEventListener('input', showState);
element('variables').addEventListener('keydown', (event) => {
  if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) void handle(run)(event);
});
showState();
