/**
 * Counters, gauges and histograms as plain numbers. Counting costs almost nothing, and the library that renders them is
 * imported by the first scrape instead of at the start.
 */

/** Labels of one series. */
type Labels = Readonly<Record<string, string>>;

/** One number of a metric, in Prometheus' terms. */
export interface Sample {
  readonly labels: Labels;
  readonly value: number;
  /** Name if it differs from the metric's: `_bucket`, `_sum` and `_count` of a histogram. */
  readonly metricName?: string;
}

/** A metric that can be rendered. */
export interface Tally {
  readonly name: string;
  /** One sentence for readers of `/metrics`. */
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: () => readonly Sample[];
}

/** One series of a counter. Keep it to count often: looking it up by its labels costs more than counting. */
export interface Series {
  readonly labels: Labels;
  value: number;
}

/** A number that only grows, for each combination of label values. */
export class Counter<Name extends string = never> implements Tally {
  readonly type = "counter";
  readonly name: string;
  readonly help: string;
  readonly #names: readonly Name[];
  readonly #series = new Map<string, Series>();

  constructor(name: string, help: string, names: readonly Name[] = []) {
    this.name = name;
    this.help = help;
    this.#names = names;
    // Without an initial 0, `rate()` would not see the first increment.
    if (names.length === 0) this.#series.set("", { labels: {}, value: 0 });
  }

  /** @param values in the order of the label names */
  inc(values: readonly string[] = [], by = 1): void {
    this.open(values).value += by;
  }

  /** @returns the series of these label values, in the order of the label names, to increment directly */
  open(values: readonly string[]): Series {
    const key = values.length === 1 ? (values[0] ?? "") : values.join("\n");
    let series = this.#series.get(key);
    if (!series) {
      series = { labels: toLabels(this.#names, values), value: 0 };
      this.#series.set(key, series);
    }
    return series;
  }

  samples(): readonly Sample[] {
    return [...this.#series.values()];
  }
}

/** A number that is read when metrics are rendered. */
export class Gauge implements Tally {
  readonly type = "gauge";
  readonly name: string;
  readonly help: string;
  readonly #read: () => number | readonly Sample[] | undefined;

  /** @param read returns the number, or a sample for each series, or `undefined` while there is none */
  constructor(name: string, help: string, read: () => number | readonly Sample[] | undefined) {
    this.name = name;
    this.help = help;
    this.#read = read;
  }

  samples(): readonly Sample[] {
    const value = this.#read();
    if (value === undefined) return [];
    return typeof value === "number" ? [{ labels: {}, value }] : value;
  }
}

interface HistogramSeries {
  readonly counts: Float64Array;
  sum: number;
}

/** Durations counted in buckets, with at most one label. */
export class Histogram implements Tally {
  readonly type = "histogram";
  readonly name: string;
  readonly help: string;
  readonly #label: string | undefined;
  readonly #bounds: readonly number[];
  readonly #series = new Map<string, HistogramSeries>();
  /** The series without a label value; most observations belong to it. */
  #plain: HistogramSeries | undefined;

  /** @param bounds upper bounds of the buckets, ascending, in seconds */
  constructor(name: string, help: string, bounds: readonly number[], label?: string) {
    this.name = name;
    this.help = help;
    this.#label = label;
    this.#bounds = bounds;
  }

  /** @param seconds the duration */
  observe(seconds: number, value = ""): void {
    const series = value === "" ? this.#openPlain() : (this.#series.get(value) ?? this.#open(value));
    let bucket = 0;
    while (bucket < this.#bounds.length && seconds > (this.#bounds[bucket] ?? 0)) bucket++;
    series.counts[bucket] = (series.counts[bucket] ?? 0) + 1;
    series.sum += seconds;
  }

  samples(): readonly Sample[] {
    return [...this.#series].flatMap(([value, { counts, sum }]) => {
      const labels = this.#label === undefined ? {} : { [this.#label]: value };
      let total = 0;
      const buckets = [...counts].map((count, i) => {
        total += count;
        const le = i < this.#bounds.length ? String(this.#bounds[i]) : "+Inf";
        return { labels: { ...labels, le }, value: total, metricName: `${this.name}_bucket` };
      });
      return [
        ...buckets,
        { labels, value: sum, metricName: `${this.name}_sum` },
        { labels, value: total, metricName: `${this.name}_count` },
      ];
    });
  }

  #openPlain(): HistogramSeries {
    this.#plain ??= this.#open("");
    return this.#plain;
  }

  #open(value: string): HistogramSeries {
    const series = { counts: new Float64Array(this.#bounds.length + 1), sum: 0 };
    this.#series.set(value, series);
    return series;
  }
}

function toLabels(names: readonly string[], values: readonly string[]): Labels {
  return Object.fromEntries(names.map((name, i) => [name, values[i] ?? ""]));
}
