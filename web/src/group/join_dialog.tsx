import { useEffect, useState } from 'react';
import type { GroupDetails, GroupId } from '@tidings/client';
import { useClient } from '../base/client';
import { Dialog } from '../base/dialog';
import { navigate } from '../base/route';
import { useAction } from '../base/use_action';
import { useTexts } from '../i18n/texts';

interface JoinDialogProps {
  readonly id: GroupId;
  readonly onClose: () => void;
}

/** Shows a public group from outside, and lets one in. */
export function JoinDialog({ id, onClose }: JoinDialogProps) {
  const say = useTexts();
  const client = useClient();
  const { run, busy, error } = useAction();
  const [group, setGroup] = useState<GroupDetails>();
  useEffect(() => {
    void run(async () => setGroup(await client.groups.read(id)));
    // Once for each group: `run` changes with what it does.
  }, [client, id]);
  const join = async () => {
    if (await run(() => client.groups.join(id))) navigate({ page: 'group', group: id }, 'replace');
  };
  return (
    <Dialog title={say('group.join')} onClose={onClose} hasAddress>
      {group !== undefined && (
        <>
          <h2 dir="auto">{group.name ?? say('nav.unnamed')}</h2>
          {group.description !== undefined && <p dir="auto">{group.description}</p>}
          <p className="hint">{say('group.member', { count: group.size })}</p>
        </>
      )}
      <p className="error" role="alert">{error}</p>
      <button type="button" className="button button-main" disabled={busy || group === undefined} onClick={() => void join()}>{say('group.joinDo')}</button>
    </Dialog>
  );
}
