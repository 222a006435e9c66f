import { useCallback, useState } from 'react';
import type { Account } from '@tidings/client';
import { Avatar } from '../base/avatar';
import { useClient } from '../base/client';
import { useLanguage, useTexts, type TextKey } from '../i18n/texts';
import { shortTime } from '../i18n/times';
import { Confirm } from './confirm';
import { JumpBar, PageBar } from './page_bar';
import { usePages } from './use_pages';

/** All accounts by name; each can be disabled and enabled, but one's own. */
export function AccountsPart({ me }: { readonly me: string }) {
  const say = useTexts();
  const { operation } = useClient();
  const read = useCallback(async (after?: string) => {
    const { accounts, next } = await operation.accounts(after);
    return { items: accounts, ...(next !== undefined && { next }) };
  }, [operation]);
  const pages = usePages<Account>(read);
  const [asked, setAsked] = useState<Account>();
  return (
    <section className="panel">
      <h2 id="accounts">{say('ops.accounts')}</h2>
      <JumpBar pages={pages} />
      <p className="error" role="alert">{pages.error}</p>
      {pages.page?.items.length === 0 && <p className="panel-none">{say('ops.accountsNone')}</p>}
      {pages.page !== undefined && pages.page.items.length > 0 && (
        <table className="table" aria-labelledby="accounts" aria-busy={pages.isLoading}>
          <thead>
            <tr>
              <th scope="col">{say('ops.account')}</th>
              <th scope="col" className="table-wide">{say('ops.created')}</th>
              <th scope="col" className="table-wide">{say('ops.seen')}</th>
              <th scope="col" className="table-end"><span className="unseen">{say('ops.action')}</span></th>
            </tr>
          </thead>
          <tbody>
            {pages.page.items.map((account) => <AccountRow key={account.name} account={account} isMe={account.name === me} onAsk={() => setAsked(account)} />)}
          </tbody>
        </table>
      )}
      <PageBar pages={pages} />
      {asked !== undefined && <ConfirmChange account={asked} onChanged={(account) => pages.replace(({ name }) => name === account.name, account)} onClose={() => setAsked(undefined)} />}
    </section>
  );
}

interface AccountRowProps {
  readonly account: Account;
  readonly isMe: boolean;
  readonly onAsk: () => void;
}

function AccountRow({ account, isMe, onAsk }: AccountRowProps) {
  const say = useTexts();
  const language = useLanguage();
  const { name, disabled, ended } = account;
  const seen = shortTime(account.lastSeen, Date.now(), language);
  return (
    <tr className={disabled || ended ? 'table-off' : undefined} data-account={name}>
      <th scope="row">
        <span className="who">
          <Avatar name={account.displayName} seed={`@${name}`} />
          <span className="who-names"><bdi className="table-name">{account.displayName}</bdi><span className="hint"><bdi dir="ltr">@{name}</bdi><span className="table-narrow"> · {say('presence.seen', { time: seen })}</span></span></span>
          <Marks account={account} isMe={isMe} />
        </span>
      </th>
      <td className="table-wide">{shortTime(account.createdAt, Date.now(), language)}</td>
      <td className="table-wide">{seen}</td>
      <td className="table-end">
        {!isMe && !ended && <button type="button" className="button button-small" aria-label={say(disabled ? 'ops.enableName' : 'ops.disableName', { name: `@${name}` })} onClick={onAsk}>{say(disabled ? 'ops.enable' : 'ops.disable')}</button>}
      </td>
    </tr>
  );
}

function Marks({ account, isMe }: { readonly account: Account; readonly isMe: boolean }) {
  const say = useTexts();
  const marks: [boolean, TextKey, string][] = [
    [isMe, 'ops.isYou', 'mark'], [account.admin, 'ops.isAdmin', 'mark mark-main'], [account.service, 'ops.isService', 'mark'],
    [account.disabled, 'ops.isDisabled', 'mark mark-bad'], [account.ended, 'ops.isEnded', 'mark mark-bad'],
  ];
  return <span className="marks">{marks.map(([is, text, look]) => is && <span key={text} className={look}>{say(text)}</span>)}</span>;
}

interface ConfirmChangeProps {
  readonly account: Account;
  readonly onChanged: (account: Account) => void;
  readonly onClose: () => void;
}

function ConfirmChange({ account, onChanged, onClose }: ConfirmChangeProps) {
  const say = useTexts();
  const { operation } = useClient();
  const name = `@${account.name}` as const;
  const change = async () => onChanged(await operation.setDisabled(name, !account.disabled));
  return account.disabled ? (
    <Confirm question={say('ops.enableSure', { name })} explanation={say('ops.enableWhat', { name })} label={say('ops.enable')} isBad={false} work={change} onClose={onClose} />
  ) : (
    <Confirm question={say('ops.disableSure', { name })} explanation={say('ops.disableWhat', { name })} label={say('ops.disable')} isBad work={change} onClose={onClose} />
  );
}
