/** Renders metrics for Prometheus with prom-client, which is imported by the first scrape because that takes about 35 ms. */
import type { Tally } from "./tally.ts";

/** A text and its media type. */
export interface Exposition {
  readonly contentType: string;
  readonly text: string;
}

/**
 * Creates a renderer of the given metrics and prom-client's own process metrics.
 *
 * @param tallies the metrics
 */
export function createExposition(tallies: readonly Tally[]): () => Promise<Exposition> {
  let registry: Promise<{ readonly contentType: string; metrics(): Promise<string> }> | undefined;
  return async () => {
    registry ??= createRegistry(tallies);
    const { contentType, metrics } = await registry;
    return { contentType, text: await metrics() };
  };
}

async function createRegistry(tallies: readonly Tally[]) {
  const { default: client } = await import("prom-client");
  const registry = new client.Registry();
  /** A metric whose values come from a tally. */
  class Exposed extends client.Gauge {
    readonly #tally: Tally;

    constructor(tally: Tally) {
      super({ name: tally.name, help: tally.help, registers: [registry] });
      this.#tally = tally;
    }

    override async get() {
      const { type } = this.#tally;
      const values = this.#tally.samples().map((sample) => ({ ...sample, labels: { ...sample.labels } }));
      const metric = await super.get();
      // At run time `type` is a string, although the library's declarations say number.
      Object.assign(metric, { type, values });
      return metric;
    }
  }
  for (const tally of tallies) new Exposed(tally);
  client.collectDefaultMetrics({ register: registry });
  return { contentType: registry.contentType, metrics: () => registry.metrics() };
}
