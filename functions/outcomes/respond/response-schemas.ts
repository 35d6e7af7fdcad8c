// What requests carry and answers hold, by name, for the OpenAPI document: read when that is asked for, as nothing else needs it.
import * as ofGraphql from './graphql-schemas.ts';
import * as ofPipeline from './pipeline-schemas.ts';
import * as ofReports from './report-schemas.ts';
import * as ofAll from './schemas.ts';

export const SCHEMAS = { ...ofGraphql, ...ofPipeline, ...ofReports, ...ofAll };
