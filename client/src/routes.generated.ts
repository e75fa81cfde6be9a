// Generated from openapi.json by scripts/generate-client.ts. Do not edit.
import type { Route } from './route.ts';

export const ROUTES = {
  getHealth: { method: 'GET', path: '/health', query: [], body: false },
  getLiveness: { method: 'GET', path: '/health/live', query: [], body: false },
  getMe: { method: 'GET', path: '/api/v1/me', query: [], body: false },
  getOpenApi: { method: 'GET', path: '/openapi.json', query: [], body: false },
  getOpenApiV1: { method: 'GET', path: '/api/v1/openapi.json', query: [], body: false },
  getPerson: { method: 'GET', path: '/api/v1/shows/people/{person_id}', query: [], body: false },
  getReadiness: { method: 'GET', path: '/health/ready', query: [], body: false },
  getRoot: { method: 'GET', path: '/', query: [], body: false },
  getSeason: { method: 'GET', path: '/api/v1/shows/{id}/seasons/{number}', query: [], body: false },
  getShow: { method: 'GET', path: '/api/v1/shows/{id}', query: ["include"], body: false },
  listCast: { method: 'GET', path: '/api/v1/shows/{id}/cast', query: [], body: false },
  listEpisodes: { method: 'GET', path: '/api/v1/shows/{id}/seasons/{number}/episodes', query: [], body: false },
  listImages: { method: 'GET', path: '/api/v1/shows/{id}/images', query: ["kind"], body: false },
  listSeasons: { method: 'GET', path: '/api/v1/shows/{id}/seasons', query: [], body: false },
  listShows: { method: 'GET', path: '/api/v1/shows', query: ["limit", "offset", "cursor", "q", "network", "genre"], body: false },
} as const satisfies Record<string, Route>;
