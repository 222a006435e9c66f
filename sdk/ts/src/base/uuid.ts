import { sha1 } from '@noble/hashes/legacy';
import { sha256 } from '@noble/hashes/sha2';
import { bytesToHex, hexToBytes, utf8ToBytes } from '@noble/hashes/utils';

/** The ends of the order of all ids. */
export const FIRST_ID = '00000000-0000-0000-0000-000000000000';
export const LAST_ID = 'ffffffff-ffff-ffff-ffff-ffffffffffff';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

export function isUuid(text: unknown): text is string {
  return typeof text === 'string' && UUID.test(text);
}

export function uuidBytes(id: string): Uint8Array {
  return hexToBytes(id.replaceAll('-', ''));
}

export function uuidText(bytes: Uint8Array): string {
  const hex = bytesToHex(bytes);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The milliseconds that a UUIDv7 begins with: when the message was sent. */
export function timeOf(id: string): number {
  return parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

/** The first UUIDv7 of a millisecond. */
export function firstIdOf(timeMs: number): string {
  const time = Math.max(0, Math.floor(timeMs)).toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-000000000000`;
}

/**
 * A message id: UUIDv7 (RFC 9562), whose last 32 bits are the author's tag.
 *
 *   bytes  0      6        8          12        16
 *         | time | 7 rand | 10 rand  | tag     |     tag = first 4 bytes of SHA-256(author's id, bytes 0 to 11)
 */
export function mintId(timeMs: number, authorId: string, chance: Uint8Array): string {
  const bytes = new Uint8Array(16);
  for (let i = 0, rest = timeMs; i < 6; i++, rest = Math.floor(rest / 256)) bytes[5 - i] = rest % 256;
  bytes.set(chance.subarray(0, 6), 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hash = sha256.create().update(uuidBytes(authorId)).update(bytes.subarray(0, 12)).digest();
  bytes.set(hash.subarray(0, 4), 12);
  return uuidText(bytes);
}

/** UUIDv5: the name-based ids of groups. */
export function nameBasedId(namespace: string, name: string): string {
  const bytes = sha1.create().update(uuidBytes(namespace)).update(utf8ToBytes(name)).digest().slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x50;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidText(bytes);
}

/** The group of two people, or of one with themselves: the same for both, without asking anybody. */
export function directGroupId(one: string, other: string): string {
  const [smaller, larger] = one < other ? [one, other] : [other, one];
  return nameBasedId(smaller, `direct:${larger}`);
}

/** The id right after `id` in order; that of the last is itself. */
export function nextId(id: string): string {
  return id === LAST_ID ? id : uuidOf(numberOf(id) + 1n);
}

/** Half-way between two ids. */
export function middleId(one: string, other: string): string {
  return uuidOf((numberOf(one) + numberOf(other)) / 2n);
}

function numberOf(id: string): bigint {
  return BigInt(`0x${id.replaceAll('-', '')}`);
}

function uuidOf(number: bigint): string {
  return uuidText(hexToBytes(number.toString(16).padStart(32, '0')));
}
