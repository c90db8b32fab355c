// Plays one connection of a transcript to a client.
//
// The client need not be the one that was recorded. It has to send `connection_init` (`phx_join`), and the operations
// that were recorded, in whatever order and under ids of its own; an operation is known by its document (but for white
// space, commas and comments), its name and its variables. All else is taken as it comes: its pings are answered, and
// what it leaves or closes earlier than was recorded is not played on.

import { isRecord } from '../values.js';
import type { Request, ServerDialect } from './dialects.js';
import type { Link } from './socket.js';
import type { Recorded, Step } from './transcript.js';

/** Tests may put others in its place. */
const { setTimeout, clearTimeout } = globalThis;

type Expected = Extract<Step, { type: 'expects' }>;

/** A client that does not do what was recorded. */
export interface Mismatch {
  /** Both sides, and the line. */
  readonly message: string;
  /** The line of the transcript, from 1. */
  readonly line: number;
  readonly expected: string;
  readonly received: string;
}

export const mismatch = (line: number, expected: string, received: string): Mismatch => ({
  message: `the client does not fit the transcript at line ${line}\n  expected: ${expected}\n  received: ${received}`,
  line,
  expected,
  received,
});

/** A document, whatever its layout. Texts within it stay as they are. */
const normalised = (document: unknown): string =>
  String(document ?? '').replace(/"""(?:\\"""|[^])*?"""|"(?:\\.|[^"\\\n])*"|(?:#[^\n]*|[\s,])+/g, (token) =>
    token.startsWith('"') ? token : ' ',
  ).replace(/ ?([{}()[\]:!=|&@$]) ?/g, '$1').trim();

/** JSON with the keys in one order. */
const sorted = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(sorted);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]));
};

/** What an operation is known by. */
const keyOf = ({ query, variables, operationName, documentId }: any): string =>
  JSON.stringify([normalised(query), sorted(variables ?? {}), operationName ?? null, documentId ?? null]);

/** The request that a recorded frame has; `undefined` if it was left out of the recording. */
const recordedRequest = (frame: any): Request | undefined => {
  const payload = Array.isArray(frame) ? frame[4] : frame.payload;
  if (!isRecord(payload) || payload.redacted === true) return undefined;
  if (typeof payload.data !== 'string' || 'query' in payload) return payload as Request;
  try {
    return JSON.parse(payload.data);
  } catch {
    return undefined;
  }
};

const idOf = (frame: any): string | undefined => (Array.isArray(frame) ? frame[1] : frame?.id) ?? undefined;

const isInit = ({ frame }: Expected): boolean =>
  Array.isArray(frame) ? frame[3] === 'phx_join' : (frame as any).type === 'connection_init';

export class Player {
  readonly #steps: Recorded;
  readonly #dialect: ServerDialect;
  readonly #link: Link;
  readonly #speed: number;
  readonly #onMismatch: (mismatch: Mismatch) => void;
  readonly #onPlayed: () => void;
  /** What the client has not sent yet. */
  readonly #expected: Set<Expected>;
  /** From the recorded ids to the client's. */
  readonly #ids = new Map<string, string>();
  /** The recorded ids of operations that the client has left. */
  readonly #left = new Set<string>();
  #join: { recorded: any[]; sent: any[] } | undefined;
  /** The step that is next; the one behind `opened` at first. */
  #at = 1;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isPlaying = false;
  #isOver = false;
  #hasMismatch = false;

  constructor(
    steps: Recorded,
    dialect: ServerDialect,
    link: Link,
    { speed, onMismatch, onPlayed }: { speed: number; onMismatch: (mismatch: Mismatch) => void; onPlayed: () => void },
  ) {
    this.#steps = steps;
    this.#dialect = dialect;
    this.#link = link;
    this.#speed = speed;
    this.#onMismatch = onMismatch;
    this.#onPlayed = onPlayed;
    this.#expected = new Set(steps.filter((step): step is Expected => step.type === 'expects'));
    this.#play();
  }

  /** Takes `connection_init`. What it carries was left out of the recording. */
  init(frame: unknown): void {
    const step = [...this.#expected].find(isInit);
    if (step === undefined) return;
    if (Array.isArray(step.frame)) this.#join = { recorded: step.frame, sent: frame as any[] };
    this.#met(step);
  }

  /** Takes an operation: the first that was recorded with this request, or with none that can be read. */
  start(id: string, request: Request, text: string): void {
    const open = [...this.#expected].filter((step) => !isInit(step));
    const key = keyOf(request);
    const step = open.find(({ frame }) => {
      const recorded = recordedRequest(frame);
      return recorded === undefined || keyOf(recorded) === key;
    });
    if (step !== undefined) {
      this.#ids.set(idOf(step.frame)!, id);
      return this.#met(step);
    }
    const [next] = open;
    const last = this.#steps.at(-1)!;
    this.#hasMismatch = true;
    this.#onMismatch(mismatch(next?.line ?? last.line, next?.text ?? 'no further operation', text));
    this.#send(this.#dialect.error(id, [{ message: 'the transcript has no such operation' }]));
  }

  /** Takes that the client has left an operation. */
  stop(id: string): void {
    for (const [recorded, sent] of this.#ids) if (sent === id) this.#left.add(recorded);
    const answer = this.#dialect.stopped(id);
    if (answer !== undefined) this.#send(answer);
  }

  /** Takes that the connection is over; `how` the client ended it, if it was the client. */
  closed(how: string | undefined): void {
    if (this.#isOver) return;
    this.#finish();
    if (how === undefined) return;
    const [missing] = this.#expected;
    if (missing === undefined) this.#onPlayed();
    else if (!this.#hasMismatch) this.#onMismatch(mismatch(missing.line, missing.text, how));
  }

  #finish(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
  }

  #met(step: Expected): void {
    this.#expected.delete(step);
    this.#play();
  }

  /** Goes on until a line has to wait: for its time, or for the client. */
  #play(): void {
    // What is sent may have the client answer at once.
    if (this.#isPlaying || this.#timer !== undefined) return;
    this.#isPlaying = true;
    while (!this.#isOver) {
      const step = this.#steps[this.#at];
      if (step === undefined) {
        this.#onPlayed();
        break;
      }
      if (step.type === 'expects') {
        if (this.#expected.has(step)) break;
        this.#at += 1;
        continue;
      }
      const wait = (step.at - this.#steps[this.#at - 1]!.at) / this.#speed;
      if (wait > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = undefined;
          this.#perform(step);
          this.#play();
        }, wait);
        break;
      }
      this.#perform(step);
    }
    this.#isPlaying = false;
  }

  #perform(step: Step): void {
    this.#at += 1;
    switch (step.type) {
      case 'sends': {
        const frame = this.#translated(step);
        if (frame !== undefined) this.#link.send(frame);
        break;
      }
      case 'binary':
        this.#link.send(new ArrayBuffer(1));
        break;
      case 'closes':
        this.#finish();
        this.#link.close(step.code, step.reason);
        this.#onPlayed();
        break;
      case 'loses':
        this.#finish();
        this.#link.lose();
        this.#onPlayed();
    }
  }

  /** The frame for this client; `undefined` if it is not for it. */
  #translated({ text, frame }: Extract<Step, { type: 'sends' }>): string | undefined {
    if (Array.isArray(frame)) return this.#translatedPush(frame);
    if (!isRecord(frame)) return text;
    // Its own pings are answered when they come.
    if (frame.type === 'pong') return undefined;
    const id = idOf(frame);
    if (id === undefined) return text;
    if (this.#left.has(id)) return undefined;
    const sent = this.#ids.get(id);
    return sent === undefined || sent === id ? text : JSON.stringify({ ...frame, id: sent });
  }

  #translatedPush(frame: any[]): string | undefined {
    const [joinRef, ref, topic, event, payload] = frame;
    const { recorded, sent } = this.#join ?? {};
    // Heartbeats, and what leaves, are answered when they come.
    const isJoin = ref !== null && ref === recorded?.[1];
    if (ref !== null && !isJoin && !this.#ids.has(ref)) return undefined;
    return JSON.stringify([
      joinRef !== null && joinRef === recorded?.[0] ? sent?.[0] : joinRef,
      isJoin ? sent?.[1] : ref === null ? null : this.#ids.get(ref),
      topic === recorded?.[2] ? sent?.[2] : topic,
      event,
      payload,
    ]);
  }

  #send(frame: unknown): void {
    this.#link.send(JSON.stringify(frame));
  }
}
