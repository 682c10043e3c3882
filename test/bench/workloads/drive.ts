// The first application of the Cedar paper (OOPSLA 2024): people own, view and share documents and folders, themselves
// or through groups.

import type { AssignmentRecord, EntityData } from '../../../packages/policy-lang/src/index.ts'
import { Random } from '../../fuzz/random.ts'
import type { CedarEntity } from '../engines/peer-forms.ts'
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

const POLICY = `
subject User in Group
entity Group
resource Folder in Folder { actions createDocument }
resource Document in Folder { isPublic: Bool  actions read, write, share, changeOwner }

inherited role viewer { can read on Document }
inherited role keeper extends viewer { can write, share on Document }
role owner extends keeper {
  can changeOwner on Document
  can createDocument on Folder
}
rule publicRead: allow read on Document if resource.isPublic
`
const CEDAR = `
permit (principal, action == Action::"read", resource is Document) when { resource.isPublic };
permit (principal, action == Action::"read", resource is Document) when { resource in principal.views };
permit (principal, action in [Action::"read", Action::"write", Action::"share"], resource is Document)
  when { resource in principal.owned };
permit (principal, action == Action::"changeOwner", resource is Document)
  when { principal.owned.contains(resource) };
permit (principal, action == Action::"createDocument", resource is Folder)
  when { principal.owned.contains(resource) };
`

interface Drive {
  readonly users: readonly string[]
  readonly groups: readonly string[]
  readonly documents: readonly string[]
  readonly folders: readonly string[]
  readonly isPublic: ReadonlySet<string>
  readonly groupsOf: ReadonlyMap<string, readonly string[]>
  /** Folders directly above a document or folder. */
  readonly foldersOf: ReadonlyMap<string, readonly string[]>
  /** Documents and folders that a user owns. */
  readonly ownedBy: ReadonlyMap<string, readonly string[]>
  /** Documents and folders that a user or group may view. */
  readonly viewedBy: ReadonlyMap<string, readonly string[]>
}

export function createDrive(size: number, requestCount: number): Workload {
  const random = new Random(23, size)
  const drive = drawDrive(size, random)
  const { users, documents, folders } = drive
  const onDocuments = ['read', 'write', 'share', 'changeOwner'].map((name) => ({
    name,
    type: 'Document',
    ids: documents,
  }))
  const viewsOf = memoize((user) => toViews(drive, user))
  const aboveOf = memoize((id) => closeUpwards([id], drive.foldersOf))
  return defineWorkload<AppRequest>({
    name: `drive-${size}`,
    ruleCount: 5,
    policy: POLICY,
    data: toEntityData(drive),
    requests: drawAppRequests(
      [...onDocuments, { name: 'createDocument', type: 'Folder', ids: folders }],
      users,
      requestCount,
      random,
    ),
    createFloor: () => createFloor(drive),
    peers: {
      cedar: () => {
        const userOf = memoize((user) => toCedarUser(drive, user, viewsOf(user)))
        const filesOf = memoize((id) => aboveOf(id).map((above) => toCedarFile(drive, above)))
        return {
          policies: CEDAR,
          entitiesOf: ({ subject, resource }) => [userOf(subject.id), ...filesOf(resource.id)],
        }
      },
      casbin: () => ({
        model: CASBIN_GROUPS_AND_SCOPES,
        lines: toCasbinLines(drive),
        argumentsOf: ({ subject, action, resource }) => [
          subject.id,
          isExact(action.name) ? `exact ${resource.id}` : resource.id,
          action.name,
        ],
      }),
      casl: () => ({
        abilityKeyOf: ({ subject }) => subject.id,
        rulesOf: ({ subject }) => {
          const owned = [...(drive.ownedBy.get(subject.id) ?? [])]
          const isOwned = { above: { $in: owned } }
          return [
            { action: 'read', subject: 'Document', conditions: { isPublic: true } },
            { action: 'read', subject: 'Document', conditions: { above: { $in: [...viewsOf(subject.id)] } } },
            { action: ['read', 'write', 'share'], subject: 'Document', conditions: isOwned },
            { action: 'changeOwner', subject: 'Document', conditions: { id: { $in: owned } } },
            { action: 'createDocument', subject: 'Folder', conditions: { id: { $in: owned } } },
          ]
        },
        objectOf: ({ resource: { id } }) => ({
          id,
          isPublic: drive.isPublic.has(id),
          above: aboveOf(id),
        }),
      }),
      cel: () => ({
        rules: CEL_RULES,
        variablesOf: ({ subject, resource: { id } }) => ({
          subject: { views: viewsOf(subject.id), owned: drive.ownedBy.get(subject.id) ?? [] },
          resource: { id, isPublic: drive.isPublic.has(id), above: aboveOf(id) },
        }),
      }),
    },
  })
}

function drawDrive(size: number, random: Random): Drive {
  const users = createIds('user', size)
  const groups = createIds('group', size)
  const documents = createIds('document', size)
  const folders = createIds('folder', size)
  const files = [...documents, ...folders]
  const connect = (from: readonly string[], to: readonly string[]): readonly [string, readonly string[]][] =>
    from.map((id) => [id, drawConnected(to, random)])
  return {
    users,
    groups,
    documents,
    folders,
    isPublic: new Set(documents.filter(() => random.oneIn(2))),
    groupsOf: new Map(connect(users, groups)),
    foldersOf: new Map([...connect(documents, folders), ...drawHierarchy(folders, random)]),
    ownedBy: new Map(connect(users, files)),
    viewedBy: new Map(connect([...users, ...groups], files)),
  }
}

/** What a user may view, by themselves or through a group. */
function toViews({ groupsOf, viewedBy }: Drive, user: string): readonly string[] {
  const holders = [user, ...(groupsOf.get(user) ?? [])]
  return [...new Set(holders.flatMap((holder) => viewedBy.get(holder) ?? []))]
}

function createFloor(drive: Drive): (request: AppRequest) => boolean {
  const users = new Map(
    drive.users.map((user) => {
      const owned = new Set(drive.ownedBy.get(user))
      return [user, { owned, views: new Set([...owned, ...toViews(drive, user)]) }]
    }),
  )
  const files = new Map(
    [...drive.documents, ...drive.folders].map((id) => [
      id,
      { isPublic: drive.isPublic.has(id), above: closeUpwards([id], drive.foldersOf) },
    ]),
  )
  return ({ subject, action, resource }) => {
    const { name } = action
    const user = users.get(subject.id)
    if (user === undefined) return false
    if (name === 'changeOwner' || name === 'createDocument') return user.owned.has(resource.id)
    const file = files.get(resource.id)
    if (file === undefined) return false
    if (name === 'read' && file.isPublic) return true
    const scopes = name === 'read' ? user.views : user.owned
    const { above } = file
    for (let index = 0; index < above.length; index++) {
      if (scopes.has(above[index] as string)) return true
    }
    return false
  }
}

function toFile(id: string): { readonly type: string; readonly id: string } {
  return { type: id.startsWith('folder') ? 'Folder' : 'Document', id }
}

function toEntityData(drive: Drive): EntityData {
  const owners = [...drive.ownedBy].flatMap(([id, files]) =>
    files.map((file): AssignmentRecord => ({ role: 'owner', to: { type: 'User', id }, on: toFile(file) })),
  )
  const viewers = [...drive.viewedBy].flatMap(([id, files]) => {
    const to = { type: id.startsWith('user') ? 'User' : 'Group', id }
    return files.map((file): AssignmentRecord => ({ role: 'viewer', to, on: toFile(file) }))
  })
  return {
    entities: [
      ...drive.users.map((id) => ({
        type: 'User',
        id,
        parents: toRefs('Group', drive.groupsOf.get(id) ?? []),
      })),
      ...drive.folders.map((id) => ({
        type: 'Folder',
        id,
        parents: toRefs('Folder', drive.foldersOf.get(id) ?? []),
      })),
      ...drive.documents.map((id) => ({
        type: 'Document',
        id,
        properties: { isPublic: drive.isPublic.has(id) },
        parents: toRefs('Folder', drive.foldersOf.get(id) ?? []),
      })),
    ],
    assignments: [...owners, ...viewers],
  }
}

// --- peers ---

function toCedarUser({ ownedBy }: Drive, user: string, views: readonly string[]): CedarEntity {
  const toSet = (ids: readonly string[]) => ids.map((id) => ({ __entity: toFile(id) }))
  return toCedarEntity('User', user, {
    attrs: { views: toSet(views), owned: toSet(ownedBy.get(user) ?? []) },
  })
}

function toCedarFile({ isPublic, foldersOf }: Drive, id: string): CedarEntity {
  const { type } = toFile(id)
  return toCedarEntity(type, id, {
    attrs: type === 'Document' ? { isPublic: isPublic.has(id) } : {},
    parents: toRefs('Folder', foldersOf.get(id) ?? []),
  })
}

/** Ownership of the thing itself, not of what lies above: another name for it, which inherits nothing. */
function isExact(action: string): boolean {
  return action === 'changeOwner' || action === 'createDocument'
}

function toCasbinLines(drive: Drive): readonly (readonly string[])[] {
  const { users, groupsOf, foldersOf, isPublic, viewedBy, ownedBy } = drive
  return [
    ...[...viewedBy].flatMap(([id, files]) => files.map((file) => ['p', id, file, 'read'])),
    ...[...ownedBy].flatMap(([id, files]) =>
      files.flatMap((file) => [
        ...['read', 'write', 'share'].map((action) => ['p', id, file, action]),
        ['p', id, `exact ${file}`, file.startsWith('folder') ? 'createDocument' : 'changeOwner'],
      ]),
    ),
    ...[...isPublic].map((id) => ['p', 'everyone', id, 'read']),
    ...users.map((user) => ['g', user, 'everyone']),
    ...[...groupsOf].flatMap(([user, groups]) => groups.map((group) => ['g', user, group])),
    ...[...foldersOf].flatMap(([id, folders]) => folders.map((folder) => ['g2', id, folder])),
  ]
}

const OWNED_ABOVE = 'resource.above.exists(scope, scope in subject.owned)'
const CEL_RULES = [
  { effect: 'allow' as const, actions: ['read'], type: 'Document', expression: 'resource.isPublic' },
  {
    effect: 'allow' as const,
    actions: ['read'],
    type: 'Document',
    expression: 'resource.above.exists(scope, scope in subject.views)',
  },
  {
    effect: 'allow' as const,
    actions: ['read', 'write', 'share'],
    type: 'Document',
    expression: OWNED_ABOVE,
  },
  {
    effect: 'allow' as const,
    actions: ['changeOwner'],
    type: 'Document',
    expression: 'resource.id in subject.owned',
  },
  {
    effect: 'allow' as const,
    actions: ['createDocument'],
    type: 'Folder',
    expression: 'resource.id in subject.owned',
  },
]
