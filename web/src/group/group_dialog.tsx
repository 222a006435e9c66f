import { useCallback, useEffect, useRef, useState, type FormEvent } from 'react';
import type { GroupDetails, GroupId, Member, Role, UserReference } from '@tidings/client';
import { Avatar } from '../base/avatar';
import { useClient } from '../base/client';
import { Dialog } from '../base/dialog';
import { Field } from '../base/field';
import { Icon } from '../base/icon';
import { personName } from '../base/names';
import { addressOf, navigate } from '../base/route';
import { Question, Sure } from '../base/sure';
import { useAction } from '../base/use_action';
import { useReadable } from '../base/use_readable';
import { useTexts } from '../i18n/texts';
import { namesIn } from './names_in';

interface GroupDialogProps {
  readonly id: GroupId;
  readonly me: UserReference;
  readonly onClose: () => void;
}

const ROLES: readonly Role[] = ['owner', 'moderator', 'member', 'reader'];

/** What a group is, who is in it, and what one may change of that. */
export function GroupDialog({ id, me, onClose }: GroupDialogProps) {
  const say = useTexts();
  const client = useClient();
  const action = useAction();
  const [group, setGroup] = useState<GroupDetails>();
  const [members, setMembers] = useState<readonly Member[]>([]);
  const [cursor, setCursor] = useState<string>();
  const heading = useRef<HTMLHeadingElement>(null);

  const read = useCallback(async () => {
    setGroup(await client.groups.read(id));
    const page = await client.groups.members(id);
    setMembers(page.members);
    setCursor(page.more ? page.cursor : undefined);
    await Promise.allSettled(page.members.map(({ user }) => client.people.find(user)));
  }, [client, id]);
  const { run } = action;
  useEffect(() => {
    void run(read);
    // Once: `run` changes with what it does.
  }, [read]);

  const readMore = async () => {
    const page = await client.groups.members(id, cursor === undefined ? {} : { cursor });
    setMembers((before) => [...before, ...page.members]);
    setCursor(page.more ? page.cursor : undefined);
  };
  const change = (work: () => Promise<unknown>) => run(async () => {
    await work();
    await read();
  });
  const remove = async (user: UserReference) => {
    // Who was removed had the focus in their row.
    if (await change(() => client.groups.removeMember(id, user))) heading.current?.focus();
  };
  const end = async (work: () => Promise<unknown>) => {
    if (await run(work)) {
      onClose();
      navigate({ page: 'home' }, 'replace');
    }
  };

  const isOwner = group?.role === 'owner';
  const mayChange = isOwner || group?.role === 'moderator';
  return (
    <Dialog title={say('group.title')} onClose={onClose}>
      <p className="error" role="alert">{action.error}</p>
      {group !== undefined && <About key={group.name} group={group} mayChange={mayChange} onSave={(patch) => void change(() => client.groups.change(id, patch))} />}
      {group?.visibility === 'public' && <Invitation id={id} />}
      <h2 ref={heading} tabIndex={-1}>{say('group.member', { count: group?.size ?? members.length })}</h2>
      {mayChange && <AddMember busy={action.busy} onAdd={(user) => void change(() => client.groups.setMember(id, user, 'member'))} />}
      <ul className="members">
        {members.map((member) => (
          <MemberRow
            key={member.user} member={member} isMe={member.user === me} mayChange={isOwner || (mayChange && (member.role === 'member' || member.role === 'reader'))} isOwner={isOwner}
            onRole={(role) => void change(() => client.groups.setMember(id, member.user, role))} onRemove={() => void remove(member.user)}
          />
        ))}
      </ul>
      {cursor !== undefined && <button type="button" className="button" onClick={() => void run(readMore)}>{say('group.more')}</button>}
      <div className="dialog-end">
        <Sure label={say('group.leave')} question={say('group.leaveSure')} onSure={() => void end(() => client.groups.leave(id))} />
        {isOwner && <Sure label={say('group.deleteGroup')} question={say('group.deleteSure')} onSure={() => void end(() => client.groups.delete(id))} />}
      </div>
    </Dialog>
  );
}

interface AboutProps {
  readonly group: GroupDetails;
  readonly mayChange: boolean;
  readonly onSave: (patch: { name: string; description: string }) => void;
}

function About({ group, mayChange, onSave }: AboutProps) {
  const say = useTexts();
  const [name, setName] = useState(group.name ?? '');
  const [description, setDescription] = useState(group.description ?? '');
  const isChanged = name !== (group.name ?? '') || description !== (group.description ?? '');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSave({ name, description });
  };
  return (
    <form className="part" onSubmit={submit}>
      <Field label={say('group.name')} dir="auto" maxLength={100} readOnly={!mayChange} value={name} onChange={(event) => setName(event.target.value)} />
      <Field label={say('group.description')} dir="auto" maxLength={1000} readOnly={!mayChange} value={description} onChange={(event) => setDescription(event.target.value)} />
      {isChanged && <button className="button">{say('group.save')}</button>}
    </form>
  );
}

function Invitation({ id }: { readonly id: GroupId }) {
  const say = useTexts();
  const [isCopied, setIsCopied] = useState(false);
  const link = location.origin + addressOf({ page: 'join', group: id });
  return (
    <div className="invitation">
      <Field label={say('group.link')} readOnly dir="ltr" value={link} onFocus={(event) => event.target.select()} />
      <button type="button" className="button" onClick={() => void navigator.clipboard?.writeText(link).then(() => setIsCopied(true))}>{say(isCopied ? 'group.copied' : 'group.copy')}</button>
    </div>
  );
}

function AddMember({ busy, onAdd }: { readonly busy: boolean; readonly onAdd: (user: UserReference) => void }) {
  const say = useTexts();
  const [name, setName] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    const [user] = namesIn(name);
    if (user === undefined) return;
    onAdd(user);
    setName('');
  };
  return (
    <form className="invitation" onSubmit={submit}>
      <Field label={say('group.add')} required autoCapitalize="none" spellCheck={false} autoComplete="off" dir="ltr" value={name} onChange={(event) => setName(event.target.value)} />
      <button className="button" disabled={busy}>{say('group.addDo')}</button>
    </form>
  );
}

interface MemberRowProps {
  readonly member: Member;
  readonly isMe: boolean;
  readonly isOwner: boolean;
  readonly mayChange: boolean;
  readonly onRole: (role: Role) => void;
  readonly onRemove: () => void;
}

function MemberRow({ member, isMe, isOwner, mayChange, onRole, onRemove }: MemberRowProps) {
  const say = useTexts();
  const people = useReadable(useClient().people.snapshot);
  const name = personName(people, member.user);
  const roles = isOwner ? ROLES : ROLES.slice(2);
  const [isAsked, setIsAsked] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const keep = () => {
    button.current?.focus();
    setIsAsked(false);
  };
  return (
    <li className="member">
      <Avatar name={name} seed={member.user} />
      <span className="member-name"><bdi>{name}</bdi><span className="hint" dir="ltr">{member.user}</span></span>
      {mayChange && !isMe ? (
        <>
          <select aria-label={say('group.roleOf', { name })} value={member.role} onChange={(event) => onRole(event.target.value as Role)}>
            {roles.map((role) => <option key={role} value={role}>{say(`group.roles.${role}`)}</option>)}
          </select>
          <button ref={button} type="button" className="action" aria-label={say('group.removeName', { name })} title={say('group.remove')} onClick={() => setIsAsked(true)}><Icon name="close" /></button>
        </>
      ) : (
        <span className="hint">{say(`group.roles.${member.role}`)}</span>
      )}
      {isAsked && <Question question={say('group.removeSure', { name })} yes={say('group.remove')} onYes={onRemove} onNo={keep} />}
    </li>
  );
}
