import { suggestName } from '../diagnostics/suggest.ts'

/** `did you mean \`x\``, where a known name is near. */
export function didYouMean(name: string, known: Iterable<string>): string | undefined {
  const near = suggestName(name, known)
  return near === undefined ? undefined : `did you mean \`${near}\``
}
