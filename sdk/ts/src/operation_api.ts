import type { UserReference } from './public/ids.js';
import type { Account, AccountPage, Figures, KeyRequest, NewKey, Operation, ServicePage } from './public/operation.js';
import type { Api } from './wire/api.js';
import { decodeAccount, decodeAccounts, decodeFigures, decodeNewKey, decodeServices } from './wire/decode_operation.js';
import { decoded } from './wire/http.js';

/** What operators ask for and do. Nothing of it is kept. */
export class OperationApi implements Operation {
  constructor(private readonly api: Pick<Api, 'call'>) {}

  async figures(signal?: AbortSignal): Promise<Figures> {
    const answer = await this.api.call({ method: 'GET', path: '/v1/ops/figures', ...(signal && { signal }) });
    return decoded(answer, decodeFigures);
  }

  async accounts(after?: string): Promise<AccountPage> {
    return decoded(await this.api.call({ method: 'GET', path: `/v1/ops/accounts${pageAfter(after)}` }), decodeAccounts);
  }

  async setDisabled(user: UserReference, disabled: boolean): Promise<Account> {
    const path = `/v1/ops/accounts/${encodeURIComponent(user)}`;
    return decoded(await this.api.call({ method: 'PATCH', path, body: { disabled } }, 'write'), decodeAccount);
  }

  async services(after?: string): Promise<ServicePage> {
    return decoded(await this.api.call({ method: 'GET', path: `/v1/ops/services${pageAfter(after)}` }), decodeServices);
  }

  async createKey({ name, import: mayImport, rate }: KeyRequest): Promise<NewKey> {
    const body = {
      name,
      ...(mayImport !== undefined && { import: mayImport }),
      ...(rate && { rate_count: rate.count, rate_seconds: rate.seconds }),
    };
    return decoded(await this.api.call({ method: 'POST', path: '/v1/ops/services', body }, 'write'), decodeNewKey);
  }

  async revokeKey(service: UserReference, key: string): Promise<void> {
    const path = `/v1/ops/services/${encodeURIComponent(service)}/keys/${encodeURIComponent(key)}`;
    await this.api.call({ method: 'DELETE', path }, 'write');
  }
}

function pageAfter(name: string | undefined): string {
  return name === undefined ? '' : `?after=${encodeURIComponent(name)}`;
}
