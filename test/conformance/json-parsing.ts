import { readVectors } from './read-vectors.ts'
import { type Ask, type ConformanceCase, checkDecision, type Reply, type Scenario } from './scenario.ts'

interface JsonVector {
  readonly name: string
  readonly expect: 'accept' | 'reject' | 'implementation-defined'
  /** Left out where it is large, and made here. */
  readonly base64?: string
}

const PATHS = [
  '/access/v1/evaluation',
  '/access/v1/evaluations',
  '/access/v1/search/subject',
  '/access/v1/search/resource',
  '/access/v1/search/action',
  '/decide',
]

const LARGE: ReadonlyMap<string, string> = new Map([
  ['n_structure_100000_opening_arrays.json', '['.repeat(100_000)],
  ['n_structure_open_array_object.json', `${'[{"":'.repeat(50_000)}\n`],
])

/**
 * JSONTestSuite: none of its texts is a question, so each is refused with 400 everywhere, and the service lives on.
 * What is valid JSON is taken as the value of a member; what is none is refused there, too.
 */
export function loadJsonParsing(vectors: string): Scenario {
  const { cases } = readVectors<{ cases: readonly JsonVector[] }>(vectors, 'json-parsing/jsontestsuite.json')
  return {
    name: 'json-parsing',
    data: {},
    cases: [...cases.map(toCase), { name: 'the service lives on', check: checkAlive }],
    leftOut: [],
  }
}

function toCase(vector: JsonVector): ConformanceCase {
  const { name, expect, base64 } = vector
  const bytes = base64 === undefined ? Buffer.from(LARGE.get(name) ?? '') : Buffer.from(base64, 'base64')
  return {
    name: `${expect} ${name}`,
    check: async (ask) => {
      const problems: string[] = []
      for (const path of PATHS) problems.push(...checkRefused(path, await ask(path, { body: bytes })))
      const reply = await ask('/access/v1/evaluation', { body: asMember(bytes) })
      return [...problems, ...checkMember(vector, reply)]
    },
  }
}

function asMember(bytes: Uint8Array): Uint8Array {
  const question =
    '"subject":{"type":"user","id":"a"},"action":{"name":"read"},"resource":{"type":"record","id":"r"}'
  return Buffer.concat([Buffer.from(`{${question},"context":{"value":`), bytes, Buffer.from('}}')])
}

function checkMember({ name, expect }: JsonVector, reply: Reply): readonly string[] {
  // I-JSON asks for more than RFC 8259: no member twice.
  const isTwice = name.includes('duplicated_key')
  if (expect === 'implementation-defined') {
    return [200, 400].includes(reply.status) ? [] : [`as a member: status ${reply.status}`]
  }
  if (expect === 'reject' || isTwice) return checkRefused('as a member', reply)
  return checkDecision(reply, true).map((problem) => `as a member: ${problem}`)
}

function checkRefused(where: string, { status, text }: Reply): readonly string[] {
  return status === 400 ? [] : [`${where}: status ${status} instead of 400: ${text.slice(0, 200)}`]
}

async function checkAlive(ask: Ask): Promise<readonly string[]> {
  const { status } = await ask('/readyz', { method: 'GET' })
  return status === 200 ? [] : [`status ${status} of /readyz`]
}
