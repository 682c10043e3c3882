import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it, suite } from 'vitest'
import { createTestKey } from '../test-support/bundles.ts'
import { followBundleKeys } from './followed-keys.ts'

const [one, two, three] = [createTestKey(), createTestKey(), createTestKey()]
let folder = ''
let log: string[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'edict-bundle-keys-'))
  log = []
})
afterEach(() => rmSync(folder, { recursive: true }))

const at = (name: string) => join(folder, name)
/** Whole, as whoever replaces a key does it. */
function put(name: string, text: string): void {
  writeFileSync(at('new'), text)
  renameSync(at('new'), at(name))
}
const note = (_: object, message: string) => log.push(message)
const follow = () => followBundleKeys([at('a.pub'), at('b.pub')], { info: note, error: note })
const ids = (...keys: readonly ReturnType<typeof createTestKey>[]) => keys.map(({ signer }) => signer.id)

suite('followBundleKeys', () => {
  it('has the keys that files hold now, several in one too', () => {
    put('a.pub', one.publicPem)
    put('b.pub', two.publicPem)
    const keys = follow()
    const before = keys.current()
    expect([...before.keys()]).toEqual(ids(one, two))
    expect(keys.current()).toBe(before)
    put('a.pub', `The next one\n${three.publicPem}and the old one\n${one.publicPem}`)
    expect([...keys.current().keys()]).toEqual(ids(three, one, two))
    put('a.pub', three.publicPem)
    expect([...keys.current().keys()]).toEqual(ids(three, two))
    expect(keys.probe().status).toBe('ok')
    expect(log).toEqual(Array(2).fill('a file of bundle keys was read anew'))
  })

  it.each([
    ['half a key', one.publicPem.slice(0, 60)],
    ['half of two', `${two.publicPem}${one.publicPem.slice(0, 60)}`],
    ['a private key', one.privatePem],
    ['half a JWK', '{"kty":"OKP","crv":"Ed255'],
  ])('keeps the last good ones of a file that holds %s, and says so once', (_, text) => {
    put('a.pub', one.publicPem)
    put('b.pub', two.publicPem)
    const keys = follow()
    put('a.pub', text)
    expect([...keys.current().keys()]).toEqual(ids(one, two))
    keys.current()
    expect(log).toEqual([expect.stringMatching(/cannot be read: the keys that it held last count/)])
    expect(keys.probe()).toMatchObject({ name: 'bundleKeys', status: 'degraded' })
    expect(keys.probe().detail).not.toContain(folder)
    put('a.pub', three.publicPem)
    expect([...keys.current().keys()]).toEqual(ids(three, two))
    expect(keys.probe().status).toBe('ok')
  })

  it('counts the keys of a file no longer that is removed, be it the last', () => {
    put('a.pub', one.publicPem)
    put('b.pub', two.publicPem)
    const keys = follow()
    rmSync(at('a.pub'))
    expect([...keys.current().keys()]).toEqual(ids(two))
    expect(keys.probe()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/count no longer/),
    })
    rmSync(at('b.pub'))
    expect(keys.current().size).toBe(0)
    put('a.pub', one.publicPem)
    expect([...keys.current().keys()]).toEqual(ids(one))
  })

  it.each([
    ['nothing', ''],
    ['blank lines', '\n \n'],
    ['a comment alone', '# stolen, and taken back on 1 January 2027\n'],
  ])('counts the keys of a file no longer that is left with %s', (_, text) => {
    put('a.pub', one.publicPem)
    put('b.pub', two.publicPem)
    const keys = follow()
    put('a.pub', text)
    expect([...keys.current().keys()]).toEqual(ids(two))
    keys.current()
    expect(log).toEqual([expect.stringMatching(/cannot be read: its keys count no longer/)])
    expect(keys.probe()).toMatchObject({
      status: 'degraded',
      detail: expect.stringMatching(/count no longer/),
    })
    put('a.pub', three.publicPem)
    expect([...keys.current().keys()]).toEqual(ids(three, two))
  })

  it('does not begin without a file that can be read', () => {
    put('a.pub', one.publicPem)
    expect(follow).toThrow(/there is no file/)
    put('b.pub', two.privatePem)
    expect(follow).toThrow(/is a private key/)
  })
})
