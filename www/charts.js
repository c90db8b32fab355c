// Two charts of the last minute: results per second, and how long pings took.
import uPlot from 'uplot';

const SECONDS = 60;

const style = (name) => getComputedStyle(document.documentElement).getPropertyValue(name);

/** A chart of one number a second. */
class Chart {
  #element;
  #plot;
  #data = [Array.from({ length: SECONDS }, (_, at) => at - SECONDS + 1), Array(SECONDS).fill(null)];

  constructor(element) {
    this.#element = element;
    this.#make();
    new ResizeObserver(() => this.#plot.setSize({ width: element.clientWidth, height: 90 })).observe(element);
    // Canvas has no colours that follow the scheme.
    matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => this.#make());
  }

  push(value) {
    this.#data[1].shift();
    this.#data[1].push(value);
    this.#plot.setData(this.#data);
  }

  #make() {
    this.#plot?.destroy();
    const axis = { stroke: style('--quiet'), grid: { stroke: style('--line') }, ticks: { show: false }, size: 40, font: '12px system-ui' };
    this.#plot = new uPlot(
      {
        width: this.#element.clientWidth || 200,
        height: 90,
        legend: { show: false },
        cursor: { show: false },
        scales: { x: { time: false }, y: { range: (_, __, most) => [0, Math.max(1, most * 1.1)] } },
        axes: [{ show: false }, { ...axis, space: 25 }],
        series: [{}, { stroke: style('--accent'), fill: style('--faint'), width: 2, points: { show: false }, spanGaps: true }],
      },
      this.#data,
      this.#element,
    );
  }
}

/** Draws both each second. `results()` gives how many came so far, `ping()` the last time in milliseconds, if there is one. */
export const startCharts = ({ element, results, ping }) => {
  const [rate, pings] = [new Chart(element('rate-chart')), new Chart(element('ping-chart'))];
  let [before, since] = [0, performance.now()];
  setInterval(() => {
    const [count, now] = [results(), performance.now()];
    const perSecond = ((count - before) * 1_000) / (now - since);
    [before, since] = [count, now];
    const took = ping();
    rate.push(perSecond);
    pings.push(took ?? null);
    element('rate').textContent = perSecond < 10 ? perSecond.toFixed(1) : String(Math.round(perSecond));
    if (took !== undefined) element('ping').textContent = `${took.toFixed(1)} ms`;
  }, 1_000);
};
