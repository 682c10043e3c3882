import type { Chunk } from './channel.ts'
import { toBytes } from './entry-line.ts'

/** As text that is put together of many pieces, lines are quick to take, and slow to encode all at once. */
const TEXT_LENGTH = 16 * 1024
const FULL_BYTES = 256 * 1024

/** Lines on their way to the outlets: gathered as text, and encoded into one block of memory as they come. */
export class LineBuffer {
  #text = ''
  #isAscii = true
  #bytes = Buffer.alloc(0)
  #size = 0
  #lineCount = 0

  get isEmpty(): boolean {
    return this.#lineCount === 0
  }

  /** Whether it is time to take what there is. */
  get isFull(): boolean {
    return this.#size + this.#text.length >= FULL_BYTES
  }

  /**
   * @param line with its line break
   * @param isAscii whether it surely is visible ASCII besides: then nothing is looked for that would have to be escaped
   */
  add(line: string, isAscii: boolean): void {
    this.#text += line
    this.#lineCount++
    if (!isAscii) this.#isAscii = false
    if (this.#text.length >= TEXT_LENGTH) this.#encode()
  }

  /** All lines; then it is empty. */
  take(): Chunk {
    this.#encode()
    const lines = this.#bytes.subarray(0, this.#size)
    // What waits must not hold on to much more memory than it is counted as.
    const isWellFilled = this.#size >= this.#bytes.length * 0.75
    const chunk: Chunk = { bytes: isWellFilled ? lines : Buffer.from(lines), lineCount: this.#lineCount }
    if (isWellFilled) this.#bytes = Buffer.alloc(0)
    this.#size = 0
    this.#lineCount = 0
    return chunk
  }

  #encode(): void {
    const text = this.#text
    if (this.#isAscii) {
      this.#reserve(text.length)
      this.#size += this.#bytes.write(text, this.#size, 'latin1')
    } else {
      const bytes = toBytes(text)
      this.#reserve(bytes.length)
      this.#size += bytes.copy(this.#bytes, this.#size)
    }
    this.#text = ''
    this.#isAscii = true
  }

  #reserve(length: number): void {
    const needed = this.#size + length
    if (needed <= this.#bytes.length) return
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, FULL_BYTES + TEXT_LENGTH))
    this.#bytes.copy(larger, 0, 0, this.#size)
    this.#bytes = larger
  }
}
