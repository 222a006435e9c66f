import type { Random } from '../base/random.js';
import type { ServerClock } from '../base/server_clock.js';
import { mintId, uuidBytes } from '../base/uuid.js';
import type { MessageId } from '../public/ids.js';

/** How far an id may run ahead of the clock to stand behind what it answers. The server refuses 10 s. */
const AHEAD_MOST_MS = 2_000;

/** Mints message ids: what one says comes after what one has said and seen, also by a clock that is a little slow. */
export class Minter {
  private last = 0;

  constructor(
    private readonly clock: ServerClock,
    private readonly random: Random,
  ) {}

  /** `newestSeen`: when the newest message that is held of the group was sent. */
  mint(author: string, newestSeen = 0): MessageId {
    const now = Math.round(this.clock.now());
    return this.at(Math.max(now, Math.min(Math.max(this.last, newestSeen) + 1, now + AHEAD_MOST_MS)), author);
  }

  /**
   * Anew, for a time that turned out to be wrong by a clock; never ahead of now. What is chance in `old` is kept, so that
   * two who correct it by the same time agree.
   */
  mintFor(wanted: number, after: number, author: string, old: MessageId): MessageId {
    const now = Math.round(this.clock.now());
    const time = Math.max(Math.min(wanted, now), Math.min(after + 1, now + AHEAD_MOST_MS));
    return this.at(time, author, uuidBytes(old).subarray(6, 12));
  }

  private at(time: number, author: string, chance = this.random.bytes(6)): MessageId {
    this.last = time;
    return mintId(time, author, chance);
  }
}
