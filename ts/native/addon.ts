// The only importer of the addon. What it exports is for this folder alone.
export * from '../../bindings/node/index.js';
