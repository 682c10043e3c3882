// Every engine of the benchmark, Edict and its floor first.
import { ACCESS_CONTROL } from './accesscontrol.ts'
import { CASBIN } from './casbin.ts'
import { CASL } from './casl.ts'
import { CEDAR } from './cedar.ts'
import { CEL } from './cel.ts'
import { EDICT, EDICT_PROGRAM } from './edict.ts'
import type { Engine } from './engine.ts'
import { FLOOR } from './floor.ts'

export const ENGINES: readonly Engine[] = [
  EDICT,
  FLOOR,
  EDICT_PROGRAM,
  CEDAR,
  CASBIN,
  CASL,
  ACCESS_CONTROL,
  CEL,
]
