// The endpoints → an OpenAPI 3.1 document, from the schemas that check the requests. Each path answers one form,
// so that the types of generated clients are exact: what comes as CSV too has a path of its own for it, which is
// the suffix that Django REST Framework's router gives it. Pure.
import { API_VERSION, type ApiAuthorization } from '../../contracts.ts';
import {
  CHANGING_METHODS,
  type Operation as Described,
  type Endpoint,
} from '../endpoints/endpoint.ts';
import { type JsonSchema, makeComponents } from './json-schemas.ts';
import type { Format } from './media.ts';
import {
  type Method,
  type Operation,
  type OperationParts,
  renderOperation,
} from './openapi-operation.ts';
import { SECURITY } from './openapi-security.ts';

export type PathItem = Readonly<Partial<Record<Method, Operation>>>;

export interface OpenApi {
  readonly openapi: '3.1.0';
  readonly info: {
    readonly title: string;
    readonly version: string;
    readonly description: string;
    readonly license: { readonly name: string; readonly identifier: string };
  };
  readonly servers: readonly { readonly url: string }[];
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
  readonly paths: Readonly<Record<string, PathItem>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>;
    readonly securitySchemes?: Readonly<Record<string, object>>;
  };
}

/** Of what every path takes: as parameters they would be taken for what types already say. */
const DESCRIPTION =
  'Auction outcomes as rows and figures, and the order reports. A path answers JSON, or the form that its suffix ' +
  'says; `?format=` and the Accept header choose among the same forms. A parameter that is not known has no ' +
  'effect, as a sort key that does not exist and a flag that is neither true nor false; the `Warning` header ' +
  'names it, and with `?strict=true` it is refused (400).';

export function renderOpenApi(
  endpoints: Readonly<Record<string, Endpoint>>,
  serverUrl: string,
  auth: ApiAuthorization,
): OpenApi {
  const components = makeComponents();
  const { requirement, schemes, refusals: gatewayRefusals } = SECURITY[auth];
  const paths = Object.entries(endpoints).flatMap(([pattern, endpoint]) =>
    pathItems(pattern, endpoint, { components, gatewayRefusals }),
  );
  return {
    openapi: '3.1.0',
    info: {
      title: 'Analytics API',
      version: API_VERSION,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: serverUrl }],
    security: requirement,
    paths: Object.fromEntries(paths),
    components: { schemas: components.schemas(), ...(schemes && { securitySchemes: schemes }) },
  };
}

function pathItems(
  pattern: string,
  endpoint: Endpoint,
  shared: Pick<OperationParts, 'components' | 'gatewayRefusals'>,
) {
  const path = pattern.replaceAll(/:(\w+)/g, '{$1}');
  const [main, ...others] = endpoint.formats;
  const render = (method: Method, operation: Described, format?: Format, suffix = '') =>
    renderOperation({ pattern, method, operation, format, suffix, ...shared });
  const changing = CHANGING_METHODS.flatMap((method) => {
    const operation = endpoint.methods?.[method];
    const lower = method === 'POST' ? 'post' : 'delete';
    return operation ? [[lower, render(lower, operation, operation.formats[0])] as const] : [];
  });
  const item: PathItem = {
    ...(endpoint.isGetRefused ? {} : { get: render('get', endpoint, main) }),
    ...Object.fromEntries(changing),
  };
  return [
    [path, item] as const,
    ...(endpoint.isGetRefused ? [] : others).map((format) => {
      const suffixed: PathItem = { get: render('get', endpoint, format, format) };
      return [`${path.replace(/\/$/, '')}.${format}`, suffixed] as const;
    }),
  ];
}
