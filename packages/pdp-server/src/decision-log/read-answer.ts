/** An answer says how many records were refused, and why: no more than this is read of it. */
const MAX_BYTES = 64 * 1024

/** The text of an answer; empty where it breaks off or is longer than it should be, and then the rest is not waited for. */
export async function readAnswer({ body }: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let size = 0
  try {
    for await (const chunk of body ?? []) {
      size += chunk.byteLength
      if (size > MAX_BYTES) return ''
      chunks.push(chunk)
    }
  } catch {
    return ''
  }
  return Buffer.concat(chunks).toString()
}
