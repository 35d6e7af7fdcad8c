// A build by esbuild, told apart from one that esbuild's own process did not live to see: a terminal's Ctrl-C goes to
// it as well.
import { EndedBuildError } from '../local/shared/command.ts';

/** @throws {EndedBuildError} */
export async function whileEsbuildLives<Result>(built: Promise<Result>): Promise<Result> {
  try {
    return await built;
  } catch (error) {
    // A build that failed has a list of what is wrong.
    if (error instanceof Error && 'errors' in error) throw error;
    throw new EndedBuildError('esbuild ended in the middle of a build.', { cause: error });
  }
}
