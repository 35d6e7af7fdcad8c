/** Why an operator's command cannot do what it was asked for, in one line: no stack tells them more. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
}
