import { useId } from 'react';
import { useTexts, type TextKey } from '../i18n/texts';
import type { Totals } from './fleet';
import { linesOf, rangeOf, type Series } from './series';
import { Sparkline } from './sparkline';

interface TileProps {
  readonly title: TextKey;
  readonly figure: keyof Totals;
  readonly series: Series;
  readonly show: (value: number) => string;
  /** What is counted. */
  readonly hint: string;
  /** The graph stands on 0; a figure that only creeps is drawn between its lowest and its highest value instead. */
  readonly fromZero?: boolean;
}

/** One figure: how much it is, what it was in the last five minutes, and what it means. */
export function Tile({ title, figure, series, show, hint, fromZero = true }: TileProps) {
  const say = useTexts();
  const id = useId();
  const lines = linesOf(series, figure);
  const range = rangeOf(lines);
  const now = series.at(-1)?.[figure];
  const label = say(title);
  const shownNow = now === undefined ? '–' : show(now);
  const graph = range === undefined ? say('ops.graphEmpty', { label }) : say('ops.graph', { label, now: shownNow, low: show(range.low), high: show(range.high) });
  return (
    <section className="tile" aria-labelledby={id} data-figure={figure}>
      <h2 id={id}>{label}</h2>
      <p className="tile-now" data-now>{shownNow}</p>
      <p className="tile-high">{range !== undefined && say('ops.highest', { value: show(range.high) })}</p>
      <Sparkline lines={lines} low={fromZero ? 0 : (range?.low ?? 0)} high={range?.high ?? 0} label={graph} />
      <p className="tile-hint">{hint}</p>
    </section>
  );
}
