import { useState } from 'react';
import type { UserReference } from '@tidings/client';
import { Avatar } from '../base/avatar';
import { useClient } from '../base/client';
import { Dialog } from '../base/dialog';
import { personName } from '../base/names';
import { Sure } from '../base/sure';
import { useAction } from '../base/use_action';
import { useReadable } from '../base/use_readable';
import { useTexts } from '../i18n/texts';

interface PersonDialogProps {
  readonly user: UserReference;
  readonly onClose: () => void;
}

/** Who somebody is, and whether they may write. The server does not tell who is blocked, so both can be asked for. */
export function PersonDialog({ user, onClose }: PersonDialogProps) {
  const say = useTexts();
  const { people } = useClient();
  const name = personName(useReadable(people.snapshot), user);
  const action = useAction();
  const [done, setDone] = useState<'blocked' | 'unblocked'>();
  const block = () => void action.run(async () => {
    await people.block(user);
    setDone('blocked');
  });
  const unblock = () => void action.run(async () => {
    await people.unblock(user);
    setDone('unblocked');
  });
  return (
    <Dialog title={say('person.title')} onClose={onClose}>
      <div className="member">
        <Avatar name={name} seed={user} />
        <span className="member-name"><bdi>{name}</bdi><span className="hint" dir="ltr">{user}</span></span>
      </div>
      <p className="hint">{say('person.blockHint')}</p>
      <p className="error" role="alert">{action.error}</p>
      <p role="status">{done !== undefined && say(`person.${done}`, { name })}</p>
      <div className="dialog-end">
        {done !== 'blocked' && <Sure label={say('person.block')} question={say('person.blockSure', { name })} isBusy={action.busy} onSure={block} />}
        <button type="button" className="button" disabled={action.busy} onClick={unblock}>{say('person.unblock')}</button>
      </div>
    </Dialog>
  );
}
