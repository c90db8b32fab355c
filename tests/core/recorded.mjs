// Makes transcripts of the recordings in tests/servers/recordings: what a client did becomes what a user does, what the
// server said stays, with our ids in place of the recorded ones. What no user of ours can do is left out, but not what the
// server said to it. `node tests/core/recorded.mjs` writes them; then let `WIREQL_BLESS=1 cargo test --test core` write what
// goes to the server and what the user sees, and read it.
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const recordings = new URL('../servers/recordings/', import.meta.url);
const transcripts = new URL('transcripts/', import.meta.url);

/** The scenarios of a recording: name, and rows `[milliseconds, way, frame]`. */
const read = (file) => {
  const scenarios = new Map();
  for (const line of readFileSync(new URL(`${file}.jsonl`, recordings), 'utf8').trim().split('\n')) {
    const [name, ...row] = JSON.parse(line);
    scenarios.set(name, [...(scenarios.get(name) ?? []), row]);
  }
  return scenarios;
};

/** As a line names a request: the document alone, if there is nothing beside it. */
const requestOf = ({ query, variables }) =>
  Object.keys(variables ?? {}).length === 0 && !/\n/.test(query) ? query : JSON.stringify({ query, variables });

const isSubscription = ({ query }) => /^\s*subscription\b/.test(query);

/** The lines of one transcript. */
class Transcript {
  lines;

  constructor(title, options) {
    this.lines = [`# ${title}`, `at ${'0'.padEnd(6)} ! options ${options}`, `at ${'0'.padEnd(6)} ! connect`];
  }

  add(at, way, what) {
    this.lines.push(`at ${String(at).padEnd(6)} ${way} ${what}`.trimEnd());
  }

  server(at, frame) {
    this.add(at, '<', typeof frame === 'string' ? frame : JSON.stringify(frame));
  }

  /** The socket ends: `byUser` if the client closed it. */
  end(at, { code, reason }, byUser) {
    if (byUser) this.add(at, '!', 'close');
    this.server(at, `closed ${code}${code === 1006 ? ' unclean' : ''} ${byUser ? '' : reason}`.trimEnd());
  }
}

// ---- Phoenix ------------------------------------------------------------------------------

const CONTROL = '__absinthe__:control';
/** Not in the form that is spoken, or too long to be read. */
const NOT_PHOENIX = ['flow_v1', 'no_vsn', 'bad_vsn', 'big', 'big_upload'];
/** The server hung up. */
const HUNG_UP = ['heartbeat_timeout'];

const phoenixTranscript = (name, rows) => {
  const transcript = new Transcript(`recorded of Phoenix: ${name.replaceAll('_', ' ')}`, 'dialect=phoenix');
  const refs = new Map();
  /** Ids of ours, by the ref of a `doc` and by the id of its subscription. */
  const operations = new Map();
  /** Of operations, and of all else. */
  const counts = { own: 0, other: 0 };
  let joinRef;
  let isOver = false;
  const join = (at, ref) => {
    joinRef = ref;
    if (ref !== undefined) refs.set(ref, 'j1');
    else transcript.server(at, ['j1', 'j1', CONTROL, 'phx_reply', { response: {}, status: 'ok' }]);
  };
  const counted = (ref, letter) => refs.set(ref, `${letter}${(counts[letter === '' ? 'own' : 'other'] += 1)}`);
  const does = {
    phx_join: (at, ref, [own]) => {
      if (refs.size === 0) join(at, own);
      else refs.set(ref, `x${ref}`);
    },
    doc: (at, ref, [, , , , payload]) => {
      if (refs.size === 0) join(at);
      counted(ref, '');
      operations.set(ref, refs.get(ref));
      transcript.add(at, '!', `${isSubscription(payload) ? 'subscribe' : 'execute'} ${requestOf(payload)}`);
    },
    unsubscribe: (at, ref, [, , , , { subscriptionId }]) => {
      counted(ref, 'u');
      const id = operations.get(subscriptionId);
      if (id !== undefined) transcript.add(at, '!', `leave ${id}`);
    },
    heartbeat: (at, ref) => {
      if (refs.size === 0) join(at);
      counted(ref, 'h');
      transcript.add(at, '!', 'ping');
    },
    phx_leave: (at, ref) => {
      counted(ref, 'l');
      transcript.add(at, '!', 'close');
      isOver = true;
    },
    wat: () => {},
  };
  for (const [at, way, frame] of rows) {
    if (way === '=') transcript.server(at, `opened ${frame.subprotocol}`.trimEnd());
    else if (way === '!') transcript.server(at, `error ${frame}`);
    else if (way === 'x') {
      transcript.end(at, frame, frame.code === 1000 && !HUNG_UP.includes(name) && !isOver);
      break;
    } else if (way === '>' && Array.isArray(frame)) {
      // After the end of a connection a client of ours has another.
      if (isOver) break;
      const [, ref, , event] = frame;
      does[event](at, ref, frame);
    } else if (way === '<') {
      const [own, ref, topic, event, payload] = frame;
      const mapped = own === null || own === undefined ? own : own === joinRef ? 'j1' : `x${own}`;
      transcript.server(at, [mapped, ref === null ? null : (refs.get(ref) ?? `x${ref}`), topic, event, payload]);
      const { subscriptionId } = payload.response ?? {};
      if (subscriptionId !== undefined && operations.has(ref)) operations.set(subscriptionId, operations.get(ref));
      // That is the end of the connection, but the closing handshake.
      if (event === 'phx_error' || (event === 'phx_close' && mapped === 'j1')) {
        transcript.server(at, 'closed 1000');
        break;
      }
    }
  }
  return transcript.lines;
};

// ---- AppSync ----------------------------------------------------------------------------------

const appSyncTranscript = (client, name, rows) => {
  const title = `recorded of AppSync's ${client}: ${name.replaceAll('_', ' ')}`;
  const transcript = new Transcript(title, 'dialect=appsync');
  const ids = new Map();
  let isOpen = false;
  let isInitialised = false;
  const open = (at, subprotocol = 'graphql-ws') => {
    if (!isOpen) transcript.server(at, `opened ${subprotocol}`.trimEnd());
    isOpen = true;
  };
  const does = {
    connection_init: () => {
      isInitialised = true;
    },
    start: (at, { id, payload }) => {
      if (!isInitialised) transcript.server(at, { type: 'connection_ack' });
      isInitialised = true;
      if (ids.has(id)) return;
      ids.set(id, String(ids.size + 1));
      const request = JSON.parse(payload.data ?? JSON.stringify(payload));
      transcript.add(at, '!', `${isSubscription(request) ? 'subscribe' : 'execute'} ${requestOf(request)}`);
    },
    stop: (at, { id }) => ids.has(id) && transcript.add(at, '!', `leave ${ids.get(id)}`),
    wat: () => {},
  };
  for (const [at, way, frame] of rows) {
    if (way === '=') open(at, frame.subprotocol);
    else if (way === 'x') {
      transcript.end(at, frame, frame.code === 1000);
      break;
    } else if (way === '>') {
      open(at);
      does[frame.type]?.(at, frame);
    } else if (way === '<') {
      transcript.server(at, frame.id === undefined || !ids.has(frame.id) ? frame : { ...frame, id: ids.get(frame.id) });
    }
  }
  return transcript.lines;
};

// ---- both ----------------------------------------------------------------------------------------

const phoenix = [...read('phoenix')]
  .filter(([name]) => !NOT_PHOENIX.includes(name))
  .map(([name, rows]) => phoenixTranscript(name, rows));

const appSync = ['simulator', 'amplify', 'gql', 'subscription-link'].flatMap((client) =>
  [...read(`appsync-${client}`)].map(([name, rows]) => appSyncTranscript(client, name, rows)),
);

/** By file, the transcripts, each as lines. */
export const recorded = { 'recorded-appsync.txt': appSync, 'recorded-phoenix.txt': phoenix };

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const [file, blocks] of Object.entries(recorded)) {
    writeFileSync(new URL(file, transcripts), `${blocks.map((lines) => lines.join('\n')).join('\n\n')}\n`);
  }
}
