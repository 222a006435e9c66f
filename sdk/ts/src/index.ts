export type { Arrival, Client, ClientOptions } from './public/client.js';
export type {
  Conversation,
  ConversationSnapshot,
  Entry,
  EntryList,
  GapEntry,
  MessageEntry,
} from './public/conversation.js';
export type {
  GroupDetails,
  GroupList,
  GroupPatch,
  Groups,
  GroupSummary,
  Member,
  MemberPage,
  NewGroup,
  PostRule,
  Role,
} from './public/group.js';
export type { GroupId, MessageId, TimeMs, UserReference } from './public/ids.js';
export type { AmendProblem, Delivery, Draft, Message, OpaqueDraft, Reaction } from './public/message.js';
export type {
  Account,
  AccountPage,
  BusyGroup,
  Figures,
  KeyRequest,
  NewKey,
  Operation,
  Service,
  ServiceKey,
  ServicePage,
} from './public/operation.js';
export type { Outbox, OutboxItem, OutboxSnapshot } from './public/outbox.js';
export type { People, PeopleSnapshot, Person, Presence, ShownStatus } from './public/people.js';
export type { LocalProblemCode, Problem, ProblemCode, ServerProblemCode } from './public/problem.js';
export { ProblemError } from './public/problem.js';
export type { Readable } from './public/readable.js';
export type {
  ConnectionState,
  DeviceSession,
  Me,
  OwnStatus,
  SessionState,
  SignedOutReason,
  StorageState,
} from './public/session.js';
export type { Comparison, DigestSide, Trust } from './public/trust.js';
export { createClient } from './client.js';
