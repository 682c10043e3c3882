// On what a run was made.
import { readFileSync } from 'node:fs'
import { cpus, release, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { Report } from './report/result.ts'

export function describeMachine(): Report['machine'] {
  const [first] = cpus()
  return {
    cpu: first?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    os: `${type()} ${release()}`,
  }
}

export function listVersions(): Report['versions'] {
  const file = readFileSync(join(import.meta.dirname, 'package.json'), 'utf8')
  const { dependencies } = JSON.parse(file) as { readonly dependencies: Report['versions'] }
  return { node: process.versions.node, v8: process.versions.v8, ...dependencies }
}
