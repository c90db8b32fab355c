// The other end of the wire: sockets that a random server speaks through, and the reference, which knows from what was
// sent and said alone what each operation has to be given.

import assert from 'node:assert/strict';

const DIALECTS = {
  'graphql-transport-ws': { start: 'subscribe', stop: 'complete', next: 'next' },
  'graphql-ws': { start: 'start', stop: 'stop', next: 'data' },
};

const isRecord = (value) => typeof value === 'object' && value !== null && !Array.isArray(value);

/** What the server has of one operation, on one socket. */
class Started {
  stops = 0;
  /** Whether the server has ended it. */
  isFinished = false;
  /** Frames that name it and came after it was stopped or left: each may cause another stop. */
  stale = 0;
  constructor(operation) {
    this.operation = operation;
  }
}

/** Makes a class of sockets. `operations`: by the number in their variables. `hooks`: called within the class. */
export const wire = ({ random, operations, hooks, dialects = Object.keys(DIALECTS) }) => {
  const sockets = [];
  class RandomSocket {
    static sockets = sockets;
    readyState = 0;
    protocol = '';
    started = new Map();
    isAcknowledged = false;
    isClosing = false;
    isOver = false;
    /** The frame that is on its way to the package: its id and number, and what the reference concluded. */
    judged = undefined;
    /** Set by a frame that may have ended the connection, in the reference's eyes. */
    isDoubtful = false;

    constructor(url, protocols) {
      // A server that speaks none of them picks none.
      this.picks = random.one(protocols.filter((name) => dialects.includes(name))) ?? '';
      this.dialect = this.picks || protocols[0];
      sockets.push(this);
      hooks.constructed(this);
    }

    get isCurrent() {
      return this === sockets.at(-1) && !this.isOver && typeof this.onmessage === 'function';
    }

    send(text) {
      assert.ok(this.readyState === 1 || this.isClosing, 'a frame is sent on a socket that is not open');
      const frame = JSON.parse(text);
      const { start, stop } = DIALECTS[this.dialect];
      if (frame.type === start) {
        const operation = operations.get(frame.payload.variables.k);
        assert.ok(!this.started.has(frame.id), `the id ${frame.id} is used twice`);
        assert.ok(this.isAcknowledged, 'an operation is sent before the acknowledgement');
        assert.ok(!operation.isGone, 'an operation that is over is sent');
        this.started.set(frame.id, new Started(operation));
        operation.sent += 1;
        if (`${this.judged?.id}` === frame.id) {
          operation.expect(this.judged.n, false);
          operation.mayBeFinished = true;
        }
      } else if (frame.type === stop) {
        const started = this.started.get(frame.id);
        assert.ok(started, 'a stop for what was not started');
        started.stops += 1;
        assert.ok(started.operation.sendStop, 'a stop is sent despite `sendStop: false`');
        // A listener may leave before the frame that it hears of has had its effect, which is then a stale one.
        const stale = started.stale + (`${this.judged?.id}` === frame.id ? 1 : 0);
        assert.ok(started.stops <= 1 + stale, `${started.stops} stops after ${stale} stale frames`);
        // A listener of `message` hears of a frame before it has had an effect.
        const isKnown = started.isFinished && this.judged === undefined;
        assert.ok(!isKnown || started.stale > 0, 'a stop for what the server has finished');
      }
      hooks.sent(this, frame);
    }

    close(code = 1005, reason = '') {
      assert.ok(code === 1000 || (code >= 3000 && code < 5000), `the code ${code}`);
      this.isClosing = true;
      this.readyState = Math.max(this.readyState, 2);
      this.given ??= { code, reason };
      hooks.closed(this);
    }

    // ---- what the server does ------------------------------------------------------------

    open() {
      if (this.readyState !== 0) return;
      this.readyState = 1;
      this.protocol = this.picks;
      this.#call('onopen', {});
    }

    end(code = 1000, reason = '', wasClean = true) {
      if (this.isOver) return;
      this.readyState = 3;
      const onclose = this.#handler('onclose');
      this.isOver = true;
      this.late = this.onmessage ?? this.late;
      onclose({ code, reason, wasClean });
    }

    fail(message) {
      this.#call('onerror', { message });
    }

    /** Says a text; the reference judges it first. */
    say(data) {
      if (this.readyState === 0) return;
      this.late = this.onmessage ?? this.late;
      const handler = this.onmessage ?? this.late;
      if (typeof handler !== 'function') return;
      const outer = this.judged;
      this.judged = {};
      this.#judge(data);
      handler({ data });
      this.judged = outer;
    }

    /** What the frame on its way comes to is not sure any more. */
    disturb() {
      if (this.judged === undefined) return;
      const { expected, started } = this.judged;
      if (expected !== undefined) expected.isSure = false;
      if (started?.isFinished) {
        started.isFinished = started.operation.isFinished = false;
        started.operation.mayBeFinished = true;
      }
    }

    #judge(data) {
      const isHeard = this.isCurrent;
      let text = data;
      if (typeof data !== 'string') text = new TextDecoder().decode(data);
      let frame;
      try {
        frame = JSON.parse(text);
      } catch {
        this.isDoubtful ||= isHeard;
        return;
      }
      const { next } = DIALECTS[this.dialect];
      const { type, id, payload } = frame ?? {};
      if (type === 'connection_ack') {
        if (isHeard && !this.isClosing && this.readyState === 1) this.isAcknowledged = true;
        if (payload !== undefined && payload !== null && !isRecord(payload)) this.isDoubtful = true;
        return;
      }
      const started = this.started.get(String(id));
      Object.assign(this.judged, { id, n: payload?.n, started });
      const isPlain = typeof data === 'string' && typeof id === 'string';
      const isResult = type === next && isPlain && isRecord(payload);
      const isEnd = (type === 'complete' || type === 'error') && isPlain;
      const isKnown = isResult || isEnd || ['ping', 'pong', 'ka', 'connection_keep_alive'].includes(type);
      if (!isKnown) this.isDoubtful ||= isHeard;
      if (started === undefined) return;
      const { operation } = started;
      if (started.stops > 0 || operation.isGone || started.isFinished) started.stale += 1;
      // `closing`: what is left to finish is.
      if (!isHeard || started.isFinished || started.stops > 0 || operation.isGone) return;
      const isSure = isPlain && !operation.mayBeFinished && !this.isClosing && !this.isDoubtful && this.isAcknowledged;
      if (isResult || payload?.n !== undefined) {
        this.judged.expected = operation.expect(payload?.n, isResult && isSure);
        if (isResult && isSure && operation.answersOnce && this.dialect === 'graphql-ws') started.isFinished = true;
      } else if (isEnd) {
        if (isSure) {
          started.isFinished = true;
          operation.isFinished = true;
        } else {
          operation.mayBeFinished = true;
        }
      }
    }

    #handler(name) {
      return (event) => this[name]?.(event);
    }

    #call(name, event) {
      this[name]?.(event);
    }
  }
  return RandomSocket;
};

export const nextType = (socket) => DIALECTS[socket.dialect].next;
