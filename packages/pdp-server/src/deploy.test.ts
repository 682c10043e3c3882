// What deploy/ says, as far as it can be held to the service without a container engine.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { parseAllDocuments } from 'yaml'
import { CONFIG_TABLE, loadConfig } from './config.ts'
import { findLogContradictions } from './decision-log/log-config.ts'
import { loadState } from './load-state.ts'
import { isLoopback } from './server.ts'
import { POLICY } from './test-support/service.ts'

const root = join(import.meta.dirname, '../../..')
const deploy = join(import.meta.dirname, '../deploy')
const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8'))
const dockerfile = readFileSync(join(deploy, 'Dockerfile'), 'utf8')
const main = '/app/dist/main.js'

interface Container {
  readonly name: string
  readonly args?: readonly string[]
  readonly env?: readonly { readonly name: string; readonly value: string }[]
  readonly ports?: readonly { readonly name: string; readonly containerPort: number }[]
  readonly volumeMounts?: readonly {
    readonly name: string
    readonly mountPath: string
    readonly readOnly?: boolean
  }[]
  readonly securityContext: object
  readonly startupProbe?: object
  readonly readinessProbe?: object
  readonly livenessProbe?: object
}

interface PodSpec {
  readonly terminationGracePeriodSeconds: number
  readonly securityContext: object
  readonly containers: readonly Container[]
  readonly initContainers?: readonly Container[]
  readonly volumes: readonly { readonly name: string }[]
}

function readPod(name: string): PodSpec {
  const documents = parseAllDocuments(readFileSync(join(deploy, 'kubernetes', name), 'utf8'), {
    strict: true,
  })
  for (const { errors, warnings } of documents) expect([...errors, ...warnings]).toEqual([])
  const kinds = documents.map((document) => document.toJS())
  return kinds.find(({ kind }) => kind === 'Deployment').spec.template.spec
}

function findEdict({ containers, initContainers = [] }: PodSpec): Container {
  const found = [...containers, ...initContainers].find(({ name }) => name === 'edict')
  if (found === undefined) throw new Error('there is no container edict')
  return found
}

function readConfig({ env = [] }: Container) {
  const variables = Object.fromEntries(env.map(({ name, value }) => [name, value]))
  return loadConfig({ flags: {}, env: variables, cwd: '/app' })
}

describe.each(['deployment.yaml', 'sidecar.yaml'])('deploy/kubernetes/%s', (name) => {
  const pod = readPod(name)
  const edict = findEdict(pod)

  it('gives the service a configuration that it starts with', () => {
    const config = readConfig(edict)
    const known = CONFIG_TABLE.map(({ variable }) => variable)
    expect(edict.env?.filter((variable) => !known.includes(variable.name))).toEqual([])
    expect(findLogContradictions(config)).toEqual([])
    expect(edict.args).toEqual(['serve'])
    expect(isLoopback(config.host) || config.keyFile !== undefined).toBe(true)
  })

  it('runs as nobody, and writes only where it is told to', () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 10001 })
    for (const { securityContext } of [...pod.containers, ...(pod.initContainers ?? [])]) {
      expect(securityContext).toEqual({
        allowPrivilegeEscalation: false,
        readOnlyRootFilesystem: true,
        capabilities: { drop: ['ALL'] },
      })
    }
    const mounts = edict.volumeMounts ?? []
    expect(mounts.filter((mount) => !pod.volumes.some((volume) => volume.name === mount.name))).toEqual([])
    const isBelow = (path: string, isWritten: boolean) =>
      mounts.some(({ mountPath, readOnly = false }) => path.startsWith(mountPath) && readOnly !== isWritten)
    const { policies, keyFile, keyUseFile, decisionLogSpool, decisionLogFile } = readConfig(edict)
    for (const path of [policies, keyFile])
      if (path !== undefined) expect([path, isBelow(path, false)]).toEqual([path, true])
    for (const path of [keyUseFile, decisionLogSpool, decisionLogFile]) {
      if (path !== undefined) expect([path, isBelow(path, true)]).toEqual([path, true])
    }
  })

  it('leaves time for requests in flight and for the decision log', () => {
    const { stopTimeoutMs } = readConfig(edict)
    expect(pod.terminationGracePeriodSeconds * 1000).toBeGreaterThan(2 * stopTimeoutMs + 5000)
  })

  it('asks the service whether it can decide, where the probe reaches it', () => {
    const { host, port, metricsPort } = readConfig(edict)
    const probes = JSON.stringify([edict.startupProbe, edict.readinessProbe, edict.livenessProbe])
    if (isLoopback(host)) {
      expect(probes).not.toContain('httpGet')
      expect(probes.match(/"command":\["node","\/app\/dist\/main\.js","healthcheck"/g)).toHaveLength(3)
    } else {
      expect(probes).toMatch(/"\/readyz","port":"http".*"\/healthz","port":"http"/)
      expect(edict.ports).toEqual([
        { name: 'http', containerPort: port },
        { name: 'metrics', containerPort: metricsPort },
      ])
    }
  })
})

describe('deploy/Dockerfile', () => {
  it('copies what is there, and starts what the package calls edict', () => {
    const sources = [...dockerfile.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, words = '']) =>
      words
        .split(' ')
        .filter((word) => !word.startsWith('--'))
        .slice(0, -1),
    )
    expect(sources.length).toBeGreaterThan(5)
    expect(sources.filter((path) => !existsSync(join(root, path)))).toEqual([])
    expect(main.endsWith(manifest.publishConfig.bin.edict.slice(1))).toBe(true)
    expect(dockerfile).toContain(`ENTRYPOINT ["node", "${main}"]`)
    expect(dockerfile).toContain(`CMD ["node", "${main}", "healthcheck"]`)
    const ignored = readFileSync(join(deploy, 'Dockerfile.dockerignore'), 'utf8')
    for (const path of sources) expect(ignored).toContain(`!${path}\n`)
  })

  it('runs as nobody on the runtime that the package asks for, with the pinned tools', () => {
    expect(dockerfile).toMatch(/^USER 10001:10001$/m)
    const versions = [...dockerfile.matchAll(/^FROM node:(\d+)-slim/gm)].map(([, version]) => `>=${version}`)
    expect(versions).toEqual([manifest.engines.node, manifest.engines.node])
    const pinned = /pnpm@[\d.]+/.exec(readFileSync(join(root, 'package.json'), 'utf8'))?.[0]
    expect(new Set(dockerfile.match(/pnpm@[\d.]+/g))).toEqual(new Set([pinned]))
  })
})

describe('loadState', () => {
  it('reads policies as Kubernetes mounts them: as links to links', () => {
    const folder = mkdtempSync(join(tmpdir(), 'edict-mount-'))
    mkdirSync(join(folder, '..2026_01_01'))
    writeFileSync(join(folder, '..2026_01_01/policy.edict'), POLICY)
    symlinkSync('..2026_01_01', join(folder, '..data'))
    symlinkSync('..data/policy.edict', join(folder, 'policy.edict'))
    expect(loadState({ policies: folder }).state?.counts).toMatchObject({ policyFiles: 1 })
    rmSync(folder, { recursive: true })
  })
})
