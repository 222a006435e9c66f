import { ProblemError, type Problem } from '@tidings/client';
import english from '../i18n/en.json';
import type { Say, TextKey } from '../i18n/texts';

type Known = keyof typeof english.problem;

/** What went wrong and what to do about it, in the reader's language. */
export function problemText(problem: Problem, say: Say): string {
  // A balancer's own page, when no server is behind it.
  const isOut = problem.code === 'nonsense' && problem.status >= 500;
  const code: Known = isOut ? 'unavailable' : problem.code in english.problem ? (problem.code as Known) : 'other';
  const field = problem.errors?.[0];
  const detail = field ? `${field.field} ${field.message}` : (problem.detail ?? problem.title);
  return say(`problem.${code}` satisfies TextKey, { detail });
}

/** The same for whatever was thrown. */
export function errorText(error: unknown, say: Say): string {
  if (error instanceof ProblemError) return problemText(error.problem, say);
  return say('problem.other', { detail: String(error) });
}
