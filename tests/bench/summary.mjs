// The summary of a complete run in Markdown, small enough to be committed.
import { descriptions } from './clients.mjs';
import { conditions, isOf, limit, ours, summarise, tally, times } from './report.mjs';

const peers = Object.keys(descriptions).filter((name) => !isOf(ours, name) && name !== limit);

const list = (versions) =>
  Object.entries(versions)
    .map(([name, version]) => `${name} ${version}`)
    .join(', ');

const line = (name, { label, unit, rows }) => {
  const measured = rows.filter(({ why }) => !why);
  const mine = measured.find((row) => row.name === ours);
  const [best] = measured
    .filter((row) => peers.some((peer) => isOf(peer, row.name)))
    .sort((a, b) => a.median - b.median);
  const theirs = best ? `${best.text} ${unit}, ${best.name}` : '';
  return `| ${name} | ${label} | ${mine.text} ${unit} | ${theirs} | ${times(best?.oursToIt)} |`;
};

export const summary = (result) => {
  const cases = summarise(result);
  return `# Benchmarks

Made by \`make bench\`, which writes all rounds, all contenders and what each case measures to \`target/bench\`.

${conditions(result)
  .map((text) => `- ${text}`)
  .join('\n')}
- ${list(result.hosts)}
- ${list(result.versions)}
- ${tally(cases)}

Medians; less is better throughout.

| case | figure | wireql | best peer | wireql ÷ best peer |
|---|---|---|---|---|
${cases.flatMap(({ name, figures }) => figures.map((figure) => line(name, figure))).join('\n')}
`;
};
