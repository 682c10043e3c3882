import { expect, it, suite } from 'vitest'
import { NO_LOG } from '../telemetry/log.ts'
import { BundleKeeper } from './bundle-keeper.ts'

const A = Buffer.from('a')
const B = Buffer.from('b')

/** A disk whose every step ends as the test says. */
function createDisk() {
  const steps: { readonly name: string; readonly end: PromiseWithResolvers<void> }[] = []
  const begin = (name: string): Promise<void> => {
    const end = Promise.withResolvers<void>()
    steps.push({ name, end })
    return end.promise
  }
  const keeper = new BundleKeeper(
    {
      read: () => Promise.resolve(undefined),
      write: (bytes) => begin(`write ${Buffer.from(bytes)}`),
      confirm: () => begin('confirm'),
    },
    NO_LOG,
  )
  const end = async (error?: Error): Promise<void> => {
    const last = steps.at(-1)?.end
    if (error === undefined) last?.resolve()
    else last?.reject(error)
    await new Promise(setImmediate)
  }
  return { keeper, end, names: () => steps.map(({ name }) => name) }
}

suite('BundleKeeper', () => {
  it('confirms nothing where the bundle to confirm could not be written', async () => {
    const { keeper, end, names } = createDisk()
    keeper.write(B)
    keeper.confirm()
    await end(new Error('EIO'))
    // What is on disk is another.
    expect(names()).toEqual(['write b'])
    expect(keeper.isFailing).toBe(true)
    expect(keeper.check().status).toBe('degraded')
    keeper.confirm()
    await keeper.settle()
    expect(names()).toEqual(['write b'])
    keeper.write(B)
    await end()
    expect(keeper.isFailing).toBe(false)
  })

  it('writes what came meanwhile, be the write before it good or not', async () => {
    const { keeper, end, names } = createDisk()
    keeper.write(A)
    keeper.confirm()
    keeper.write(B)
    await end(new Error('EIO'))
    expect(names()).toEqual(['write a', 'write b'])
    await end()
    expect(keeper.isFailing).toBe(false)
  })

  it('confirms what was written meanwhile, and fails where it cannot', async () => {
    const { keeper, end, names } = createDisk()
    keeper.write(A)
    keeper.confirm()
    await end()
    expect(names()).toEqual(['write a', 'confirm'])
    await end(new Error('EROFS'))
    expect(keeper.isFailing).toBe(true)
  })
})
