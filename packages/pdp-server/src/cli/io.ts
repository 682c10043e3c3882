/** What a command may touch of the process it runs in. */
export interface CliIo {
  readonly stdout: CliOutput
  readonly stderr: CliOutput
  readonly readStdin: () => Promise<Uint8Array>
  readonly env: Readonly<Record<string, string | undefined>>
  readonly cwd: string
  /** Ends once the process is asked to stop. */
  readonly stopped: () => Promise<void>
  /** Calls whenever the process is asked to load anew, until what it gives is called. Left out: nobody asks. */
  readonly onReload?: (reload: () => void) => () => void
}

export interface CliOutput {
  readonly write: (text: string) => unknown
  readonly isTTY?: boolean | undefined
}

export const EXIT = { ok: 0, no: 1, error: 2 } as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** Writes a line. */
export function say(output: CliOutput, line = ''): void {
  output.write(`${line}\n`)
}

/** Colours only for a terminal, and not where NO_COLOR is set (no-color.org). */
export function wantsColor(output: CliOutput, env: CliIo['env']): boolean {
  return output.isTTY === true && (env.NO_COLOR ?? '') === ''
}

const CODES = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 } as const
export type Paint = (style: keyof typeof CODES, text: string) => string

export function createPaint(output: CliOutput, env: CliIo['env']): Paint {
  if (!wantsColor(output, env)) return (_, text) => text
  return (style, text) => `\u001b[${CODES[style]}m${text}\u001b[0m`
}

/** Text of others without anything that a terminal would obey. */
export function visible(text: string): string {
  return text.replace(/\p{C}/gu, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** `1 rule`, `2 rules`. */
export function count(number: number, noun: string, plural = `${noun}s`): string {
  return `${number} ${number === 1 ? noun : plural}`
}
