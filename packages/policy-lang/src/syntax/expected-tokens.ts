import type { IParserErrorMessageProvider, TokenType } from 'chevrotain'

const SEPARATOR = '\n'

/**
 * Puts into the message of a parser error the labels of the tokens that could have stood there; `explain-error.ts`
 * makes a sentence of them.
 */
export const EXPECTED_TOKENS: IParserErrorMessageProvider = {
  buildMismatchTokenMessage: ({ expected }) => labelOf(expected),
  buildNotAllInputParsedMessage: () => '',
  buildNoViableAltMessage: ({ expectedPathsPerAlt }) => firstLabels(expectedPathsPerAlt.flat()),
  buildEarlyExitMessage: ({ expectedIterationPaths }) => firstLabels(expectedIterationPaths),
}

/** The labels in a message of the parser. */
export function readExpectedTokens(message: string): readonly string[] {
  return message === '' ? [] : message.split(SEPARATOR)
}

function firstLabels(paths: readonly (readonly TokenType[])[]): string {
  const labels = paths.flatMap(([first]) => (first === undefined ? [] : [labelOf(first)]))
  return [...new Set(labels)].join(SEPARATOR)
}

function labelOf(token: TokenType): string {
  return token.LABEL ?? token.name
}
