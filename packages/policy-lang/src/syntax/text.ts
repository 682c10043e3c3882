import type { Problem } from './problem.ts'

/** A string token with its place: what is needed to read it and to say what is wrong with it. */
export interface TextSource {
  readonly file: string
  /** As written, with the quotes. */
  readonly image: string
  readonly start: number
}

const ESCAPE = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}|(.)|$)/gu

/** The content of a string with JSON escapes. What is wrong is reported, and left as written. */
export function readText(source: TextSource, report: (problem: Problem) => void): string {
  const content = contentOf(source.image)
  if (!content.includes('\\') && content.isWellFormed()) return content
  const wrong = findWrongEscape(content)
  if (wrong !== undefined) {
    report(escapeProblem(source, wrong))
    return content
  }
  const text: string = source.image.startsWith('"') ? parseJsonString(content) : content
  if (!text.isWellFormed()) report(surrogateProblem(source))
  return text
}

/** The content of a string after `like` and `matches`, where only `\"` is an escape. */
export function readRawText(source: TextSource, report: (problem: Problem) => void): string {
  const content = contentOf(source.image)
  if (!content.isWellFormed()) report(surrogateProblem(source))
  return content.replace(/\\(.)/gsu, (pair, escaped: string) => (escaped === '"' ? '"' : pair))
}

function contentOf(image: string): string {
  const quote = image.charAt(0)
  // Quotes of other writings are closed by the lexer.
  const isClosed = image.length > 1 && (image.endsWith(quote) || !/["']/.test(quote))
  return image.slice(1, isClosed ? -1 : undefined)
}

/** Raw control characters are reported by the scan of the whole text, and must not stop the reading here. */
function parseJsonString(content: string): string {
  const escaped = content.replace(/\p{Cc}/gu, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  })
  try {
    return String(JSON.parse(`"${escaped}"`))
  } catch {
    return content
  }
}

function findWrongEscape(content: string): { readonly index: number; readonly text: string } | undefined {
  for (const match of content.matchAll(ESCAPE)) {
    const isWrong = match[1] !== undefined || match[0] === '\\'
    if (isWrong) return { index: match.index, text: match[0] }
  }
  return undefined
}

function escapeProblem(
  source: TextSource,
  wrong: { readonly index: number; readonly text: string },
): Problem {
  const start = source.start + 1 + wrong.index
  return {
    code: 'bad-escape',
    message: `\`${wrong.text}\` is no escape`,
    span: { file: source.file, start, end: start + wrong.text.length },
    hint: 'a backslash itself is written `\\\\`; patterns after `like` and `matches` need no escapes but `\\"`',
  }
}

function surrogateProblem(source: TextSource): Problem {
  return {
    code: 'bad-escape',
    message: 'the string holds half of a surrogate pair, which is no character',
    span: { file: source.file, start: source.start, end: source.start + source.image.length },
    hint: 'write both halves, such as `\\ud83d\\ude00`',
  }
}
