import { isUuid } from '../base/uuid.js';
import type { components } from '../api/schema.js';
import type { GroupDetails, Member, MemberPage, Role } from '../public/group.js';
import type { UserReference } from '../public/ids.js';
import type { Person, Presence } from '../public/people.js';
import type { Problem, ServerProblemCode } from '../public/problem.js';
import type { DeviceSession, Me } from '../public/session.js';
import type { Applied, Kind, Row, StoredSession } from '../store/records.js';

/**
 * Reads answers of the server. They come over a network on which anything may answer, so each field is looked at before
 * it is believed: what has not the shape of docs/api/openapi.yaml is undefined, and the caller says "nonsense".
 */

/** The JSON of a schema before anybody has looked at it: any field may be missing or be something else. */
export type Unread<Name extends keyof components['schemas']> = {
  readonly [Field in keyof components['schemas'][Name]]?: unknown;
};

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function timeMs(value: unknown): number | undefined {
  if (typeof value !== 'string') return undefined;
  const time = Date.parse(value);
  return Number.isNaN(time) ? undefined : time;
}

export const isText = (value: unknown): value is string => typeof value === 'string';
export const isCount = (value: unknown): value is number =>
  typeof value === 'number' && Number.isFinite(value) && value >= 0;
const isReference = (value: unknown): value is UserReference => isText(value) && value.startsWith('@');
export const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';

export function oneOf<T extends string>(value: unknown, ...choices: readonly T[]): T | undefined {
  return choices.find((choice) => choice === value);
}

/** Each item read; undefined when one of them can't be. */
export function list<T>(value: unknown, read: (item: unknown) => T | undefined): T[] | undefined {
  if (!Array.isArray(value)) return undefined;
  const items: T[] = [];
  for (const one of value as unknown[]) {
    const item = read(one);
    if (item === undefined) return undefined;
    items.push(item);
  }
  return items;
}

/** What an optional list of `is` holds; nothing when it is absent or wrong. */
function optionalList<T>(value: unknown, is: (item: unknown) => item is T): T[] | undefined {
  return Array.isArray(value) && value.length > 0 && value.every(is) ? (value as T[]) : undefined;
}

export function decodeProblem(value: unknown, status: number): Problem | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Problem'> = value;
  if (!isText(json.code)) return undefined;
  const errors = list(json.errors, (item) =>
    isObject(item) && isText(item['field']) && isText(item['message'])
      ? { field: item['field'], message: item['message'] }
      : undefined,
  );
  return {
    code: json.code as ServerProblemCode, // one that this version does not know is judged by its status
    status,
    title: isText(json.title) ? json.title : json.code,
    ...(isText(json.detail) && { detail: json.detail }),
    ...(errors && errors.length > 0 && { errors }),
    ...(isCount(json.retry_after_ms) && { retryAfterMs: json.retry_after_ms }),
    ...(isText(json.request_id) && { requestId: json.request_id }),
  };
}

export function decodeSession(value: unknown): StoredSession | undefined {
  if (!isObject(value) || !isObject(value['session'])) return undefined;
  const json: Unread<'Session'> = value['session'];
  const expiresAt = timeMs(json.expires_at);
  if (!isUuid(json.id) || !isText(json.access_token) || !isText(json.refresh_token) || expiresAt === undefined)
    return undefined;
  return { id: json.id, accessToken: json.access_token, refreshToken: json.refresh_token, expiresAt };
}

export function decodeMe(value: unknown): Me | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Me'> = value;
  if (!isUuid(json.id) || !isText(json.name)) return undefined;
  return {
    id: json.id,
    name: json.name,
    displayName: isText(json.display_name) ? json.display_name : json.name,
    service: json.service === true,
    admin: json.admin === true,
    acceptsDirect: json.accepts_direct === 'nobody' ? 'nobody' : 'everyone',
    status: oneOf(json.status, 'auto', 'online', 'away', 'busy', 'invisible') ?? 'auto',
    statusText: isText(json.status_text) ? json.status_text : '',
    metadata: isObject(json.metadata) ? json.metadata : {},
  };
}

export function decodeSignedIn(value: unknown): { me: Me; session: StoredSession } | undefined {
  const me = isObject(value) ? decodeMe(value['user']) : undefined;
  const session = decodeSession(value);
  return me && session && { me, session };
}

export function decodeDeviceSessions(
  value: unknown,
): { sessions: DeviceSession[]; cursor: string; more: boolean } | undefined {
  if (!isObject(value) || !isText(value['cursor'])) return undefined;
  const sessions = list(value['sessions'], (item) => {
    if (!isObject(item) || !isUuid(item['id'])) return undefined;
    const [createdAt, lastSeen] = [timeMs(item['created_at']), timeMs(item['last_seen'])];
    if (createdAt === undefined || lastSeen === undefined) return undefined;
    const device = isText(item['device']) ? item['device'] : '';
    return { id: item['id'], device, createdAt, lastSeen, current: item['current'] === true };
  });
  return sessions && { sessions, cursor: value['cursor'], more: value['more'] === true };
}

export function decodePerson(value: unknown): { person: Person; presence: Omit<Presence, 'at'> } | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'User'> = value;
  if (!isUuid(json.id) || !isText(json.name)) return undefined;
  const person: Person = {
    id: json.id,
    name: json.name,
    displayName: isText(json.display_name) ? json.display_name : json.name,
    service: json.service === true,
    metadata: isObject(json.metadata) ? json.metadata : {},
  };
  return { person, presence: presenceOf(json) };
}

function presenceOf(json: { status?: unknown; status_text?: unknown; last_seen?: unknown }): Omit<Presence, 'at'> {
  const status = oneOf(json.status, 'online', 'away', 'busy', 'offline');
  const lastSeen = timeMs(json.last_seen);
  return {
    ...(status && { status }),
    ...(isText(json.status_text) && { statusText: json.status_text }),
    ...(lastSeen !== undefined && { lastSeen }),
  };
}

const roleOf = (value: unknown): Role | undefined => oneOf(value, 'owner', 'moderator', 'member', 'reader');

export function decodeGroup(value: unknown): GroupDetails | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Group'> = value;
  const kind = oneOf(json.kind, 'direct', 'group');
  if (!isUuid(json.id) || !kind || !isCount(json.size)) return undefined;
  const [role, history] = [roleOf(json.role), oneOf(json.history, 'all', 'since-joined')];
  const post = oneOf(json.post, 'members', 'moderators');
  const [createdAt, lastUpdated] = [timeMs(json.created_at), timeMs(json.last_updated)];
  return {
    id: json.id,
    kind,
    size: json.size,
    visibility: json.visibility === 'public' ? 'public' : 'private',
    ...(isText(json.name) && { name: json.name }),
    ...(isText(json.description) && { description: json.description }),
    ...(isObject(json.metadata) && { metadata: json.metadata }),
    ...(role && { role }),
    ...(history && { history }),
    ...(post && { post }),
    ...(isFlag(json.push) && { push: json.push }),
    ...(createdAt !== undefined && { createdAt }),
    ...(lastUpdated !== undefined && { lastUpdated }),
  };
}

export function decodeMember(value: unknown): Member | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Member'> = value;
  const [role, joinedAt] = [roleOf(json.role), timeMs(json.joined_at)];
  return isReference(json.user) && role && joinedAt !== undefined ? { user: json.user, role, joinedAt } : undefined;
}

export function decodeMembers(value: unknown): MemberPage | undefined {
  if (!isObject(value) || !isText(value['cursor'])) return undefined;
  const members = list(value['members'], decodeMember);
  return members && { members, cursor: value['cursor'], more: value['more'] === true };
}

/** A message. `isApplied`: from a page of history, amendments worked in. */
export function decodeRow(value: unknown, isApplied: boolean): Row | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Message'> = value;
  const kind = oneOf<Kind>(json.kind, 'text', 'edit', 'delete', 'reaction', 'opaque');
  const receivedAt = timeMs(json.received_at);
  if (!isUuid(json.id) || !isUuid(json.group) || !isReference(json.from) || !kind || receivedAt === undefined)
    return undefined;
  const [links, mentions] = [optionalList(json.links, isText), optionalList(json.mentions, isReference)];
  const applied = isApplied ? appliedOf(json) : undefined;
  return {
    group: json.group,
    id: json.id,
    from: json.from,
    kind,
    receivedAt,
    late: json.late === true,
    ...(isText(json.text) && { text: json.text }),
    ...(links && { links }),
    ...(isObject(json.metadata) && { metadata: json.metadata }),
    ...(mentions && { mentions }),
    ...(isUuid(json.reply_to) && { replyTo: json.reply_to }),
    ...(isUuid(json.target) && { target: json.target }),
    ...(isText(json.emoji) && { emoji: json.emoji }),
    ...(json.remove === true && { remove: true }),
    ...(isText(json.ciphertext) && { ciphertext: json.ciphertext }),
    ...(isText(json.scheme) && { scheme: json.scheme }),
    ...(json.deleted === true && { deleted: true }),
    ...(applied && { applied }),
  };
}

function appliedOf(json: Unread<'Message'>): Applied {
  const editedAt = timeMs(json.edited_at);
  const reactions = list(json.reactions, (item) =>
    isObject(item) && isText(item['emoji']) && isCount(item['count'])
      ? { emoji: item['emoji'], count: item['count'], me: item['me'] === true }
      : undefined,
  );
  return { ...(editedAt !== undefined && { editedAt }), reactions: reactions ?? [] };
}

export interface Digest {
  readonly from: string;
  readonly to: string | null;
  readonly count: number;
  readonly sum: string;
  readonly parts?: readonly Digest[];
  readonly ids?: readonly string[];
}

export function decodeDigest(value: unknown): Digest | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Digest'> = value;
  const to = json.to === null || isUuid(json.to) ? json.to : undefined;
  if (!isUuid(json.from) || to === undefined || !isCount(json.count)) return undefined;
  if (!isText(json.sum) || !/^[0-9a-f]{32}$/.test(json.sum)) return undefined;
  // Parts of parts do not exist; that also bounds the recursion.
  const parts = list(json.parts, (part) => (isObject(part) && !part['parts'] ? decodeDigest(part) : undefined));
  const ids = list(json.ids, (id) => (isUuid(id) ? id : undefined));
  return { from: json.from, to, count: json.count, sum: json.sum, ...(parts && { parts }), ...(ids && { ids }) };
}

export interface Changes {
  readonly rows: readonly Row[];
  readonly cursor?: string;
  readonly more: boolean;
  readonly skipped?: { readonly from: string; readonly to: string };
  readonly digest?: Digest;
  readonly push: boolean;
  readonly nextPollMs: number;
}

export function decodeChanges(value: unknown, group: string): Changes | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'ChangesOfGroup'> = value;
  // A message of another group, or one that can't be read, makes the page unfit: its cursor must not be kept.
  const rows = list(json.messages, (item) => {
    const row = decodeRow(item, false);
    return row?.group === group ? row : undefined;
  });
  if (!rows || !isFlag(json.more) || !isFlag(json.push) || !isCount(json.next_poll_ms)) return undefined;
  if (json.cursor !== undefined && (!isText(json.cursor) || json.cursor.length > 4_096)) return undefined;
  const skipped = json.skipped === undefined ? undefined : rangeOf(json.skipped);
  if (json.skipped !== undefined && !skipped) return undefined;
  const digest = decodeDigest(json.digest);
  return {
    rows,
    more: json.more,
    push: json.push,
    nextPollMs: json.next_poll_ms,
    ...(json.cursor && { cursor: json.cursor }),
    ...(skipped && { skipped }),
    ...(digest && { digest }),
  };
}

function rangeOf(value: unknown): { from: string; to: string } | undefined {
  return isObject(value) && isUuid(value['from']) && isUuid(value['to'])
    ? { from: value['from'], to: value['to'] }
    : undefined;
}

/** One result of a pull, in the order asked. */
export type PullResult =
  { readonly id: string; readonly changes: Changes } | { readonly id: string; readonly problem: Problem };

export function decodePull(value: unknown): PullResult[] | undefined {
  if (!isObject(value)) return undefined;
  return list<PullResult>(value['results'], (item) => {
    if (!isObject(item) || !isUuid(item['id'])) return undefined;
    if (item['problem'] !== undefined) {
      const status = isObject(item['problem']) && isCount(item['problem']['status']) ? item['problem']['status'] : 500;
      const problem = decodeProblem(item['problem'], status);
      return problem && { id: item['id'], problem };
    }
    const changes = decodeChanges(item, item['id']);
    return changes && { id: item['id'], changes };
  });
}

export interface HistoryPage {
  readonly rows: readonly Row[];
  readonly hasBefore: boolean;
  readonly hasAfter: boolean;
}

export function decodeHistory(value: unknown, group: string, isApplied: boolean): HistoryPage | undefined {
  if (!isObject(value)) return undefined;
  const rows = list(value['messages'], (item) => {
    const row = decodeRow(item, isApplied);
    return row?.group === group ? row : undefined;
  });
  if (!rows || (isApplied && (!isFlag(value['has_before']) || !isFlag(value['has_after'])))) return undefined;
  return { rows, hasBefore: value['has_before'] === true, hasAfter: value['has_after'] === true };
}

export interface GroupStatus {
  readonly id: string;
  readonly kind: 'direct' | 'group';
  readonly name?: string;
  readonly size: number;
  readonly push: boolean;
  readonly role: Role;
  readonly lastUpdated: number;
  readonly unread?: number;
  readonly mentions?: number;
  readonly lastRow?: Row;
}

export interface Status {
  readonly cursor: string;
  readonly more: boolean;
  readonly nextPollMs: number;
  readonly groups: readonly GroupStatus[];
  readonly removed: readonly string[];
  readonly users: readonly { readonly name: string; readonly presence: Omit<Presence, 'at'> }[];
}

export function decodeStatus(value: unknown): Status | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Status'> = value;
  const groups = list(json.groups, decodeGroupStatus);
  const removed = list(json.removed, (id) => (isUuid(id) ? id : undefined));
  const users = list(json.users, (item) =>
    isObject(item) && isText(item['name']) ? { name: item['name'], presence: presenceOf(item) } : undefined,
  );
  if (!isText(json.cursor) || !isFlag(json.more) || !isCount(json.next_poll_ms) || !groups || !removed || !users)
    return undefined;
  return { cursor: json.cursor, more: json.more, nextPollMs: json.next_poll_ms, groups, removed, users };
}

function decodeGroupStatus(item: unknown): GroupStatus | undefined {
  if (!isObject(item) || !isUuid(item['id']) || !isCount(item['size']) || !isFlag(item['push'])) return undefined;
  const [kind, role] = [oneOf(item['kind'], 'direct', 'group'), roleOf(item['role'])];
  const lastUpdated = timeMs(item['last_updated']);
  if (!kind || !role || lastUpdated === undefined) return undefined;
  const lastRow = decodeRow(item['last_message'], true);
  return {
    id: item['id'],
    kind,
    role,
    lastUpdated,
    size: item['size'],
    push: item['push'],
    ...(isText(item['name']) && { name: item['name'] }),
    ...(isCount(item['unread']) && { unread: item['unread'] }),
    ...(isCount(item['mentions']) && { mentions: item['mentions'] }),
    ...(lastRow && { lastRow }),
  };
}

export interface Receipt {
  readonly id: string;
  readonly receivedAt: number;
  readonly late: boolean;
  readonly group?: string;
  readonly problem?: Problem;
}

/** Of a send to one target. */
export function decodeReceipt(value: unknown): Receipt | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Receipt'> = value;
  const receivedAt = timeMs(json.received_at);
  const target: unknown = Array.isArray(json.groups) ? json.groups[0] : undefined;
  if (!isUuid(json.id) || receivedAt === undefined || !isObject(target)) return undefined;
  const stated = isObject(target['problem']) ? target['problem'] : undefined;
  const problem = stated && decodeProblem(stated, isCount(stated['status']) ? stated['status'] : 500);
  if (!problem && !isUuid(target['id'])) return undefined;
  return {
    id: json.id,
    receivedAt,
    late: json.late === true,
    ...(isUuid(target['id']) && { group: target['id'] }),
    ...(problem && { problem }),
  };
}

export type Frame =
  | { readonly type: 'hello'; readonly pollMs: number }
  | { readonly type: 'changed'; readonly n: number; readonly groups: readonly string[] }
  | { readonly type: 'recheck' }
  | { readonly type: 'bye'; readonly reason: string; readonly reconnectAfterMs?: number };

/** A frame of the notification socket; undefined for what this version does not know. */
export function decodeFrame(text: unknown): Frame | undefined {
  if (!isText(text)) return undefined;
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return undefined;
  }
  if (!isObject(json)) return undefined;
  switch (json['type']) {
    case 'hello':
      return { type: 'hello', pollMs: isCount(json['poll_ms']) ? json['poll_ms'] : 60_000 };
    case 'changed': {
      const groups = list(json['groups'], (id) => (isUuid(id) ? id : undefined));
      return groups && isCount(json['n']) ? { type: 'changed', n: json['n'], groups } : undefined;
    }
    case 'recheck':
      return { type: 'recheck' };
    case 'bye': {
      const after = json['reconnect_after_ms'];
      return {
        type: 'bye',
        reason: isText(json['reason']) ? json['reason'] : '',
        ...(isCount(after) && { reconnectAfterMs: after }),
      };
    }
    default:
      return undefined;
  }
}
