import type { Clock } from '../base/clock.js';
import { type Problem, ProblemError } from '../public/problem.js';
import { decodeProblem, isObject, timeMs } from './decode.js';

/** As `fetch`, which it is outside tests. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly token?: string;
  readonly signal?: AbortSignal;
}

export interface Answer {
  readonly status: number;
  /** Undefined when there is none. */
  readonly body: unknown;
}

/** What every answer tells besides what was asked. */
export interface AnswerObserver {
  /** The server's time, and when the call began by this machine's clock. */
  serverTime(time: number, began: number): void;
  headers(headers: Headers, problem?: Problem): void;
}

const TIMEOUT_MS = 20_000;

/** Makes calls of the API. Whatever happens, `call` answers or rejects with a ProblemError. */
export class Http {
  constructor(
    private readonly url: string,
    private readonly fetch: Fetch,
    private readonly clock: Clock,
    private readonly observer: AnswerObserver,
  ) {}

  async call(call: Call): Promise<Answer> {
    const began = this.clock.now();
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    call.signal?.addEventListener('abort', onAbort);
    if (call.signal?.aborted) stop.abort();
    const cancelTimeout = this.clock.after(TIMEOUT_MS, onAbort);
    try {
      const response = await this.fetch(this.url + call.path, {
        method: call.method,
        headers: {
          ...(call.token !== undefined && { Authorization: `Bearer ${call.token}` }),
          ...(call.body !== undefined && { 'Content-Type': 'application/json' }),
        },
        ...(call.body !== undefined && { body: JSON.stringify(call.body) }),
        signal: stop.signal,
        cache: 'no-store',
        credentials: 'omit',
        redirect: 'error',
      });
      const text = await response.text();
      return this.judge(response, text, began);
    } catch (error) {
      if (error instanceof ProblemError) throw error;
      throw new ProblemError({
        code: 'unreachable',
        status: 0,
        title: 'The server did not answer.',
        detail: String(error),
      });
    } finally {
      cancelTimeout();
      call.signal?.removeEventListener('abort', onAbort);
    }
  }

  private judge(response: Response, text: string, began: number): Answer {
    const body = text === '' ? undefined : parseJson(text);
    const problem = response.ok ? undefined : decodeProblem(body, response.status);
    const isOurs = response.ok ? text === '' || isObject(body) : problem !== undefined;
    if (!isOurs) throw nonsense(response.status);
    const serverTime = timeMs(isObject(body) ? (body['server_time'] ?? sessionTime(body)) : undefined);
    if (serverTime !== undefined) this.observer.serverTime(serverTime, began);
    this.observer.headers(response.headers, problem);
    if (problem) throw new ProblemError(problem);
    return { status: response.status, body };
  }
}

/** For answers that have the right shape on the outside only. */
export function nonsense(status = 200): ProblemError {
  return new ProblemError({ code: 'nonsense', status, title: 'The answer is not one of this API.' });
}

/** What `decode` makes of an answer's body; what it can't read is nonsense. */
export function decoded<T>(answer: Answer, decode: (body: unknown) => T | undefined): T {
  const value = decode(answer.body);
  if (value === undefined) throw nonsense(answer.status);
  return value;
}

/** Whether the server has said no for good: the same call would be refused again. */
export function isDefinite({ status, code }: Problem): boolean {
  if (status < 400 || status >= 500 || code === 'nonsense') return false;
  return ![401, 408, 425, 429].includes(status);
}

function sessionTime(body: Record<string, unknown>): unknown {
  return isObject(body['session']) ? body['session']['server_time'] : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
