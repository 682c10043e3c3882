// Depth: twenty roles that extend one another, and folders twenty deep with a role held at the top.
import type { EntityData } from '../../../packages/policy-lang/src/index.ts'
import { Random } from '../../fuzz/random.ts'
import type { CedarEntity } from '../engines/peer-forms.ts'
import { defineWorkload, type Workload } from './workload.ts'

interface PlainRequest {
  readonly subject: { readonly type: string; readonly id: string }
  readonly action: { readonly name: string }
  readonly resource: { readonly type: string; readonly id: string }
}

/** Level 0 grants the first action; each role extends the one below and adds an action. */
export function createRoleChain(depth: number, requestCount: number): Workload {
  const random = new Random(17, depth)
  const levelOf = new Map(Array.from({ length: 200 }, (_, index) => [`user-${index}`, random.below(depth)]))
  const levels = Array.from({ length: depth }, (_, level) => level)
  const users = [...levelOf.keys()]
  return defineWorkload<PlainRequest>({
    name: `role-chain-${depth}`,
    ruleCount: depth,
    policy: [
      'subject User',
      `resource Document { actions ${levels.map((level) => `act${level}`).join(', ')} }`,
      ...levels.map(
        (level) =>
          `role level${level}${level > 0 ? ` extends level${level - 1}` : ''} { can act${level} on Document }`,
      ),
      '',
    ].join('\n'),
    data: {
      assignments: [...levelOf].map(([id, level]) => ({
        role: `level${level}`,
        to: { type: 'User', id },
        on: '*' as const,
      })),
    },
    requests: Array.from({ length: requestCount }, (_, index) => ({
      subject: { type: 'User', id: random.pick(users) },
      action: { name: `act${random.below(depth)}` },
      resource: { type: 'Document', id: `document-${index}` },
    })),
    createFloor: () => {
      const neededFor = new Map(levels.map((level) => [`act${level}`, level]))
      return ({ subject, action }) =>
        (levelOf.get(subject.id) ?? -1) >= (neededFor.get(action.name) ?? Number.POSITIVE_INFINITY)
    },
    peers: {
      cedar: () => ({
        policies: levels
          .map(
            (level) =>
              `permit (principal in Role::"level${level}", action == Action::"act${level}", resource is Document);`,
          )
          .join('\n'),
        entitiesOf: ({ subject }) => toRoleEntities(subject.id, levelOf.get(subject.id) ?? 0),
      }),
      casbin: () => ({
        model: CASBIN_MODEL,
        lines: [
          ...levels.map((level) => ['p', `level${level}`, `act${level}`]),
          ...levels.slice(1).map((level) => ['g', `level${level}`, `level${level - 1}`]),
          ...[...levelOf].map(([user, level]) => ['g', user, `level${level}`]),
        ],
        argumentsOf: ({ subject, action }) => [subject.id, action.name],
      }),
      casl: () => ({
        abilityKeyOf: ({ subject }) => subject.id,
        rulesOf: ({ subject }) =>
          levels
            .slice(0, (levelOf.get(subject.id) ?? -1) + 1)
            .map((level) => ({ action: `act${level}`, subject: 'Document' })),
      }),
      accesscontrol: () => ({
        grants: levels.map((level) => ({
          role: `level${level}`,
          resource: 'Document',
          action: `act${level}`,
        })),
        extend: new Map(levels.slice(1).map((level) => [`level${level}`, [`level${level - 1}`]])),
        rolesOf: ({ subject }) => [`level${levelOf.get(subject.id) ?? 0}`],
      }),
    },
  })
}

const CASBIN_MODEL = `
[request_definition]
r = sub, act
[policy_definition]
p = sub, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && g(r.sub, p.sub)
`

function toRoleEntities(user: string, level: number): readonly CedarEntity[] {
  const roles = Array.from({ length: level + 1 }, (_, index) => ({
    uid: { type: 'Role', id: `level${index}` },
    attrs: {},
    parents: index > 0 ? [{ type: 'Role', id: `level${index - 1}` }] : [],
  }))
  return [
    { uid: { type: 'User', id: user }, attrs: {}, parents: [{ type: 'Role', id: `level${level}` }] },
    ...roles,
  ]
}

const TREES = 50

interface Tree {
  /** From the top down. */
  readonly folders: readonly string[]
  readonly documents: readonly string[]
}

/** Users may view what lies in one to three trees; documents lie at the bottom. */
export function createFolderTree(depth: number, requestCount: number): Workload {
  const random = new Random(19, depth)
  const trees: readonly Tree[] = Array.from({ length: TREES }, (_, tree) => ({
    folders: Array.from({ length: depth }, (_, level) => `folder-${tree}-${level}`),
    documents: Array.from({ length: 10 }, (_, index) => `document-${tree}-${index}`),
  }))
  const topsOf = new Map(
    Array.from({ length: 200 }, (_, index) => [
      `user-${index}`,
      [...new Set(Array.from({ length: 1 + random.below(3) }, () => `folder-${random.below(TREES)}-0`))],
    ]),
  )
  const users = [...topsOf.keys()]
  const foldersOf = new Map(trees.flatMap(({ folders, documents }) => documents.map((id) => [id, folders])))
  return defineWorkload<PlainRequest>({
    name: `folder-tree-${depth}`,
    ruleCount: 2,
    policy: `
subject User
resource Folder in Folder { actions list }
resource Document in Folder { actions read, write }
inherited role viewer {
  can read on Document
  can list on Folder
}
`,
    data: toTreeData(trees, topsOf),
    requests: Array.from({ length: requestCount }, () => {
      const id = random.pick(users)
      const isViewed = random.oneIn(2)
      const tree = isViewed
        ? Number(random.pick(topsOf.get(id) ?? ['folder-0-0']).split('-')[1] ?? '0')
        : random.below(TREES)
      return {
        subject: { type: 'User', id },
        action: { name: random.oneIn(8) ? 'write' : 'read' },
        resource: { type: 'Document', id: random.pick((trees[tree] as Tree).documents) },
      }
    }),
    createFloor: () => {
      const above = new Map([...foldersOf].map(([document, folders]) => [document, new Set(folders)]))
      return ({ subject, action, resource }) => {
        if (action.name !== 'read') return false
        const tops = topsOf.get(subject.id)
        const folders = above.get(resource.id)
        if (tops === undefined || folders === undefined) return false
        for (let index = 0; index < tops.length; index++) {
          if (folders.has(tops[index] as string)) return true
        }
        return false
      }
    },
    peers: {
      cedar: () => ({
        policies: `
permit (principal, action in [Action::"read", Action::"list"], resource)
  when { principal has views && resource in principal.views };
`,
        entitiesOf: ({ subject, resource }) =>
          toTreeEntities(
            subject.id,
            topsOf.get(subject.id) ?? [],
            resource.id,
            foldersOf.get(resource.id) ?? [],
          ),
      }),
      casbin: () => ({
        model: CASBIN_TREE_MODEL,
        lines: [
          ...trees.flatMap(({ folders, documents }) => [
            ...folders.slice(1).map((folder, index) => ['g', folder, folders[index] as string]),
            ...documents.map((document) => ['g', document, folders.at(-1) as string]),
          ]),
          ...[...topsOf].flatMap(([user, tops]) => tops.map((top) => ['p', user, top, 'read'])),
        ],
        argumentsOf: ({ subject, action, resource }) => [subject.id, resource.id, action.name],
      }),
    },
  })
}

const CASBIN_TREE_MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[role_definition]
g = _, _
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.act == p.act && g(r.obj, p.obj)
`

function toTreeData(trees: readonly Tree[], topsOf: ReadonlyMap<string, readonly string[]>): EntityData {
  return {
    entities: trees.flatMap(({ folders, documents }) => [
      ...folders.map((id, level) => ({
        type: 'Folder',
        id,
        parents: level > 0 ? [{ type: 'Folder', id: folders[level - 1] as string }] : [],
      })),
      ...documents.map((id) => ({
        type: 'Document',
        id,
        parents: [{ type: 'Folder', id: folders.at(-1) as string }],
      })),
    ]),
    assignments: [...topsOf].flatMap(([id, tops]) =>
      tops.map((top) => ({ role: 'viewer', to: { type: 'User', id }, on: { type: 'Folder', id: top } })),
    ),
  }
}

function toTreeEntities(
  user: string,
  tops: readonly string[],
  document: string,
  folders: readonly string[],
): readonly CedarEntity[] {
  const toUid = (id: string) => ({ type: 'Folder', id })
  return [
    {
      uid: { type: 'User', id: user },
      attrs: { views: tops.map((top) => ({ __entity: toUid(top) })) },
      parents: [],
    },
    { uid: { type: 'Document', id: document }, attrs: {}, parents: [toUid(folders.at(-1) as string)] },
    ...folders.map((id, level) => ({
      uid: toUid(id),
      attrs: {},
      parents: level > 0 ? [toUid(folders[level - 1] as string)] : [],
    })),
  ]
}
