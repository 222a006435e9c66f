const formats = new Map<string, Intl.NumberFormat>();

// Making a format costs a hundred times what using it does.
function format(language: string, options: Intl.NumberFormatOptions): Intl.NumberFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.NumberFormat(language, options);
  formats.set(key, known);
  return known;
}

/** From here on nobody reads the last digits. */
const LONG = 100_000;

export function count(value: number, language: string): string {
  return format(language, value < LONG ? { maximumFractionDigits: 0 } : { notation: 'compact', maximumSignificantDigits: 3 }).format(value);
}

/** With a fraction where it says something: 0.4, 3.2, 118. */
export function decimal(value: number, language: string): string {
  return value < 10 ? format(language, { maximumFractionDigits: 1 }).format(value) : count(value, language);
}

const BYTE_UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte'] as const;

/** 1 kB is 1,000 bytes. */
export function bytes(value: number, language: string): string {
  const step = value < 1 ? 0 : Math.min(BYTE_UNITS.length - 1, Math.floor(Math.log10(value) / 3));
  return format(language, { style: 'unit', unit: BYTE_UNITS[step] ?? 'byte', unitDisplay: step === 0 ? 'long' : 'short', maximumSignificantDigits: 3 }).format(value / 1000 ** step);
}

export function milliseconds(value: number, language: string): string {
  return format(language, { style: 'unit', unit: 'millisecond', unitDisplay: 'short', ...(value < 10 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: 0 }) }).format(value);
}

const DURATION_UNITS = [['day', 86_400], ['hour', 3_600], ['minute', 60], ['second', 1]] as const;

/** In its two largest units: 3 days 4 hr, 12 min 5 sec. */
export function duration(seconds: number, language: string): string {
  const largest = Math.max(0, DURATION_UNITS.findIndex(([, length]) => seconds >= length));
  const [first, second] = DURATION_UNITS.slice(seconds < 1 ? -1 : largest);
  if (first === undefined) return '';
  const part = (unit: string, amount: number) => format(language, { style: 'unit', unit, unitDisplay: 'short' }).format(amount);
  const rest = second === undefined ? 0 : Math.floor((seconds % first[1]) / second[1]);
  const whole = part(first[0], Math.floor(seconds / first[1]));
  return second === undefined || rest === 0 ? whole : `${whole} ${part(second[0], rest)}`;
}
