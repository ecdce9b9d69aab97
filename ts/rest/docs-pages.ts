// Swagger UI and ReDoc, served from here under a policy that lets them load nothing from elsewhere.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import express, { type Express, type Response } from 'express';

const require = createRequire(import.meta.url);

/** Scripts and styles of this server only; ReDoc makes a worker of a blob and styles of its own. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  'worker-src blob:',
  "base-uri 'none'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ');

const SWAGGER_START = `window.ui = SwaggerUIBundle({
  url: '/api/v1/openapi.json',
  dom_id: '#ui',
  deepLinking: true,
  validatorUrl: null,
});
`;

const SWAGGER_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>RustyDB: the API</title>
<link rel="stylesheet" href="swagger-ui.css">
<div id="ui"></div>
<script src="swagger-ui-bundle.js"></script>
<script src="start.js"></script>
</html>
`;

const REDOC_PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>RustyDB: the API</title>
<redoc spec-url="/api/v1/openapi.json"></redoc>
<script src="/redoc/redoc.standalone.js"></script>
</html>
`;

const folderOf = (file: string): string => dirname(require.resolve(file));

function page(response: Response, type: string, text: string): void {
  response.setHeader('Content-Security-Policy', POLICY);
  response.type(type).send(text);
}

/** Mounts `/swagger-ui/` and `/redoc`. */
export function mountDocs(app: Express): void {
  const swagger = folderOf('swagger-ui-dist/package.json');
  const redoc = join(folderOf('redoc/package.json'), 'bundles');
  app.get('/swagger-ui', (request, response) => {
    // Both spellings come here; the page's own files are found from the one with a slash only.
    if (request.path.endsWith('/')) page(response, 'html', SWAGGER_PAGE);
    else response.redirect('/swagger-ui/');
  });
  app.get('/swagger-ui/start.js', (_request, response) => page(response, 'js', SWAGGER_START));
  app.use('/swagger-ui', express.static(swagger, { index: false }));
  app.get('/redoc', (_request, response) => page(response, 'html', REDOC_PAGE));
  app.get('/redoc/redoc.standalone.js', (_request, response) =>
    response.sendFile(join(redoc, 'redoc.standalone.js')),
  );
}
