// From the values of the rounds to what the table and the page show: medians, ratios, verdicts.
import { bounds } from './bounds.mjs';

export const ours = 'wireql';
export const limit = 'limit';

/** Whether a contender is that client, in whichever way it was used. */
export const isOf = (client, contender) => contender === client || contender.startsWith(`${client} `);

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
  return {
    unit: scale.unit,
    write: (value) =>
      (value / scale.by)
        .toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
        .replace('-', '−'),
  };
};

/** Three digits of a ratio, and no more zeros than that takes; nothing for one that makes no sense. */
export const times = (ratio) =>
  ratio === undefined ? '' : ratio.toFixed(ratio >= 100 ? 0 : ratio >= 10 ? 1 : ratio >= 0.1 ? 2 : 3);

/** A ratio; undefined where it makes no sense, as with memory that shrank. */
export const divide = (part, whole) => (part > 0 && whole > 0 ? part / whole : undefined);

/** The `most` that a bound allows, and in words what it asks and what was reached. */
const judge = (bound, mine, medianIn, { unit, write }) => {
  const { figure, of, in: other = figure, times: factor, plus, atMost } = bound;
  const verdict = (most, asked, reached) => ({ most, met: mine <= most, asked, reached });
  if (atMost !== undefined) return verdict(atMost, `at most ${write(atMost)} ${unit}`, `${write(mine)} ${unit}`);
  const theirs = medianIn(other, of);
  if (theirs === undefined) return undefined;
  if (plus !== undefined) {
    return verdict(theirs + plus, `at most ${plus} ${unit} more than ${of}`, `${write(mine - theirs)} ${unit}`);
  }
  const what = other === figure ? of : `${of} with ${other}`;
  return verdict(theirs * factor, `at most ${times(factor)} × ${what}`, times(mine / theirs));
};

const figureOf = (name, { label, unit, contenders }, medianIn) => {
  const values = contenders.flatMap(({ values }) => values);
  const scale = values.length > 0 ? scaleOf(unit, values) : { unit };
  const mine = medianIn(label, ours);
  return {
    label,
    unit: scale.unit,
    rows: contenders.map(({ name: contender, why, values }) => {
      if (values.length === 0) return { name: contender, why: why ?? 'no round' };
      const middle = median(values);
      return {
        name: contender,
        values,
        median: middle,
        text: scale.write(middle),
        spread: values.length > 1 ? `${scale.write(Math.min(...values))}–${scale.write(Math.max(...values))}` : 'one round',
        toLimit: divide(middle, medianIn(label, limit)),
        oursToIt: divide(mine, middle),
      };
    }),
    verdicts:
      mine === undefined
        ? []
        : bounds
            .filter((bound) => bound.case === name && bound.figure === label)
            .map((bound) => judge(bound, mine, medianIn, scale))
            .filter((verdict) => verdict !== undefined),
  };
};

/** Every case with its figures, in each the contenders as they are shown and the verdicts on ours. */
export const summarise = ({ cases }) =>
  cases.map(({ figures, ...rest }) => {
    const medianIn = (label, contender) => {
      const found = figures.find((figure) => figure.label === label)?.contenders.find((one) => one.name === contender);
      return found?.values.length ? median(found.values) : undefined;
    };
    return { ...rest, figures: figures.map((figure) => figureOf(rest.name, figure, medianIn)) };
  });

/** How many bounds of the summarised cases are met. */
export const tally = (cases) => {
  const verdicts = cases.flatMap(({ figures }) => figures.flatMap(({ verdicts }) => verdicts));
  const asked = bounds.filter((bound) => cases.some(({ name }) => name === bound.case)).length;
  const met = verdicts.filter(({ met }) => met).length;
  const unknown = asked - verdicts.length;
  return `${met} of ${asked} bounds are met${unknown > 0 ? `, ${unknown} could not be measured` : ''}`;
};

/** When, what and where, in a few words each. */
export const conditions = ({ date, commit, machine, quick }) => [
  `${date} UTC`,
  `wireql at commit ${commit}`,
  `${machine.cores} × ${machine.processor}, ${machine.memory} GB`,
  `${machine.system}, load ${machine.load} at the start`,
  ...(quick ? ['quick: one round of less work, not to be trusted'] : []),
];
