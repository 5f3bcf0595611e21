import { allApis } from '@holdfast/contracts';
import { errorListText } from './error-list.ts';
import { openapiText } from './openapi-document.ts';

/** The files of the `generated` folder that this tool owns, by name. */
export const generatedFiles = (): Readonly<Record<string, string>> => ({
  'openapi.json': openapiText(allApis),
  'errors.md': errorListText(),
});
