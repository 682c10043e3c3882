// The bytes of a bundle → what decisions rest on, in steps: each believes only what the one before has checked.
import { createHash } from 'node:crypto'
import {
  type EntityData,
  loadEntityData,
  loadProgram,
  PolicyLangError,
  type PolicySet,
  ruleCount,
} from '@edict/policy-lang/program'
import type { PdpState } from '../decide/pdp.ts'
import { decodeUtf8, parseJsonBytes } from '../wire/parse-json.ts'
import { refuseBundle } from './bundle-error.ts'
import type { BundleKeys } from './bundle-key.ts'
import { splitBundle, splitPayload } from './layout.ts'
import { type BundleManifest, parseManifest } from './manifest.ts'
import { verifySeal } from './seal.ts'

const MAX_DATA_DEPTH = 64
/** The first of them tell enough. */
const MAX_PROBLEMS = 10

/** A bundle cut into its parts. */
export interface OpenBundle {
  readonly manifest: BundleManifest
  readonly program: Uint8Array
  /** Empty where there is none. */
  readonly data: Uint8Array
}

/** A bundle whose signature counts. */
export interface VerifiedBundle extends OpenBundle {
  readonly keyId: string
  /** SHA-256 of all its bytes. */
  readonly digest: string
}

export interface LoadedBundle {
  readonly state: PdpState
  /** The rows of its entity data, each once. */
  readonly content?: Required<EntityData>
}

/** Cuts and reads, and believes all it reads: for bundles that are one's own, and for looking at. Throws `PdpServerError` `bad-bundle`. */
export function openUnverified(bytes: Uint8Array): OpenBundle {
  return openPayload(splitBundle(bytes).payload)
}

/** Throws `PdpServerError` `bad-bundle` unless one of the keys signed the bytes as they are. */
export function verifyBundle(bytes: Uint8Array, keys: BundleKeys): VerifiedBundle {
  const { seal, payload } = splitBundle(bytes)
  const keyId = verifySeal(seal, payload, keys)
  const opened = openPayload(payload)
  if (opened.manifest.keyId !== keyId) throw refuseBundle('names another key in its manifest than signed it')
  return { ...opened, keyId, digest: createHash('sha256').update(bytes).digest('hex') }
}

/** Throws `PdpServerError` `bad-bundle` for a bundle that is meant for others, or over. */
export function checkTerms({ name, notAfter }: BundleManifest, wanted: string, now: number): void {
  if (name !== wanted) throw refuseBundle(`is \`${name}\`, and not \`${wanted}\``)
  if (notAfter !== undefined && Date.parse(notAfter) <= now) {
    // A clock that goes wrong is set right.
    throw refuseBundle(`must not be used after ${notAfter}`, { isForNow: true })
  }
}

/** Throws `PdpServerError` `bad-bundle` where policies or data do not load, or are not those of the manifest. */
export function loadBundle({ manifest, program, data }: OpenBundle): LoadedBundle {
  const policySet = loadPolicies(program)
  if (policySet.version !== manifest.policyVersion) {
    throw refuseBundle('holds other policies than its manifest says')
  }
  const inPolicy = policySet.program.assignments.length
  const counts = { rules: ruleCount(policySet.program), roles: policySet.program.roles.length }
  if (manifest.dataVersion === undefined) {
    return { state: { policySet, counts: { ...counts, entities: 0, assignments: inPolicy } } }
  }
  const { store, content, problems, entityCount, assignmentCount } = loadEntityData(policySet.program, [
    { name: 'data', data: parseData(data) },
  ])
  if (store === undefined) {
    const shown = problems.slice(0, MAX_PROBLEMS)
    throw refuseBundle('holds data that does not fit its policies', {
      problems: shown.map(({ path, message }) => ({ path, detail: message })),
    })
  }
  if (store.version !== manifest.dataVersion) throw refuseBundle('holds other data than its manifest says')
  const all = { ...counts, entities: entityCount, assignments: inPolicy + assignmentCount }
  return { state: { policySet, entities: store, counts: all }, ...(content && { content }) }
}

function openPayload(payload: Uint8Array): OpenBundle {
  const { manifest: line, contents } = splitPayload(payload)
  const manifest = parseManifest(line)
  const { programBytes, dataBytes, dataVersion } = manifest
  if (programBytes + dataBytes !== contents.length) {
    throw refuseBundle(
      `holds ${contents.length} bytes, and not the ${programBytes + dataBytes} of its manifest`,
    )
  }
  if ((dataVersion === undefined) !== (dataBytes === 0)) {
    throw refuseBundle('has a manifest that is at odds with itself about data')
  }
  return { manifest, program: contents.subarray(0, programBytes), data: contents.subarray(programBytes) }
}

function loadPolicies(program: Uint8Array): PolicySet {
  const text = decodeUtf8(program)
  if (text === undefined) throw refuseBundle('holds policies that are not UTF-8')
  try {
    return loadProgram(text)
  } catch (cause) {
    if (!(cause instanceof PolicyLangError)) throw cause
    const problems = cause.problems.map(({ path, message }) => ({ path, detail: message }))
    throw refuseBundle('holds policies that do not load', { problems, cause })
  }
}

function parseData(data: Uint8Array): unknown {
  const parsed = parseJsonBytes(data, MAX_DATA_DEPTH)
  if ('value' in parsed) return parsed.value
  throw refuseBundle('holds data that is no strict JSON', { problems: [parsed.fault] })
}
