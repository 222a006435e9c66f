import type { Entry, EntryList } from '../public/conversation.js';

const CHUNK_FULL = 256;

/** Where an entry stands: a message at its id, a gap at its beginning. */
export function placeOf(entry: Entry): string {
  return entry.type === 'message' ? entry.message.id : entry.from;
}

type Chunk = readonly Entry[];

/**
 * Entries in sent order, in chunks. A change copies the chunks it touches and the list of chunks, so a new snapshot of
 * 36,000 messages costs a few hundred pointers.
 */
export class Timeline implements EntryList {
  static readonly EMPTY = new Timeline([]);
  /** How many entries stand before each chunk. */
  private readonly before: readonly number[];
  readonly length: number;

  private constructor(private readonly chunks: readonly Chunk[]) {
    let total = 0;
    this.before = chunks.map((chunk) => {
      const here = total;
      total += chunk.length;
      return here;
    });
    this.length = total;
  }

  at(index: number): Entry | undefined {
    if (!(index >= 0 && index < this.length)) return undefined;
    const number = lastWhere(this.before, (before) => before <= index);
    return this.chunks[number]?.[index - this.before[number]!];
  }

  slice(from: number, to: number): Entry[] {
    const part: Entry[] = [];
    for (let index = Math.max(0, from); index < Math.min(this.length, to); index++) part.push(this.at(index)!);
    return part;
  }

  indexOf(id: string): number {
    const index = this.position(id);
    const entry = this.at(index);
    return entry?.type === 'message' && entry.message.id === id ? index : -1;
  }

  position(id: string): number {
    const number = this.chunkOf(id);
    const chunk = this.chunks[number];
    return chunk ? this.before[number]! + positionIn(chunk, id) : 0;
  }

  *[Symbol.iterator](): Iterator<Entry> {
    for (const chunk of this.chunks) yield* chunk;
  }

  /** With these entries put, each at its place, or removed where undefined. The places are message ids or gaps' beginnings. */
  with(changes: ReadonlyMap<string, Entry | undefined>): Timeline {
    if (changes.size === 0) return this;
    const places = [...changes.keys()].sort();
    const chunks: Chunk[] = [];
    let next = 0;
    this.chunks.forEach((chunk, number) => {
      // A chunk takes what stands before the first entry of the next one.
      const end = this.chunks[number + 1]?.[0];
      const begin = next;
      while (next < places.length && (!end || places[next]! < placeOf(end))) next++;
      chunks.push(...(begin === next ? [chunk] : split(merge(chunk, places.slice(begin, next), changes))));
    });
    if (this.chunks.length === 0) chunks.push(...split(merge([], places, changes)));
    return new Timeline(chunks.filter((chunk) => chunk.length > 0));
  }

  private chunkOf(place: string): number {
    return Math.max(
      0,
      lastWhere(this.chunks, (chunk) => placeOf(chunk[0]!) <= place),
    );
  }
}

function merge(chunk: Chunk, places: readonly string[], changes: ReadonlyMap<string, Entry | undefined>): Entry[] {
  const merged: Entry[] = [];
  let next = 0;
  const put = (place: string) => {
    const entry = changes.get(place);
    if (entry) merged.push(entry);
  };
  for (const entry of chunk) {
    const here = placeOf(entry);
    while (next < places.length && places[next]! < here) put(places[next++]!);
    if (places[next] === here) put(places[next++]!);
    else merged.push(entry);
  }
  while (next < places.length) put(places[next++]!);
  return merged;
}

function split(entries: Entry[]): Chunk[] {
  if (entries.length <= CHUNK_FULL) return [entries];
  const chunks: Chunk[] = [];
  const parts = Math.ceil(entries.length / (CHUNK_FULL / 2));
  const size = Math.ceil(entries.length / parts);
  for (let from = 0; from < entries.length; from += size) chunks.push(entries.slice(from, from + size));
  return chunks;
}

function positionIn(chunk: Chunk, place: string): number {
  return lastWhere(chunk, (entry) => placeOf(entry) < place) + 1;
}

/** The last index for which `holds`, which holds up to some index and not beyond; -1: for none. */
function lastWhere<T>(items: readonly T[], holds: (item: T) => boolean): number {
  let [low, high] = [0, items.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(items[middle]!)) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}
