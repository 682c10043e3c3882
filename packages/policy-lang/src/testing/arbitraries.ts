// The export "./arbitraries": fast-check generators for property tests. The only files that need fast-check.
// Policy sets are well typed by construction, since every expression is drawn for the type it must have; data and
// requests are not, for the engine has to answer whatever comes.
export { anyEntityData, anyRequest } from './arbitrary-data.ts'
export { anyPolicySet, type GeneratedPolicySet, toSources } from './arbitrary-policy-set.ts'
