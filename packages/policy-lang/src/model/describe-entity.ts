import type { JsonEntityRef } from './request.ts'
import { shortenText } from './short-text.ts'

/** `Type::"id"`, as policies write it, for messages: long ids are cut. */
export function describeEntity({ type, id }: JsonEntityRef): string {
  return `${shortenText(type)}::${JSON.stringify(shortenText(id))}`
}
