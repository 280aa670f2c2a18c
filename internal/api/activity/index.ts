export { activityRoutes, getActivityRoute } from './activity.ts'
