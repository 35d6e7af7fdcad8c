// GraphQL: the endpoints of the outcomes and the reports, several in one question. Read when it is first asked:
// no other request needs its library.
import * as z from 'zod';
import { defineEndpoint, type Endpoint } from './endpoint.ts';

export function graphqlEndpoint(
  endpoints: () => Readonly<Record<string, Endpoint>>,
  isIntrospectable: boolean,
): Endpoint {
  const operation = defineEndpoint({
    name: 'GraphQL',
    description:
      'Outcomes by cursor, figures and reports in one question: the same queries, checks and limits as the paths. At ' +
      'most 10 fields of the query, 2,000 rows and 5 levels at once.',
    formats: ['json', 'graphql'],
    parameters: z.object({}),
    body: 'graphqlQuestion',
    response: 'graphqlAnswer',
    errors: { 400: { description: 'No question of GraphQL.', schema: 'graphqlAnswer' } },
    failures: { 415: 'The body is not said to be JSON.' },
    answer: async ({ request, format }) => {
      const { answerGraphql } = await import('../graphql/answer-graphql.ts');
      return answerGraphql(request, format, { endpoints: endpoints(), isIntrospectable });
    },
  });
  return { ...operation, isGetRefused: true, methods: { POST: operation } };
}
