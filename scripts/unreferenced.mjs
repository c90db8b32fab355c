// Takes functions out of the table of a WebAssembly file, which nobody can call by it: the ones that
// wasm-bindgen makes to let JavaScript call closures, and the wakers of futures. It exports those closures that
// are used; the others, of every kind of closure that js-sys knows, only the table keeps from being removed, and
// the package has no futures. wasm-opt cannot know.
//
//   node scripts/unreferenced.mjs FILE      (with its name section)
import { readFileSync, writeFileSync } from 'node:fs';

const UNCALLED = /wasm_bindgen(\[\w+\])?::convert::closures::_::invoke|js_sys(\[\w+\])?::futures::jspi::task_waker::/;

const path = process.argv[2];
const bytes = readFileSync(path);
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
for (const { id, start, end } of sections) {
  at = start;
  if (id !== 0 || text() !== 'name') continue;
  while (at < end) {
    const [kind, length] = [bytes[at++], number()];
    const next = at + length;
    for (let count = kind === 1 ? number() : 0; count > 0; count -= 1) {
      const [index, name] = [number(), text()];
      if (UNCALLED.test(name)) calls.add(index);
    }
    at = next;
  }
}
if (calls.size === 0) throw new Error(`no function of ${path} has the name of a closure's call or of a waker: has wasm-bindgen changed?`);

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

const parts = [bytes.subarray(0, 8)];
for (const section of sections) {
  const body = section.id === 9 ? table(section) : bytes.subarray(section.start, section.end);
  parts.push(Buffer.from([section.id, ...written(body.length)]), body);
}
writeFileSync(path, Buffer.concat(parts));
