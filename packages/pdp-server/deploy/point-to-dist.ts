// In the repository, packages lead to their sources, which Node runs as they are; below node_modules it does not. What is
// published leads to `dist` (`publishConfig`), and so does what is deployed: node point-to-dist.ts FOLDER…
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

for (const folder of process.argv.slice(2)) {
  const path = join(folder, 'package.json')
  const manifest = JSON.parse(readFileSync(path, 'utf8'))
  const { access: _, ...published } = manifest.publishConfig
  writeFileSync(path, `${JSON.stringify({ ...manifest, ...published }, undefined, 2)}\n`)
}
