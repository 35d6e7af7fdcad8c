// How much one request may ask: tokens, depth, questions to the database and rows. Pure.
import {
  type ASTVisitor,
  type FieldNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionSetNode,
  type ValidationContext,
  type ValidationRule,
} from 'graphql';
import { LIMITS } from '../../contracts.ts';

export const TOKENS_MAX = 2_000;
const DEPTH_MAX = 5;
/** Each root field, by whatever alias, is at least one query. */
const QUESTIONS_MAX = 10;
const ROWS_MAX = 2 * LIMITS.pageSizeMax;

/** @param variables of the request: a page's size may be one of them. */
export function makeLimitRule(variables: Readonly<Record<string, unknown>>): ValidationRule {
  return (context): ASTVisitor => ({
    OperationDefinition: (operation) => {
      const complaint = complaintOf(context, operation, variables);
      if (complaint) context.reportError(new GraphQLError(complaint, { nodes: operation }));
    },
  });
}

function complaintOf(
  context: ValidationContext,
  { selectionSet }: OperationDefinitionNode,
  variables: Readonly<Record<string, unknown>>,
): string | undefined {
  const fields = fieldsOf(context, selectionSet);
  // What the schema says of itself asks nobody, but takes time to say.
  const introspections = fields.filter(({ name }) => name.value.startsWith('__'));
  const questions = fields.filter((field) => !introspections.includes(field));
  if (introspections.length > QUESTIONS_MAX) {
    return `${introspections.length} fields of the schema are asked for: at most ${QUESTIONS_MAX} at once.`;
  }
  const seen = new Set<FieldNode>();
  const repeated = introspections.flatMap((field) => repeatedBelow(context, field, seen))[0];
  if (repeated !== undefined)
    return `In the schema "${repeated}" is asked for twice: once is allowed.`;
  if (questions.length > QUESTIONS_MAX) {
    return `${questions.length} fields of the query are asked for: at most ${QUESTIONS_MAX} at once.`;
  }
  const rows = questions.reduce((sum, field) => sum + rowsOf(field, variables), 0);
  if (rows > ROWS_MAX) {
    return `${rows} rows are asked for: at most ${ROWS_MAX} at once, by page_size.`;
  }
  const known = new Map<FieldNode, number>();
  const depth = Math.max(0, ...questions.map((field) => depthOf(context, field, known)));
  if (depth > DEPTH_MAX) return `The query is ${depth} levels deep: at most ${DEPTH_MAX}.`;
  return undefined;
}

/** Through fragments, each followed once, as they are executed: however they name each other, it is linear. */
function fieldsOf(
  context: ValidationContext,
  selectionSet: SelectionSetNode,
  followed = new Set<string>(),
): FieldNode[] {
  return selectionSet.selections.flatMap((selection) => {
    if (selection.kind === Kind.FIELD) return [selection];
    if (selection.kind === Kind.INLINE_FRAGMENT) {
      return fieldsOf(context, selection.selectionSet, followed);
    }
    const { value } = selection.name;
    const fragment = followed.has(value) ? undefined : context.getFragment(value);
    followed.add(value);
    return fragment ? fieldsOf(context, fragment.selectionSet, followed) : [];
  });
}

/** A field that is under way counts as one level: a fragment that names itself is refused by another rule. */
function depthOf(
  context: ValidationContext,
  field: FieldNode,
  known: Map<FieldNode, number>,
): number {
  const before = known.get(field);
  if (before !== undefined) return before;
  known.set(field, 1);
  const inner = field.selectionSet ? fieldsOf(context, field.selectionSet) : [];
  const depth = 1 + Math.max(0, ...inner.map((one) => depthOf(context, one, known)));
  known.set(field, depth);
  return depth;
}

/** Names that a selection below it has twice, by whatever alias: at each level they multiply what is answered. */
function repeatedBelow(
  context: ValidationContext,
  field: FieldNode,
  seen: Set<FieldNode>,
): string[] {
  if (seen.has(field) || !field.selectionSet) return [];
  seen.add(field);
  const inner = fieldsOf(context, field.selectionSet);
  const names = inner.map(({ name }) => name.value);
  return [
    ...names.filter((name, index) => names.indexOf(name) !== index),
    ...inner.flatMap((one) => repeatedBelow(context, one, seen)),
  ];
}

function rowsOf(field: FieldNode, variables: Readonly<Record<string, unknown>>): number {
  if (field.name.value !== 'outcomes') return 1;
  const size = field.arguments?.find(({ name }) => name.value === 'page_size')?.value;
  if (size?.kind === Kind.INT) return Math.max(0, Number(size.value));
  const given = size?.kind === Kind.VARIABLE ? variables[size.name.value] : undefined;
  if (typeof given === 'number') return Math.max(0, given);
  // One that is not given here may have a default in the operation, of any size within the limit of a page.
  return size?.kind === Kind.VARIABLE ? LIMITS.pageSizeMax : LIMITS.pageSizeDefault;
}
