import type { components } from '../api/schema.js';

/** The codes of the API's problems. */
export type ServerProblemCode = components['schemas']['ProblemCode'];

/**
 * Codes of the SDK's own:
 * `unreachable` - no answer (no network, time-out); whether the call took effect is unknown
 * `nonsense`    - an answer that is not one of this API
 * `signed-out`  - the call needs a session and there is none
 * `closed`      - the client was closed
 */
export type LocalProblemCode = 'unreachable' | 'nonsense' | 'signed-out' | 'closed';

export type ProblemCode = ServerProblemCode | LocalProblemCode;

/** What went wrong, as plain data: it is stored with messages that were refused. */
export interface Problem {
  readonly code: ProblemCode;
  /** The HTTP status; 0 when there was no answer. */
  readonly status: number;
  readonly title: string;
  readonly detail?: string;
  /** Which fields of the request are to blame. */
  readonly errors?: readonly { readonly field: string; readonly message: string }[];
  /** When it makes sense to try again. */
  readonly retryAfterMs?: number;
  readonly requestId?: string;
}

/** What the promises of the SDK are rejected with. Nothing else is ever thrown on purpose. */
export class ProblemError extends Error {
  constructor(readonly problem: Problem) {
    super(problem.detail ?? problem.title);
    this.name = 'ProblemError';
  }

  get code(): ProblemCode {
    return this.problem.code;
  }
}
