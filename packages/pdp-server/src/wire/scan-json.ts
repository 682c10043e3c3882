// What `JSON.parse` does not tell: how deep a text nests, and whether an object names a member twice. Both are linear
// passes over the text without recursion; the values themselves always come from `JSON.parse`.
import { toJsonPath } from './json-path.ts'

/** What is wrong with a JSON text, and where. */
export interface JsonFault {
  /** JSON path; `$` where the place is not known. */
  readonly path: string
  readonly detail: string
}

const QUOTE = 0x22
const COMMA = 0x2c
const OPEN_ARRAY = 0x5b
const BACKSLASH = 0x5c
const CLOSE_ARRAY = 0x5d
const OPEN_OBJECT = 0x7b
const CLOSE_OBJECT = 0x7d

/** Whether arrays and objects nest deeper than this. The text need not be valid JSON. */
export function exceedsDepth(text: string, maxDepth: number): boolean {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) at = findStringEnd(text, at)
    else if (unit === OPEN_OBJECT || unit === OPEN_ARRAY) {
      if (++depth > maxDepth) return true
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_ARRAY) depth--
  }
  return false
}

/** An object or array that is still open. */
interface Frame {
  /** Members named so far; left out for an array. */
  readonly names?: Set<string>
  /** The member or element that the scan is in. */
  step: string | number
  isAtName: boolean
}

/**
 * The first member that its object names twice, or the first string that is no Unicode (a lone surrogate, which
 * only an escape can write). Names are compared as they read, so `"\u0061"` is `"a"` (RFC 7493 §2.1, §2.3).
 * INVARIANT: the text is valid JSON.
 */
export function findFault(text: string): JsonFault | undefined {
  const frames: Frame[] = []
  for (let at = 0; at < text.length; at++) {
    const frame = frames.at(-1)
    switch (text.charCodeAt(at)) {
      case OPEN_OBJECT:
        frames.push({ names: new Set(), step: '', isAtName: true })
        break
      case OPEN_ARRAY:
        frames.push({ step: 0, isAtName: false })
        break
      case CLOSE_OBJECT:
      case CLOSE_ARRAY:
        frames.pop()
        break
      case COMMA:
        if (frame?.names !== undefined) frame.isAtName = true
        else if (typeof frame?.step === 'number') frame.step++
        break
      case QUOTE: {
        const end = findStringEnd(text, at)
        const fault = checkString(readString(text, at, end), frames)
        if (fault !== undefined) return fault
        at = end
      }
    }
  }
  return undefined
}

function checkString(value: string, frames: readonly Frame[]): JsonFault | undefined {
  const frame = frames.at(-1)
  if (!value.isWellFormed()) {
    const around = frame?.isAtName === true ? frames.slice(0, -1) : frames
    return { path: pathOf(around), detail: 'holds a string with a lone surrogate, which is no Unicode' }
  }
  if (frame?.isAtName !== true) return undefined
  frame.step = value
  frame.isAtName = false
  if (frame.names?.has(value) === true) {
    return { path: pathOf(frames), detail: 'is there twice in one object' }
  }
  frame.names?.add(value)
  return undefined
}

function pathOf(frames: readonly Frame[]): string {
  return toJsonPath(frames.map(({ step }) => step))
}

/** The closing quote, or the end of a text that lacks it. */
function findStringEnd(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const unit = text.charCodeAt(at)
    if (unit === QUOTE) return at
    if (unit === BACKSLASH) at++
  }
  return text.length
}

function readString(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end)
  return raw.includes('\\') ? (JSON.parse(`"${raw}"`) as string) : raw
}
