// Takes out of a WebAssembly file of wasm-bindgen's what nobody can call, and wasm-opt cannot know it:
//
// - from the table of functions those that let JavaScript call closures, of every kind that js-sys knows, as those
//   that are used are exported as well; and the wakers of futures, since the package has none;
// - exports that the glue does not use.
//
//   node scripts/unreferenced.mjs FILE GLUE     (the first with its name section)
import { readFileSync, writeFileSync } from 'node:fs';

const UNCALLED = [
  /wasm_bindgen(\[\w+\])?::convert::closures::_::invoke/,
  /js_sys(\[\w+\])?::futures::jspi::task_waker::/,
];

const [, , path, gluePath] = process.argv;
const bytes = readFileSync(path);
const glue = readFileSync(gluePath, 'utf8');
/** Where texts are passed by the encoder alone, `glue.mjs` leaves no use of `realloc`. */
const isUsed = (name) => name === 'memory' || (name !== '__wbindgen_realloc' && glue.includes(`wasm.${name}`));
let at = 8;

const number = () => {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = bytes[at++];
    value += (byte & 127) * 2 ** shift;
    if (byte < 128) return value;
  }
};
const text = () => {
  const length = number();
  at += length;
  return bytes.toString('utf8', at - length, at);
};
const written = (value) => {
  const out = [];
  do {
    out.push((value & 127) | (value > 127 ? 128 : 0));
    value = Math.floor(value / 128);
  } while (value > 0);
  return out;
};

const sections = [];
while (at < bytes.length) {
  const id = bytes[at++];
  const length = number();
  sections.push({ id, start: at, end: at + length });
  at += length;
}

/** The functions that are such calls, by the names in the section `name`. */
const calls = new Set();
const found = new Set();
for (const { id, start, end } of sections) {
  at = start;
  if (id !== 0 || text() !== 'name') continue;
  while (at < end) {
    const [kind, length] = [bytes[at++], number()];
    const next = at + length;
    for (let count = kind === 1 ? number() : 0; count > 0; count -= 1) {
      const [index, name] = [number(), text()];
      const of = UNCALLED.findIndex((pattern) => pattern.test(name));
      if (of < 0) continue;
      calls.add(index);
      found.add(of);
    }
    at = next;
  }
}
if (found.size < UNCALLED.length) throw new Error(`${path} lacks functions of these names: has wasm-bindgen changed?`);

/** The table's section, with another of its functions in the place of each. */
const table = ({ start, end }) => {
  at = start;
  const out = written(number());
  const count = out[0];
  if (count !== 1 || bytes[at] !== 0) throw new Error('expected one table that is filled with functions');
  const from = at;
  // Flags, and the offset: i32.const N end.
  at += 2;
  number();
  at += 1;
  out.push(...bytes.subarray(from, at));
  const functions = Array.from({ length: number() }, number);
  const other = functions.find((index) => !calls.has(index));
  out.push(...written(functions.length), ...functions.flatMap((index) => written(calls.has(index) ? other : index)));
  if (at !== end) throw new Error('expected nothing behind the table');
  return Buffer.from(out);
};

/** The exports' section, with those that are used. */
const exported = ({ start }) => {
  at = start;
  const used = [];
  for (let count = number(); count > 0; count -= 1) {
    const from = at;
    const name = text();
    at += 1;
    number();
    if (isUsed(name)) used.push(bytes.subarray(from, at));
  }
  return Buffer.concat([Buffer.from(written(used.length)), ...used]);
};

const EXPORTS = 7;
const TABLE = 9;
const parts = [bytes.subarray(0, 8)];
for (const section of sections) {
  let body = bytes.subarray(section.start, section.end);
  if (section.id === EXPORTS) body = exported(section);
  if (section.id === TABLE) body = table(section);
  parts.push(Buffer.from([section.id, ...written(body.length)]), body);
}
writeFileSync(path, Buffer.concat(parts));
