import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readPolicyDirectory } from '../policies/read-policy-directory.ts'
import { findFiles } from './find-files.ts'

let root = ''
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edict-files-'))
})
afterEach(() => rmSync(root, { recursive: true }))

function write(...names: readonly string[]): void {
  for (const name of names) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), `// ${name}\n`)
  }
}

const names = (directory = root) => findFiles(directory, '.edict').map(({ name }) => name)

describe('findFiles', () => {
  it('finds files in all folders, sorted by name', () => {
    write('b.edict', 'a/z.edict', 'a/b/c.edict', 'Z.edict', 'notes.md', 'data/x.json', 'edict')
    expect(names()).toEqual(['Z.edict', 'a/b/c.edict', 'a/z.edict', 'b.edict'])
  })

  it('leaves out what is hidden', () => {
    write('a.edict', '.git/b.edict', '.c.edict', 'd/.e/f.edict')
    expect(names()).toEqual(['a.edict'])
  })

  it('follows links within the folder, and counts each file once', () => {
    // The way Kubernetes mounts a ConfigMap.
    write('..2026/a.edict', '..2026/b.edict')
    symlinkSync('..2026', join(root, '..data'))
    symlinkSync('..data/a.edict', join(root, 'a.edict'))
    symlinkSync('..data/b.edict', join(root, 'b.edict'))
    symlinkSync('a.edict', join(root, 'c.edict'))
    expect(names()).toEqual(['a.edict', 'b.edict'])
  })

  it('names a file as it is called, not as a link to it is', () => {
    write('b.edict')
    symlinkSync('b.edict', join(root, 'a.edict'))
    expect(names()).toEqual(['b.edict'])
  })

  it('does not run in circles', () => {
    write('a/b.edict')
    symlinkSync('..', join(root, 'a/up'))
    symlinkSync('a', join(root, 'same'))
    expect(names()).toEqual(['a/b.edict'])
  })

  it('refuses links that lead out of the folder', () => {
    write('inside/a.edict', 'outside/b.edict', 'inside-too/c.edict')
    symlinkSync('../outside', join(root, 'inside/folder'))
    expect(() => names(join(root, 'inside'))).toThrow(/the link folder leads out of/)
    rmSync(join(root, 'inside/folder'))
    // A name that begins alike is another folder.
    symlinkSync('../inside-too/c.edict', join(root, 'inside/c.edict'))
    expect(() => names(join(root, 'inside'))).toThrow(/the link c\.edict leads out of/)
  })

  it('refuses a link to nowhere where a policy should be', () => {
    write('a.edict')
    symlinkSync('gone', join(root, 'other'))
    expect(names()).toEqual(['a.edict'])
    symlinkSync('gone.edict', join(root, 'b.edict'))
    expect(() => names()).toThrow('the link b.edict leads nowhere')
  })

  it('refuses a name that it would leave out for its capitals', () => {
    write('a.edict', 'b/Denies.EDICT')
    expect(() => names()).toThrow(/Denies\.EDICT in .* would be left out/)
  })

  it('refuses what is no folder', () => {
    write('a.edict')
    expect(() => names(join(root, 'missing'))).toThrow(/there is no folder .*missing/)
    expect(() => names(join(root, 'a.edict'))).toThrow(/a\.edict is no folder/)
  })
})

describe('readPolicyDirectory', () => {
  it('gives names and texts, without tests unless asked for', () => {
    write('a.edict', 'b/a.test.edict')
    expect(readPolicyDirectory(root)).toEqual([{ name: 'a.edict', text: '// a.edict\n' }])
    const all = readPolicyDirectory(root, { includeTests: true, namePrefix: 'p/' })
    expect(all.map(({ name }) => name)).toEqual(['p/a.edict', 'p/b/a.test.edict'])
  })

  it('loses no policy to a link that is named like a test', () => {
    write('z.edict', 'b.test.edict')
    symlinkSync('z.edict', join(root, 'a.test.edict'))
    expect(readPolicyDirectory(root).map(({ name }) => name)).toEqual(['z.edict'])
    symlinkSync('b.test.edict', join(root, 'c.edict'))
    expect(readPolicyDirectory(root).map(({ name }) => name)).toEqual(['c.edict', 'z.edict'])
  })

  it('refuses a folder without policies', () => {
    expect(() => readPolicyDirectory(root)).toThrow(/there are no \*\.edict files in/)
    write('a.test.edict')
    expect(() => readPolicyDirectory(root)).toThrow(/there are no \*\.edict files in/)
  })

  it('refuses what is no text', () => {
    writeFileSync(join(root, 'a.edict'), Uint8Array.from([0xff, 0xfe]))
    expect(() => readPolicyDirectory(root)).toThrow('a.edict is not UTF-8')
  })

  it('takes a byte order mark for none', () => {
    writeFileSync(join(root, 'a.edict'), '\ufeffsubject User')
    expect(readPolicyDirectory(root)[0]?.text).toBe('subject User')
  })
})
