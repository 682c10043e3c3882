// What the README of each policy set shows is true: its questions are put to the real service.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp } from '../packages/pdp-server/src/app.ts'
import { createPdp } from '../packages/pdp-server/src/decide/pdp.ts'
import { loadState } from '../packages/pdp-server/src/load-state.ts'
import { type RunningServer, startServer } from '../packages/pdp-server/src/server.ts'

const policies = join(import.meta.dirname, '../policies')
const names = readdirSync(policies, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name)

interface Question {
  readonly text: string
  readonly body: string
  readonly answer: unknown
}

/** A sentence, a curl command, and the answer as JSON. */
function readQuestions(name: string): readonly Question[] {
  const readme = readFileSync(join(policies, name, 'README.md'), 'utf8')
  const pattern = /^(.+)\n\n```sh\ncurl [^\n]*-d '([^']*)'\n```\n\n```json\n([^`]*)```/gm
  return [...readme.matchAll(pattern)].map(([, text = '', body = '', answer = '']) => ({
    text,
    body,
    answer: JSON.parse(answer),
  }))
}

describe.each(names)('the README of policies/%s', (name) => {
  const questions = readQuestions(name)
  let server: RunningServer
  beforeAll(async () => {
    const folder = join(policies, name)
    const { state } = loadState({ policies: folder, data: join(folder, 'data') })
    if (state === undefined) throw new Error(`policies/${name} does not load`)
    server = await startServer({ app: createApp({ pdp: createPdp({ state }) }), port: 0 })
  })
  afterAll(() => server.stop())

  it('asks three questions', () => {
    expect(questions).toHaveLength(3)
  })

  it.each(questions.map((question) => [question.text, question] as const))(
    'shows the answer: %s',
    async (_, { body, answer }) => {
      const response = await fetch(`${server.url}/decide`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect(response.status).toBe(200)
      expect(await response.json()).toMatchObject(answer as object)
    },
  )
})
