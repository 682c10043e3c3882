// Real applications of other systems, decided by Edict: see README.md.
import { runCases } from './run-cases.ts'

try {
  process.exitCode = await runCases(process.argv.slice(2), console.log)
} catch (error) {
  console.error(error)
  process.exitCode = 2
}
