/** One sample of a metrics page. */
export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

const line = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/;
const label = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

/** Reads a page in Prometheus' text format; comments are skipped. @throws Error that quotes a line that is no sample. */
export function parseExposition(text: string): Sample[] {
  return text
    .split('\n')
    .filter((each) => each !== '' && !each.startsWith('#'))
    .map((each) => {
      const [, name, labels = '', value = ''] = line.exec(each) ?? [];
      if (name === undefined) throw new Error(`not a sample: ${JSON.stringify(each)}`);
      const pairs = [...labels.matchAll(label)].map(([, key = '', raw = '']) => [key, unescaped(raw)]);
      return { name, labels: Object.fromEntries(pairs) as Record<string, string>, value: numberOf(value) };
    });
}

const unescaped = (text: string): string =>
  text.replace(/\\(.)/g, (_, escaped: string) => (escaped === 'n' ? '\n' : escaped));
const numberOf = (text: string): number =>
  /^[+-]?Inf$/.test(text) ? Number(text.replace('Inf', 'Infinity')) : Number(text);

/** Sum over all samples of a name whose labels are accepted; 0 when there are none. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  accepts: (labels: Sample['labels']) => boolean = () => true,
): number {
  return samples
    .filter((sample) => sample.name === name && accepts(sample.labels))
    .reduce((sum, { value }) => sum + value, 0);
}
