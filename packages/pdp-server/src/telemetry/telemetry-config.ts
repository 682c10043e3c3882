// The keys of the configuration that say what can be measured from outside.
import { text, whole, yesOrNo } from '../config-values.ts'

export const telemetryShape = {
  metrics: yesOrNo.default(false).describe('Serve `/metrics` in the text form of Prometheus.'),
  metricsPort: whole(0, 65_535)
    .default(0)
    .describe(
      'A port of its own for `/metrics`, which then asks for no caller; `0`: the port of the service.',
    ),
  metricsHost: text('a host name or address')
    .default('127.0.0.1')
    .describe('Address of that port. Whoever reaches it learns names of rules, actions and types.'),
  metricsMaxLabelSets: whole(1, 1_000_000)
    .default(2000)
    .describe('Most combinations of labels a metric tells apart; all others are counted as `other`.'),
}
