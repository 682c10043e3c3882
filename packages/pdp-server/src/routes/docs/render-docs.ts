// The OpenAPI document → a page to read. It is whole in itself: no script, nothing from elsewhere, and its one style
// is known to the browser by its hash, so that the policy of the page can forbid all else.
import { createHash } from 'node:crypto'
import { isJsonObject, type JsonBody } from '../../wire/read-body.ts'
import { exampleOf } from './example-of.ts'
import { escapeHtml, writeType } from './write-type.ts'

const STYLE = `
:root { color-scheme: light dark }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; font: 1rem/1.5 system-ui, sans-serif }
pre { overflow-x: auto; padding: .75rem 1rem; border: 1px solid #8886; border-radius: .4rem; font-size: .85rem }
code, pre { font-family: ui-monospace, monospace }
section { margin: 2.5rem 0 }
h2 code { font-size: 1.1rem }
table { border-collapse: collapse; font-size: .9rem }
td, th { padding: .2rem 1rem .2rem 0; text-align: left; vertical-align: top }
i { opacity: .7 }
`

/** Nothing but its own style may be loaded or run, and no page may frame it. */
export const DOCS_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(STYLE).digest('base64')}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`

/** @param document OpenAPI 3.1, as `/openapi.json` gives it */
export function renderDocs(document: JsonBody): string {
  const { info, paths, components } = document
  const { title, version, description } = objectOf(info)
  const { schemas } = objectOf(components)
  const operations = Object.entries(objectOf(paths)).flatMap(([path, methods]) =>
    Object.entries(objectOf(methods)).map(([method, operation]) => ({
      path,
      method,
      ...objectOf(operation),
    })),
  )
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${text(title)} ${text(version)}</title><style>${STYLE}</style></head><body>`,
    `<h1>${text(title)} ${text(version)}</h1><p>${text(description)}</p>`,
    '<p>The same for machines: <a href="openapi.json">openapi.json</a>.</p><ul>',
    ...operations.map(
      ({ path, method }) => `<li><a href="#${anchor(method, path)}">${head(method, path)}</a></li>`,
    ),
    '</ul>',
    ...operations.map((operation) => renderOperation(operation, objectOf(schemas))),
    '<section><h2>Types</h2>',
    ...Object.entries(objectOf(schemas)).map(([name, schema]) => renderSchema(name, schema)),
    '</section></body></html>\n',
  ].join('\n')
}

interface Operation extends JsonBody {
  readonly path: string
  readonly method: string
}

function renderOperation(operation: Operation, schemas: JsonBody): string {
  const { path, method, summary, description, parameters, requestBody, responses } = operation
  const body = jsonSchemaOf(requestBody)
  const answers = Object.entries(objectOf(responses))
  const isRow = (parameter: unknown) => isJsonObject(parameter) && parameter.in === 'header'
  const headers = Array.isArray(parameters) ? parameters.filter(isRow) : []
  return [
    `<section id="${anchor(method, path)}"><h2>${head(method, path)}</h2><p>${text(summary)}</p>`,
    typeof description === 'string' ? `<p>${text(description)}</p>` : '',
    headers.length === 0 ? '' : `<table>${headers.map(renderHeader).join('')}</table>`,
    body === undefined
      ? ''
      : `<h3>Request</h3><pre>${writeType(body)}</pre>${renderCurl(path, body, schemas)}`,
    `<h3>Answers</h3><table>${answers.map(renderAnswer).join('')}</table></section>`,
  ].join('\n')
}

function renderHeader(parameter: JsonBody): string {
  return `<tr><td><code>${text(parameter.name)}</code></td><td>${text(objectOf(parameter.schema).description)}</td></tr>`
}

function renderAnswer([status, answer]: readonly [string, unknown]): string {
  const schema = jsonSchemaOf(answer)
  const type = schema === undefined ? '' : `<pre>${writeType(schema)}</pre>`
  return `<tr><th>${text(status)}</th><td>${text(objectOf(answer).description)}${status === '200' ? type : ''}</td></tr>`
}

function renderSchema(name: string, schema: unknown): string {
  const { description } = objectOf(schema)
  const note = typeof description === 'string' ? `<p>${text(description)}</p>` : ''
  return `<h3 id="${text(name)}">${text(name)}</h3>${note}<pre>${writeType(schema)}</pre>`
}

function renderCurl(path: string, schema: unknown, schemas: JsonBody): string {
  const example = JSON.stringify(exampleOf(schema, schemas), undefined, 2)
  return `<pre>curl -s "$PDP${text(path)}" -H 'content-type: application/json' -d '${text(example)}'</pre>`
}

function jsonSchemaOf(holder: unknown): unknown {
  return objectOf(objectOf(objectOf(holder).content)['application/json']).schema
}

function head(method: string, path: string): string {
  return `<code>${text(method.toUpperCase())} ${text(path)}</code>`
}

function anchor(method: string, path: string): string {
  return `${method}${path.replace(/[^a-z0-9]+/gi, '-')}`
}

function text(value: unknown): string {
  return escapeHtml(typeof value === 'string' ? value : '')
}

function objectOf(value: unknown): JsonBody {
  return isJsonObject(value) ? value : {}
}
