// What people write who come from other languages, and what this one has for it. Asked only where a name means
// nothing in the policy and none of its own names is near.

type Words = ReadonlyMap<string, string>

/** For one hint under several words. */
function table(...rows: readonly (readonly [words: string, hint: string])[]): Words {
  return new Map(rows.flatMap(([words, hint]) => words.split(' ').map((word) => [word, hint] as const)))
}

const SOME = 'write `some x in SET: …`, where `x` stands for each member'
const EVERY = 'write `every x in SET: …`, where `x` stands for each member'
const LOWER = 'write `.lower`, without parentheses'
const SIZE = 'write `.size`, without parentheses'
const CONTAINS = 'write `.contains(…)`'
const RANGE = 'write `ADDRESS in ip("10.0.0.0/8")`'
const HAS = 'write `OBJECT has NAME`'
const HAS_ROLE = 'write `hasRole(ROLE)`: it is always asked of the subject of the request'
const MATCHES = 'write `TEXT matches "PATTERN"`'
const INSTANTS = 'instants are compared as they are: `a < b`, `a + 5m`'

/** Methods. */
export const FOREIGN_METHODS: Words = table(
  ['includes has_element indexOf', CONTAINS],
  ['length count len', SIZE],
  ['toLowerCase lowerAscii lowercase toLower lcase', LOWER],
  ['toUpperCase upperAscii uppercase toUpper upper', 'there is only `.lower`: compare in lower case'],
  ['exists some any exists_one', SOME],
  ['all every each', EVERY],
  ['filter map reduce find forEach', 'ask for members with `some x in SET: …` or `every x in SET: …`'],
  ['hasRole isInRole has_role', HAS_ROLE],
  ['isInRange inIPAddrRange', RANGE],
  ['greaterThan', 'write `a > b`'],
  ['greaterThanOrEqual', 'write `a >= b`'],
  ['lessThan', 'write `a < b`'],
  ['lessThanOrEqual', 'write `a <= b`'],
  ['equals isEqual', 'write `a == b`'],
  ['matches match test', MATCHES],
  ['like', 'write `TEXT like "PATTERN"`'],
  ['has hasOwnProperty containsKey hasTag', HAS],
  ['getTag get', 'write `MAP["key"] ?? …`'],
  ['getTime valueOf toTime offset durationSince', INSTANTS],
  ['getDay getDayOfWeek weekday', 'write `.dayOfWeek("Zone")`, which is `"mon"` … `"sun"`'],
  [
    'getHours getMinutes hour hours minute minutes',
    'write `.time("Zone") >= 9h`: the time of day is a Duration',
  ],
  ['concat', 'write `a + b`'],
  [
    'trim split substring substr slice replace',
    'text is compared, never cut: use `.startsWith`, `.contains`, `like`',
  ],
)

/** Functions. */
export const FOREIGN_FUNCTIONS: Words = table(
  ['duration', 'a Duration is written as it is: `90s`, `5m`, `1h30m`'],
  ['decimal number int double', 'a Number is written as it is: `2.5`'],
  ['timestamp date Date parseDate', 'write `datetime("2026-01-31T12:00:00Z")`'],
  ['now currentTime today', 'write `context.now`'],
  ['has defined', HAS],
  ['count len size length', SIZE],
  ['exists any', 'for members that fit write `some x in SET: …`, for any at all `!SET.isEmpty`'],
  ['all', EVERY],
  ['startswith startsWith', 'write `TEXT.startsWith(…)`'],
  ['endswith endsWith', 'write `TEXT.endsWith(…)`'],
  ['contains includes', 'write `a.contains(b)`'],
  ['lower lcase', LOWER],
  ['upper ucase', 'there is only `.lower`: compare in lower case'],
  ['concat', 'write `a + b`'],
  ['string str String', 'nothing is turned into text: compare values of one type'],
  ['isInRole has_role isRole', HAS_ROLE],
  ['ipaddr cidr cidr_contains', RANGE],
  ['regex re_match regex_match match', MATCHES],
)

const SUBJECT = 'who asks is the `subject`'
const RESOURCE = 'what is asked for is the `resource`'
const QUESTION = 'a question is read from `subject`, `action`, `resource` and `context`'

/** Names of values. */
export const FOREIGN_NAMES: Words = table(
  ['principal user actor me currentUser current_user account P', SUBJECT],
  ['this self object obj record item entity R', RESOURCE],
  ['request input data req params ctx', QUESTION],
  ['env environment', 'what a request knows besides is the `context`'],
  ['now today Date', 'the time of the question is `context.now`'],
  ['_', 'to ask for members write `some x in SET: …`, or `VALUE in SET`'],
  ['True TRUE', 'write `true`'],
  ['False FALSE', 'write `false`'],
)

/** Values that stand for nothing. */
export const NULL_WORDS: ReadonlySet<string> = new Set(['null', 'undefined', 'nil', 'None', 'NULL'])

const NUMBER = 'the type is `Number`'
const MAP = 'write `Map<T>` for any keys, or `{ name: T }` for these and no others'

/** Types. */
export const FOREIGN_TYPES: Words = table(
  ['Long Int Integer Float Double Decimal int integer long float double decimal Num', NUMBER],
  ['Boolean boolean BOOLEAN', 'the type is `Bool`'],
  ['Text Str Varchar Char UUID Uuid text varchar char uuid', 'the type is `String`'],
  ['Date Time Timestamp timestamp date time Instant', 'the type is `Datetime`'],
  ['ipaddr IpAddress IPAddress inet', 'the type is `Ip`'],
  ['Array List array list', 'write `Set<T>`'],
  ['Record Dict Dictionary Object object Json JSON', MAP],
  ['Set', 'say of what: `Set<String>`'],
  ['Map', 'say of what, the keys are Strings: `Map<String>`'],
  ['any Any unknown', 'every attribute has a type of its own'],
  ['all everything', 'for every type write `*`'],
)

/** Attributes. */
export const FOREIGN_ATTRIBUTES: Words = table(
  ['roles role', 'roles are asked for with `hasRole(ROLE)`, or named after `to`'],
  [
    'groups group parents parent ancestors',
    'ask whether it lies in a group with `in`: `subject in Group::"…"`',
  ],
  ['attr attrs attributes properties props', 'attributes follow directly: `subject.level`'],
)
