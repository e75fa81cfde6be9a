import manifest from '../../package.json' with { type: 'json' };

/** The API's version: the program's, from package.json. */
export const VERSION: string = manifest.version;
