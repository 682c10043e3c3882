// The second application of the Cedar paper (OOPSLA 2024): repositories with five levels of access, which people have
// themselves, through teams, or through the organisation that owns the repository.

import type { AssignmentRecord, EntityData } from '../../../packages/policy-lang/src/index.ts'
import { Random } from '../../fuzz/random.ts'
import type { CedarEntity, CedarUid } from '../engines/peer-forms.ts'
import { CASBIN_GROUPS_AND_SCOPES } from './casbin-models.ts'
import {
  type AppRequest,
  closeUpwards,
  createIds,
  drawAppRequests,
  drawConnected,
  drawHierarchy,
  memoize,
  toCedarEntity,
  toRefs,
} from './graph.ts'
import { defineWorkload, type Workload } from './workload.ts'

/** Each role includes those before it; an action needs the role of its place. */
const ROLES = ['reader', 'triager', 'writer', 'maintainer', 'admin'] as const
const ACTIONS = ['read', 'triage', 'write', 'maintain', 'administer'] as const
/** An organisation gives three of the levels. */
const ORGANISATION_ROLES = ['reader', 'writer', 'admin'] as const

const POLICY = `
subject User in Team, Organization
entity Team in Team
entity Organization
resource Repository in Organization { actions read, triage, write, maintain, administer }

inherited role reader { can read on Repository }
inherited role triager extends reader { can triage on Repository }
inherited role writer extends triager { can write on Repository }
inherited role maintainer extends writer { can maintain on Repository }
inherited role admin extends maintainer { can administer on Repository }
`

interface Given {
  readonly holder: string
  readonly role: (typeof ROLES)[number]
  /** A repository, or an organisation: all that it owns. */
  readonly on: string
}
interface GitHost {
  readonly users: readonly string[]
  readonly teams: readonly string[]
  readonly organisations: readonly string[]
  readonly repositories: readonly string[]
  /** Teams and organisations of a user, teams above a team. */
  readonly groupsOf: ReadonlyMap<string, readonly string[]>
  readonly ownerOf: ReadonlyMap<string, string>
  readonly given: readonly Given[]
}

export function createGitHost(size: number, requestCount: number): Workload {
  const random = new Random(29, size)
  const host = drawGitHost(size, random)
  const { users, repositories } = host
  const levelsOf = memoize((user) => toLevels(host, user))
  return defineWorkload<AppRequest>({
    name: `git-host-${size}`,
    ruleCount: 5,
    policy: POLICY,
    data: toEntityData(host),
    requests: drawAppRequests(
      ACTIONS.map((name) => ({ name, type: 'Repository', ids: repositories })),
      users,
      requestCount,
      random,
    ),
    createFloor: () => createFloor(host),
    peers: {
      cedar: () => {
        const holdersOf = memoize((user) => toCedarHolders(host, user))
        const repositoryOf = memoize((id) => toCedarRepository(id, host.ownerOf.get(id) ?? ''))
        return {
          policies: CEDAR,
          entitiesOf: ({ subject, resource }) => [...holdersOf(subject.id), ...repositoryOf(resource.id)],
        }
      },
      casbin: () => ({
        model: CASBIN_GROUPS_AND_SCOPES,
        lines: toCasbinLines(host),
        argumentsOf: ({ subject, action, resource }) => [subject.id, resource.id, action.name],
      }),
      casl: () => ({
        abilityKeyOf: ({ subject }) => subject.id,
        rulesOf: ({ subject }) => {
          const levels = levelsOf(subject.id)
          return ACTIONS.flatMap((action, needed) => {
            const scopes = [...levels].filter(([, level]) => level >= needed).map(([scope]) => scope)
            return [
              { action, subject: 'Repository', conditions: { id: { $in: scopes } } },
              { action, subject: 'Repository', conditions: { owner: { $in: scopes } } },
            ]
          })
        },
        objectOf: ({ resource: { id } }) => ({ id, owner: host.ownerOf.get(id) ?? '' }),
      }),
      cel: () => ({
        rules: ACTIONS.map((action, needed) => ({
          effect: 'allow' as const,
          actions: [action],
          type: 'Repository',
          expression: ['resource.id', 'resource.owner']
            .map((scope) => `(${scope} in subject.levels && subject.levels[${scope}] >= ${needed}.0)`)
            .join(' || '),
        })),
        variablesOf: ({ subject, resource: { id } }) => ({
          subject: { levels: Object.fromEntries(levelsOf(subject.id)) },
          resource: { id, owner: host.ownerOf.get(id) ?? '' },
        }),
      }),
    },
  })
}

function drawGitHost(size: number, random: Random): GitHost {
  const users = createIds('user', size)
  const teams = createIds('team', size)
  const organisations = createIds('organisation', size)
  const repositories = createIds('repository', size)
  const give = (
    holder: string,
    scopes: readonly string[],
    roles: readonly Given['role'][],
  ): readonly Given[] => drawConnected(scopes, random).map((on) => ({ holder, role: random.pick(roles), on }))
  return {
    users,
    teams,
    organisations,
    repositories,
    groupsOf: new Map([
      ...drawHierarchy(teams, random),
      ...users.map((user): [string, readonly string[]] => [
        user,
        [...drawConnected(teams, random), ...drawConnected(organisations, random)],
      ]),
    ]),
    ownerOf: new Map(repositories.map((id) => [id, random.pick(organisations)])),
    given: [
      ...[...users, ...teams].flatMap((holder) => give(holder, repositories, ROLES)),
      ...[...users, ...organisations].flatMap((holder) => give(holder, organisations, ORGANISATION_ROLES)),
    ],
  }
}

/** The highest level of a user on each repository and organisation. */
function toLevels({ groupsOf, given }: GitHost, user: string): ReadonlyMap<string, number> {
  const holders = new Set(closeUpwards([user], groupsOf))
  const levels = new Map<string, number>()
  for (const { holder, role, on } of given) {
    if (holders.has(holder)) levels.set(on, Math.max(levels.get(on) ?? 0, ROLES.indexOf(role)))
  }
  return levels
}

function createFloor(host: GitHost): (request: AppRequest) => boolean {
  const levelsOf = new Map(host.users.map((user) => [user, toLevels(host, user)]))
  const neededFor = new Map<string, number>(ACTIONS.map((action, level) => [action, level]))
  const { ownerOf } = host
  return ({ subject, action, resource }) => {
    const needed = neededFor.get(action.name)
    const levels = levelsOf.get(subject.id)
    if (needed === undefined || levels === undefined) return false
    const own = levels.get(resource.id)
    if (own !== undefined && own >= needed) return true
    const owner = ownerOf.get(resource.id)
    if (owner === undefined) return false
    const through = levels.get(owner)
    return through !== undefined && through >= needed
  }
}

function toHolder(id: string): { readonly type: string; readonly id: string } {
  if (id.startsWith('user')) return { type: 'User', id }
  return { type: id.startsWith('team') ? 'Team' : 'Organization', id }
}

function toEntityData({ users, teams, repositories, groupsOf, ownerOf, given }: GitHost): EntityData {
  return {
    entities: [
      ...[...users, ...teams].map((id) => ({
        ...toHolder(id),
        parents: (groupsOf.get(id) ?? []).map(toHolder),
      })),
      ...repositories.map((id) => ({
        type: 'Repository',
        id,
        parents: toRefs('Organization', [ownerOf.get(id) ?? '']),
      })),
    ],
    assignments: given.map(
      ({ holder, role, on }): AssignmentRecord => ({
        role,
        to: toHolder(holder),
        on: on.startsWith('repository') ? { type: 'Repository', id: on } : { type: 'Organization', id: on },
      }),
    ),
  }
}

// --- peers ---

/** Who holds a role of a repository or organisation stands in the entity of that role, as published. */
const CEDAR = ROLES.map((role, level) => {
  const actions = ACTIONS.slice(0, level + 1).map((action) => `Action::"${action}"`)
  const isOrganisations = (ORGANISATION_ROLES as readonly string[]).includes(role)
  const heads = ['resource', ...(isOrganisations ? ['resource.owner'] : [])]
  return heads
    .map(
      (head) =>
        `permit (principal, action in [${actions.join(', ')}], resource is Repository) when { principal in ${head}.${role}s };`,
    )
    .join('\n')
}).join('\n')

const toPermission = (role: string, on: string) => ({ type: 'Permission', id: `${on} ${role}` })

function toCedarHolders({ groupsOf, given }: GitHost, user: string): readonly CedarEntity[] {
  return closeUpwards([user], groupsOf).map((id) => {
    const permissions = given
      .filter(({ holder }) => holder === id)
      .map(({ role, on }) => toPermission(role, on))
    const { type } = toCedarHolder(id)
    return toCedarEntity(type, id, {
      parents: [...(groupsOf.get(id) ?? []).map(toCedarHolder), ...permissions],
    })
  })
}

/** An organisation as those who are in it: as owner it stands in the same slice under its own type. */
function toCedarHolder(id: string): CedarUid {
  return id.startsWith('organisation') ? { type: 'Members', id } : toHolder(id)
}

function toCedarRepository(id: string, owner: string): readonly CedarEntity[] {
  const toAttrs = (on: string, roles: readonly string[]) =>
    Object.fromEntries(roles.map((role) => [`${role}s`, { __entity: toPermission(role, on) }]))
  const organisation = { type: 'Organization', id: owner }
  return [
    toCedarEntity('Repository', id, {
      attrs: { ...toAttrs(id, ROLES), owner: { __entity: organisation } },
    }),
    toCedarEntity('Organization', owner, { attrs: toAttrs(owner, ORGANISATION_ROLES) }),
  ]
}

function toCasbinLines({ groupsOf, ownerOf, given }: GitHost): readonly (readonly string[])[] {
  return [
    ...given.flatMap(({ holder, role, on }) =>
      ACTIONS.slice(0, ROLES.indexOf(role) + 1).map((action) => ['p', holder, on, action]),
    ),
    ...[...groupsOf].flatMap(([id, groups]) => groups.map((group) => ['g', id, group])),
    ...[...ownerOf].map(([id, owner]) => ['g2', id, owner]),
  ]
}
