// Light or dark: the system's, until a person chooses; the choice stays in this browser.
import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const KEY = 'theme';

export const theme = signal<Theme>(stored());

export function followTheme(): void {
  effect(() => {
    const chosen = theme.value;
    if (chosen === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    if (chosen !== stored()) store(chosen);
  });
}

function stored(): Theme {
  try {
    const text = localStorage.getItem(KEY);
    return THEMES.find((one) => one === text) ?? 'system';
  } catch {
    // A browser may refuse its storage to a page.
    return 'system';
  }
}

function store(chosen: Theme): void {
  try {
    localStorage.setItem(KEY, chosen);
  } catch {
    // Then it lasts as long as the page.
  }
}
