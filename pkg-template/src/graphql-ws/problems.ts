// What ends a connection, and what follows from it: the table of npm `graphql-ws`, which is not that of `Client`.

import { isRecord } from '../values.js';
import { CloseCode } from './protocol.js';

/**
 * What `terminate` tells in the place of a close event. The client tries again, as after a loss.
 */
export class TerminatedCloseEvent extends Error {
  override name = 'TerminatedCloseEvent';
  override message = '4499: Terminated';
  code = 4499;
  reason = 'Terminated';
  wasClean = false;
}

/** What all close events have, and by which they are told from errors. */
export interface CloseLike {
  readonly code: unknown;
  readonly reason: unknown;
}

export const isCloseLike = (problem: unknown): problem is CloseLike =>
  isRecord(problem) && 'code' in problem && 'reason' in problem;

export const isNormalClosure = (problem: unknown): boolean => isCloseLike(problem) && problem.code === 1000;

/** Of the codes that the protocol reserves, those of a server or a network that may come back. */
const PASSING = [1000, 1001, 1005, 1006, 1012, 1013, 1014];

const FATAL: readonly unknown[] = [
  CloseCode.InternalServerError,
  CloseCode.InternalClientError,
  CloseCode.BadRequest,
  CloseCode.BadResponse,
  CloseCode.Unauthorized,
  CloseCode.SubprotocolNotAcceptable,
  CloseCode.SubscriberAlreadyExists,
  CloseCode.TooManyInitialisationRequests,
];

/** Whether a problem is one after which another attempt would end the same. */
export const isFatal = (problem: unknown): boolean => {
  if (!isCloseLike(problem)) return false;
  const { code } = problem;
  if (typeof code === 'number' && code >= 1000 && code <= 1999) return !PASSING.includes(code);
  return FATAL.includes(code);
};

/** A close reason has at most 123 bytes, of which this counts the characters. */
const LONGEST_REASON = 123;

/** What was thrown as a close reason; `otherwise` if it is too long for one. */
export const closeReasonOf = (thrown: unknown, otherwise: string): string => {
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const bytes = new TextEncoder().encode(reason).length;
  return bytes <= LONGEST_REASON ? reason : otherwise;
};
