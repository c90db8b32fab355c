// Runs contenders against each other. Nothing here is Node's own, as pages run it too.

const channel = globalThis.setImmediate ? undefined : new MessageChannel();

/** The end of a turn of the event loop: all microtasks are done, and the host has had its say. */
export const turn = () =>
  new Promise((resolve) => {
    if (!channel) return setImmediate(resolve);
    channel.port1.onmessage = resolve;
    channel.port2.postMessage(0);
  });

/** Collects garbage where the host lets us; called before each clock starts. */
export const collect = () => globalThis.gc?.();

/** A contender that was given less work than the others must not win by it. */
export const check = (name, found, expected) => {
  if (found !== expected) throw new Error(`${name} came to ${found}, expected ${expected}`);
};

/**
 * Runs a group: contenders that do the same work. `round` of each gives one number, or one for each
 * of the group's figures. A group may have a plan of its own. Gives the figures with the values of
 * all rounds by contender.
 */
export async function compare({ figures, contenders, ...own }, plan, progress) {
  const { warmups, rounds } = { ...plan, ...own };
  const running = contenders.filter(({ why }) => !why);
  const states = [];
  for (const { setup } of running) states.push(await setup?.());
  const measured = running.map(() => []);
  for (let round = 0; round < warmups + rounds; round += 1) {
    progress(`round ${round + 1} of ${warmups + rounds}`);
    for (let place = 0; place < running.length; place += 1) {
      // Every second round goes backwards, and the two after it begin one further on, so that nobody
      // always runs after the same contender, even if there are only two.
      const turned = (place + (round >> 1)) % running.length;
      const which = round % 2 ? running.length - 1 - turned : turned;
      collect();
      const { name, round: run, rounds: wanted = rounds } = running[which];
      // A slow contender may ask for fewer rounds, and is not warmed up for them.
      if (wanted < rounds && (round < warmups || round >= warmups + wanted)) continue;
      let values;
      try {
        values = await run(states[which]);
      } catch (error) {
        throw new Error(`${name}: ${error.message}`, { cause: error });
      }
      if (round >= warmups) measured[which].push([values].flat());
    }
  }
  return figures.map((figure, index) => ({
    ...figure,
    contenders: contenders.map(({ name, why }) => ({
      name,
      why,
      values: why ? [] : measured[running.findIndex((one) => one.name === name)].map((values) => values[index]),
    })),
  }));
}
