// What GraphQL over HTTP takes and answers, for the OpenAPI document. Pure.
import * as z from 'zod';

export const graphqlQuestion = z
  .object({
    query: z.string(),
    variables: z.record(z.string(), z.unknown()).nullable().optional(),
    operationName: z.string().nullable().optional(),
  })
  .meta({ id: 'GraphqlQuestion' });

export const graphqlAnswer = z
  .looseObject({
    data: z.record(z.string(), z.unknown()).nullable().optional(),
    errors: z.array(z.looseObject({ message: z.string() })).optional(),
  })
  .meta({ id: 'GraphqlAnswer' });
