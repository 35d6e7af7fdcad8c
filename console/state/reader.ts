// Who reads: the locale of the browser.
export const locale: string | undefined = navigator.language || undefined;
