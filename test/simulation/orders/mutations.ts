// Decisions of the code without which something is lost, twice or wrong. Each is taken out in turn, and
// the simulation must notice.
import type { Mutation } from '../mutation.ts';
import { MERGING_MUTATIONS } from './mutations/merging.ts';
import { WRITING_MUTATIONS } from './mutations/writing.ts';

export const mutations: readonly Mutation[] = [...WRITING_MUTATIONS, ...MERGING_MUTATIONS];
