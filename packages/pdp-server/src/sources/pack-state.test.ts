import { type EntityData, loadEntityData } from '@edict/policy-lang/program'
import { expect, it, suite } from 'vitest'
import type { LoadedState } from '../load-state.ts'
import { loadPolicy, readOpen } from '../test-support/service.ts'
import { createContentComparer } from './compare-content.ts'
import { packProgram, unpackProgram } from './pack-program.ts'
import { packState, transferable, unpackState } from './pack-state.ts'

const policySet = loadPolicy()

function load(data: EntityData): Pick<LoadedState, 'state' | 'content'> {
  const { store, content } = loadEntityData(policySet.program, [{ name: 'data.json', data }])
  if (store === undefined || content === undefined) throw new Error('the data does not load')
  return { state: { policySet, entities: store, counts: { rules: 4 } }, content }
}

const user = (number: number) => ({ type: 'User', id: `u${number}` })
const grant = (number: number) => ({ role: 'editor', to: user(number), on: { type: 'Doc', id: 'd' } })

/** Users from one to another, each an editor. */
function dataOf(from: number, to: number): EntityData {
  const numbers = Array.from({ length: to - from }, (_, at) => from + at)
  return { entities: numbers.map(user), assignments: numbers.map(grant) }
}

/** As if it came from another thread. */
async function send(packed: ReturnType<typeof packState>, known?: Parameters<typeof unpackState>[1]) {
  return unpackState(structuredClone(packed, { transfer: [...transferable(packed)] }), known)
}

suite('packState', () => {
  it('brings a state over whole', async () => {
    const loaded = load(dataOf(0, 600))
    const { policySet: there, entities, counts } = await send(packState(loaded, undefined))
    expect(counts).toEqual({ rules: 4 })
    expect(there.decide(readOpen)).toEqual(policySet.decide(readOpen))
    expect(entities?.version).toBe(loaded.state?.entities?.version)
    expect(entities?.entitiesOf('User')).toEqual(loaded.state?.entities?.entitiesOf('User'))
    expect(entities?.assignmentsOn(grant(0).on)).toHaveLength(600)
  })

  it('brings over a Program that is cut to pieces as it was', async () => {
    const { program } = policySet
    const packed = packProgram(program, 64)
    expect(packed.pieces.ends.length).toBeGreaterThan(10)
    const { bytes } = packed.pieces
    expect(await unpackProgram(structuredClone(packed, { transfer: [bytes] }))).toEqual(program)
  })

  it('brings over what changed, where that is little', async () => {
    const contents = createContentComparer()
    const pack = (data: EntityData, known: string | undefined) => {
      const loaded = load(data)
      const version = loaded.state?.entities?.version ?? ''
      return packState(loaded, known, contents.next(loaded.content ?? {}, version))
    }
    const whole = pack(dataOf(0, 600), undefined)
    expect(whole.data?.rows?.ends).toHaveLength(6)
    const { entities: first } = await send(whole)

    const little = pack(dataOf(2, 603), first?.version)
    expect(little.data).toMatchObject({
      changes: {
        since: first?.version,
        goneEntities: [user(0), user(1)],
        goneAssignments: [grant(0), grant(1)],
      },
    })
    const { entities: second } = await send(little, first)
    const expected = load(dataOf(2, 603)).state?.entities
    expect(second?.version).toBe(expected?.version)
    expect(second?.entitiesOf('User')).toEqual(expected?.entitiesOf('User'))
    expect(second?.assignmentsOn(grant(0).on)).toHaveLength(601)
    expect(first?.assignmentsOn(grant(0).on)).toHaveLength(600)

    const same = pack(dataOf(2, 603), second?.version)
    expect(same.data).toEqual({ version: second?.version })
    expect((await send(same, second)).entities).toBe(second)

    expect(pack(dataOf(1000, 2000), second?.version).data).toHaveProperty('rows')
    // The receiver has something else than what was compared.
    expect(pack(dataOf(1000, 2001), 'another').data).toHaveProperty('rows')
  })

  it('does not make a state of what is not there', async () => {
    const loaded = load(dataOf(0, 1))
    const version = loaded.state?.entities?.version
    await expect(send(packState(loaded, version))).rejects.toThrow(/is not here/)
    const other = load(dataOf(0, 2)).state?.entities
    await expect(send(packState(loaded, version), other)).rejects.toThrow(/is not here/)
  })
})
