import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { readTextFile } from '../files/read-text-file.ts'
import { createDirectoryLoader, type DirectoryLoader, hashTexts, type Look } from './directory-loader.ts'
import { takeSnapshot } from './directory-snapshot.ts'

const TYPES = 'subject User\nresource Doc { actions read, write }\nrole reader { can read on Doc }\n'
const RULE = 'rule writes: allow write on Doc if subject.id == "ann"\n'
const DATA = JSON.stringify({
  entities: [{ type: 'User', id: 'ann' }],
  assignments: [{ role: 'reader', to: { type: 'User', id: 'ann' }, on: '*' }],
})

let root: string
let loader: DirectoryLoader
let read: string[]

/** As if every file had been left alone for long. */
const later = () => Date.now() + 60_000

function write(files: Readonly<Record<string, string>>): void {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
}

function folders() {
  return { policies: join(root, 'policies'), data: join(root, 'data') }
}

function createLoader(options: Parameters<typeof createDirectoryLoader>[1] = {}): DirectoryLoader {
  read = []
  const readText = (path: string, name: string): string => {
    read.push(name)
    return readTextFile(path, name)
  }
  return createDirectoryLoader(folders(), { readText, now: later, ...options })
}

/** What of a look is for people: its outcome, and why it failed. */
function summarize(look: Look): string {
  if (!('failure' in look)) return look.outcome
  const { what, summary, details } = look.failure
  return `${what}: ${summary} ${JSON.stringify(details)}`
}

async function checkLook(expected: string | RegExp, force = false): Promise<Look> {
  const look = await loader.look(force)
  expect(summarize(look)).toMatch(expected)
  return look
}

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'edict-loader-'))
  write({ 'policies/types.edict': TYPES, 'policies/deep/rule.edict': RULE, 'data/all.json': DATA })
  loader = createLoader()
})
afterEach(() => rmSync(root, { recursive: true }))

suite('createDirectoryLoader', () => {
  it('loads once, and says that the folders are the same from then on', async () => {
    const look = await checkLook('loaded')
    if (look.outcome !== 'loaded') throw new Error('not loaded')
    expect(look.loaded.state?.counts).toMatchObject({ policyFiles: 2, entities: 1, assignments: 1 })
    expect(look.texts.policies.map(({ name }) => name)).toEqual(['deep/rule.edict', 'types.edict'])
    await checkLook('same')
    expect(read).toHaveLength(3)
  })

  it('reads only what changed', async () => {
    await checkLook('loaded')
    read.length = 0
    write({ 'policies/deep/rule.edict': `${RULE}// changed` })
    await checkLook('loaded')
    expect(read).toEqual(['deep/rule.edict'])
  })

  it('reads all where it is asked to', async () => {
    await checkLook('loaded')
    await checkLook('same', true)
    expect(read).toHaveLength(6)
  })

  it('reads a file that changed just now again, whatever its times', async () => {
    loader = createLoader({ now: Date.now })
    await checkLook('loaded')
    await checkLook('same')
    expect(read).toHaveLength(6)
  })

  it.each<[string, () => void, RegExp]>([
    [
      'a syntax error',
      () => write({ 'policies/x.edict': 'rule' }),
      /^policy: .* an error, .* x\.edict:1:5 \(u/,
    ],
    [
      'an error',
      () => write({ 'policies/x.edict': 'rule x: allow raed on Doc' }),
      /x\.edict:1:15 \(unknown-action/,
    ],
    ['no JSON', () => write({ 'data/x.json': '{' }), /^data: the entity data has an error .*x\.json/],
    ['data that does not fit', () => write({ 'data/x.json': '{"entities": 7}' }), /^data: .*x\.json/],
    [
      'a file that is no UTF-8',
      () => writeFileSync(join(root, 'policies/x.edict'), Uint8Array.of(0xff)),
      /UTF-8/,
    ],
    ['a link that leads nowhere', () => symlinkSync('none', join(root, 'policies/x.edict')), /leads nowhere/],
    ['a link that leads out', () => symlinkSync(tmpdir(), join(root, 'policies/out')), /leads out of/],
    [
      'no folder of policies',
      () => renameSync(join(root, 'policies'), join(root, 'away')),
      /there is no folder/,
    ],
    ['no folder of data', () => renameSync(join(root, 'data'), join(root, 'away')), /there is no folder/],
    ['no policies', () => rmSync(join(root, 'policies'), { recursive: true }), /there is no folder/],
  ])('fails for %s, and is as before once that is mended', async (_, breakIt, message) => {
    await checkLook('loaded')
    breakIt()
    await checkLook(message)
    await checkLook(message)
    for (const name of ['policies/x.edict', 'policies/out', 'data/x.json', 'policies', 'data', 'away']) {
      rmSync(join(root, name), { recursive: true, force: true })
    }
    write({ 'policies/types.edict': TYPES, 'policies/deep/rule.edict': RULE, 'data/all.json': DATA })
    await checkLook('same')
  })

  it.skipIf(process.getuid?.() === 0)('fails where a file may not be read', async () => {
    await checkLook('loaded')
    write({ 'policies/x.edict': RULE })
    chmodSync(join(root, 'policies/x.edict'), 0)
    await checkLook(/x\.edict may not be read/)
  })

  it('takes files away', async () => {
    await checkLook('loaded')
    unlinkSync(join(root, 'policies/deep/rule.edict'))
    const look = await checkLook('loaded')
    expect(look.outcome === 'loaded' && look.loaded.state?.counts).toMatchObject({ policyFiles: 1, rules: 1 })
  })

  it('refuses a policy that the data does not fit, until both fit', async () => {
    await checkLook('loaded')
    write({ 'policies/types.edict': TYPES.replaceAll('reader', 'viewer') })
    await checkLook(/^data: .*all\.json/)
    write({ 'data/all.json': DATA.replaceAll('reader', 'viewer') })
    await checkLook('loaded')
    await checkLook('same')
  })

  it('takes hundreds of changes as one', async () => {
    await checkLook('loaded')
    const files = Array.from({ length: 300 }, (_, at) => [
      `policies/many/r${at}.edict`,
      `rule r${at}: allow read on Doc if subject.id == "u${at}"`,
    ])
    write(Object.fromEntries(files))
    const look = await checkLook('loaded')
    expect(look.outcome === 'loaded' && look.loaded.state?.counts).toMatchObject({ rules: 302 })
  })

  it('takes nothing that moves while it is read', async () => {
    await checkLook('loaded')
    let isMoving = true
    loader = createLoader({
      readText: (path, name) => {
        const text = readTextFile(path, name)
        if (isMoving && name === 'types.edict') write({ 'policies/deep/rule.edict': `${RULE}\n// moved` })
        return text
      },
    })
    await checkLook('moving')
    isMoving = false
    await checkLook('loaded')
  })

  it('follows links that are swapped as Kubernetes swaps them', async () => {
    rmSync(join(root, 'policies'), { recursive: true })
    const publish = (version: number): void => {
      write({ [`policies/..v${version}/all.edict`]: `${TYPES}rule v${version}: allow write on Doc` })
      symlinkSync(`..v${version}`, join(root, 'policies/..new'))
      renameSync(join(root, 'policies/..new'), join(root, 'policies/..data'))
      rmSync(join(root, `policies/..v${version - 1}`), { recursive: true, force: true })
    }
    publish(1)
    symlinkSync('..data/all.edict', join(root, 'policies/all.edict'))
    await checkLook('loaded')
    await checkLook('same')
    publish(2)
    const look = await checkLook('loaded')
    expect(look.outcome === 'loaded' && look.texts.policies).toMatchObject([
      { name: 'all.edict', text: expect.stringContaining('rule v2') },
    ])
  })

  it('need not load what was loaded before, elsewhere', async () => {
    const first = await checkLook('loaded')
    if (first.outcome !== 'loaded') throw new Error('not loaded')
    const hash = hashTexts(first.texts)
    loader = createLoader({ initial: { snapshot: takeSnapshot(folders(), later), hash } })
    await checkLook('same')
    expect(read).toEqual([])
    // Changed a moment before: the times do not tell, the texts do.
    loader = createLoader({ now: Date.now, initial: { snapshot: takeSnapshot(folders()), hash } })
    await checkLook('same')
    expect(read).toHaveLength(3)
    write({ 'policies/deep/rule.edict': `${RULE}// changed` })
    await checkLook('loaded')
  })

  it('forgets files that are gone', async () => {
    await checkLook('loaded')
    renameSync(join(root, 'policies/deep'), join(root, 'policies/other'))
    await checkLook('loaded')
    renameSync(join(root, 'policies/other'), join(root, 'policies/deep'))
    read.length = 0
    await checkLook('loaded')
    expect(read).toEqual(['deep/rule.edict'])
  })
})
