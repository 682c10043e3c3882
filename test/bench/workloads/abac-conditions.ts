// The ten shapes of conditions of the ABAC workloads, each in every engine's words. Rules of a shape differ in constants.
import type { JsonObject, JsonValue } from '../../../packages/policy-lang/src/index.ts'
import type { Random } from '../../fuzz/random.ts'

export interface Person {
  readonly department: string
  readonly level: number
  readonly regions: readonly string[]
  readonly isContractor: boolean
}
export interface Thing {
  readonly owner: { readonly type: string; readonly id: string }
  readonly project: string
  readonly department: string
  readonly level: number
  readonly amount: number
  readonly region: string
  readonly tags: readonly string[]
}
export interface Moment {
  readonly mfa: boolean
  readonly channel: string
}
export interface AbacRequest {
  readonly subject: { readonly type: string; readonly id: string; readonly properties: Person }
  readonly action: { readonly name: string }
  readonly resource: { readonly type: string; readonly id: string; readonly properties: Thing }
  readonly context: Moment
}

/** A condition as the floor knows it: one function tests all, by shape. `other` and unused members may be empty. */
export interface FloorCondition {
  readonly shape: number
  readonly text: string
  readonly other: string
  readonly number: number
}

/** Attributes of person, thing and moment in Edict. */
export const PERSON_FIELDS = 'department: String  level: Number  regions: Set<String>  isContractor: Bool'
export const THING_FIELDS =
  'owner: User  project: String  department: String  level: Number  amount: Number  region: String  tags: Set<String>'
export const MOMENT_FIELDS = 'mfa: Bool, channel: String'

export const DEPARTMENTS = Array.from({ length: 6 }, (_, index) => `department-${index}`)
export const REGIONS = ['africa', 'america', 'asia', 'europe', 'oceania']
export const TAGS = Array.from({ length: 12 }, (_, index) => `tag-${index}`)
export const CHANNELS = ['web', 'phone', 'api']

/** One condition in every form. */
export interface AbacCondition {
  readonly edict: string
  readonly cedar: string
  /** Owners are ids, the roots `subject`, `resource`, `context`. Casbin and CEL differ in membership and numbers. */
  readonly casbin: string
  readonly cel: string
  readonly accesscontrol: JsonValue
  readonly floor: FloorCondition
  /** Any of these. The part that asks about the subject alone is decided when an ability is made. */
  readonly casl: (id: string, person: Person) => readonly JsonObject[]
}

/** Draws a condition of one of ten shapes. */
export function drawCondition(shape: number, random: Random): AbacCondition {
  const department = random.pick(DEPARTMENTS)
  const level = 1 + random.below(4)
  const amount = 100 * (1 + random.below(50))
  const tag = random.pick(TAGS)
  const region = random.pick(REGIONS)
  const channel = random.pick(CHANNELS)
  switch (shape % 10) {
    case 0:
      return createOwner(level)
    case 1:
      return createSubjectDepartment(department, level)
    case 2:
      return createSameDepartment(level)
    case 3:
      return createTag(tag, level)
    case 4:
      return createRegions(amount)
    case 5:
      return createAmount(amount, department)
    case 6:
      return createMfa(department, level)
    case 7:
      return createChannel(channel, region)
    case 8:
      return createInRegion(region, amount)
    default:
      return createEither(department, tag)
  }
}

function createOwner(level: number): AbacCondition {
  return {
    edict: `resource.owner == subject && resource.level <= ${level}`,
    cedar: `resource.owner == principal && resource.level <= ${level}`,
    casbin: `resource.owner == subject.id && resource.level <= ${level}`,
    cel: `resource.owner == subject.id && resource.level <= ${level}.0`,
    accesscontrol: {
      and: [
        ['$.object.owner', '==', '$.subject.id'],
        ['$.object.level', '<=', level],
      ],
    },
    floor: { shape: 0, text: '', other: '', number: level },
    casl: (id) => [{ owner: id, level: { $lte: level } }],
  }
}

function createSubjectDepartment(department: string, level: number): AbacCondition {
  return {
    edict: `subject.department == "${department}" && subject.level >= ${level}`,
    cedar: `principal.department == "${department}" && principal.level >= ${level}`,
    casbin: `subject.department == '${department}' && subject.level >= ${level}`,
    cel: `subject.department == '${department}' && subject.level >= ${level}.0`,
    accesscontrol: {
      and: [
        ['$.subject.department', '==', department],
        ['$.subject.level', '>=', level],
      ],
    },
    floor: { shape: 1, text: department, other: '', number: level },
    casl: (_, person) => (person.department === department && person.level >= level ? [{}] : []),
  }
}

function createSameDepartment(level: number): AbacCondition {
  return {
    edict: `subject.department == resource.department && subject.level >= ${level}`,
    cedar: `principal.department == resource.department && principal.level >= ${level}`,
    casbin: `subject.department == resource.department && subject.level >= ${level}`,
    cel: `subject.department == resource.department && subject.level >= ${level}.0`,
    accesscontrol: {
      and: [
        ['$.subject.department', '==', '$.object.department'],
        ['$.subject.level', '>=', level],
      ],
    },
    floor: { shape: 2, text: '', other: '', number: level },
    casl: (_, person) => (person.level >= level ? [{ department: person.department }] : []),
  }
}

function createTag(tag: string, level: number): AbacCondition {
  return {
    edict: `resource.tags.contains("${tag}") && subject.level > ${level}`,
    cedar: `resource.tags.contains("${tag}") && principal.level > ${level}`,
    casbin: `('${tag}' in resource.tags) && subject.level > ${level}`,
    cel: `'${tag}' in resource.tags && subject.level > ${level}.0`,
    accesscontrol: {
      and: [
        ['$.object.tags', 'contains', tag],
        ['$.subject.level', '>', level],
      ],
    },
    floor: { shape: 3, text: tag, other: '', number: level },
    // A field that holds an array equals what it contains, as in MongoDB.
    casl: (_, person) => (person.level > level ? [{ tags: tag }] : []),
  }
}

function createRegions(amount: number): AbacCondition {
  return {
    edict: `subject.regions.contains(resource.region) && resource.amount < ${amount}`,
    cedar: `principal.regions.contains(resource.region) && resource.amount < ${amount}`,
    casbin: `(resource.region in subject.regions) && resource.amount < ${amount}`,
    cel: `resource.region in subject.regions && resource.amount < ${amount}.0`,
    accesscontrol: {
      and: [
        ['$.subject.regions', 'contains', '$.object.region'],
        ['$.object.amount', '<', amount],
      ],
    },
    floor: { shape: 4, text: '', other: '', number: amount },
    casl: (_, person) => [{ region: { $in: person.regions }, amount: { $lt: amount } }],
  }
}

function createAmount(amount: number, department: string): AbacCondition {
  return {
    edict: `resource.amount < ${amount} && resource.department == "${department}" && !subject.isContractor`,
    cedar: `resource.amount < ${amount} && resource.department == "${department}" && !principal.isContractor`,
    casbin: `resource.amount < ${amount} && resource.department == '${department}' && !subject.isContractor`,
    cel: `resource.amount < ${amount}.0 && resource.department == '${department}' && !subject.isContractor`,
    accesscontrol: {
      and: [
        ['$.object.amount', '<', amount],
        ['$.object.department', '==', department],
        ['$.subject.isContractor', '==', false],
      ],
    },
    floor: { shape: 5, text: department, other: '', number: amount },
    casl: (_, person) => (person.isContractor ? [] : [{ amount: { $lt: amount }, department }]),
  }
}

function createMfa(department: string, level: number): AbacCondition {
  return {
    edict: `context.mfa && resource.department == "${department}" && resource.level < ${level}`,
    cedar: `context.mfa && resource.department == "${department}" && resource.level < ${level}`,
    casbin: `context.mfa && resource.department == '${department}' && resource.level < ${level}`,
    cel: `context.mfa && resource.department == '${department}' && resource.level < ${level}.0`,
    accesscontrol: {
      and: [
        ['$.context.mfa', '==', true],
        ['$.object.department', '==', department],
        ['$.object.level', '<', level],
      ],
    },
    floor: { shape: 6, text: department, other: '', number: level },
    casl: () => [{ mfa: true, department, level: { $lt: level } }],
  }
}

function createChannel(channel: string, region: string): AbacCondition {
  return {
    edict: `context.channel == "${channel}" && resource.region == "${region}" && subject.level > resource.level`,
    cedar: `context.channel == "${channel}" && resource.region == "${region}" && principal.level > resource.level`,
    casbin: `context.channel == '${channel}' && resource.region == '${region}' && subject.level > resource.level`,
    cel: `context.channel == '${channel}' && resource.region == '${region}' && subject.level > resource.level`,
    accesscontrol: {
      and: [
        ['$.context.channel', '==', channel],
        ['$.object.region', '==', region],
        ['$.subject.level', '>', '$.object.level'],
      ],
    },
    floor: { shape: 7, text: channel, other: region, number: 0 },
    casl: (_, person) => [{ channel, region, level: { $lt: person.level } }],
  }
}

function createInRegion(region: string, amount: number): AbacCondition {
  return {
    edict: `subject.regions.contains("${region}") && resource.amount >= ${amount} && subject.level >= resource.level`,
    cedar: `principal.regions.contains("${region}") && resource.amount >= ${amount} && principal.level >= resource.level`,
    casbin: `('${region}' in subject.regions) && resource.amount >= ${amount} && subject.level >= resource.level`,
    cel: `'${region}' in subject.regions && resource.amount >= ${amount}.0 && subject.level >= resource.level`,
    accesscontrol: {
      and: [
        ['$.subject.regions', 'contains', region],
        ['$.object.amount', '>=', amount],
        ['$.subject.level', '>=', '$.object.level'],
      ],
    },
    floor: { shape: 8, text: region, other: '', number: amount },
    casl: (_, person) =>
      person.regions.includes(region) ? [{ amount: { $gte: amount }, level: { $lte: person.level } }] : [],
  }
}

function createEither(department: string, tag: string): AbacCondition {
  return {
    edict: `subject.department == "${department}" && (resource.tags.contains("${tag}") || context.mfa)`,
    cedar: `principal.department == "${department}" && (resource.tags.contains("${tag}") || context.mfa)`,
    casbin: `subject.department == '${department}' && (('${tag}' in resource.tags) || context.mfa)`,
    cel: `subject.department == '${department}' && ('${tag}' in resource.tags || context.mfa)`,
    accesscontrol: {
      and: [
        ['$.subject.department', '==', department],
        {
          or: [
            ['$.object.tags', 'contains', tag],
            ['$.context.mfa', '==', true],
          ],
        },
      ],
    },
    floor: { shape: 9, text: department, other: tag, number: 0 },
    casl: (_, person) => (person.department === department ? [{ tags: tag }, { mfa: true }] : []),
  }
}
