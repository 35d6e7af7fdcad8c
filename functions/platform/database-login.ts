// As whom a function logs on to PostgreSQL, and with what: a password, a token of RDS or a secret. The
// environment chooses; nothing of it is ever logged.
import { DEFAULTS, ENV } from '../contracts.ts';
import { makeSecretReader, type SecretReader } from './database-secret.ts';
import { makeTokenSigner } from './database-token.ts';
import { type Environment, requiredSetting, SettingError, textSetting } from './settings.ts';

export interface Credentials {
  readonly user: string;
  readonly password: string;
}

export interface Login {
  /** What stands behind it, for errors: a setting's name. */
  readonly setting: string;
  /** Asked at each new connection. */
  credentials(): Promise<Credentials>;
  /** After the server refused these: others, if there are any by now. */
  renewed(refused: Credentials): Promise<Credentials | undefined>;
}

export interface ServerPlace {
  readonly host: string;
  readonly port: number;
}

/** A name that needs no quotes, as PostgreSQL itself would write it. */
export const ROLE_NAME = /^[a-z_][a-z0-9_]{0,62}$/;
const USER_NAME = /^[^\0]{1,63}$/;

export function readLogin(env: Environment, place: ServerPlace): Login {
  const chosen = [ENV.dbPassword, ENV.dbIamAuth, ENV.dbSecretArn].filter((name) => env[name]);
  if (chosen.length > 1) {
    throw new SettingError(`${chosen.join(' and ')} are set: at most one of them may be.`);
  }
  const user = textSetting(env, ENV.dbUser, DEFAULTS.dbUser, USER_NAME);
  switch (chosen[0]) {
    case ENV.dbIamAuth:
      return tokenLogin(env, place, user);
    case ENV.dbSecretArn:
      return secretLogin(env, ENV.dbSecretArn, env[ENV.dbUser]);
    default:
      return passwordLogin(user, env[ENV.dbPassword] ?? '');
  }
}

function passwordLogin(user: string, password: string): Login {
  return {
    setting: ENV.dbPassword,
    credentials: async () => ({ user, password }),
    renewed: async () => undefined,
  };
}

function tokenLogin(env: Environment, place: ServerPlace, user: string): Login {
  textSetting(env, ENV.dbIamAuth, 'true', /^true$/);
  if ((env[ENV.dbSsl] || DEFAULTS.dbSsl) === 'disable') {
    throw new SettingError(
      `${ENV.dbIamAuth} needs TLS: ${ENV.dbSsl} must be "verify-full" (or "require"), not "disable".`,
    );
  }
  const region = requiredSetting(env, 'AWS_REGION');
  const signToken = makeTokenSigner({ ...place, user, region });
  return {
    setting: ENV.dbIamAuth,
    credentials: async () => ({ user, password: await signToken() }),
    renewed: async () => undefined,
  };
}

/** @param user instead of the secret's own, when it is set. */
export function secretLogin(env: Environment, setting: string, user?: string): Login {
  const secret = makeSecretReader(requiredSetting(env, setting), setting);
  const read = async (ask: SecretReader[keyof SecretReader]) => {
    const { username, password } = await ask();
    return { user: user || username, password };
  };
  return {
    setting,
    credentials: () => read(secret.kept),
    async renewed(refused) {
      const now = await read(secret.fresh);
      return now.password === refused.password && now.user === refused.user ? undefined : now;
    },
  };
}
