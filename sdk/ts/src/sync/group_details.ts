import type { GroupDetails } from '../public/group.js';
import { type GroupRecord, newGroup } from '../store/records.js';

/** What a group's details make of its record: they tell what neither the status nor a pull does. */
export function withDetails(held: GroupRecord | undefined, details: GroupDetails): GroupRecord {
  const { id, kind, name, size, role, post, push, lastUpdated } = details;
  const base = held ?? newGroup(id);
  return {
    ...base,
    kind,
    size,
    exists: true,
    ...(name !== undefined && { name }),
    ...(role && { role }),
    ...(post && { post }),
    ...(push !== undefined && { push }),
    lastUpdated: Math.max(base.lastUpdated, lastUpdated ?? 0),
  };
}
