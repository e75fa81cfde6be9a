import type { Position } from './frames.ts';

/** How far a channel was delivered here, and what that makes of each frame. Pure: the promise of the whole client is kept here. */
export interface ChannelLog {
  /** Undefined until the first `subscribed`. */
  readonly position: Position | undefined;
  /** `follow`: delivery goes on without a gap. `reload`: what happened since cannot be had. `resume`: not from where we are. */
  subscribed(position: Position, recovered: boolean): 'follow' | 'reload' | 'resume';
  /** `deliver`: the next one. `drop`: had before, or of a time we do not follow. `resume`: some are missing before it. */
  event(offset: number): 'deliver' | 'drop' | 'resume';
  /** `resume`: the channel is further than we are. */
  beat(position: Position): 'drop' | 'resume';
}

export function createChannelLog(): ChannelLog {
  let position: Position | undefined;
  return {
    get position() {
      return position;
    },
    subscribed(told, recovered) {
      if (position === undefined || !recovered) {
        position = told;
        return 'reload';
      }
      // An answer to an earlier question may lie behind us; what it repeats is dropped. It must not lie ahead.
      return told.epoch === position.epoch && told.offset <= position.offset ? 'follow' : 'resume';
    },
    event(offset) {
      if (position === undefined || offset <= position.offset) return 'drop';
      if (offset > position.offset + 1) return 'resume';
      position = { epoch: position.epoch, offset };
      return 'deliver';
    },
    beat(told) {
      if (position === undefined) return 'drop';
      return told.epoch !== position.epoch || told.offset > position.offset ? 'resume' : 'drop';
    },
  };
}
