import type { GroupRecord, Row } from '../store/records.js';

/** Whether a row is something that people read, rather than a change of such. */
export function isShown(row: Row): boolean {
  return row.kind === 'text' || row.kind === 'opaque';
}

export const UNREAD_MOST = 100;

/** What rows that are new to the store make of a group's counts and of its last message. */
export function withArrivals(held: GroupRecord, added: readonly Row[], me: string | undefined): GroupRecord {
  const self = `@${me ?? ''}`;
  let { unread, mentions, lastRow, lastUpdated, peer } = held;
  for (const row of added) {
    lastUpdated = Math.max(lastUpdated, row.receivedAt);
    if (held.kind === 'direct' && peer === undefined && row.from !== self) peer = row.from;
    if (isShown(row)) {
      const counts = row.from !== self && !row.deleted && row.receivedAt > held.countedUpTo;
      if (counts) unread = Math.min(UNREAD_MOST, unread + 1);
      if (counts && row.mentions?.some((name) => name === self)) mentions = Math.min(UNREAD_MOST, mentions + 1);
      if (!lastRow || row.id >= lastRow.id) lastRow = row;
    } else if (lastRow && row.target === lastRow.id) {
      lastRow = amended(lastRow, row);
    }
  }
  return { ...held, unread, mentions, lastUpdated, ...(lastRow && { lastRow }), ...(peer !== undefined && { peer }) };
}

function amended(last: Row, amendment: Row): Row {
  if (amendment.kind === 'delete') {
    const { text: _text, links: _links, ciphertext: _ciphertext, metadata: _metadata, ...bare } = last;
    return { ...bare, deleted: true };
  }
  return amendment.kind === 'edit' && !last.deleted && amendment.text !== undefined
    ? { ...last, text: amendment.text }
    : last;
}
