// Names that mean something to the language that the service is written in are names like any other.
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFolder, READ, type Service, serveHere } from '../service/serve.ts'

const folder = createFolder()
let service: Service
beforeAll(async () => {
  service = await serveHere(folder)
})
afterAll(async () => {
  await service.stop()
  folder.remove()
})

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'valueOf',
  'hasOwnProperty',
  'toJSON',
  'then',
  'length',
]
const VALUE = '{"polluted":true,"decision":"allow","owner":{"type":"User","id":"eve"}}'

/** As text: an object literal would set the prototype. */
const post = async (path: string, text: string) => {
  const headers = { 'content-type': 'application/json' }
  const response = await fetch(`${service.url}${path}`, { method: 'POST', headers, body: text })
  return { status: response.status, text: await response.text() }
}

describe('a name of the language of the engine', { timeout: 60_000 }, () => {
  it.each(NAMES)('%s opens nothing, wherever it stands', async (name) => {
    const entity = `{"type":"${name}","id":"${name}","properties":{"${name}":${VALUE}}}`
    const user = `{"type":"User","id":"eve","${name}":${VALUE},"properties":{"${name}":${VALUE}},"roles":["${name}"]}`
    const document = `{"type":"Doc","id":"d1","${name}":${VALUE},"properties":{"${name}":${VALUE}}}`
    const write = `{"name":"write","${name}":${VALUE},"properties":{"${name}":${VALUE}}}`
    const questions = [
      `{"subject":${entity},"action":{"name":"${name}"},"resource":${entity}}`,
      `{"subject":${user},"action":${write},"resource":${document},"context":{"${name}":${VALUE}},"${name}":${VALUE}}`,
      `{"${name}":{"subject":${JSON.stringify(READ.subject)}},"action":{"name":"read"},"resource":${document}}`,
    ]
    for (const path of ['/decide', '/access/v1/evaluation', '/access/v1/evaluations']) {
      for (const text of questions) {
        const reply = await post(path, text)
        expect([200, 400]).toContain(reply.status)
        expect(reply.text).not.toMatch(/"decision":("allow"|true)/)
      }
    }
    const batch = await post(
      '/access/v1/evaluations',
      `{"evaluations":[{"${name}":${VALUE}}],"options":{"${name}":1}}`,
    )
    expect([batch.status, batch.text]).toEqual([200, expect.stringContaining('"decision":false')])
    const { polluted } = {} as { readonly polluted?: unknown }
    expect(polluted).toBeUndefined()
    expect((await post('/decide', JSON.stringify(READ))).text).toContain('"decision":"allow"')
  })
})
