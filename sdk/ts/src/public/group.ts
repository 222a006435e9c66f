import type { GroupId, TimeMs, UserReference } from './ids.js';
import type { Message } from './message.js';
import type { Readable } from './readable.js';

export type Role = 'owner' | 'moderator' | 'member' | 'reader';
/** Who may send messages. */
export type PostRule = 'members' | 'moderators';

/** What the list of groups shows. One object a group; it is the same object until something of it changed. */
export interface GroupSummary {
  readonly id: GroupId;
  readonly kind: 'direct' | 'group';
  /** Absent for direct groups, and for groups that were never named. */
  readonly name?: string;
  /** Direct groups: the other person, once known (oneself for notes to oneself). */
  readonly peer?: UserReference;
  /** False for a direct group that comes into being with the first message. */
  readonly exists: boolean;
  readonly size: number;
  readonly role: Role;
  /**
   * One's role and the group's rule let one send messages, as far as is known: the rule is read when the group is opened.
   * The server decides.
   */
  readonly mayPost: boolean;
  /** Members are told of each change; else the group is polled. */
  readonly push: boolean;
  /** When anything last arrived. */
  readonly lastUpdated: TimeMs;
  /** Text and opaque messages of others since the read mark, by arrival; 100 means 100 or more. */
  readonly unread: number;
  /** Those of them that mention oneself. */
  readonly mentions: number;
  /** The newest message that is shown in a list: by sent order, of kind text or opaque, pending ones included. */
  readonly lastMessage?: Message;
  /** Messages that wait in the outbox, and those that the server refused. */
  readonly pending: number;
  readonly refused: number;
}

/** All groups, the one that spoke last first. */
export interface GroupList {
  readonly groups: readonly GroupSummary[];
  /** False until the first complete status was read (from the store or the server). */
  readonly complete: boolean;
  readonly unread: number;
  readonly mentions: number;
}

/** A group in full, as `GET /v1/groups/{id}` shows it to members. */
export interface GroupDetails {
  readonly id: GroupId;
  readonly kind: 'direct' | 'group';
  readonly name?: string;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly visibility: 'private' | 'public';
  readonly size: number;
  /** Absent for whoever sees a public group from outside. */
  readonly role?: Role;
  readonly history?: 'all' | 'since-joined';
  readonly post?: PostRule;
  readonly push?: boolean;
  readonly createdAt?: TimeMs;
  readonly lastUpdated?: TimeMs;
}

export interface Member {
  readonly user: UserReference;
  readonly role: Role;
  readonly joinedAt: TimeMs;
}

export interface NewGroup {
  readonly name: string;
  readonly description?: string;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly visibility?: 'private' | 'public';
  readonly history?: 'all' | 'since-joined';
  readonly post?: PostRule;
  /** At most 50; more are added with `setMember`. */
  readonly members?: readonly UserReference[];
}

export type GroupPatch = Partial<Omit<NewGroup, 'members'>>;

/** Groups: what is listed, and what is done to them. Methods answer when the server has; rejections are ProblemErrors. */
export interface Groups {
  /** The list, from the store at once and kept up to date. */
  readonly list: Readable<GroupList>;
  /** Safe to repeat when the answer was lost: the SDK mints the key. */
  create(group: NewGroup): Promise<GroupDetails>;
  read(id: GroupId): Promise<GroupDetails>;
  change(id: GroupId, patch: GroupPatch): Promise<GroupDetails>;
  delete(id: GroupId): Promise<void>;
  join(id: GroupId): Promise<Member>;
  /** Takes oneself out. */
  leave(id: GroupId): Promise<void>;
  members(id: GroupId, page?: { cursor?: string; limit?: number }): Promise<MemberPage>;
  setMember(id: GroupId, user: UserReference, role: Role): Promise<Member>;
  removeMember(id: GroupId, user: UserReference): Promise<void>;
  /**
   * The id of the direct group with somebody, also if it does not exist yet (it then shows in the list with
   * `exists: false` while its conversation is open or something is pending). Needs the network only for a person never
   * seen before.
   */
  direct(user: UserReference): Promise<GroupId>;
}

export interface MemberPage {
  readonly members: readonly Member[];
  readonly cursor: string;
  readonly more: boolean;
}
