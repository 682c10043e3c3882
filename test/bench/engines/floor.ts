// The hand-written function of each workload.
import type { Engine } from './engine.ts'

export const FLOOR: Engine = {
  name: 'floor',
  spared: 'checks of the request, reasons, errors, reports: it returns a boolean',
  prepare: async ({ createFloor, requests }) => {
    const isAllowed = createFloor()
    return {
      decide: (index) => {
        const request = requests[index]
        return request !== undefined && isAllowed(request)
      },
    }
  },
}
