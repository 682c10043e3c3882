import { describe, expect, it } from 'vitest'
import { findInText } from '../fixtures/check-text.ts'

/** Checks a rule on `Doc` from behind its actions and types, and gives the codes of what is found. */
function findCodes(rest: string): readonly string[] {
  return findInText(`rule r: allow read, write, export on Doc ${rest}`).map(
    (line) => line.split(' at ')[0] ?? '',
  )
}

describe('narrowing', () => {
  it.each([
    ['`is` to the right of `&&`', 'if subject is User && subject.level > 1'],
    ['`is` through a long chain', 'if subject is User && context.region == "eu" && subject.level > 1'],
    ['a negated test to the right of `||`', 'if !(subject is User) || subject.level > 1'],
    ['a double negation', 'if !!(subject is User) && subject.level > 1'],
    ['a negated `||`', 'if !(subject is Service || context.region == "eu") && subject.level > 1'],
    [
      'a negated `&&` on the right of `||`',
      'if (subject is Service && true) || context.region == "eu" || true',
    ],
    ['both arms of `?:`', 'if subject is Service ? subject.department == "x" : subject.level > 1'],
    ['from one clause to the next', 'if subject is User if subject.level > 1'],
    ['from `unless` to the next clause', 'unless subject is Service if subject.level > 1'],
    [
      'into the arguments of duties',
      'if subject is User if resource has note obligate log(level: subject.level, note: resource.note)',
    ],
    ['types after `to`', 'to User if subject.level > 1'],
    ['an entity after `to`', 'to User::"u" if subject.level > 1'],
    ['a group after `to` by who can lie in it', 'to Team::"t" if subject.level > 1'],
    [
      'the union of two alternatives',
      'if (subject is User || subject is Service) && subject.department == "x"',
    ],
    ['`has` on an attribute', 'if resource has note && resource.note == "x"'],
    ['`has` on a quoted name', 'if resource has "note" && resource["note"] == "x"'],
    ['`has` on a map', 'if resource.labels has "a" && resource.labels["a"] == "x"'],
    ['`has` on context', 'if context has ip && context.ip.isLoopback'],
    ['`has` along a path', 'if context has token && context.token has acr && context.token.acr == "mfa"'],
    ['`has` to the members of a union that declare it', 'if subject has level && subject.level > 1'],
    [
      '`has` on an optional attribute of one member',
      'if subject has manager && subject.manager == resource.owner',
    ],
    ['a negated `has` to the right of `||`', 'if !(resource has note) || resource.note == "x"'],
    ['`has` on the action', 'if action has rows && action.rows > 1'],
    ['an optional parameter', 'if action has format && action.format == "pdf"'],
    ['`action ==`', 'if action == export && action.rows > 1'],
    ['`action !=` on the right of `||`', 'if action != export || action.rows > 1'],
    ['`action in` a list', 'if action in [export] && action.rows > 1'],
    ['a negated `action in` a group', 'if !(action in edit) && !(action == read) && action.rows > 1'],
    ['`is` on an attribute', 'if resource.owner is User && resource.owner.level > 1'],
    [
      'inside `some`',
      'if subject is User && (some t in resource.tags: t == subject.department && subject.level > 1)',
    ],
    ['`?.` and the rest of its chain', 'if (resource.folder?.owner.level ?? 0) > 1'],
    ['`?.` on an optional attribute of an optional one', 'if (context.token?.acr ?? "") == "mfa"'],
    ['`??` along a chain of defaults', 'if (resource.note ?? context.token?.acr ?? "x") == "y"'],
    ['an entry of a map with a default', 'if (resource.labels["a"] ?? "") == "x"'],
    ['a literal map against a map', 'if resource.labels == {} || resource.labels == { a: "x" }'],
    ['an empty set against a set', 'if resource.tags == []'],
    ['a literal as a member of a set', 'if "a" in resource.tags && resource.kind in ["public", "team"]'],
    ['an entity below another', 'if resource in Folder::"f" && subject in resource.team'],
    [
      'an entity in a set of groups',
      'to User if subject in subject.teams && subject.teams.contains(resource.team)',
    ],
    [
      'date and duration arithmetic',
      'if context.now - resource.created < 2 * 1h + 30m && resource.created + 1d > context.now',
    ],
    ['the time of day', 'if context.now.time("Europe/Berlin") >= 8h && context.now.dayOfWeek != "sun"'],
    ['the name of the action', 'if action.name == "read" || action.name.startsWith("x")'],
    ['a bare role test', 'if hasRole(marker) || hasRole(marker, resource.folder ?? Folder::"f")'],
    ['ip containment', 'if (context.ip ?? ip("0.0.0.0")) in ip("10.0.0.0/8")'],
    ['presence on one entity', 'if Doc::"d" has note && Doc::"d".note == "x"'],
    ['presence of a key', 'if resource.labels has "a" && resource.labels["a"] == "x"'],
  ])('follows %s', (_claim, rest) => {
    expect(findCodes(rest).filter((code) => code !== 'constant-condition')).toEqual([])
  })

  it.each([
    ['to the left of the test', 'if subject.level > 1 && subject is User', ['absent-attribute']],
    ['to the right of `||`', 'if subject is User || subject.level > 1', ['absent-attribute']],
    [
      'out of `||`',
      'if (subject is User || context.region == "x") && subject.level > 1',
      ['absent-attribute'],
    ],
    ['`has` through a negation', 'if !(resource has note) && resource.note == "x"', ['unguarded-optional']],
    [
      '`has` of one attribute to another',
      'if context has ip && context.token.scopes.isEmpty',
      ['unguarded-optional'],
    ],
    [
      'out of `some`',
      'if (some t in resource.tags: subject is User) && subject.level > 1',
      ['absent-attribute'],
    ],
    ['the type of an action by another', 'if action == read && action.rows > 1', ['absent-parameter']],
    ['roles after `to`', 'to editor if subject.level > 1', ['absent-attribute']],
    ['past the end of the chain of `?.`', 'if resource.folder?.owner == subject', ['unguarded-optional']],
  ])('does not follow %s', (_claim, rest, codes) => {
    expect(findCodes(rest)).toEqual(codes)
  })

  it.each([
    [
      'a test in a `let`',
      'let IS_USER = subject is User\nrule r: allow read on Doc if IS_USER && subject.level > 1',
    ],
    [
      'a body that reads what is tested',
      'let LEVEL = subject.level\nrule r: allow read on Doc if subject is User && LEVEL > 1',
    ],
    [
      'a test in an argument',
      'fn both(a: Bool, b: Bool) = a && b\nrule r: allow read on Doc if both(subject is User, context.region == "eu") && subject.level > 1',
    ],
    [
      'an argument that is tested',
      'fn level(u: User) = u.level\nrule r: allow read on Doc if subject is User && level(subject) > 1',
    ],
    [
      'a test of a parameter',
      'fn senior(u: User | Service) = u is User && u.level > 1\nrule r: allow read on Doc if senior(subject) && subject.level > 2',
    ],
    [
      'another name for the same value',
      'let TOKEN = context.token\nrule r: allow read on Doc if context has token && TOKEN has acr && context.token.acr == "x"',
    ],
    [
      'an optional parameter',
      'fn near(a: Ip, b?: Ip) = a in (b ?? ip("10.0.0.0/8"))\nrule r: allow read on Doc if context has ip && near(context.ip)',
    ],
    [
      'presence in a literal that stands for a parameter',
      'fn isA(m: Map<String>) = m has "a" && m["a"] == "x"\nrule r: allow read on Doc if isA({ a: context.region })',
    ],
    [
      'presence in a default that stands for a parameter of a parameter',
      'fn isA(m: Map<String>) = m has "a" && m["a"] == "x"\nfn both(m: Map<String>) = isA(m) && m["a"] == "x"\nrule r: allow read on Doc if both(context.region == "eu" ? resource.labels : Doc::"d".labels)',
    ],
    [
      'the type of a default that stands for a parameter',
      'fn senior(u: User | Service) = u is User && u.level > 1\nrule r: allow read on Doc if senior(context.region == "eu" ? subject : resource.owner)',
    ],
    [
      'the type of a default in a `let`',
      'let WHO = context.region == "eu" ? subject : resource.owner\nrule r: allow read on Doc if WHO is User && WHO.level > 1',
    ],
    [
      'presence in a `let`',
      'let LABELS = context.region == "eu" ? resource.labels : Doc::"d".labels\nrule r: allow read on Doc if LABELS has "a" && LABELS["a"] == "x"',
    ],
    [
      'a test in an argument of an argument',
      'fn both(a: Bool, b: Bool) = a && b\nfn eu(a: Bool) = both(a, context.region == "eu")\nrule r: allow read on Doc if eu(subject is User) && subject.level > 1',
    ],
    [
      'a test in a `let` that stands for a parameter',
      'let IS_USER = !!(subject is User)\nfn eu(a: Bool) = a && context.region == "eu"\nrule r: allow read on Doc if eu(IS_USER) && subject.level > 1',
    ],
  ])('follows %s', (_claim, text) => {
    expect(findInText(text)).toEqual([])
  })

  it.each([
    [
      'the names of the caller',
      'fn f(n: Number) = t == "x"\nrule r: allow read on Doc if context.region == "x" && (some t in resource.tags: f(1))',
      'unknown-name',
    ],
    [
      'an absent argument where a value is needed',
      'fn f(s: String) = s == "x"\nrule r: allow read on Doc if f(resource.note)',
      'unguarded-optional',
    ],
    [
      'presence in the literal of one call to that of another',
      'fn has_a(m: Map<String>) = m has "a"\nfn a_is(m: Map<String>) = m["a"] == "x"\nrule r: allow read on Doc if has_a({ a: "x" }) && a_is({ a: "x" })',
      'unguarded-optional',
    ],
    [
      'presence in a `let` to a parameter of a role that hides its name',
      'let limits = context.region == "eu" ? resource.labels : Doc::"d".labels\nlet HAS = limits has "a"\nrole r(limits: Map<String>) { can read on Doc if HAS && limits["a"] == "x" }',
      'unguarded-optional',
    ],
  ])('does not follow %s', (_claim, text, code) => {
    expect(findInText(text)[0]).toMatch(new RegExp(`^${code}`))
  })
})

describe('action tests', () => {
  const types = `
    subject U
    resource A { actions read, write, edit(n: Number) }
    resource B { actions read, list  actions edit = read, list }
    invariant "the group is used": never edit on B if subject == U::"x"
  `

  it.each([
    [
      'an action that the rule does not cover is never it',
      'rule r: allow read on A if action == list',
      ['constant-condition at action == list'],
    ],
    [
      'a body may test actions of other rules',
      'let LISTS = action == list\nrule r: allow read on A if LISTS || resource == A::"x"\nrule q: allow edit on B',
      [],
    ],
    [
      'a name that is an action and a group here is refused',
      'rule r: allow * on * if action in edit',
      ['ambiguous-name at edit'],
    ],
    ['an unknown action is refused', 'rule r: allow * on * if action == raed', ['unknown-action at raed']],
    [
      'a group in a list is refused',
      'rule r: allow * on B if action in [read, edit]',
      ['group-as-action at edit'],
    ],
    [
      'a parameter of no action is refused',
      'rule r: allow * on * if action has m',
      ['unknown-parameter at m'],
    ],
  ])('%s', (_claim, text, expected) => {
    const found = findInText(types + text, { alone: true }).map((line) => line.slice(0, line.indexOf(': ')))
    expect(found).toEqual(expected)
  })
})
