// Signing in, where the service asks for it: settings.json, which stands beside the page, says so. What does
// it comes in a file of its own, so that others do not load it.
import { signal } from '@preact/signals';
import { signRequests } from '../api/client.ts';
import { parseJson } from '../lib/exact-json.ts';
import { nullable, object, text } from '../lib/shape.ts';

const settings = object({
  signIn: nullable(
    object({ issuer: text, clientId: text, authorizeUrl: text, tokenUrl: text, logoutUrl: text }),
  ),
});

export type SignInSettings = NonNullable<ReturnType<typeof settings>['signIn']>;

export interface Session {
  readonly name: string;
  readonly end: () => void;
}

/** Undefined: nobody needs to sign in. */
export const session = signal<Session | undefined>(undefined);

/** Resolves when requests may begin; never when the browser goes to the page for signing in. */
export async function openSession(): Promise<void> {
  const response = await fetch('settings.json');
  if (!response.ok) throw new Error('The console’s settings.json cannot be read.');
  const { signIn } = settings(parseJson(await response.text()), '');
  if (signIn === null) return;
  const { signedIn } = await import('./sign-in.ts');
  const person = await signedIn(signIn);
  signRequests(person.authorization, person.signInAgain);
  session.value = { name: person.name, end: person.signOut };
}
