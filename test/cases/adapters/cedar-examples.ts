export { adaptEntities as adapt } from './shared/entities.ts'
