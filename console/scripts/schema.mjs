import openapiTS, { astToString } from 'openapi-typescript';

/** The TypeScript types of an OpenAPI document, as they are committed. */
export async function generate(json) {
  return '// Generated from openapi.json by `npm run generate`.\n' + astToString(await openapiTS(JSON.parse(json)));
}
