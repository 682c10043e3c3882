import { type Layout, mapTexts, openGroup, renderLayout } from '../ast/layout.ts'
import { PRINT_WIDTH } from '../ast/print.ts'
import { WITHOUT_DOCS } from '../ast/print-context.ts'
import { layoutRule } from '../ast/print-rules.ts'
import {
  fillHoles,
  type HoleText,
  type RepeatedRule,
  type RulePattern,
  splitAtHoles,
} from '../ast/repeated-rule.ts'

/** Prints rules that are written alike as `printDeclaration` does, without docs. */
export function createRepeatedRulePrinter(): (rule: RepeatedRule) => string {
  const known = new Map<RulePattern, Forms>()
  return (rule) => {
    const { pattern, values, start, end } = rule
    const forms = known.get(pattern) ?? createForms(pattern)
    known.set(pattern, forms)
    if (forms.isWritten && end - start <= PRINT_WIDTH) return pattern.source.slice(start, end)
    const flat = forms.flat === undefined ? undefined : fillHoles(forms.flat, values)
    if (flat !== undefined && flat.length <= PRINT_WIDTH) return flat
    const broken = forms.broken === undefined ? undefined : fillHoles(forms.broken, values)
    if (broken !== undefined && fits(broken)) return broken
    return renderLayout(
      mapTexts(forms.layout, (text) => fillHoles(forms.partsOf(text), values)),
      PRINT_WIDTH,
    )
  }
}

/** The two ways in which most rules are printed, left out where a rule of the pattern is never printed so. */
interface Forms {
  /** Whether the authors write them on one line as they are printed. */
  readonly isWritten: boolean
  readonly flat: HoleText | undefined
  /** The outermost group broken, and no other. */
  readonly broken: HoleText | undefined
  /** Of the sample: for all other rules. */
  readonly layout: Layout
  /** A text of the layout, taken apart. */
  readonly partsOf: (text: string) => HoleText
}

function createForms({ sample, holes, text }: RulePattern): Forms {
  const layout = layoutRule(sample, WITHOUT_DOCS)
  const known = new Map<string, HoleText>()
  const partsOf = (part: string): HoleText => {
    const parts = known.get(part) ?? splitAtHoles(part, holes)
    known.set(part, parts)
    return parts
  }
  if (typeof layout === 'string' || layout.kind !== 'group') {
    return { isWritten: false, flat: undefined, broken: undefined, layout, partsOf }
  }
  const flat = layout.isHard ? undefined : renderLayout(layout, Number.POSITIVE_INFINITY)
  const broken = renderLayout(openGroup(layout.content), Number.POSITIVE_INFINITY)
  return {
    isWritten: flat === text,
    flat: flat === undefined ? undefined : splitAtHoles(flat, holes),
    broken: splitAtHoles(broken, holes),
    layout,
    partsOf,
  }
}

/** Whether each line is as short as it has to be: then nothing else had to be broken. */
function fits(text: string): boolean {
  let start = 0
  for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', start)) {
    if (end - start > PRINT_WIDTH) return false
    start = end + 1
  }
  return text.length - start <= PRINT_WIDTH
}
