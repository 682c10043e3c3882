// The third application of the Cedar paper (OOPSLA 2024): to-do lists with an owner, a team that reads and a team that
// edits. Teams lie in teams.

import type { EntityData } from '../../../packages/policy-lang/src/index.ts'
import { Random } from '../../fuzz/random.ts'
import type { CedarEntity } from '../engines/peer-forms.ts'
import { CASBIN_GROUPS } from './casbin-models.ts'
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

const FOR_ANYONE = ['createList', 'getLists']
const EDITS = ['updateList', 'createTask', 'updateTask', 'deleteTask']
const ON_LISTS = ['getList', ...EDITS, 'deleteList', 'editShares']

const POLICY = `
subject User in Team
entity Team in Team
resource Application { actions ${FOR_ANYONE.join(', ')} }
resource List {
  owner: User
  readers: Team
  editors: Team
  actions ${ON_LISTS.join(', ')}
  actions edit = ${EDITS.join(', ')}
}

rule forAnyone: allow * on Application
rule ownersDoAll: allow * on List if resource.owner == subject
rule readersRead: allow getList on List if subject in resource.readers
rule editorsEdit: allow getList, edit on List if subject in resource.editors
`
const toActions = (names: readonly string[]) => names.map((name) => `Action::"${name}"`).join(', ')
const CEDAR = `
permit (principal, action in [${toActions(FOR_ANYONE)}], resource is Application);
permit (principal, action, resource is List) when { resource.owner == principal };
permit (principal, action == Action::"getList", resource is List) when { principal in resource.readers };
permit (principal, action in [Action::"getList", ${toActions(EDITS)}], resource is List)
  when { principal in resource.editors };
`

interface List {
  readonly id: string
  readonly owner: string
  readonly readers: string
  readonly editors: string
}
interface ToDo {
  readonly users: readonly string[]
  readonly teams: readonly string[]
  readonly teamsOf: ReadonlyMap<string, readonly string[]>
  readonly lists: readonly List[]
}

export function createToDo(size: number, requestCount: number): Workload {
  const random = new Random(31, size)
  const toDo = drawToDo(size, random)
  const listOf = new Map(toDo.lists.map((list) => [list.id, list]))
  const allTeamsOf = memoize((user) => closeUpwards(toDo.teamsOf.get(user) ?? [], toDo.teamsOf))
  const toVariables = ({ resource }: AppRequest) => ({ ...(listOf.get(resource.id) ?? { id: resource.id }) })
  return defineWorkload<AppRequest>({
    name: `to-do-${size}`,
    ruleCount: 4,
    policy: POLICY,
    data: toEntityData(toDo),
    requests: drawAppRequests(
      [
        ...FOR_ANYONE.map((name) => ({ name, type: 'Application', ids: ['app'] })),
        ...ON_LISTS.map((name) => ({ name, type: 'List', ids: toDo.lists.map(({ id }) => id) })),
      ],
      toDo.users,
      requestCount,
      random,
    ),
    createFloor: () => createFloor(toDo),
    peers: {
      cedar: () => {
        const membersOf = memoize((user) => toCedarMembers(toDo, user))
        return {
          policies: CEDAR,
          entitiesOf: ({ subject, resource }) => {
            const list = listOf.get(resource.id)
            const resources = list === undefined ? [] : [toCedarList(list)]
            return [...membersOf(subject.id), ...resources]
          },
        }
      },
      casbin: () => ({
        model: CASBIN_GROUPS,
        lines: toCasbinLines(toDo),
        argumentsOf: ({ subject, action, resource }) => [subject.id, resource.id, action.name],
      }),
      casl: () => ({
        abilityKeyOf: ({ subject }) => subject.id,
        rulesOf: ({ subject: { id } }) => {
          const isTeam = { $in: [...allTeamsOf(id)] }
          return [
            { action: FOR_ANYONE, subject: 'Application' },
            { action: ON_LISTS, subject: 'List', conditions: { owner: id } },
            { action: 'getList', subject: 'List', conditions: { readers: isTeam } },
            { action: ['getList', ...EDITS], subject: 'List', conditions: { editors: isTeam } },
          ]
        },
        objectOf: toVariables,
      }),
      cel: () => ({
        rules: CEL_RULES,
        variablesOf: (request) => ({
          subject: { id: request.subject.id, teams: allTeamsOf(request.subject.id) },
          resource: toVariables(request),
        }),
      }),
    },
  })
}

function drawToDo(size: number, random: Random): ToDo {
  const users = createIds('user', size)
  const teams = createIds('team', size)
  return {
    users,
    teams,
    teamsOf: new Map([
      ...drawHierarchy(teams, random),
      ...users.map((user): [string, readonly string[]] => [user, drawConnected(teams, random)]),
    ]),
    lists: createIds('list', size).map((id) => ({
      id,
      owner: random.pick(users),
      readers: random.pick(teams),
      editors: random.pick(teams),
    })),
  }
}

function createFloor({ users, teamsOf, lists }: ToDo): (request: AppRequest) => boolean {
  const allTeamsOf = new Map(
    users.map((user) => [user, new Set(closeUpwards(teamsOf.get(user) ?? [], teamsOf))]),
  )
  const listOf = new Map(lists.map((list) => [list.id, list]))
  return ({ subject, action, resource }) => {
    if (resource.type === 'Application') return true
    const list = listOf.get(resource.id)
    if (list === undefined) return false
    if (list.owner === subject.id) return true
    const { name } = action
    if (name === 'deleteList' || name === 'editShares') return false
    const teams = allTeamsOf.get(subject.id)
    if (teams === undefined) return false
    return teams.has(list.editors) || (name === 'getList' && teams.has(list.readers))
  }
}

function toEntityData({ users, teams, teamsOf, lists }: ToDo): EntityData {
  return {
    entities: [
      ...users.map((id) => ({ type: 'User', id, parents: toRefs('Team', teamsOf.get(id) ?? []) })),
      ...teams.map((id) => ({ type: 'Team', id, parents: toRefs('Team', teamsOf.get(id) ?? []) })),
      ...lists.map(({ id, owner, readers, editors }) => ({
        type: 'List',
        id,
        properties: {
          owner: { type: 'User', id: owner },
          readers: { type: 'Team', id: readers },
          editors: { type: 'Team', id: editors },
        },
      })),
    ],
  }
}

// --- peers ---

function toCedarMembers({ teamsOf }: ToDo, user: string): readonly CedarEntity[] {
  const toParents = (id: string) => ({ parents: toRefs('Team', teamsOf.get(id) ?? []) })
  return [
    toCedarEntity('User', user, toParents(user)),
    ...closeUpwards(teamsOf.get(user) ?? [], teamsOf).map((team) =>
      toCedarEntity('Team', team, toParents(team)),
    ),
  ]
}

function toCedarList({ id, owner, readers, editors }: List): CedarEntity {
  return toCedarEntity('List', id, {
    attrs: {
      owner: { __entity: { type: 'User', id: owner } },
      readers: { __entity: { type: 'Team', id: readers } },
      editors: { __entity: { type: 'Team', id: editors } },
    },
  })
}

function toCasbinLines({ users, teamsOf, lists }: ToDo): readonly (readonly string[])[] {
  return [
    ...FOR_ANYONE.map((action) => ['p', 'everyone', 'app', action]),
    ...lists.flatMap(({ id, owner, readers, editors }) => [
      ...ON_LISTS.map((action) => ['p', owner, id, action]),
      ['p', readers, id, 'getList'],
      ...['getList', ...EDITS].map((action) => ['p', editors, id, action]),
    ]),
    ...users.map((user) => ['g', user, 'everyone']),
    ...[...teamsOf].flatMap(([id, teams]) => teams.map((team) => ['g', id, team])),
  ]
}

const CEL_RULES = [
  { effect: 'allow' as const, actions: FOR_ANYONE, type: 'Application', expression: 'true' },
  { effect: 'allow' as const, actions: ON_LISTS, type: 'List', expression: 'resource.owner == subject.id' },
  {
    effect: 'allow' as const,
    actions: ['getList'],
    type: 'List',
    expression: 'resource.readers in subject.teams',
  },
  {
    effect: 'allow' as const,
    actions: ['getList', ...EDITS],
    type: 'List',
    expression: 'resource.editors in subject.teams',
  },
]
