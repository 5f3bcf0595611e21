import catalog from './catalog_v1.json' with { type: 'json' };
import type { ChordCatalog } from './chord-catalog.ts';

/** The catalog that ships with the engine. Its file is the authority; a test holds it against `readCatalog`. */
export const CATALOG = catalog as ChordCatalog;
