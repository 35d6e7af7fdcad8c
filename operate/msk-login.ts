// The login to MSK that the operator function is handed: signed here, by the operator's own credentials.

import { UserError } from '../local/shared/user-error.ts';
import { openMskLogin } from '../local/stream/msk-login.ts';

/** @throws {UserError} when the AWS SDK finds no credentials or no region. */
export async function mskLogin(): Promise<string> {
  const login = await openMskLogin();
  if (login.mechanism !== 'OAUTHBEARER' || typeof login.token !== 'function') {
    throw new UserError('The login of MSK is not one by a token.');
  }
  return login.token();
}
