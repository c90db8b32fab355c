// A plain text table of what was seen, written to target/tables/ when all tests of a file are over.
import { mkdirSync, writeFileSync } from 'node:fs';
import { after } from 'node:test';

const folder = new URL('../../target/tables/', import.meta.url);

/** The lines of a table, its columns aligned. `rows` are lists of texts; the first is the heading. */
const aligned = (rows) => {
  const widths = rows[0].map((_, n) => Math.max(...rows.map((row) => row[n].length)));
  const line = (row) => row.map((text, n) => text.padEnd(widths[n])).join('  ').trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [line(rows[0]), rule, ...rows.slice(1).map(line)];
};

/**
 * Begins `target/tables/<name>.txt`. Each cell is one scenario that was executed. Set it red before
 * the scenario runs and again when it has ended: then one that never ends is in the table too. The
 * columns of `order` come first, in that order: needed if the scenarios run at once.
 */
export function startTable(name, title, order = []) {
  const cells = new Map();
  const columns = new Set(order);

  after(() => {
    const all = [...cells.values()].flatMap((row) => [...row.values()]);
    const body = [...cells].map(([row, seen]) => [row, ...[...columns].map((column) => seen.get(column)?.text ?? '')]);
    const green = all.filter((cell) => cell.green).length;
    const lines = [title, '', ...aligned([['', ...columns], ...body]), ''];
    lines.push(`${all.length} scenarios executed, ${green} green`, '');
    mkdirSync(folder, { recursive: true });
    writeFileSync(new URL(`${name}.txt`, folder), lines.join('\n'));
  });

  return {
    /** Rows and columns are in the order in which they are first set; a cell set again is replaced. */
    set(row, column, text, green = true) {
      if (!cells.has(row)) cells.set(row, new Map());
      columns.add(column);
      cells.get(row).set(column, { text, green });
    },
  };
}
