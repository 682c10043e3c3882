import type { JsonEntityRef } from './request.ts'
import { shortenText } from './short-text.ts'

const PLAIN_NAME = /^[A-Za-z_][A-Za-z0-9_]*$/

/** `Type::"id"`, as policies write it, for messages: long ids are cut. */
export function describeEntity({ type, id }: JsonEntityRef): string {
  return `${describeName(type)}::${JSON.stringify(shortenText(id))}`
}

/** The name of a type or a role, in quotes where it is no identifier: long ones are cut. */
export function describeName(name: string): string {
  return PLAIN_NAME.test(name) ? shortenText(name) : JSON.stringify(shortenText(name))
}
