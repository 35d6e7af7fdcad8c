// The roles that migrate-database sees to, and the administrator who makes them, from its environment.
import { DEFAULTS, ENV } from '../contracts.ts';
import { type Login, ROLE_NAME, secretLogin } from './database-login.ts';
import { type Environment, SettingError, textSetting } from './settings.ts';

export interface Roles {
  /** Owns the tables: as whom migrate-database and record-outcomes log on. */
  readonly writer: string;
  readonly reader: string | undefined;
}

export function readRoles(env: Environment): Roles {
  const writer = env[ENV.dbUser] || DEFAULTS.dbUser;
  if (!env[ENV.dbReaderUser]) return { writer, reader: undefined };
  const reader = textSetting(env, ENV.dbReaderUser, '', ROLE_NAME);
  if (reader !== writer) return { writer, reader };
  throw new SettingError(`${ENV.dbReaderUser} is "${reader}", and so is ${ENV.dbUser}.`);
}

/** None where nobody but the one user is to be had: on one machine, or with roles that were made by hand. */
export function administratorLogin(env: Environment): Login | undefined {
  if (!env[ENV.dbAdminSecretArn]) return undefined;
  if (env[ENV.dbIamAuth] !== 'true') {
    throw new SettingError(
      `${ENV.dbAdminSecretArn} needs ${ENV.dbIamAuth}=true: the roles that it makes have no password.`,
    );
  }
  textSetting(env, ENV.dbUser, DEFAULTS.dbUser, ROLE_NAME);
  return secretLogin(env, ENV.dbAdminSecretArn);
}
