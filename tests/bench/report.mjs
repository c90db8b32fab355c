// From the values of the rounds to what the table and the page show: medians, ratios, verdicts.
import { bounds } from './bounds.mjs';

const ours = 'wireql';

const median = (values) => {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};

/** Each unit, with the larger ones that are easier to read from so many of it on. */
const scales = {
  ns: [{ from: 1e6, by: 1e6, unit: 'ms' }, { from: 1e4, by: 1e3, unit: 'µs' }, { from: 0, by: 1, unit: 'ns' }],
  ms: [{ from: 0, by: 1, unit: 'ms' }],
  s: [{ from: 0, by: 1, unit: 's' }],
  bytes: [{ from: 1e6, by: 1e6, unit: 'MB' }, { from: 0, by: 1e3, unit: 'kB' }],
};

/** One scale for all values of a figure, so that they compare at a glance. */
const scaleOf = (unit, values) => {
  const typical = median(values.map(Math.abs));
  const scale = scales[unit].find(({ from }) => typical >= from);
  const digits = typical / scale.by >= 100 ? 0 : typical / scale.by >= 10 ? 1 : 2;
  return { unit: scale.unit, write: (value) => (value / scale.by).toFixed(digits) };
};

/** What a bound says, and whether it is met; `undefined` where it was not measured. */
const judge = ({ times, plus, atMost, in: other }, found, theirs, { unit, write }) => {
  const verdict = (allowed, asked, reached) =>
    `${asked}: ${allowed ? 'met' : 'MISSED'}${allowed && !other ? '' : ` ${reached}`}`;
  if (found === undefined || (atMost === undefined && theirs === undefined)) return undefined;
  if (atMost !== undefined) return verdict(found <= atMost, `≤ ${write(atMost)} ${unit}`, write(found));
  if (plus !== undefined) return verdict(found - theirs <= plus, `≤ + ${plus} ${unit}`, `+ ${write(found - theirs)}`);
  const ratio = found / theirs;
  return verdict(ratio <= times, `≤ ${times.toFixed(2)}${other ? ` × ${other}` : ''}`, ratio.toFixed(2));
};

const figureOf = (name, figure, medianIn) => {
  const { label, unit, contenders } = figure;
  const values = contenders.flatMap(({ values }) => values);
  const scale = values.length > 0 ? scaleOf(unit, values) : { unit };
  const [limit, mine] = ['limit', ours].map((one) => medianIn(label, one));
  const ratio = (part, whole) => (part > 0 && whole > 0 ? (part / whole).toFixed(2) : '');
  return {
    label,
    unit: scale.unit,
    rows: contenders.map(({ name: contender, why, values }) => {
      const held = bounds.filter(
        (bound) => bound.case === name && bound.figure === label && (bound.of ?? ours) === contender,
      );
      if (values.length === 0) return { name: contender, why: why ?? 'no round', verdicts: [] };
      const middle = median(values);
      return {
        name: contender,
        values,
        median: middle,
        text: scale.write(middle),
        spread: `${scale.write(Math.min(...values))}–${scale.write(Math.max(...values))}`,
        toLimit: ratio(middle, limit),
        oursToIt: ratio(mine, middle),
        verdicts: held
          .map((bound) => judge(bound, mine, medianIn(bound.in ?? label, contender), scale))
          .filter((verdict) => verdict !== undefined),
      };
    }),
  };
};

/** Every case with its figures, and in each the contenders as they are shown. */
export const summarise = ({ cases }) =>
  cases.map(({ name, title, absent, figures, why }) => {
    const medianIn = (label, contender) => {
      const found = figures.find((figure) => figure.label === label)?.contenders.find((one) => one.name === contender);
      return found?.values.length ? median(found.values) : undefined;
    };
    return { name, title, absent, why, figures: figures.map((figure) => figureOf(name, figure, medianIn)) };
  });

/** The machine and the versions, in a few words. */
export const conditions = ({ date, commit, node, machine, quick }) =>
  `${date}, commit ${commit}, Node ${node}, ${machine.cores} × ${machine.processor}${quick ? ', quick: one round of less work, not to be trusted' : ''}`;
