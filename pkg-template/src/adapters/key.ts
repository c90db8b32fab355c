// Values as text, to see whether they have changed.

import { isRecord } from '../values.js';

/** The same text for values of the same content, in whatever order. */
export const keyOf = (value: unknown): string =>
  JSON.stringify(value, (_, part: unknown) => {
    if (typeof part === 'bigint') return `${part}n`;
    // As code generators make documents.
    if (part instanceof String) return String(part);
    if (!isRecord(part)) return part;
    // Of a document, where it stood in its source.
    const names = Object.keys(part).filter((name) => !(name === 'loc' && 'kind' in part));
    return Object.fromEntries(names.sort().map((name) => [name, part[name]]));
  }) ?? '';
