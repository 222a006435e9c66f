import type { Random } from './base/random.js';
import { directGroupId, uuidText } from './base/uuid.js';
import type {
  GroupDetails,
  GroupList,
  GroupPatch,
  Groups,
  Member,
  MemberPage,
  NewGroup,
  Role,
} from './public/group.js';
import type { GroupId, UserReference } from './public/ids.js';
import { ProblemError } from './public/problem.js';
import type { People } from './public/people.js';
import type { Readable } from './public/readable.js';
import type { LocalData } from './store/local_data.js';
import { type GroupRecord, newGroup } from './store/records.js';
import { withDetails } from './sync/group_details.js';
import type { Api } from './wire/api.js';
import { decodeGroup, decodeMember, decodeMembers } from './wire/decode.js';
import { decoded } from './wire/http.js';

/** What is done to groups. The list is told by sync; what oneself has done shows at once. */
export class GroupsApi implements Groups {
  constructor(
    readonly list: Readable<GroupList>,
    private readonly api: Api,
    private readonly local: LocalData,
    private readonly people: People,
    private readonly random: Random,
    private readonly onChange: (group?: GroupId) => void,
  ) {}

  async create(group: NewGroup): Promise<GroupDetails> {
    const { epoch } = this.local;
    // The key makes a repeat harmless.
    const key = randomUuid(this.random);
    const body = { key, ...group };
    const create = () => this.api.call({ method: 'POST', path: '/v1/groups', body }, 'write');
    const answer = await create().catch((error: unknown) => {
      const isUnknown = error instanceof ProblemError && (error.problem.status === 0 || error.problem.status >= 500);
      if (isUnknown) return create();
      throw error;
    });
    const details = decoded(answer, decodeGroup);
    await this.keep(details, epoch);
    return details;
  }

  async read(id: GroupId): Promise<GroupDetails> {
    const { epoch } = this.local;
    const details = decoded(await this.api.call({ method: 'GET', path: `/v1/groups/${id}` }), decodeGroup);
    if (details.role) await this.keep(details, epoch);
    return details;
  }

  async change(id: GroupId, patch: GroupPatch): Promise<GroupDetails> {
    const { epoch } = this.local;
    const answer = await this.api.call({ method: 'PATCH', path: `/v1/groups/${id}`, body: patch }, 'write');
    const details = decoded(answer, decodeGroup);
    await this.keep(details, epoch);
    return details;
  }

  async delete(id: GroupId): Promise<void> {
    const { epoch } = this.local;
    await this.api.call({ method: 'DELETE', path: `/v1/groups/${id}` }, 'write');
    await this.forget(id, epoch);
  }

  async join(id: GroupId): Promise<Member> {
    const member = decoded(
      await this.api.call({ method: 'POST', path: `/v1/groups/${id}/join` }, 'write'),
      decodeMember,
    );
    this.onChange(id);
    return member;
  }

  async leave(id: GroupId): Promise<void> {
    const { epoch } = this.local;
    await this.removeMember(id, `@${this.local.meta.me?.name ?? ''}`);
    await this.forget(id, epoch);
  }

  async members(id: GroupId, page: { cursor?: string; limit?: number } = {}): Promise<MemberPage> {
    const query = new URLSearchParams();
    if (page.cursor !== undefined) query.set('cursor', page.cursor);
    if (page.limit !== undefined) query.set('limit', String(page.limit));
    return decoded(await this.api.call({ method: 'GET', path: `/v1/groups/${id}/members?${query}` }), decodeMembers);
  }

  async setMember(id: GroupId, user: UserReference, role: Role): Promise<Member> {
    const path = `/v1/groups/${id}/members/${encodeURIComponent(user)}`;
    return decoded(await this.api.call({ method: 'PUT', path, body: { role } }, 'write'), decodeMember);
  }

  async removeMember(id: GroupId, user: UserReference): Promise<void> {
    await this.api.call({ method: 'DELETE', path: `/v1/groups/${id}/members/${encodeURIComponent(user)}` }, 'write');
  }

  async direct(user: UserReference): Promise<GroupId> {
    for (const group of this.local.groups.values()) if (group.peer === user && !group.gone) return group.id;
    const { epoch } = this.local;
    const { me } = this.local.meta;
    if (!me) throw new ProblemError({ code: 'signed-out', status: 0, title: 'Nobody is signed in.' });
    const other = user === `@${me.name}` ? me.id : (await this.people.find(user)).id;
    const id = directGroupId(me.id, other);
    const named = (held: GroupRecord | undefined): GroupRecord =>
      held && !held.gone
        ? { ...held, kind: 'direct', peer: user }
        : { ...newGroup(id), kind: 'direct', exists: false, peer: user };
    await this.local.commit({ groups: new Map([[id, named]]) }, epoch);
    return id;
  }

  private async keep(details: GroupDetails, epoch: number): Promise<void> {
    const kept = (held?: GroupRecord) => withDetails(held, details);
    await this.local.commit({ groups: new Map([[details.id, kept]]) }, epoch);
    this.onChange(details.id);
  }

  private async forget(id: GroupId, epoch: number): Promise<void> {
    const gone = (held?: GroupRecord) => held && { ...held, gone: true, unread: 0, mentions: 0 };
    await this.local.commit({ groups: new Map([[id, gone]]) }, epoch);
  }
}

function randomUuid(random: Random): string {
  const bytes = random.bytes(16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return uuidText(bytes);
}
