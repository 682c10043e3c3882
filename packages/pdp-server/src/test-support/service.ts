// A small policy set behind a whole service, without a socket.
import { type EntityData, loadEntityData, loadPolicySet, type PolicySet } from '@edict/policy-lang'
import { type AppOptions, createApp } from '../app.ts'
import type { DecisionHooks } from '../decide/decision-record.ts'
import { createPdp, type Pdp } from '../decide/pdp.ts'

export const POLICY = `
subject User
resource Doc {
  owner: User
  isSecret: Bool
  actions read, write, delete
  actions export(pages: Number)
}
context { ip?: Ip }

/// Editors write.
role editor { can write on Doc }

/// What is no secret is for everyone.
rule everyoneReads: allow read on Doc unless resource.isSecret
rule ownersDoAll: allow * on Doc if resource.owner == subject
rule smallExports: allow export on Doc if action.pages <= 10
  obligate watermark(text: subject.id)
  advise compress(level: 9)
rule nothingGoes: deny delete on Doc if context.now > datetime("2020-01-01")
`

export const DATA: EntityData = {
  entities: [
    { type: 'User', id: 'ann' },
    { type: 'Doc', id: 'open', properties: { owner: 'ann', isSecret: false } },
    { type: 'Doc', id: 'shut', properties: { owner: 'ann', isSecret: true } },
  ],
  assignments: [{ role: 'editor', to: { type: 'User', id: 'eve' }, on: { type: 'Doc', id: 'open' } }],
}

export function loadPolicy(text: string = POLICY): PolicySet {
  const { policySet, diagnostics } = loadPolicySet([{ name: 'policy.edict', text }])
  if (policySet === undefined) throw new Error(JSON.stringify(diagnostics, undefined, 2))
  return policySet
}

export function createTestPdp(
  text: string = POLICY,
  data: EntityData = DATA,
  hooks: DecisionHooks = {},
): Pdp {
  const policySet = loadPolicy(text)
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'data.json', data }])
  if (store === undefined) throw new Error(JSON.stringify(problems))
  return createPdp({ state: { policySet, entities: store }, now: () => Date.UTC(2026, 0, 1), ...hooks })
}

export interface Reply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** Undefined where the body is no JSON. */
  readonly json: unknown
}

export interface AskOptions {
  /** Default POST with a body, GET without. */
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** A string or bytes go out as they are, all else as JSON. */
  readonly body?: unknown
}

export type Ask = (path: string, options?: AskOptions) => Promise<Reply>

/** Puts requests to a service of its own. */
export function createAsk(options: Partial<AppOptions> = {}): Ask {
  const app = createApp({ pdp: createTestPdp(), ...options })
  return async (path, { body, method = body === undefined ? 'GET' : 'POST', headers = {} } = {}) => {
    const response = await app.fetch(
      new Request(`http://pdp.test${path}`, {
        method,
        headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...headers },
        ...(body !== undefined && { body: toBody(body), duplex: 'half' }),
      } as RequestInit),
    )
    const text = await response.text()
    return { status: response.status, headers: response.headers, text, json: parse(text) }
  }
}

function toBody(body: unknown): RequestInit['body'] {
  const isRaw = typeof body === 'string' || body instanceof Uint8Array || body instanceof ReadableStream
  return isRaw ? (body as RequestInit['body']) : JSON.stringify(body)
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

export const ann = { type: 'User', id: 'ann' }
export const eve = { type: 'User', id: 'eve' }
export const open = { type: 'Doc', id: 'open' }
export const shut = { type: 'Doc', id: 'shut' }
export const readOpen = { subject: eve, action: { name: 'read' }, resource: open }
export const readShut = { subject: eve, action: { name: 'read' }, resource: shut }
export const exportOpen = {
  subject: eve,
  action: { name: 'export', properties: { pages: 3 } },
  resource: open,
}
