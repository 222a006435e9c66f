import { isUuid } from '../base/uuid.js';
import type {
  Account,
  AccountPage,
  BusyGroup,
  Figures,
  NewKey,
  Service,
  ServiceKey,
  ServicePage,
} from '../public/operation.js';
import { isCount, isFlag, isObject, isText, list, oneOf, timeMs, type Unread } from './decode.js';

/** Reads what operators are answered; as in decode.ts, nothing is believed unread. */

/** What only counts up or says how much there is. */
const COUNTS = {
  up_seconds: 'upSeconds',
  stored: 'stored',
  throttled: 'throttled',
  changed_sent: 'changedSent',
  queue_waiting: 'queueWaiting',
  queue_leased: 'queueLeased',
  connections: 'connections',
  sockets: 'sockets',
  commits: 'commits',
  commit_us: 'commitUs',
  store_disk_bytes: 'storeDiskBytes',
  store_messages: 'storeMessages',
} as const satisfies Partial<Record<keyof Unread<'Figures'>, keyof Figures>>;

type Counts = Pick<Figures, (typeof COUNTS)[keyof typeof COUNTS]>;

export function decodeFigures(value: unknown): Figures | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Figures'> = value;
  const serverTime = timeMs(json.server_time);
  const role = oneOf(json.role, 'serve', 'api');
  const busyGroups = list(json.busy_groups, decodeBusyGroup);
  if (!isText(json.process) || !role || !isText(json.version) || serverTime === undefined || !busyGroups)
    return undefined;
  const names = Object.keys(COUNTS) as (keyof typeof COUNTS)[];
  if (!names.every((name) => isCount(json[name]))) return undefined;
  const counts = Object.fromEntries(names.map((name) => [COUNTS[name], json[name]])) as unknown as Counts;
  return { process: json.process, role, version: json.version, serverTime, ...counts, busyGroups };
}

function decodeBusyGroup(value: unknown): BusyGroup | undefined {
  if (!isObject(value) || !isUuid(value['id']) || !isCount(value['per_minute'])) return undefined;
  return { id: value['id'], perMinute: value['per_minute'] };
}

export function decodeAccount(value: unknown): Account | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Account'> = value;
  const [createdAt, lastSeen] = [timeMs(json.created_at), timeMs(json.last_seen)];
  // What was not said must not be shown as "enabled": each of these is looked at before something is done.
  if (!isFlag(json.service) || !isFlag(json.disabled) || !isFlag(json.admin) || !isFlag(json.ended)) return undefined;
  if (!isText(json.name) || createdAt === undefined || lastSeen === undefined) return undefined;
  return {
    name: json.name,
    displayName: isText(json.display_name) ? json.display_name : json.name,
    service: json.service,
    disabled: json.disabled,
    admin: json.admin,
    ended: json.ended,
    createdAt,
    lastSeen,
  };
}

function nextOf({ more, next }: Record<string, unknown>): { next?: string } {
  return more === true && isText(next) ? { next } : {};
}

export function decodeAccounts(value: unknown): AccountPage | undefined {
  if (!isObject(value)) return undefined;
  const accounts = list(value['accounts'], decodeAccount);
  return accounts && { accounts, ...nextOf(value) };
}

function decodeServiceKey(value: unknown): ServiceKey | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'ServiceKey'> = value;
  const [createdAt, revokedAt] = [timeMs(json.created_at), timeMs(json.revoked_at)];
  if (!isUuid(json.id) || !isFlag(json.import) || createdAt === undefined) return undefined;
  // A key that was revoked at a time that can't be read must not pass for one that is good.
  if (json.revoked_at !== undefined && revokedAt === undefined) return undefined;
  return {
    id: json.id,
    import: json.import,
    createdAt,
    ...(isText(json.rate) && { rate: json.rate }),
    ...(revokedAt !== undefined && { revokedAt }),
  };
}

function decodeService(value: unknown): Service | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'Service'> = value;
  const keys = list(json.keys, decodeServiceKey);
  if (!isText(json.name) || !isFlag(json.disabled) || !keys) return undefined;
  return { name: json.name, disabled: json.disabled, keys };
}

export function decodeServices(value: unknown): ServicePage | undefined {
  if (!isObject(value)) return undefined;
  const services = list(value['services'], decodeService);
  return services && { services, ...nextOf(value) };
}

export function decodeNewKey(value: unknown): NewKey | undefined {
  if (!isObject(value)) return undefined;
  const json: Unread<'NewKey'> = value;
  if (!isText(json.name) || !isUuid(json.key) || !isText(json.token)) return undefined;
  return { name: json.name, key: json.key, token: json.token };
}
