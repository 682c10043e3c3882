// The thread that admits one bundle: what it takes to check and load it, no request waits for.
import { parentPort, workerData } from 'node:worker_threads'
import type { AdmissionTask } from './admission-messages.ts'
import { runAdmission } from './run-admission.ts'

const { result, handedOver } = runAdmission(workerData as AdmissionTask)
parentPort?.postMessage(result, [...handedOver])
