import { FIRST_ID, LAST_ID, middleId, nextId } from '../base/uuid.js';
import type { GroupId, MessageId } from '../public/ids.js';
import type { Comparison } from '../public/trust.js';
import type { LocalData } from '../store/local_data.js';
import type { Row } from '../store/records.js';
import type { Api } from '../wire/api.js';
import { decodeDigest, decodeHistory, decodeRow, type Digest } from '../wire/decode.js';
import { decoded } from '../wire/http.js';
import { digestOf, isEqual } from './digest.js';
import { addRange, type IdRange } from './known_ranges.js';

const IDS_AT_ONCE = 100;

/** How far a search for missing ids goes down: a range halves each time, and there are 128 bits. */
const DEPTH_MOST = 130;

/** Reads the sent axis into the store: pages, what a digest proves to be missing, single messages. */
export class History {
  constructor(
    private readonly api: Api,
    private readonly local: LocalData,
  ) {}

  /**
   * Reads the newest page of a range of ids and makes what it covers known. Answers how many messages it brought.
   *
   * Pages have amendments worked in and do not list them; the digest of what the page covers finds their rows, so that
   * a range is known only when every row of it is held.
   */
  async readNewestOf(group: GroupId, range: IdRange, limit: number): Promise<number> {
    const { epoch } = this.local;
    const before = range.to === LAST_ID ? '' : `&before=${range.to}`;
    const page = await this.page(group, `limit=${limit}${before}`);
    const rows = page.rows.filter((row) => row.id >= range.from);
    const isWhole = !page.hasBefore || rows.length < page.rows.length;
    const from = isWhole ? range.from : (rows[0]?.id ?? range.from);
    await this.makeKnown(group, { from, to: range.to }, rows, epoch);
    return rows.length;
  }

  /** Reads what stands around a place: a message, or any UUIDv7. */
  async readAround(group: GroupId, place: MessageId): Promise<void> {
    const { epoch } = this.local;
    const page = await this.page(group, `around=${place}`);
    const [first, last] = [page.rows[0]?.id, page.rows.at(-1)?.id];
    if (first === undefined || last === undefined) return;
    await this.makeKnown(group, { from: page.hasBefore ? first : FIRST_ID, to: nextId(last) }, page.rows, epoch);
  }

  /** One message as it is shown now. */
  async refresh(group: GroupId, id: MessageId): Promise<void> {
    const { epoch } = this.local;
    const answer = await this.api.call({ method: 'GET', path: `/v1/groups/${group}/messages/${id}` });
    await this.local.commit({ rows: [decoded(answer, (body) => decodeRow(body, true))] }, epoch);
  }

  /** What the server has in a range, or among its newest 256, beside what is held. */
  async compare(group: GroupId, wanted: IdRange | 'newest'): Promise<Comparison> {
    const digest = await this.digest(group, wanted === 'newest' ? 'last=256' : boundsOf(wanted));
    return this.compareWith(group, digest, []);
  }

  /** The same for a digest that came with an answer whose `rows` are not in the store yet. */
  async compareWith(group: GroupId, digest: Digest, rows: readonly Row[]): Promise<Comparison> {
    const range = { from: digest.from, to: digest.to ?? LAST_ID };
    const held = await this.local.store.ids(group, range);
    const ids =
      rows.length === 0 ? held : new Set([...held, ...rows.map((row) => row.id).filter((id) => isWithin(id, range))]);
    const local = digestOf(ids);
    const server = { count: digest.count, sum: digest.sum };
    return { at: this.api.serverNow, from: digest.from, to: digest.to, local, server, equal: isEqual(local, server) };
  }

  /** Finds and fetches what is missing in a range. Answers with the rows that it brought. */
  async repair(group: GroupId, range: IdRange): Promise<Row[]> {
    const { epoch } = this.local;
    const rows = await this.fetchRows(group, await this.missing(group, range, new Set(), DEPTH_MOST));
    if (rows.length === 0) return [];
    const { added } = await this.local.commit({ rows }, epoch);
    return rows.filter((row) => added.has(row.id));
  }

  private async makeKnown(group: GroupId, range: IdRange, rows: readonly Row[], epoch: number): Promise<void> {
    const missing = await this.missing(group, range, new Set(rows.map((row) => row.id)), DEPTH_MOST);
    const amendments = await this.fetchRows(group, missing);
    await this.local.commit(
      {
        rows: [...rows, ...amendments],
        groups: new Map([[group, (held) => held && { ...held, known: addRange(held.known, range) }]]),
      },
      epoch,
    );
  }

  // Halves the range until the server lists its ids; equal parts are passed over.
  private async missing(
    group: GroupId,
    range: IdRange,
    come: ReadonlySet<MessageId>,
    depth: number,
  ): Promise<MessageId[]> {
    if (range.from >= range.to || depth === 0) return [];
    return this.missingOf(group, await this.digest(group, boundsOf(range)), range, come, depth);
  }

  private async missingOf(
    group: GroupId,
    digest: Digest,
    range: IdRange,
    come: ReadonlySet<MessageId>,
    depth: number,
  ): Promise<MessageId[]> {
    const held = new Set(await this.local.store.ids(group, range));
    for (const id of come) if (isWithin(id, range)) held.add(id);
    if (isEqual(digestOf(held), digest)) return [];
    if (digest.ids) return digest.ids.filter((id) => !held.has(id));
    const missing: MessageId[] = [];
    if (digest.parts && digest.parts.length > 0) {
      for (const part of digest.parts) {
        const within = { from: part.from, to: part.to ?? range.to };
        missing.push(...(await this.missingOf(group, part, within, come, depth - 1)));
      }
      return missing;
    }
    const middle = middleOf(range, [...held].sort());
    for (const half of [
      { from: range.from, to: middle },
      { from: middle, to: range.to },
    ]) {
      missing.push(...(await this.missing(group, half, come, depth - 1)));
    }
    return missing;
  }

  private async fetchRows(group: GroupId, ids: readonly MessageId[]): Promise<Row[]> {
    const rows: Row[] = [];
    // An answer is cut at 1 MiB: what is absent is asked for again, while anything comes.
    for (let left = [...ids]; left.length > 0;) {
      const path = `/v1/groups/${group}/messages?ids=${left.slice(0, IDS_AT_ONCE).join()}`;
      const answer = await this.api.call({ method: 'GET', path });
      const come = decoded(answer, (body) => decodeHistory(body, group, false)).rows;
      rows.push(...come);
      const got = new Set(come.map((row) => row.id));
      left = come.length === 0 ? left.slice(IDS_AT_ONCE) : left.filter((id) => !got.has(id));
    }
    return rows;
  }

  private async page(group: GroupId, query: string) {
    const answer = await this.api.call({ method: 'GET', path: `/v1/groups/${group}/messages?${query}` });
    return decoded(answer, (body) => decodeHistory(body, group, true));
  }

  private async digest(group: GroupId, query: string): Promise<Digest> {
    return decoded(await this.api.call({ method: 'GET', path: `/v1/groups/${group}/digest?${query}` }), decodeDigest);
  }
}

function boundsOf(range: IdRange): string {
  return `from=${range.from}&to=${range.to}`;
}

function isWithin(id: string, range: IdRange): boolean {
  return range.from <= id && id < range.to;
}

// Where what is held halves; the middle of the numbers where nothing lies between.
function middleOf(range: IdRange, held: readonly MessageId[]): MessageId {
  const median = held[held.length >>> 1];
  if (median !== undefined && median > range.from) return median;
  return middleId(range.from, range.to);
}
