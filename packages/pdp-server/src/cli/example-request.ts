// How to ask a first question of a service that was just started, in the way that its configuration wants.
import type { DecisionRequest } from '@edict/policy-lang'
import type { Config } from '../config.ts'

export type AskingConfig = Pick<
  Config,
  | 'keyFile'
  | 'callerIssuers'
  | 'certificateCallers'
  | 'signatureKeys'
  | 'subjectIssuers'
  | 'trustCallerClaims'
  | 'tlsClientCaFile'
  | 'tlsClientCertificate'
>

/** A command line that asks; where only a signed request is answered, what is to be signed. */
export function describeRequest(url: string, question: DecisionRequest, config: AskingConfig): string {
  const { keyFile, callerIssuers, certificateCallers, signatureKeys } = config
  const mayAskUnsigned = (keyFile ?? callerIssuers ?? certificateCallers) !== undefined
  if (signatureKeys !== undefined && !mayAskUnsigned) {
    return `Ask with requests that are signed (RFC 9421), such as\n  POST ${url}/decide\n  ${toBody(question, config, '…')}`
  }
  const flags = [
    ...findCredential(config),
    ...(wantsCertificate(config) ? [`--cert "$CLIENT_CERT" --key "$CLIENT_KEY"`] : []),
    "-H 'content-type: application/json'",
  ]
  // A shell puts the token in its place, between two texts that it leaves alone.
  const body = toBody(question, config, '\u0000')
    .replaceAll("'", `'\\''`)
    .replace('\u0000', `'"$USER_TOKEN"'`)
  return `Ask:\n  curl -s ${url}/decide ${flags.join(' ')} -d '${body}'`
}

function findCredential({ keyFile, callerIssuers }: AskingConfig): readonly string[] {
  if (keyFile !== undefined) return ['-H "authorization: Bearer $API_KEY"']
  return callerIssuers === undefined ? [] : ['-H "authorization: Bearer $CALLER_TOKEN"']
}

function wantsCertificate(config: AskingConfig): boolean {
  const { keyFile, callerIssuers, tlsClientCaFile, tlsClientCertificate } = config
  if (tlsClientCaFile === undefined) return false
  return tlsClientCertificate === 'required' || (keyFile ?? callerIssuers) === undefined
}

/** @param token stands for that of an end user, where the subject comes from one alone */
function toBody(question: DecisionRequest, config: AskingConfig, token: string): string {
  if (config.subjectIssuers === undefined || config.trustCallerClaims) return JSON.stringify(question)
  const { subject: _, ...rest } = question
  return `{"token":"${token}",${JSON.stringify(rest).slice(1)}`
}
