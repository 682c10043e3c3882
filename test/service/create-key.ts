import { runCli } from '../../packages/pdp-server/src/cli/run-cli.ts'
import type { Folder } from './serve.ts'

/** Makes an API key in `keys.json` of the folder, as people do, and gives its text. */
export async function createKey(folder: Folder, name: string, scopes: string): Promise<string> {
  let [text, problems] = ['', '']
  const code = await runCli(['keys', 'create', name, '--file', 'keys.json', '--scopes', scopes], {
    stdout: { write: (part) => (text += part) },
    stderr: { write: (part) => (problems += part) },
    readStdin: () => Promise.resolve(new Uint8Array()),
    env: {},
    cwd: folder.path,
    stopped: () => Promise.resolve(),
  })
  if (code !== 0) throw new Error(problems)
  return text.trim()
}
