import { useCallback, useState } from 'react';
import type { Service, ServiceKey } from '@tidings/client';
import { useClient } from '../base/client';
import { useLanguage, useTexts, type Say } from '../i18n/texts';
import { shortTime } from '../i18n/times';
import { Confirm } from './confirm';
import { NewKeyDialog } from './new_key_dialog';
import { JumpBar, PageBar } from './page_bar';
import { usePages, type Page } from './use_pages';

interface KeyOf {
  readonly service: Service;
  readonly serviceKey: ServiceKey;
}

// The server looks at a thousand accounts at a time; where all of them are people's, the page is empty.
const LOOKS_MAX = 20;

/** Services with their keys; a key can be made and revoked. */
export function KeysPart() {
  const say = useTexts();
  const { operation } = useClient();
  const read = useCallback(async (after?: string): Promise<Page<Service>> => {
    let page = await operation.services(after);
    for (let looks = 1; page.services.length === 0 && page.next !== undefined && looks < LOOKS_MAX; looks++) page = await operation.services(page.next);
    return { items: page.services, ...(page.next !== undefined && { next: page.next }) };
  }, [operation]);
  const pages = usePages<Service>(read);
  const [isMaking, setIsMaking] = useState(false);
  const [asked, setAsked] = useState<KeyOf>();
  return (
    <section className="panel">
      <h2 id="keys">{say('ops.keys')}</h2>
      <JumpBar pages={pages}>
        <button type="button" className="button button-main jump-other" onClick={() => setIsMaking(true)}>{say('ops.newKey')}</button>
      </JumpBar>
      <p className="error" role="alert">{pages.error}</p>
      {pages.page?.items.length === 0 && <p className="panel-none">{say('ops.keysNone')}</p>}
      {pages.page !== undefined && pages.page.items.length > 0 && (
        <table className="table" aria-labelledby="keys" aria-busy={pages.isLoading}>
          <thead>
            <tr>
              <th scope="col">{say('ops.key')}</th>
              <th scope="col" className="table-wide">{say('ops.created')}</th>
              <th scope="col" className="table-wide">{say('ops.rights')}</th>
              <th scope="col" className="table-end"><span className="unseen">{say('ops.action')}</span></th>
            </tr>
          </thead>
          {pages.page.items.map((service) => <ServiceRows key={service.name} service={service} onAsk={(serviceKey) => setAsked({ service, serviceKey })} />)}
        </table>
      )}
      <PageBar pages={pages} />
      {isMaking && <NewKeyDialog onMade={pages.reload} onClose={() => setIsMaking(false)} />}
      {asked !== undefined && <ConfirmRevocation {...asked} onRevoked={pages.reload} onClose={() => setAsked(undefined)} />}
    </section>
  );
}

function ServiceRows({ service, onAsk }: { readonly service: Service; readonly onAsk: (key: ServiceKey) => void }) {
  const say = useTexts();
  return (
    <tbody data-service={service.name}>
      <tr className="table-group">
        <th scope="rowgroup" colSpan={4}><bdi dir="ltr">@{service.name}</bdi>{service.disabled && <span className="mark mark-bad">{say('ops.isDisabled')}</span>}</th>
      </tr>
      {service.keys.map((key) => <KeyRow key={key.id} service={service} serviceKey={key} onAsk={() => onAsk(key)} />)}
    </tbody>
  );
}

interface KeyRowProps extends KeyOf {
  readonly onAsk: () => void;
}

function KeyRow({ service, serviceKey: key, onAsk }: KeyRowProps) {
  const say = useTexts();
  const language = useLanguage();
  const time = (at: number) => shortTime(at, Date.now(), language);
  const rights = rightsOf(key, say);
  return (
    <tr className={key.revokedAt === undefined ? undefined : 'table-off'} data-key={key.id}>
      <th scope="row"><code dir="ltr">{key.id}</code><span className="hint table-narrow">{time(key.createdAt)} · {rights}</span></th>
      <td className="table-wide">{time(key.createdAt)}</td>
      <td className="table-wide">{rights}</td>
      <td className="table-end">
        {key.revokedAt === undefined ? (
          <button type="button" className="button button-small" aria-label={say('ops.revokeKey', { key: key.id, name: `@${service.name}` })} onClick={onAsk}>{say('ops.revoke')}</button>
        ) : <span className="hint">{say('ops.revoked', { time: time(key.revokedAt) })}</span>}
      </td>
    </tr>
  );
}

function rightsOf(key: ServiceKey, say: Say): string {
  const [sends, seconds] = key.rate?.split('/') ?? [];
  const rate = sends === undefined || seconds === undefined ? say('ops.rateDefault') : say('ops.rate', { sends, seconds });
  return key.import ? `${rate}, ${say('ops.mayImport')}` : rate;
}

interface ConfirmRevocationProps extends KeyOf {
  readonly onRevoked: () => void;
  readonly onClose: () => void;
}

function ConfirmRevocation({ service, serviceKey, onRevoked, onClose }: ConfirmRevocationProps) {
  const say = useTexts();
  const { operation } = useClient();
  const name = `@${service.name}` as const;
  const revoke = async () => {
    await operation.revokeKey(name, serviceKey.id);
    onRevoked();
  };
  return <Confirm question={say('ops.revokeSure', { name })} explanation={say('ops.revokeWhat', { key: serviceKey.id })} label={say('ops.revoke')} isBad work={revoke} onClose={onClose} />;
}
