import { FIRST_ID, LAST_ID, nextId } from '../base/uuid.js';
import type { GroupRecord } from '../store/records.js';
import type { Changes } from '../wire/decode.js';
import { addRange, type KnownRanges, removeRange } from './known_ranges.js';

/**
 * What a page of changes makes of a group's position: its cursor, and which ranges are known. To be stored together with
 * the page's rows.
 *
 * `newestHeld` is the newest id that was held before: after a cursor was lost, what lies between it and the page is
 * unknown.
 */
export function afterChanges(
  held: GroupRecord,
  changes: Changes,
  asked: string | undefined,
  newestHeld: string | undefined,
): GroupRecord {
  const { cursor, ...rest } = held;
  const next = changes.cursor ?? cursor;
  return {
    ...rest,
    ...(next !== undefined && { cursor: next }),
    more: changes.more,
    push: changes.push,
    known: knownAfter(held.known, changes, asked, newestHeld),
  };
}

function knownAfter(
  known: KnownRanges,
  changes: Changes,
  asked: string | undefined,
  newestHeld: string | undefined,
): KnownRanges {
  // Nothing of the answer's limit was left for this group.
  if (changes.cursor === undefined) return known;
  if (asked !== undefined) {
    // All that arrived since is in the page, wherever in time it belongs, but for what was skipped.
    return changes.skipped ? removeRange(known, changes.skipped) : known;
  }
  // The newest messages, and then nothing: known from the oldest of them to the end.
  const from = changes.rows.reduce((oldest, row) => (row.id < oldest ? row.id : oldest), LAST_ID);
  const before = newestHeld === undefined ? [] : removeRange(known, { from: nextId(newestHeld), to: LAST_ID });
  return addRange(before, { from: changes.rows.length > 0 ? from : FIRST_ID, to: LAST_ID });
}
