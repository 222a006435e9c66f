import type { TimeMs } from '@tidings/client';
import type { Say } from './texts';

const DAY_MS = 24 * 3600 * 1000;
const formats = new Map<string, Intl.DateTimeFormat>();

// Making a format costs a hundred times what using it does.
function format(language: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = language + JSON.stringify(options);
  const known = formats.get(key) ?? new Intl.DateTimeFormat(language, options);
  formats.set(key, known);
  return known;
}

function dayStart(time: TimeMs): number {
  const day = new Date(time);
  day.setHours(0, 0, 0, 0);
  return day.getTime();
}

export function isSameDay(one: TimeMs, other: TimeMs): boolean {
  return dayStart(one) === dayStart(other);
}

export function clockTime(time: TimeMs, language: string): string {
  return format(language, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' }).format(time);
}

export function fullTime(time: TimeMs, language: string): string {
  return format(language, { dateStyle: 'long', timeStyle: 'medium', hourCycle: 'h23' }).format(time);
}

/** "Today", "Yesterday", "Saturday 14 November". */
export function dayName(time: TimeMs, now: TimeMs, language: string, say: Say): string {
  // Half a day more, for days that daylight saving made shorter.
  const days = Math.floor((dayStart(now) - dayStart(time) + DAY_MS / 2) / DAY_MS);
  if (days === 0) return say('list.today');
  if (days === 1) return say('list.yesterday');
  const isThisYear = new Date(now).getFullYear() === new Date(time).getFullYear();
  return format(language, { weekday: 'long', day: 'numeric', month: 'long', ...(isThisYear ? {} : { year: 'numeric' }) }).format(time);
}

/** As short as it can be said beside a name: the time today, else the date. */
export function shortTime(time: TimeMs, now: TimeMs, language: string): string {
  if (isSameDay(time, now)) return clockTime(time, language);
  const isThisYear = new Date(now).getFullYear() === new Date(time).getFullYear();
  return format(language, isThisYear ? { day: 'numeric', month: 'short' } : { dateStyle: 'short' }).format(time);
}
