import { describe, expect, it } from 'vitest'
import { matchesWildcard } from './wildcard.ts'

describe('matchesWildcard', () => {
  it.each([
    ['abc', 'abc', true],
    ['abcd', 'abc', false],
    ['', '', true],
    ['', '*', true],
    ['x', '', false],
    ['a.acme.com', '*.acme.com', true],
    ['acme.com', '*.acme.com', false],
    ['.acme.com', '*.acme.com', true],
    ['ab', 'a*b', true],
    ['xb', 'a*b', false],
    ['ax', 'a*b', false],
    ['a', 'a*a', false],
    ['abc', 'a*b*bc', false],
    ['aabb', '*ab*ab*', false],
    ['a**', 'a\\*\\*', true],
    ['a*\\*', 'a\\**', true],
    ['aa', 'a*a', true],
    ['aba', 'ab*ba', false],
    ['a-x-b-y-c', 'a*x*y*c', true],
    ['a-y-b-x-c', 'a*x*y*c', false],
    ['abab', '*ab', true],
    ['a*b', 'a\\*b', true],
    ['axb', 'a\\*b', false],
    ['a*xb', 'a\\*b', false],
    ['a*xb', 'a\\**b', true],
    ['a\\xb', 'a\\xb', true],
    ['a\\*', 'a\\\\*', true],
    ['.', '?', false],
    ['a\nb', 'a*b', true],
    ['[a]', '[a]', true],
    ['ABC', 'abc', false],
  ])('%j like %j: %s', (text, pattern, expected) => expect(matchesWildcard(text, pattern)).toBe(expected))
})
