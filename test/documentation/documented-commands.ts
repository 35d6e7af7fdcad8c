// The commands of the documentation: the lines of its blocks of code, in the order in which they stand, and all that
// npm is told anywhere in it. Pure.

export interface DocumentedCommand {
  readonly file: string;
  readonly command: string;
}

/** Fenced, or indented by four spaces after an empty line. */
const BLOCK = /^```(\w*)\n(.*?)^```|(?<=\n\n)((?: {4}[^\n]*\n)+)/gms;
/** What an indented line begins with that is a command. */
const PROGRAM = /^(?:[A-Z_]+=\S* )*(?:npm|npx|curl|aws|psql|export|docker|git|eval|node) /;

export function commandsOf(file: string, markdown: string): DocumentedCommand[] {
  return [...markdown.matchAll(BLOCK)].flatMap(([, language, fenced, indented = '']) => {
    const isCommand = (line: string) =>
      language === undefined ? PROGRAM.test(line) : language === 'bash' && line !== '';
    return withoutComments(fenced ?? indented)
      .split('\n')
      .map((line) => line.trim())
      .filter(isCommand)
      .map((command) => ({ file, command }));
  });
}

/** A comment may stand behind a line, or behind the last part of one that is broken. */
function withoutComments(block: string): string {
  return block.replaceAll(/(?:^|\s+)# .*$/gm, '').replaceAll(/\\\n\s*/g, ' ');
}

export interface NamedOptions {
  readonly file: string;
  readonly script: string;
  readonly options: readonly string[];
}

const CODE = /^```bash\n.*?^```|^ {4}[^\n]*$|`[^`\n]+`/gms;
/** What another program is asked is none of npm's. */
const INNER = /\$\([^)]*\)/g;
const NPM = /\bnpm (?:run (?:--silent )?([a-z][\w:]*)|(start))((?:[^|`\n]|\\\||\\\n)*)/g;

/** What stands behind an npm script, in blocks and in sentences. */
export function optionsOf(file: string, markdown: string): NamedOptions[] {
  const code = markdown.match(CODE) ?? [];
  return code
    .flatMap((text) => [...withoutComments(text).replaceAll(INNER, '').matchAll(NPM)])
    .map(([, run, start, rest = '']) => ({
      file,
      script: run ?? start ?? '',
      options: rest.match(/(?<=\s|\[)--[a-z][\w-]*/g) ?? [],
    }))
    .filter(({ options }) => options.length > 0);
}
