import type { IToken } from 'chevrotain'
import type { Problem } from './problem.ts'
import { isA, isOf } from './token-stream.ts'
import * as t from './tokens.ts'

/** A problem without its place: the token to point at is the one where the parser stopped, unless `at` is set. */
export type Slip = Omit<Problem, 'span'> & { readonly at?: IToken | undefined }

export function foreign(message: string, hint: string, at?: IToken): Slip {
  return { code: 'foreign-syntax', message, hint, ...(at === undefined ? {} : { at }) }
}

export function unexpected(message: string, hint?: string, at?: IToken): Slip {
  return { code: 'unexpected-token', message, hint, ...(at === undefined ? {} : { at }) }
}

export function isOperandEnd(token: IToken | undefined): boolean {
  return (
    isA(token, t.Text, t.NumberText, t.DurationText, t.RightParen, t.RightBracket, t.RightBrace) ||
    isOf(token, t.Word)
  )
}

export function isOperandStart(token: IToken | undefined): boolean {
  return isA(token, t.Text, t.NumberText, t.DurationText, t.LeftParen, t.LeftBracket) || isOf(token, t.Word)
}
