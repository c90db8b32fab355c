// What arguments say and refer to: files, JSON, variables, headers, documents. Contents may be secret: no message
// repeats any.
import { readFileSync } from 'node:fs';
import { outlinesOf } from '../outline.js';
import { Failure } from './failure.js';

const reasons: { [code: string]: string } = {
  ENOENT: 'there is no such file',
  EACCES: 'it may not be read',
  EISDIR: 'it is a directory',
};

/** The text of a file; of standard input if that is `-`. */
export const readText = (file: string, what: string): string => {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8').replace(/^\uFEFF/, '');
  } catch (error: any) {
    throw new Failure(`${what}: cannot read ${file === '-' ? 'standard input' : file}: ${reasons[error.code] ?? error.code}`);
  }
};

/** What stands for itself, or for the text of the file behind `@`. */
export const readArgument = (text: string, what: string): string =>
  text.startsWith('@') ? readText(text.slice(1), what) : text;

/** The place where JSON is wrong, as far as the host tells it apart from the text. */
const placeOf = (error: unknown): string => {
  const [, place] = /at (position \d+|line \d+ column \d+)/.exec(String((error as Error).message)) ?? [];
  return place === undefined ? '' : ` (at ${place})`;
};

/** A JSON object from an argument. */
export const readObject = (text: string, what: string): { [name: string]: unknown } => {
  const json = readArgument(text, what);
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    throw new Failure(`${what} is not valid JSON${placeOf(error)}: give a JSON object, such as {"token":"…"}`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const found = value === null ? 'null' : Array.isArray(value) ? 'an array' : `a ${typeof value}`;
    throw new Failure(`${what} must be a JSON object, such as {"token":"…"}, but is ${found}`);
  }
  return value as { [name: string]: unknown };
};

/** JSON, or else the text itself: `3` is a number, `"3"` and `three` are texts. */
const readValue = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
};

/** Variables from `-v name=value` and `-v @file.json`; later ones take precedence. */
export const readVariables = (given: readonly string[]): { [name: string]: unknown } =>
  Object.fromEntries(
    given.flatMap((text) => {
      if (text.startsWith('@')) return Object.entries(readObject(text, `-v ${text}`));
      const [, name, value] = /^([_A-Za-z]\w*)=([^]*)$/.exec(text) ?? [];
      if (name === undefined) throw new Failure('-v takes name=value, or @file.json; a name is letters, digits and _');
      return [[name, readValue(value!)]];
    }),
  );

/** Headers from `-H 'name: value'` and `-H @file`, which has one a line. */
export const readHeaders = (given: readonly string[]): { [name: string]: string } =>
  Object.fromEntries(
    given.flatMap((text) => {
      const lines = text.startsWith('@') ? readArgument(text, `-H ${text}`).split(/\r?\n/) : [text];
      return lines.filter((line) => line.trim() !== '').map((line, at) => {
        const [, name, value] = /^\s*([!#$%&'*+.^_`|~\w-]+):\s*(.*?)\s*$/.exec(line) ?? [];
        const where = text.startsWith('@') ? `-H ${text}, line ${at + 1}: expected` : '-H takes';
        if (name === undefined) throw new Failure(`${where} 'name: value'`);
        return [name, value!];
      });
    }),
  );

/** A number above 0. */
export const readNumber = (text: string, what: string): number => {
  const value = Number(text);
  if (text.trim() !== '' && value > 0 && value < Infinity) return value;
  throw new Failure(`${what} takes a number above 0, but was given \`${text}\``);
};

/** Which of the document's operations is to run: there must be one that is meant. */
export const checkOperation = (document: string, name: string | undefined): void => {
  const outlines = outlinesOf(document);
  const names = outlines.map(({ name }) => name ?? 'one without a name').join(', ');
  if (name === undefined && outlines.length > 1) {
    throw new Failure(`the document has ${outlines.length} operations: choose one by --operation NAME. It has ${names}`);
  }
  if (name !== undefined && outlines.length > 0 && !outlines.some((outline) => outline.name === name)) {
    throw new Failure(`the document has no operation ${name}: it has ${names}`);
  }
};
