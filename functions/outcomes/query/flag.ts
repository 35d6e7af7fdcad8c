// A flag as Django's filter read it: a few texts are true, and all else is false. Pure.

const TRUE_TEXTS = ['true', '1', 'yes'];
const FALSE_TEXTS = ['false', '0', 'no'];

/** What somebody may have meant. */
export const FLAG_TEXTS = [...TRUE_TEXTS, ...FALSE_TEXTS];

export function readFlag(text: string): boolean {
  return TRUE_TEXTS.includes(text.toLowerCase());
}
