// Reading what the request says, straight from its JSON, and checking that it fits its declared type.
import type { AttributeSchema } from '../model/schema.ts'
import type { Type } from '../model/types.ts'
import { isDecodedOnce } from './decode-stored.ts'
import { formOf, type Operand, type Site, singleType } from './site.ts'

const MAX = Number.MAX_SAFE_INTEGER

/** Names that every object inherits: read only where the object has them itself. */
function isInheritedName(name: string): boolean {
  return name in Object.prototype
}

/** The member of a JSON object, `undefined` where there is none or `null`. */
function readMemberJs(object: string, name: string): string {
  const key = JSON.stringify(name)
  return isInheritedName(name) ? `h.memberOf(${object}, ${key})` : `(${object}[${key}] ?? undefined)`
}

export function emitContext(site: Site, name: string): Operand | undefined {
  const field = site.linked.context.get(name)
  return field && emitField(site, 'cx', name, field.type, field.isOptional)
}

export function emitParameter(site: Site, name: string): Operand | undefined {
  const field = site.action?.parameters.get(name)
  return field && emitField(site, 'ap', name, field.type, field.isOptional)
}

function emitField(site: Site, object: string, name: string, type: Type, isOptional: boolean): Operand {
  const key = JSON.stringify([object, name])
  const known = site.writer.known<Operand>(key)
  if (known !== undefined) return known
  const js = site.writer.variable('v')
  site.writer.line(`${js} = ${readMemberJs(object, name)};`)
  const operand = emitDecode(site, js, type, isOptional)
  site.writer.remember(key, operand)
  return operand
}

/** An attribute of the subject or the resource of the request. */
export function emitOwnAttribute(site: Site, isSubject: boolean, attribute: AttributeSchema): Operand {
  const { writer } = site
  const object = isSubject ? 'sp' : 'rp'
  const key = JSON.stringify([object, attribute.name])
  const known = writer.known<Operand>(key)
  if (known !== undefined) return known
  const js = writer.variable('v')
  const name = JSON.stringify(attribute.name)
  const unsent = `h.readUnsent(run, ${isSubject}, ${writer.constant(attribute)})`
  if (isInheritedName(attribute.name)) {
    writer.line(`${js} = ${attribute.isStored ? unsent : `h.memberOf(${object}, ${name}) ?? ${unsent}`};`)
  } else {
    // Read by its name where the store holds the entity, so that reading stays as fast as of any object.
    const node = writer.variable('n')
    const take = `${node} = h.${isSubject ? 'nodeOfSubject' : 'nodeOfResource'}(run)`
    const isUnsent = attribute.isStored ? '' : `${js} == null && `
    if (!attribute.isStored) writer.line(`${js} = ${object}[${name}];`)
    if (isDecodedOnce(attribute)) {
      writer.line(`if (${isUnsent}(${take}).isStored) ${js} = ${node}.fast[${name}];`)
      writer.line(`else {${attribute.isStored ? '' : ` if (${js} == null)`} ${js} = ${unsent};`)
      const operand = emitDecode(site, js, attribute.type, attribute.isOptional)
      writer.line('}')
      writer.remember(key, operand)
      return operand
    }
    const read = `(${take}).isStored ? ${node}.properties[${name}] ?? undefined : ${unsent}`
    writer.line(attribute.isStored ? `${js} = ${read};` : `if (${js} == null) ${js} = ${read};`)
  }
  const operand = emitDecode(site, js, attribute.type, attribute.isOptional)
  writer.remember(key, operand)
  return operand
}

/** An attribute of an entity whose type is known, by the name that holds its id. */
export function emitAttribute(site: Site, type: string, id: string, attribute: AttributeSchema): Operand {
  const { writer } = site
  const key = JSON.stringify([type, id, attribute.name])
  const known = writer.known<Operand>(key)
  if (known !== undefined) return known
  const js = writer.variable('v')
  writer.line(`${js} = h.readAttribute(run, ${writer.constant(type)}, ${id}, ${writer.constant(attribute)});`)
  const operand = emitDecode(site, js, attribute.type, attribute.isOptional)
  writer.remember(key, operand)
  return operand
}

/** Turns the JSON in `js` into the fast form of the type, or FAIL. A required value that is absent is FAIL. */
function emitDecode(site: Site, js: string, type: Type, canBeAbsent: boolean): Operand {
  const { writer } = site
  const orAbsent = canBeAbsent ? ` && ${js} !== undefined` : ''
  const fits = fitsJs(site, js, type)
  if (fits !== undefined) writer.line(`if (!(${fits})${orAbsent}) ${js} = FAIL;`)
  else {
    writer.line(`${js} = ${convertJs(site, js, type)};`)
    if (!canBeAbsent) writer.line(`if (${js} === undefined) ${js} = FAIL;`)
  }
  return { js, type, canFail: true, canBeAbsent }
}

/** Whether JSON is a value of the type as it stands. */
function fitsJs(site: Site, js: string, type: Type): string | undefined {
  switch (type.kind) {
    case 'bool':
      return `typeof ${js} === 'boolean'`
    case 'string':
      return `typeof ${js} === 'string'`
    case 'number':
      return `typeof ${js} === 'number' && ${js} <= ${MAX} && ${js} >= -${MAX}`
    case 'enum':
      return type.values.length > 8
        ? `${site.writer.constant(enumSet(type))}.has(${js})`
        : type.values.map((value) => `${js} === ${site.writer.constant(value)}`).join(' || ')
    default:
      return undefined
  }
}

const enumSets = new WeakMap<Type, ReadonlySet<string>>()

function enumSet(type: Extract<Type, { kind: 'enum' }>): ReadonlySet<string> {
  const known = enumSets.get(type) ?? new Set(type.values)
  enumSets.set(type, known)
  return known
}

function convertJs({ writer }: Site, js: string, type: Type): string {
  switch (type.kind) {
    case 'datetime':
      return `h.toDatetimeMs(${js})`
    case 'duration':
      return `h.toDurationMs(${js})`
    case 'ip':
      return `h.toIp(${js})`
    case 'entity': {
      const single = singleType(type)
      return single === undefined
        ? `h.toReference(${js}, ${writer.constant(new Set(type.types))})`
        : `typeof ${js} === 'string' ? ${js} : h.toEntityId(${js}, ${writer.constant(single)})`
    }
    default:
      return `h.toChecked(run, ${js}, ${writer.constant(type)})`
  }
}

/** A part of JSON that was checked as a whole, in the fast form of its type. */
export function emitPart(site: Site, json: string, type: Type, canBeAbsent: boolean): Operand {
  const { writer } = site
  const js = writer.local('v')
  const form = formOf(type)
  const isPlain = ['bool', 'string', 'number', 'set', 'map', 'record', 'reference'].includes(form)
  writer.line(`let ${js} = ${json};`)
  // The check was one of own members, whatever else an object has: what fits there cannot fail here.
  if (singleType(type) !== undefined) {
    writer.line(`${js} = ${js} == null ? undefined : typeof ${js} === 'object' ? ${js}.id : ${js};`)
  } else if (!isPlain) writer.line(`${js} = ${convertJs(site, js, type)};`)
  return { js, type, canFail: false, canBeAbsent }
}
