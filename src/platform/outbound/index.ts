export type { Dispatcher } from 'undici';
export { authority, isLoopbackAddress, isPublicAddress, loopbackAuthorities } from './addresses.ts';
export { type AgentOptions, createOutboundAgent } from './agent.ts';
export { type DownloadAnswer, type DownloadRequest, outboundDownload } from './download.ts';
export { OutboundError, type OutboundFailure } from './errors.ts';
export {
  type OutboundRequest,
  type OutboundResponse,
  outboundRequest,
  outboundStream,
  type StreamedResponse,
} from './request.ts';
export { userAgent } from './user-agent.ts';
