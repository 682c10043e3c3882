// Keys that sign bundles, and bundles signed with them.
import { createPrivateKey, createPublicKey } from 'node:crypto'
import { type EntityData, loadEntityData } from '@edict/policy-lang'
import { type BundleContent, buildBundle, signBundle } from '../bundle/build-bundle.ts'
import { type BundleKeys, type BundleSigner, generateBundleKey } from '../bundle/bundle-key.ts'
import { loadPolicy } from './service.ts'

export interface TestKey {
  readonly signer: BundleSigner
  /** This key alone. */
  readonly keys: BundleKeys
  readonly publicPem: string
  readonly privatePem: string
}

export function createTestKey(): TestKey {
  const { id, privatePem, publicPem } = generateBundleKey()
  return {
    signer: { id, key: createPrivateKey(privatePem) },
    keys: new Map([[id, createPublicKey(publicPem)]]),
    publicPem,
    privatePem,
  }
}

export const BUNDLE_POLICY = `
subject User
resource Doc { owner: User  actions read, write }
role editor { can write on Doc }
rule ownersRead: allow read on Doc if resource.owner == subject
`

export const BUNDLE_DATA: EntityData = {
  entities: [{ type: 'Doc', id: 'd', properties: { owner: 'ann' } }],
  assignments: [{ role: 'editor', to: { type: 'User', id: 'eve' }, on: '*' }],
}

export const readD = {
  subject: { type: 'User', id: 'ann' },
  action: { name: 'read' },
  resource: { type: 'Doc', id: 'd' },
}

export interface TestBundleOptions {
  readonly name?: string
  readonly serial?: number
  readonly createdAt?: number
  readonly notAfter?: number
  readonly policy?: string
  /** `false`: none. */
  readonly data?: EntityData | false
}

export function buildTestBundle(options: TestBundleOptions = {}): Uint8Array {
  const { name = 'docs', serial = 1, createdAt = Date.UTC(2026, 0, 1), notAfter } = options
  const { policy = BUNDLE_POLICY, data = BUNDLE_DATA } = options
  return buildBundle(loadContent(policy, data), { name, serial, createdAt, notAfter })
}

export function signTestBundle({ signer }: TestKey, options: TestBundleOptions = {}): Uint8Array {
  return signBundle(buildTestBundle(options), signer)
}

/** Each loaded once: tests build many bundles of few policies. */
const contents = new Map<string, BundleContent>()

function loadContent(policy: string, data: EntityData | false): BundleContent {
  const key = JSON.stringify([policy, data])
  const content = contents.get(key) ?? loadNewContent(policy, data)
  contents.set(key, content)
  return content
}

function loadNewContent(policy: string, data: EntityData | false): BundleContent {
  const policySet = loadPolicy(policy)
  if (data === false) return { policySet }
  const { store, problems } = loadEntityData(policySet.program, [{ name: 'data', data }])
  if (store === undefined) throw new Error(JSON.stringify(problems))
  return { policySet, data: { files: [data], version: store.version } }
}
