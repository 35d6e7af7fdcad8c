// The commands of the documentation, in the order in which they stand: the lines of its bash blocks. Pure.

export interface DocumentedCommand {
  readonly file: string;
  readonly command: string;
}

const BLOCK = /^```bash\n(.*?)^```/gms;

export function commandsOf(file: string, markdown: string): DocumentedCommand[] {
  return [...markdown.matchAll(BLOCK)].flatMap(([, block = '']) =>
    withoutComments(block)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map((command) => ({ file, command })),
  );
}

/** A comment may stand behind a line, or behind the last part of one that is broken. */
function withoutComments(block: string): string {
  return block.replaceAll(/(?:^|\s+)# .*$/gm, '').replaceAll(/\\\n\s*/g, ' ');
}
