import type { Point } from './series';

interface SparklineProps {
  readonly lines: readonly (readonly Point[])[];
  readonly low: number;
  readonly high: number;
  /** What it shows, for who does not see it. */
  readonly label: string;
}

const WIDTH = 300;
const HEIGHT = 60;
// So that a line at the edge is seen whole.
const MARGIN = 3;
const GROUND = HEIGHT - MARGIN;

/** A line over time without an axis: its shape is what it says. It is stretched to the place it has. */
export function Sparkline({ lines, low, high, label }: SparklineProps) {
  const place = ({ x, value }: Point) => {
    // What never changed is a line in the middle; what was never there, one on the ground.
    const share = high > low ? (value - low) / (high - low) : low === 0 ? 0 : 0.5;
    return `${(x * WIDTH).toFixed(1)} ${(GROUND - share * (GROUND - MARGIN)).toFixed(1)}`;
  };
  const across = ({ x }: Point) => (x * WIDTH).toFixed(1);
  const newest = lines.at(-1)?.at(-1);
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={label}>
      <path className="sparkline-base" d={`M0 ${GROUND}H${WIDTH}`} />
      {lines.map((line, index) => {
        const [first, ...others] = line;
        const last = others.at(-1) ?? first;
        if (first === undefined || last === undefined) return null;
        // A line of one point goes nowhere, and is drawn as a dot.
        const path = `M${place(first)}${others.length === 0 ? 'h0' : others.map((point) => `L${place(point)}`).join('')}`;
        return (
          <g key={index}>
            <path className="sparkline-area" d={`${path}L${across(last)} ${GROUND}L${across(first)} ${GROUND}Z`} />
            <path className="sparkline-line" d={path} />
          </g>
        );
      })}
      {newest?.x === 1 && <path className="sparkline-now" d={`M${place(newest)}h0`} />}
    </svg>
  );
}
