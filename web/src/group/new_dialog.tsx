import { useState, type FormEvent, type ReactNode } from 'react';
import { ProblemError, type People, type UserReference } from '@tidings/client';
import { useClient } from '../base/client';
import { Dialog } from '../base/dialog';
import { Field } from '../base/field';
import { groupIdIn, navigate } from '../base/route';
import { useAction } from '../base/use_action';
import { useTexts } from '../i18n/texts';
import { namesIn } from './names_in';

/** The three ways to begin: write to somebody, make a group, join one. */
export function NewDialog({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title={useTexts()('nav.new')} onClose={onClose}>
      <WriteTo onDone={onClose} />
      <MakeGroup onDone={onClose} />
      <Join onDone={onClose} />
    </Dialog>
  );
}

interface PartProps {
  readonly onDone: () => void;
}

interface FormProps {
  readonly title: string;
  readonly button: string;
  readonly error: string | undefined;
  readonly busy: boolean;
  readonly onSubmit: () => void;
  readonly children: ReactNode;
}

function Part({ title, button, error, busy, onSubmit, children }: FormProps) {
  const submit = (event: FormEvent) => {
    event.preventDefault();
    onSubmit();
  };
  return (
    <form className="part" onSubmit={submit}>
      <h2>{title}</h2>
      {children}
      <p className="error" role="alert">{error}</p>
      <button className="button" disabled={busy}>{button}</button>
    </form>
  );
}

function WriteTo({ onDone }: PartProps) {
  const say = useTexts();
  const client = useClient();
  const action = useAction();
  const [name, setName] = useState('');
  const submit = async () => {
    const [user] = namesIn(name);
    if (user === undefined) return;
    await action.run(async () => {
      const group = await client.groups.direct(user);
      onDone();
      navigate({ page: 'group', group });
    });
  };
  return (
    <Part title={say('group.writeTo')} button={say('group.writeToDo')} error={action.error} busy={action.busy} onSubmit={() => void submit()}>
      <Field label={say('group.person')} hint={say('group.personHint')} required autoCapitalize="none" spellCheck={false} autoComplete="off" dir="ltr" value={name} onChange={(event) => setName(event.target.value)} />
    </Part>
  );
}

const isUnknownUser = (error: unknown) => error instanceof ProblemError && error.code === 'unknown-user';

/** The server says that it does not know somebody, but not whom. */
async function unknownOf(people: People, users: readonly UserReference[]): Promise<UserReference[]> {
  const areUnknown = await Promise.all(users.map((user) => people.find(user).then(() => false, isUnknownUser)));
  return users.filter((_, at) => areUnknown[at]);
}

function MakeGroup({ onDone }: PartProps) {
  const say = useTexts();
  const client = useClient();
  const action = useAction();
  const [name, setName] = useState('');
  const [names, setNames] = useState('');
  const [isPublic, setIsPublic] = useState(false);
  const [unknown, setUnknown] = useState<readonly UserReference[]>([]);
  const submit = async () => {
    const members: UserReference[] = namesIn(names);
    setUnknown([]);
    await action.run(async () => {
      const group = await client.groups.create({ name: name.trim(), members, visibility: isPublic ? 'public' : 'private' }).catch(async (error: unknown) => {
        if (isUnknownUser(error)) setUnknown(await unknownOf(client.people, members));
        throw error;
      });
      onDone();
      navigate({ page: 'group', group: group.id });
    });
  };
  return (
    <Part title={say('group.make')} button={say('group.makeDo')} error={unknown.length > 0 ? say('group.nobody', { names: unknown.join(' ') }) : action.error} busy={action.busy} onSubmit={() => void submit()}>
      <Field label={say('group.name')} required maxLength={100} dir="auto" value={name} onChange={(event) => setName(event.target.value)} />
      <Field label={say('group.first')} hint={say('group.firstHint')} autoCapitalize="none" spellCheck={false} autoComplete="off" dir="ltr" value={names} onChange={(event) => setNames(event.target.value)} />
      <label className="check"><input type="checkbox" checked={isPublic} onChange={(event) => setIsPublic(event.target.checked)} />{say('group.public')}</label>
    </Part>
  );
}

function Join({ onDone }: PartProps) {
  const say = useTexts();
  const [link, setLink] = useState('');
  const [isBad, setIsBad] = useState(false);
  const submit = () => {
    const group = groupIdIn(link);
    setIsBad(group === undefined);
    if (group === undefined) return;
    onDone();
    navigate({ page: 'join', group });
  };
  return (
    <Part title={say('group.join')} button={say('group.joinDo')} error={isBad ? say('group.joinBad') : undefined} busy={false} onSubmit={submit}>
      <Field label={say('group.joinId')} required autoComplete="off" spellCheck={false} dir="ltr" value={link} onChange={(event) => setLink(event.target.value)} />
    </Part>
  );
}
