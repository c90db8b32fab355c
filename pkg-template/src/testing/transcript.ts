// Transcripts, as the option `trace` and `wireql record` write them: what went over the wire, and when.

import { isRecord } from '../values.js';

/** One line that a server has to do with. */
export type Step = {
  /** The line's number in the text, from 1. */
  readonly line: number;
  /** In milliseconds, since the beginning of the recording. */
  readonly at: number;
} & (
  | { readonly type: 'opened'; readonly subprotocol: string | null }
  | { readonly type: 'refused' }
  /** From the server. */
  | { readonly type: 'sends'; readonly text: string; readonly frame: unknown }
  | { readonly type: 'binary' }
  | { readonly type: 'closes'; readonly code: number; readonly reason: string }
  | { readonly type: 'loses' }
  /** From the client. */
  | { readonly type: 'expects'; readonly text: string; readonly frame: unknown }
);

/** The lines of one connection. */
export type Recorded = readonly Step[];

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

const shown = (text: string): string => (text.length > 80 ? `${text.slice(0, 80)}…` : text);

const closing = /^closed (\d+)( unclean)?(?: (.*))?$/;

/** What a line says that begins with `<`; `undefined` for what is the client's host's alone. */
const fromServer = (text: string, isOpen: boolean): DistributiveOmit<Step, 'line' | 'at'> | undefined => {
  const [word] = text.split(' ', 1);
  if (word === 'opened') return { type: 'opened', subprotocol: text.slice('opened '.length) || null };
  if (word === 'error' || word === 'refuses') return isOpen ? undefined : { type: 'refused' };
  if (['unsent', 'slept', 'turn-ends', 'stale'].includes(word!)) return undefined;
  if (!isOpen && (word === 'closed' || word === 'lost')) return { type: 'refused' };
  if (text === 'lost') return { type: 'loses' };
  if (text === 'binary') return { type: 'binary' };
  const [, code, unclean, reason = ''] = closing.exec(text) ?? [];
  if (code !== undefined) {
    // 1005 and 1006 cannot be sent: there was no close frame, or one without a code.
    return unclean || code === '1006' ? { type: 'loses' } : { type: 'closes', code: code === '1005' ? 1000 : Number(code), reason };
  }
  return { type: 'sends', text, frame: parsed(text) };
};

type DistributiveOmit<T, Name extends string> = T extends unknown ? Omit<T, Name> : never;

/** Whether a frame of the client's is one that a server waits for: others it takes as they come. */
const isAwaited = (frame: unknown): boolean =>
  Array.isArray(frame)
    ? ['phx_join', 'doc'].includes(frame[3])
    : isRecord(frame) && ['connection_init', 'subscribe', 'start'].includes(frame.type as string);

/**
 * Reads a transcript: its connections, in their order.
 *
 * @throws TypeError if it is none, or has no connection.
 */
export const readTranscript = (transcript: string): Recorded[] => {
  const connections: Step[][] = [];
  /** Whether the connection is over: what follows is how the client's side saw it. */
  let [isOpen, isOver] = [false, true];
  transcript.split(/\r?\n/).forEach((text, index) => {
    if (text.trim() === '' || text.startsWith('#')) return;
    const [, time, mark, what] = /^at (\d+) +([!<>=])(?: (.*))?$/.exec(text) ?? [];
    if (mark === undefined) {
      throw new TypeError(
        `line ${index + 1} is no line of a transcript, which looks like \`at 5      < {"type":"connection_ack"}\`: ${shown(text)}`,
      );
    }
    const place = { line: index + 1, at: Number(time) };
    const rest = what ?? '';
    if (mark === '>' && /^open /.test(rest)) {
      connections.push([]);
      [isOpen, isOver] = [false, false];
    } else if (isOver || mark === '!' || mark === '=') {
      // The user's doings, and what comes behind the end.
    } else if (mark === '>') {
      const frame = parsed(rest);
      if (frame === undefined) isOver = /^(close|drop)\b/.test(rest);
      else if (isAwaited(frame)) connections.at(-1)!.push({ ...place, type: 'expects', text: rest, frame });
    } else {
      const step = fromServer(rest, isOpen);
      if (step === undefined) return;
      connections.at(-1)!.push({ ...place, ...step } as Step);
      if (step.type === 'opened') isOpen = true;
      if (['refused', 'closes', 'loses'].includes(step.type)) isOver = true;
    }
  });
  // An attempt that the client gave up by itself shows nothing of the server.
  const served = connections.filter((steps) => steps.length > 0);
  if (served.length === 0) {
    throw new TypeError('the transcript has no connection on which a server said anything: no line such as `at 0      > open ws://server/graphql graphql-transport-ws`');
  }
  return served;
};
