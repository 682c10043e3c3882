// Configuration → a decision log that was seen to work.
import type { Log } from '../telemetry/log.ts'
import type { Channel } from './channel.ts'
import { DecisionLog } from './decision-log.ts'
import { createFileChannel } from './file-channel.ts'
import { createHttpChannel } from './http-channel.ts'
import type { DecisionLogConfig } from './log-config.ts'
import { type Pointer, parsePointer } from './mask.ts'
import { type IgnoreRule, parseIgnoreRule } from './selection.ts'
import { createStdoutChannel } from './stdout-channel.ts'

/**
 * Undefined where nothing is to be logged. Throws `PdpServerError` `unwritable-file` where a file or folder cannot be
 * written: better now than once decisions are lost.
 * @param channels default: those of the configuration
 */
export async function startDecisionLog(
  config: DecisionLogConfig,
  log: Log,
  channels: readonly Channel[] = createChannels(config),
): Promise<DecisionLog | undefined> {
  if (config.decisionLog.length === 0) return undefined
  for (const channel of channels) await channel.prepare?.()
  return new DecisionLog({
    channels,
    detail: config.decisionLogDetail,
    masks: config.decisionLogMask.map((text) => parsePointer(text) as Pointer),
    ignore: config.decisionLogIgnore.map((text) => parseIgnoreRule(text) as IgnoreRule),
    sampleRates: { allow: config.decisionLogSampleAllow, deny: config.decisionLogSampleDeny },
    maxBufferBytes: config.decisionLogBufferBytes,
    isRequired: config.audit === 'required',
    requiredTimeoutMs: config.auditTimeoutMs,
    log,
  })
}

/** Where lines go, by the configuration. Opens nothing yet. */
export function createChannels(config: DecisionLogConfig): readonly Channel[] {
  const { decisionLogFile, decisionLogUrl, decisionLogSpool } = config
  const channels: Channel[] = []
  if (config.decisionLog.includes('stdout')) channels.push(createStdoutChannel())
  if (decisionLogFile !== undefined) {
    channels.push(
      createFileChannel({
        path: decisionLogFile,
        maxBytes: config.decisionLogFileMaxBytes,
        keep: config.decisionLogFileKeep,
        isDurable: config.audit === 'required',
      }),
    )
  }
  if (decisionLogUrl !== undefined) {
    channels.push(
      createHttpChannel({
        url: decisionLogUrl,
        format: config.decisionLogFormat,
        headersFile: config.decisionLogHeadersFile,
        spool:
          decisionLogSpool === undefined
            ? undefined
            : { directory: decisionLogSpool, maxBytes: config.decisionLogSpoolMaxBytes },
      }),
    )
  }
  return channels
}
