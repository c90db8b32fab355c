// A scripted Phoenix socket with Absinthe's channel on it. It answers as Phoenix 1.7 and 1.8, Absinthe 1.7 and
// absinthe_phoenix 2.0 do: tests/e2e/phoenix-server.test.mjs holds it to a recording of them. Parameters of the URL choose
// how a connection goes:
//
// - `token=wrong` is refused; at `/token/websocket` the token comes in a subprotocol.
// - `vsn` is the form of messages.
// - `context=X`: identical subscriptions have one id. Default: each has its own.
// - `early`: the first result of a subscription comes before the reply.
// - `timeout=MS`: hangs up after so long a silence, with the code `idle=CODE`. Default: 60,000 and 1000.
// - `deaf`: heartbeats are not answered.
// - `join=refused`, `join=silent`
// - `phoenix=1.7`: takes messages of an earlier join, and names no reason for a crash.
import { createHash } from 'node:crypto';
import { createServer } from 'node:http';
import { execute, getOperationAST, parse, subscribe, validate } from 'graphql';
import { WebSocketServer } from 'ws';
import { address, closeAll, isObject, serving } from './program.mjs';

const CONTROL = '__absinthe__:control';
const BEARER = 'base64url.bearer.phx.';
/** Tokens that no application takes. `bad` and `reason` are those of the recording. */
const WRONG = ['wrong', 'bad', 'reason'];

// ---- the two forms of a message ----------------------------------------------------------

/** `read` gives undefined for what a real server crashes of. */
const forms = {
  1: {
    read: (value) =>
      isObject(value) && ['topic', 'event', 'payload', 'ref'].every((key) => key in value)
        ? { ...value, joinRef: value.join_ref ?? null }
        : undefined,
    write: ({ ref = null, topic, event, payload }) => ({ event, payload, ref, topic }),
  },
  2: {
    read: (value) => {
      if (!Array.isArray(value) || value.length < 5) return undefined;
      const [joinRef, ref, topic, event, payload] = value;
      return { joinRef, ref, topic, event, payload };
    },
    write: ({ joinRef = null, ref = null, topic, event, payload }) => [joinRef, ref, topic, event, payload],
  },
};

// ---- the handshake -------------------------------------------------------------------------

/** Of a handshake: the status that refuses it, or the form of messages and the parameters. */
const admit = ({ url, headers }) => {
  const { pathname, searchParams: params } = new URL(url, 'http://server');
  const form = forms[/^([12])\.0\.\d+$/.exec(params.get('vsn') ?? '1.0.0')?.[1]];
  if (pathname === '/socket/websocket') {
    // None is known here, so none is answered: a client that offered one gives up.
    delete headers['sec-websocket-protocol'];
    return form === undefined || WRONG.includes(params.get('token')) ? { status: 403 } : { form, params };
  }
  if (pathname !== '/token/websocket') return { status: 404 };
  const offered = (headers['sec-websocket-protocol'] ?? '').split(/, */);
  const token = offered.find((name) => name.startsWith(BEARER))?.slice(BEARER.length);
  // Whatever the prefix says, it is the standard alphabet that is read, and a server fails at another.
  if (/[-_]/.test(token)) return { status: 500 };
  const isGood = token !== undefined && !WRONG.includes(Buffer.from(token, 'base64').toString());
  return form !== undefined && isGood && offered.includes('phoenix') ? { form, params } : { status: 403 };
};

/** Serves this schema, whose resolvers find the `socket` and a function that crashes the channel in their context. */
export function serveAbsinthe(schema) {
  const handleProtocols = (offered) => (offered.has('phoenix') ? 'phoenix' : false);
  const sockets = new WebSocketServer({ noServer: true, handleProtocols });
  const http = createServer((_, response) => response.writeHead(404).end());
  http.on('upgrade', (request, socket, head) => {
    const { status, form, params } = admit(request);
    if (status === undefined) {
      sockets.handleUpgrade(request, socket, head, (opened) => new Connection(schema, opened, form, params));
    } else {
      socket.end(`HTTP/1.1 ${status} Refused\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
    }
  });
  http.listen(address, () => serving(http, () => closeAll(sockets, 1012), '/socket'));
}

class Connection {
  #form;
  #channel;

  constructor(schema, socket, form, params) {
    this.schema = schema;
    this.socket = socket;
    this.params = params;
    /** Is less strict, and tells less. */
    this.isOld = params.get('phoenix') === '1.7';
    this.#form = form;
    // On Cowboy it hangs up with 1000, on Bandit with 1002.
    const hangUp = () => socket.close(Number(params.get('idle') ?? 1000));
    const silence = setTimeout(hangUp, Number(params.get('timeout') ?? 60_000));
    socket.on('close', () => {
      clearTimeout(silence);
      this.#channel?.end();
    });
    socket.on('message', (data) => {
      silence.refresh();
      let message;
      try {
        message = form.read(JSON.parse(String(data)));
      } catch {
        // It is as wrong as any other form.
      }
      if (message === undefined) socket.close(1011);
      else this.#receive(message);
    });
  }

  send(message) {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(JSON.stringify(this.#form.write(message)));
  }

  reply({ joinRef, ref, topic }, status, response) {
    this.send({ joinRef, ref, topic, event: 'phx_reply', payload: { response, status } });
  }

  leave() {
    this.#channel = undefined;
  }

  #receive(message) {
    const { topic, event, joinRef } = message;
    if (topic === 'phoenix' && event === 'heartbeat') {
      if (!this.params.has('deaf')) this.reply({ ...message, joinRef: null }, 'ok', {});
    } else if (event === 'phx_join' && topic === CONTROL) {
      this.#join(message);
    } else if (topic !== CONTROL || this.#channel === undefined) {
      if (event === 'phx_leave') this.reply(message, 'ok', {});
      else this.reply({ ...message, joinRef: null }, 'error', { reason: 'unmatched topic' });
    } else if (this.#channel.joinRef === null || joinRef === this.#channel.joinRef || this.isOld) {
      this.#channel.take(message);
    }
    // What has another join_ref is dropped, as by 1.8.3 to 1.8.11.
  }

  #join(message) {
    const how = this.params.get('join');
    if (how === 'refused') this.reply(message, 'error', { reason: 'unauthorized' });
    if (how !== null) return;
    const earlier = this.#channel;
    earlier?.end();
    this.#channel = new Channel(this, message.joinRef);
    this.reply(message, 'ok', {});
    earlier?.tell('phx_close', {});
  }
}

// ---- the channel -----------------------------------------------------------------------------

/** Counts the contexts of subscriptions that have none of their own. */
let serial = -576460752303423488n;

/** One join of the topic. It handles what it is sent one by one, as the process that it stands for does. */
class Channel {
  #connection;
  #handled = Promise.resolve();
  #hasEnded = false;
  /** By subscription id. */
  #subscriptions = new Map();

  constructor(connection, joinRef) {
    this.#connection = connection;
    this.joinRef = joinRef;
  }

  /** Tells something of the channel itself. */
  tell(event, payload) {
    this.#connection.send({ joinRef: this.joinRef, ref: this.joinRef, topic: CONTROL, event, payload });
  }

  take(message) {
    this.#handled = this.#handled.then(() => this.#hasEnded || this.#handle({ ...message, joinRef: this.joinRef }));
  }

  end() {
    this.#hasEnded = true;
    for (const { stop } of this.#subscriptions.values()) stop();
    this.#subscriptions.clear();
  }

  /** The process dies, and with it all that it had subscribed to. */
  #crash() {
    if (this.#hasEnded) return;
    this.end();
    this.tell('phx_error', this.#connection.isOld ? {} : { reason: 'channel_crash' });
    this.#connection.leave();
  }

  async #handle(message) {
    const { event, payload } = message;
    if (event === 'phx_leave') {
      this.#connection.reply(message, 'ok', {});
      this.tell('phx_close', {});
      this.end();
      this.#connection.leave();
    } else if (event === 'doc' && isObject(payload)) {
      await this.#run(message);
    } else if (event === 'unsubscribe' && typeof payload?.subscriptionId === 'string') {
      const { subscriptionId } = payload;
      this.#subscriptions.get(subscriptionId)?.stop();
      this.#subscriptions.delete(subscriptionId);
      this.#connection.reply(message, 'ok', { subscriptionId });
    } else {
      this.#crash();
    }
  }

  async #run(message) {
    const { schema, socket } = this.#connection;
    const { query = '', variables: given } = message.payload;
    const variableValues = given ?? {};
    const fail = (response) => this.#connection.reply(message, 'error', response);
    if (!isObject(variableValues)) return fail({ error: 'Could not parse variables as map' });
    let document;
    try {
      document = parse(query);
    } catch (error) {
      return fail({ errors: [error] });
    }
    // It never looks at an operationName.
    const operation = getOperationAST(document);
    if (!operation) {
      return fail({ errors: [{ message: 'Must provide a valid operation name if query contains multiple operations.' }] });
    }
    const errors = validate(schema, document);
    if (errors.length > 0) return fail({ errors });
    const contextValue = { socket, crash: () => this.#crash() };
    const args = { schema, document, variableValues, contextValue };
    if (operation.operation === 'subscription') return this.#subscribe(message, args, fail);
    const result = await execute(args);
    // Whoever changes something publishes it first, and then has the answer.
    if (operation.operation === 'mutation') await new Promise(setImmediate);
    if (this.#hasEnded) return;
    // What could not even begin is an error; what was executed is not, whatever became of it.
    if ('data' in result) this.#connection.reply(message, 'ok', result);
    else fail({ errors: result.errors });
  }

  async #subscribe(message, args, fail) {
    const { params } = this.#connection;
    const results = await subscribe(args);
    if (results.errors) return fail({ errors: results.errors.map(({ message, locations }) => ({ locations, message })) });
    const { query } = message.payload;
    const hash = createHash('sha256').update(JSON.stringify([query, args.variableValues])).digest('hex').toUpperCase();
    // With a context_id identical documents share an id.
    const subscriptionId = `__absinthe__:doc:${params.get('context') ?? (serial += 1n)}:${hash}`;
    const acknowledge = () => this.#connection.reply(message, 'ok', { subscriptionId });
    const shared = this.#subscriptions.get(subscriptionId);
    if (shared) {
      // Every result is sent once more, and one `unsubscribe` is the end of all.
      shared.copies += 1;
      results.return();
      return acknowledge();
    }
    const subscription = { copies: 1, stop: () => results.return() };
    this.#subscriptions.set(subscriptionId, subscription);
    // A result is sent by whoever published it, past the channel, and can come before the channel's own reply.
    let isEarly = params.has('early');
    if (!isEarly) acknowledge();
    void (async () => {
      for await (const result of results) {
        if (this.#subscriptions.get(subscriptionId) !== subscription) return;
        const payload = { result, subscriptionId };
        for (let n = 0; n < subscription.copies; n += 1) {
          this.#connection.send({ topic: subscriptionId, event: 'subscription:data', payload });
        }
        if (isEarly) acknowledge();
        isEarly = false;
      }
      // A stream that is over says nothing: Absinthe's never are.
    })();
  }
}
